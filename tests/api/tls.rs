//! TLS with certificates that openssl makes, spoken by curl and openssl.

use std::{fs, io::Write as _, net::TcpStream, os::unix::fs::PermissionsExt as _, path::Path};

use airlens::publish::http::{Access, Limits, Tls};
use airlens_tests::support::certificate::{Certificate, openssl, text};
use anyhow::{Context as _, Result, ensure};

use super::server::{Server, curl, until};

fn serve(certificate: &Certificate) -> Result<Server> {
    let tls = Tls::open(&certificate.certificate(), &certificate.key())?;
    Server::start(&Access::local(), Some(tls), Limits::default())
}

fn ask(server: &Server, certificate: &Certificate, more: &[&str]) -> Result<u16> {
    let url = format!("https://{}/api/status", server.address);
    let path = certificate.certificate();
    let arguments = [&["--cacert", text(&path)?, &url][..], more].concat();
    Ok(curl(&arguments)?.status)
}

#[test]
fn curl_and_openssl_speak_it() -> Result<()> {
    let certificate = Certificate::make("airlens")?;
    let server = serve(&certificate)?;
    for version in [&["--tlsv1.3"][..], &["--tlsv1.2", "--tls-max", "1.2"]] {
        assert_eq!(ask(&server, &certificate, version)?, 200, "{version:?}");
    }
    let old = ask(
        &server,
        &certificate,
        &["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"],
    );
    ensure!(old.is_err(), "TLS 1.1 is answered");
    ensure!(server.get("/api/status", &[]).is_err(), "plain HTTP is answered");
    let path = certificate.certificate();
    let address = server.address.to_string();
    let said = openssl(&[
        "s_client",
        "-connect",
        &address,
        "-CAfile",
        text(&path)?,
        "-alpn",
        "h2,http/1.1",
        "-brief",
    ])?;
    ensure!(said.contains("Verification: OK") && said.contains("TLSv1.3"), "{said}");
    // Who says nothing, or no TLS, keeps nobody from asking.
    let _silent = TcpStream::connect(server.address)?;
    TcpStream::connect(server.address)?.write_all(&[0xff; 600])?;
    assert_eq!(ask(&server, &certificate, &[])?, 200);
    Ok(())
}

#[test]
fn a_new_certificate_is_taken_up_and_a_bad_one_is_not() -> Result<()> {
    let (certificate, next) = (Certificate::make("one")?, Certificate::make("two")?);
    let server = serve(&certificate)?;
    let first = Certificate::make("copy")?;
    first.become_like(&certificate)?;
    assert_eq!(ask(&server, &first, &[])?, 200);
    ensure!(ask(&server, &next, &[]).is_err(), "another certificate is trusted");
    certificate.become_like(&next)?;
    until("the new one is shown", || Ok(ask(&server, &next, &[]).is_ok()))?;
    fs::write(certificate.certificate(), "nothing")?;
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(ask(&server, &next, &[])?, 200);
    Ok(())
}

#[test]
fn files_that_cannot_be_used_are_told_with_what_to_do() -> Result<()> {
    let (one, two) = (Certificate::make("one")?, Certificate::make("two")?);
    let said = |certificate: &Path, key: &Path| {
        let error = Tls::open(certificate, key).err().context("it is taken")?;
        Ok::<_, anyhow::Error>(error.to_string())
    };
    let (good, key) = (one.certificate(), one.key());
    ensure!(
        said(&good, Path::new("/nowhere"))?.contains("can't read /nowhere"),
        "missing"
    );
    ensure!(said(&key, &key)?.contains("BEGIN CERTIFICATE"), "no certificate");
    let unlike = said(&good, &two.key())?;
    ensure!(unlike.contains("do they belong together?"), "{unlike}");
    fs::set_permissions(two.certificate(), fs::Permissions::from_mode(0o600))?;
    ensure!(said(&good, &two.certificate())?.contains("BEGIN PRIVATE KEY"), "no key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644))?;
    ensure!(said(&good, &key)?.contains("chmod o= "), "open");
    Ok(())
}
