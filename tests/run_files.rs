//! The files of `airlens run` from its start to each of its ends. Needs root and tun.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, Place, Running},
    schema,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// The document at `path`, which keeps to its schema.
fn valid(place: &Place, name: &str, path: &PathBuf) -> Result<Value> {
    let document = place.document(path)?;
    schema::valid(name, [&document])?;
    Ok(document)
}

/// The files that every end leaves: the lock's, which is free, and the record.
const LEFT: [&str; 2] = ["lib/state.json", "run/airlens.lock"];

fn ends_cleanly_by(signal: i32) -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let paths = place.paths();
    let status = valid(&place, "status", &paths.status)?;
    assert_eq!(
        (
            &status["state"],
            &status["reason"],
            &status["pid"],
            &status["startup_method"]
        ),
        (
            &json!("running"),
            &json!("startup_complete"),
            &json!(run.pid()),
            &json!("cli")
        )
    );
    let info = valid(&place, "info", &paths.info)?;
    assert_eq!(info["interfaces"], json!({ "ap": "", "monitor": "mon0" }));
    for path in [&paths.status, &paths.info] {
        assert_eq!(
            fs::metadata(path)?.permissions().mode() & 0o777,
            0o640,
            "{}",
            path.display()
        );
    }
    assert_eq!(fs::metadata(&paths.socket)?.permissions().mode() & 0o777, 0o600);
    ensure!(!paths.state.exists(), "a record before the end");
    let said = place.status()?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    ensure!(
        said.out.starts_with(&format!("running (pid {}, since ", run.pid())),
        "{said:?}"
    );
    ensure!(said.out.contains("interface        mon0\n"), "{said:?}");

    run.signal(signal);
    let (code, log) = run.end()?;
    ensure!(code == Some(0), "{code:?}: {log}");
    assert_eq!(place.everything()?, LEFT);
    let state = valid(&place, "state", &paths.state)?;
    let expected = json!({ "status": "success", "code": 0, "reason": null, "message": null });
    assert_eq!(state["exit"], expected);
    let said = place.status()?;
    assert_eq!(said.code, Some(1));
    ensure!(said.out.starts_with("not running\nlast run: success at "), "{said:?}");
    Ok(())
}

#[test]
fn sigterm_ends_it_cleanly() -> Result<()> {
    ends_cleanly_by(libc::SIGTERM)
}

#[test]
fn sigint_ends_it_cleanly() -> Result<()> {
    ends_cleanly_by(libc::SIGINT)
}

#[test]
fn it_starts_before_it_runs() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut seen = Vec::new();
    // Starting takes milliseconds: a busy machine may not let us look in between, but not every time.
    for _ in 0..10 {
        seen.clear();
        let mut command = airlens(["run", "-i", "mon0"])?;
        let run = Running::spawn(&network, &place, place.name_all(&mut command))?;
        let start = Instant::now();
        while seen.last() != Some(&json!("running")) {
            let status = place.document(&place.paths().status).unwrap_or_default();
            if !status.is_null() && seen.last() != Some(&status["state"]) {
                seen.push(status["state"].clone());
            }
            ensure!(start.elapsed() < Duration::from_secs(30), "{seen:?}: {}", run.log()?);
        }
        run.stop()?;
        if seen.len() > 1 {
            break;
        }
    }
    assert_eq!(seen, [json!("starting"), json!("running")]);
    Ok(())
}

#[test]
fn a_signal_during_the_start_ends_it_cleanly() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut command = airlens(["run", "-i", "mon0", "--log-format", "json"])?;
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until("the status file is there", || Ok(place.paths().status.exists()))?;
    run.signal(libc::SIGINT);
    let (code, log) = run.end()?;
    ensure!(code == Some(0), "{code:?}: {log}");
    assert_eq!(place.everything()?, LEFT);
    assert_eq!(
        valid(&place, "state", &place.paths().state)?["exit"]["status"],
        "success"
    );
    for line in log.lines() {
        let line: Value = serde_json::from_str(line)?;
        ensure!(line["level"] == "info" && line["timestamp"].is_string(), "{line}");
    }
    Ok(())
}

/// A client that does not finish its request: it keeps a clean end waiting for 2 s.
fn keep_waiting(network: &Network) -> Result<TcpStream> {
    let mut slow = network.connect()?;
    slow.write_all(b"GET /metrics HTTP/1.1\r\n")?;
    thread::sleep(Duration::from_millis(100));
    Ok(slow)
}

#[test]
fn a_signal_that_comes_twice_at_once_is_one() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let _slow = keep_waiting(&network)?;
    // As timeout(1) does it: once to the process, once to its group.
    run.signal(libc::SIGTERM);
    thread::sleep(Duration::from_millis(5));
    run.signal(libc::SIGTERM);
    let (code, log) = run.end()?;
    ensure!(code == Some(0), "{code:?}: {log}");
    let state = valid(&place, "state", &place.paths().state)?;
    assert_eq!(state["exit"]["status"], "success");
    Ok(())
}

#[test]
fn a_second_signal_ends_it_at_once() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let _slow = keep_waiting(&network)?;
    run.signal(libc::SIGINT);
    thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    run.signal(libc::SIGTERM);
    let (code, log) = run.end()?;
    ensure!(code == Some(130), "{code:?}: {log}");
    ensure!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    // Cut short: the next start says so.
    let run = Running::start(&network, &place)?;
    let exit = &valid(&place, "state", &place.paths().state)?["exit"];
    assert_eq!(exit["status"], "interrupted");
    run.stop()
}

#[test]
fn a_killed_run_is_told_by_status_and_recorded_by_the_next() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let pid = run.pid();
    run.signal(libc::SIGKILL);
    assert_eq!(run.end()?.0, None);
    let paths = place.paths();
    assert_eq!(place.document(&paths.status)?["state"], "running");
    let said = place.status()?;
    assert_eq!(said.code, Some(1));
    ensure!(
        said.out
            .starts_with(&format!("interrupted: process {pid} is gone, it was running")),
        "{said:?}"
    );
    let said = Said::by(place.name_run(&mut airlens(["stats"])?))?;
    said.refuses(1, &["is airlens running?"])?;

    let next = Running::start(&network, &place)?;
    let state = valid(&place, "state", &paths.state)?;
    assert_eq!(
        (&state["exit"]["status"], &state["exit"]["code"]),
        (&json!("interrupted"), &json!(1))
    );
    let message = state["exit"]["message"].as_str().unwrap_or_default();
    ensure!(message.contains(&format!("process {pid} ")), "{message}");
    ensure!(next.log()?.contains("was interrupted"), "{}", next.log()?);
    assert_eq!(place.document(&paths.status)?["pid"], next.pid());
    assert_eq!(network.get("/healthz")?, (200, "ok\n".to_owned()));
    next.stop()?;
    assert_eq!(place.document(&paths.state)?["exit"]["status"], "success");
    Ok(())
}

/// The run fails with exit code 6, and its files say that this interface is gone.
fn fails_without(interface: &str, run: Running, place: &Place) -> Result<()> {
    let (code, log) = run.end()?;
    ensure!(code == Some(6), "{code:?}: {log}");
    let gone = format!("interface {interface} is gone");
    ensure!(log.contains(&gone), "{log}");
    let paths = place.paths();
    let status = valid(place, "status", &paths.status)?;
    assert_eq!(
        (&status["state"], &status["reason"]),
        (&json!("failed"), &json!("interface_validation"))
    );
    ensure!(
        status["error"].as_str().is_some_and(|error| error.starts_with(&gone)),
        "{status}"
    );
    valid(place, "info", &paths.info)?;
    let exit = &valid(place, "state", &paths.state)?["exit"];
    assert_eq!((&exit["status"], &exit["code"]), (&json!("failed"), &json!(6)));
    let said = place.status()?;
    assert_eq!(said.code, Some(1));
    ensure!(said.out.starts_with(&format!("failed: {gone}")), "{said:?}");
    assert_eq!(place.everything()?.len(), LEFT.len() + 2);
    Ok(())
}

#[test]
fn a_monitor_that_goes_away_is_a_failure() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    drop(network.tap);
    fails_without("mon0", run, &place)
}
