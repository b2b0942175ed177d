//! `airlens demo`: everything that was sent is accounted for. Needs root and tun.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
};

use airlens::publish::schema;
use airlens_tests::support::cli::{Said, airlens};
use anyhow::{Context as _, Result, ensure};

#[test]
fn what_was_sent_was_counted() -> Result<()> {
    let said = Said::by(&mut airlens([
        "demo",
        "--count",
        "500",
        "--rate",
        "2000",
        "--json",
        "--listen",
        "127.0.0.1:0",
    ])?)?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    let summary = said.json()?;
    let schema = schema::find("demo-summary").context("no schema")?.bundled();
    let validator = jsonschema::draft202012::new(&schema)?;
    ensure!(validator.is_valid(&summary), "{summary}");
    let frames = &summary["frames"];
    let count = |key: &str| frames[key].as_u64().unwrap_or_default();
    assert_eq!((count("sent"), count("seen"), count("lost")), (500, 500, 0));
    assert_eq!(count("handed_over") + count("filtered"), 500);
    let packets = &summary["packets"];
    ensure!(packets["sent"] == packets["seen"] && packets["sent"] != 0, "{packets}");
    // The capture's 22 requests of 19 clients, one of them on two bands, and two again after its end.
    ensure!(summary["profiles"].as_u64() >= Some(22), "{summary}");
    Ok(())
}

#[test]
fn a_person_sees_profiles_and_the_balance() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = airlens([
        "demo",
        "--count",
        "458",
        "--rate",
        "2000",
        "--keep",
        "--listen",
        "127.0.0.1:0",
    ])?;
    let said = Said::by(command.env("TMPDIR", folder.path()))?;
    ensure!(said.code == Some(0), "{said:?}");
    for words in [
        "Replaying 458 frames of simulated radios at 2000 frames/s, 458 frames.",
        "monitor    on demo-mon",
        "data_rx    on demo-data",
        "data_tx    on demo-data",
        "metrics  http://127.0.0.1:",
        "3c:28:6d:10:00:01  Google ",
        "café 📡",
        "sent 458 = seen 458 = handed over ",
        "balanced",
    ] {
        ensure!(said.out.contains(words), "{words}: {}", said.out);
    }
    ensure!(!said.out.contains("NOT BALANCED"), "{}", said.out);
    // Kept as told: the files of every client.
    let kept = said
        .err
        .trim()
        .strip_prefix("files kept in ")
        .context("no folder kept")?;
    let clients: Vec<_> = fs::read_dir(format!("{kept}/clients"))?.collect::<Result<_, _>>()?;
    assert_eq!(clients.len(), 19, "{clients:?}");
    Ok(())
}

#[test]
fn it_serves_metrics_meanwhile_and_ends_when_told() -> Result<()> {
    let mut command = airlens(["demo", "--duration", "60", "--listen", "127.0.0.1:0"])?;
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut out = BufReader::new(demo.stdout.take().context("no stdout")?);
    let mut said = String::new();
    // The first profile: frames come through.
    while !said.contains("3c:28:6d:10:00:01") {
        ensure!(out.read_line(&mut said)? > 0, "{said}: {:?}", demo.wait_with_output());
    }
    let address = said
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .context("no address")?;
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET /metrics HTTP/1.0\r\n\r\n")?;
    let mut metrics = String::new();
    stream.read_to_string(&mut metrics)?;
    for words in [
        "airlens_frames_total{interface=\"demo-mon\"",
        "airlens_packets_total{interface=\"demo-data\"",
    ] {
        ensure!(metrics.contains(words), "{words}: {metrics}");
    }
    // SAFETY: our own child, which was not waited for yet.
    unsafe { libc::kill(demo.id().cast_signed(), libc::SIGINT) };
    out.read_to_string(&mut said)?;
    let end = demo.wait_with_output()?;
    let err = String::from_utf8(end.stderr)?;
    ensure!(
        end.status.code() == Some(0) && err.is_empty(),
        "{:?} {err} {said}",
        end.status
    );
    ensure!(said.matches("   balanced").count() == 2, "{said}");
    Ok(())
}

#[test]
fn nothing_is_kept_unless_asked_for() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = airlens([
        "demo",
        "--count",
        "20",
        "--rate",
        "2000",
        "--json",
        "--listen",
        "127.0.0.1:0",
    ])?;
    let said = Said::by(command.env("TMPDIR", folder.path()))?;
    ensure!(said.code == Some(0), "{said:?}");
    assert_eq!(fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}

#[test]
fn an_address_in_use() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    Said::by(&mut airlens(["demo", "--listen", &address])?)?.refuses(10, &[&address, "is in use", "--listen"])
}

#[test]
fn wrong_amounts_are_usage() -> Result<()> {
    for arguments in [
        ["demo", "--rate", "0"],
        ["demo", "--rate", "fast"],
        ["demo", "--duration", "0"],
        ["demo", "--duration", "NaN"],
        ["demo", "--count", "many"],
    ] {
        let said = Said::by(&mut airlens(arguments)?)?;
        ensure!(said.code == Some(2) && said.out.is_empty(), "{said:?}");
        ensure!(said.err.contains(arguments[1]), "{said:?}");
    }
    Ok(())
}
