//! A run behind TLS and a token, asked by airlens and by curl.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use airlens_tests::support::{
    certificate::{Certificate, openssl, text},
    cli::{Said, airlens},
    run::{Network, PORT, Place, Running},
};
use anyhow::{Result, ensure};

use super::health::{health, is_a_line};

const TOKENS: &str = "# of the roof\n0123456789abcdef0123\nfedcba9876543210fedc\n";

/// curl's status code; `None` where it trusts not.
fn curl(network: &Network, url: &str, authority: &Path) -> Result<Option<String>> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]);
    command.args(["--header", "Authorization: Bearer 0123456789abcdef0123", "--cacert"]);
    command.arg(authority).arg(format!("{url}/api/stats"));
    let output = network.here.run(|| command.output())??;
    Ok(output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// A run that shows this certificate and asks for a token.
fn run(network: &Network, place: &Place, certificate: &Path, key: &Path) -> Result<Running> {
    let tokens = place.folder().join("tokens");
    fs::write(&tokens, TOKENS)?;
    fs::set_permissions(&tokens, fs::Permissions::from_mode(0o600))?;
    let mut command = airlens(["run", "-i", "mon0", "--data", "data0", "--listen"])?;
    command
        .arg(format!("127.0.0.1:{PORT}"))
        .env("AIRLENS_MONITORING_TOKEN_FILE", &tokens)
        .env("AIRLENS_MONITORING_TLS_CERTIFICATE", certificate)
        .env("AIRLENS_MONITORING_TLS_KEY", key);
    let mut run = Running::spawn(network, place, place.name_all(&mut command))?;
    run.until_running(place)?;
    Ok(run)
}

#[test]
fn a_run_behind_tls_and_a_token() -> Result<()> {
    let (network, place, elsewhere) = (Network::new()?, Place::new()?, Place::new()?);
    let certificate = Certificate::make("airlens")?;
    let run = run(&network, &place, &certificate.certificate(), &certificate.key())?;
    let (url, path) = (format!("https://127.0.0.1:{PORT}"), certificate.certificate());
    assert_eq!(curl(&network, &url, &path)?.as_deref(), Some("200"));
    let tokens = place.folder().join("tokens");
    let trusted = ["--url", &url, "--ca-file", text(&path)?];
    let whole = [&trusted[..], &["--token-file", text(&tokens)?]].concat();
    for arguments in [&[][..], &["--live"], &["--ready"]] {
        let said = health(&network, &elsewhere, &[arguments, &whole].concat())?;
        assert_eq!(said.code, Some(0), "{arguments:?} {said:?}");
        is_a_line(&said, "OK")?;
    }
    // Probes need no token, the rest does.
    assert_eq!(
        health(&network, &elsewhere, &[&["--live"][..], &trusted].concat())?.code,
        Some(0)
    );
    let said = health(&network, &elsewhere, &trusted)?;
    ensure!(said.code == Some(2) && said.out.contains("--token-file"), "{said:?}");

    // Every verb that asks takes the same options.
    for verb in [
        &["stats"][..],
        &["stats", "--json"],
        &["air", "--json"],
        &["flows", "--json"],
        &["mon", "--once", "--json", "--interval", "100ms"],
        &["mon", "--once", "--interval", "100ms"],
    ] {
        let mut command = airlens([])?;
        let command = elsewhere.name_run(command.args(verb).args(&whole));
        let said = network.here.run(|| Said::by(command))??;
        ensure!(said.code == Some(0) && !said.out.is_empty(), "{verb:?} {said:?}");
        ensure!(
            *verb != ["stats"] || said.out.contains(" s of processor time\n"),
            "{said:?}"
        );
        if verb.contains(&"--json") {
            let document: serde_json::Value = serde_json::from_str(&said.out)?;
            // The run tells what its process takes: whoever asks may be on another machine.
            let process = &document["process"];
            ensure!(
                !verb.contains(&"mon")
                    || process["resident_bytes"].as_u64() > Some(1 << 20) && process["cpu_ratio"].is_f64(),
                "{document:#}"
            );
        }
    }

    // Who is not trusted, or is called otherwise, is not asked: no token goes there.
    let other = Certificate::make("airlens")?;
    assert_eq!(curl(&network, &url, &other.certificate())?, None);
    for (url, authority, part) in [
        (url.as_str(), Some(other.certificate()), "--ca-file"),
        (&url, None, "--ca-file"),
        (
            &format!("https://localhost:{PORT}"),
            Some(path.clone()),
            "not valid for name",
        ),
        (&url, Some(tokens.clone()), "no certificate is in "),
        (&format!("http://127.0.0.1:{PORT}"), None, "does it speak https?"),
    ] {
        let mut arguments = vec!["--live", "--url", url];
        if let Some(authority) = &authority {
            arguments.extend(["--ca-file", text(authority)?]);
        }
        let said = health(&network, &elsewhere, &arguments)?;
        assert_eq!(said.code, Some(2), "{said:?}");
        is_a_line(&said, "CRITICAL")?;
        ensure!(said.out.contains(part), "{part}: {said:?}");
    }
    run.stop()
}

#[test]
fn certificates_of_an_authority_and_old_ones() -> Result<()> {
    let (network, elsewhere) = (Network::new()?, Place::new()?);
    // An authority's certificate, and one that it gave.
    let (authority, folder) = (Certificate::make("authority")?, Place::new()?);
    let at = |name: &str| folder.folder().join(name);
    let (request, key) = (at("request"), at("key"));
    let name = ["-subj", "/CN=sensor", "-addext", "subjectAltName=IP:127.0.0.1"];
    let made = ["-nodes", "-keyout", text(&key)?, "-out", text(&request)?];
    openssl(
        &[
            &["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"][..],
            &name,
            &made,
        ]
        .concat(),
    )?;
    let given = |name: &str, days: &str, by: &[&str]| {
        let path = at(name);
        let to = [
            "x509",
            "-req",
            "-copy_extensions",
            "copy",
            "-days",
            days,
            "-in",
            text(&request)?,
            "-out",
            text(&path)?,
        ];
        openssl(&[&to[..], by].concat())?;
        Ok::<_, anyhow::Error>(path)
    };
    let (ca, ca_key) = (authority.certificate(), authority.key());
    let by_authority = ["-CA", text(&ca)?, "-CAkey", text(&ca_key)?];
    let (good, old) = (given("good", "2", &by_authority)?, given("old", "-1", &by_authority)?);
    // One that was trusted by itself is old some day too.
    let own = given("own", "-1", &["-signkey", text(&key)?])?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    let url = format!("https://127.0.0.1:{PORT}");
    for (certificate, trusted, code, part) in [
        (&good, &ca, 0, "ok: "),
        (&old, &ca, 2, "expired"),
        (&own, &own, 2, "expired"),
    ] {
        let place = Place::new()?;
        let run = run(&network, &place, certificate, &key)?;
        assert_eq!(curl(&network, &url, trusted)?.is_some(), code == 0, "{part}");
        let said = health(
            &network,
            &elsewhere,
            &["--live", "--url", &url, "--ca-file", text(trusted)?],
        )?;
        ensure!(
            said.code == Some(code) && said.out.to_lowercase().contains(part),
            "{said:?}"
        );
        run.stop()?;
    }
    Ok(())
}
