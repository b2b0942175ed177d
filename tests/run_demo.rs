//! `airlens demo`: everything that was sent is accounted for. Needs root and tun.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
};

use airlens::demo;
use airlens_tests::support::{
    cli::{Said, airlens},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};

/// Stations of the capture that the demonstration replays: those of `tests/vm/stations.txt`.
const CLIENTS: usize = 34;

/// Frames of that capture.
fn frames() -> Result<usize> {
    Ok(demo::frames(demo::CAPTURE)?.len())
}

#[test]
fn what_was_sent_was_counted() -> Result<()> {
    // All of the capture, and some of it again.
    let count = frames()? as u64 + 100;
    let said = Said::by(&mut airlens([
        "demo",
        "--count",
        &count.to_string(),
        "--rate",
        "2000",
        "--json",
        "--listen",
        "127.0.0.1:0",
    ])?)?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    let summary = said.json()?;
    valid("demo-summary", [&summary])?;
    let frames = &summary["frames"];
    let of = |key: &str| frames[key].as_u64().unwrap_or_default();
    assert_eq!((of("sent"), of("seen"), of("lost")), (count, count, 0));
    assert_eq!(of("handed_over") + of("filtered"), count);
    let packets = &summary["packets"];
    ensure!(packets["sent"] == packets["seen"] && packets["sent"] != 0, "{packets}");
    assert_eq!(summary["clients"], CLIENTS);
    ensure!(summary["profiles"].as_u64() > Some(CLIENTS as u64), "{summary}");
    Ok(())
}

#[test]
fn a_person_sees_profiles_and_the_balance() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let frames = frames()?;
    let mut command = airlens([
        "demo",
        "--count",
        &frames.to_string(),
        "--rate",
        "2000",
        "--keep",
        "--listen",
        "127.0.0.1:0",
    ])?;
    let said = Said::by(command.env("TMPDIR", folder.path()))?;
    ensure!(said.code == Some(0), "{said:?}");
    for words in [
        &format!("Replaying {frames} frames of simulated radios at 2000 frames/s, {frames} frames."),
        "monitor    on demo-mon",
        "data_rx    on demo-data",
        "data_tx    on demo-data",
        "page     http://127.0.0.1:",
        "metrics  http://127.0.0.1:",
        "watch    airlens mon --run-stem ",
        "3c:28:6d:10:00:06  Google ",
        "2.4GHz ch 6   legacy   1 ss",
        "2.4GHz ch 6   Wi-Fi 4  2 ss",
        "5GHz   ch 36  Wi-Fi 5  8 ss",
        "5GHz   ch 36  Wi-Fi 6  2 ss",
        "6GHz   ch 5   Wi-Fi 6  2 ss",
        "café 📡",
        &format!("sent {frames} = seen {frames} = handed over "),
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
    assert_eq!(clients.len(), CLIENTS, "{clients:?}");
    Ok(())
}

#[test]
fn it_serves_metrics_meanwhile_and_ends_when_told() -> Result<()> {
    let mut command = airlens(["demo", "--duration", "60", "--listen", "127.0.0.1:0"])?;
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut out = BufReader::new(demo.stdout.take().context("no stdout")?);
    let mut said = String::new();
    // The first profile: frames come through.
    while !said.contains("24:0a:c4:10:00:01") {
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
