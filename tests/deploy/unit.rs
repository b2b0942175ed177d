//! The systemd unit: verified, started by systemd, and run with its capabilities by ourselves.

use std::{
    fs,
    os::unix::net::UnixDatagram,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use airlens_tests::support::{
    cli::{Said, airlens, binary},
    run::{Network, Place, Running},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{passed, root, settings, unit};

#[test]
fn systemd_takes_the_unit() -> Result<()> {
    // With programs where this machine has them.
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("airlens.service");
    let here = binary()?.display().to_string();
    fs::write(&path, unit()?.replace("/usr/bin/airlens", &here))?;
    let mut verify = Command::new("systemd-analyze");
    let said = passed(verify.args(["verify", "--man=no"]).arg(&path), "systemd")?;
    ensure!(said.trim().is_empty(), "{said}");
    // Exposure by systemd's own measure, in tenths: 96 without any of its walls.
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=yes", "--threshold=35", "--no-pager"]);
    let said = passed(security.arg(&path), "systemd")?;
    println!("{}", said.lines().last().unwrap_or_default());
    Ok(())
}

/// systemd itself starts the unit, in a copy of this system: ready, watched, reloaded, started again after a kill, stopped; with
/// systemd's own journal.
#[test]
fn systemd_runs_the_unit() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let log = fs::File::create(folder.path().join("log"))?;
    let copy = folder.path().join("copy");
    fs::create_dir(&copy)?;
    let mut command = Command::new("unshare");
    command
        .args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--net",
            "--uts",
            "--ipc",
            "--cgroup",
            "bash",
        ])
        .arg(root().join("tests/deploy/systemd.sh"))
        .arg(binary()?)
        .arg(root().join("scripts").canonicalize()?)
        .arg(&copy)
        .stdout(log.try_clone()?)
        .stderr(log);
    let mut child = command.spawn().context("install util-linux")?;
    // Seen through the process: nobody else sees the copy.
    let told = |pid: u32| {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        let first = children.split_whitespace().next()?;
        fs::read_to_string(format!("/proc/{first}/root/told")).ok()
    };
    let begun = Instant::now();
    let text = loop {
        if let Some(status) = child.try_wait()? {
            let log = fs::read_to_string(folder.path().join("log"))?;
            ensure!(status.code() == Some(77), "{status}: {log}");
            println!("this machine can't run systemd in namespaces: the unit was verified, not started");
            return Ok(());
        }
        let text = told(child.id()).unwrap_or_default();
        if text.ends_with("END\n") || begun.elapsed() > Duration::from_secs(120) {
            break text;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    child.kill()?;
    child.wait()?;
    for line in [
        "started: active running",
        "OK: airlens captures",
        "watched: active running",
        "status: 0 profiles of 0 clients, 0 failed",
        "reloaded: active running",
        "the same process",
        "started again: active running",
        "journal's own socket: active running",
        "stopped: inactive dead",
        "result: success",
    ] {
        ensure!(text.contains(line), "{line}\n{text}");
    }
    // Those of the unit, and no other.
    let held = text
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .context("no CapEff")?;
    let held = u64::from_str_radix(held.trim(), 16)?;
    let named = settings(&unit()?, "CapabilityBoundingSet").join(" ");
    assert_eq!(held.count_ones() as usize, named.split(' ').count(), "{held:x}");
    // A clean end takes its files away.
    ensure!(
        !text.contains("wlanpi-profiler.status.json") && !text.contains("wlanpi-profiler.sock"),
        "{text}"
    );
    reloaded(&text).context(text.clone())?;
    journal(&text).context(text.clone())
}

/// As systemd itself tells: the reload lasts until airlens is ready again.
fn reloaded(text: &str) -> Result<()> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("manager: "));
    for word in [
        "Changed running -> reload",
        "(RELOADING=1, MONOTONIC_USEC=",
        "(READY=1)",
        "Changed reload -> running",
    ] {
        lines
            .find(|line| line.contains(word))
            .with_context(|| format!("no {word} at its place"))?;
    }
    Ok(())
}

/// What `journalctl --output=json` has: lines of standard error with the priority that stands before each, and lines by the
/// journal's own socket with their fields.
fn journal(text: &str) -> Result<()> {
    let entries = |name: &str| -> Result<Vec<Value>> {
        let prefix = format!("journal {name}: ");
        let lines = text.lines().filter_map(|line| line.strip_prefix(&prefix));
        Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
    };
    let has = |entries: &[Value], wanted: Value| -> Result<()> {
        let wanted = wanted.as_object().context("no object")?.clone();
        let found = entries
            .iter()
            .find(|entry| wanted.iter().all(|(key, value)| entry[key] == *value));
        let found = found.with_context(|| format!("no {wanted:?} in the journal"))?;
        ensure!(
            found["SYSLOG_IDENTIFIER"] == "airlens" && found["_SYSTEMD_UNIT"] == "airlens.service",
            "{found}"
        );
        Ok(())
    };
    let auto = entries("auto")?;
    has(
        &auto,
        json!({ "PRIORITY": "6", "MESSAGE": "attached program=data_rx interface=data0 hook=xdp-native" }),
    )?;
    // The prefix is the journal's, and so is the time.
    let bare = |entry: &Value| {
        entry["MESSAGE"]
            .as_str()
            .is_some_and(|said| !said.starts_with(['<', '2']))
    };
    ensure!(auto.len() >= 4 && auto.iter().all(bare), "{auto:?}");
    let native = entries("native")?;
    has(
        &native,
        json!({ "PRIORITY": "6", "MESSAGE": "attached", "AIRLENS_PROGRAM": "data_rx", "AIRLENS_INTERFACE": "data0",
            "AIRLENS_HOOK": "xdp-native" }),
    )?;
    has(
        &native,
        json!({ "PRIORITY": "4", "MESSAGE": "a data interface is gone", "AIRLENS_INTERFACE": "data0" }),
    )
}

#[test]
fn the_configuration_of_the_unit_is_one() -> Result<()> {
    let file = root().join("scripts/systemd/airlens.toml");
    let said = Said::by(airlens(["config", "check"])?.arg(&file))?;
    ensure!(said.code == Some(0), "{said:?}");
    // Every line of the environment file, taken out of its comment, is a setting.
    let environment = fs::read_to_string(root().join("scripts/systemd/airlens.env"))?;
    let mut show = airlens(["config", "show", "--origin"])?;
    let mut names = 0;
    for line in environment.lines().filter_map(|line| line.strip_prefix("#AIRLENS_")) {
        let (name, value) = line.split_once('=').context("no value")?;
        show.env(format!("AIRLENS_{name}"), value);
        names += 1;
    }
    let said = Said::by(&mut show)?;
    ensure!(said.code == Some(0) && names > 0, "{said:?}");
    assert_eq!(said.out.matches("AIRLENS_").count(), names, "{}", said.out);
    Ok(())
}

/// A run with exactly the capabilities and limits of the unit, told to a service manager that is ours.
#[test]
fn a_run_with_the_units_capabilities_tells_its_life() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let unit = unit()?;
    let capabilities = settings(&unit, "CapabilityBoundingSet").join(" ").to_lowercase();
    let bounds: String = capabilities
        .split_whitespace()
        .map(|name| format!(",+{}", name.trim_start_matches("cap_")))
        .collect();
    let notify = place.folder().join("notify");
    let manager = UnixDatagram::bind(&notify)?;
    manager.set_read_timeout(Some(Duration::from_secs(30)))?;
    let run = airlens(["run", "-i", "mon0", "--data", "data0"])?;
    let mut command = Command::new("setpriv");
    command
        .args(["--inh-caps=-all", "--no-new-privs"])
        .arg(format!("--bounding-set=-all{bounds}"))
        .arg("--")
        .arg(run.get_program())
        .args(run.get_args())
        .env("NOTIFY_SOCKET", &notify)
        .env("WATCHDOG_USEC", "1000000")
        // At a terminal SIGHUP means something else.
        .stdin(Stdio::null());
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let heard = || -> Result<String> {
        let mut text = [0; 1024];
        let length = manager.recv(&mut text)?;
        Ok(String::from_utf8(text[..length].to_vec())?)
    };
    let first = heard()?;
    ensure!(first.starts_with("READY=1\nSTATUS=0 profiles of 0 clients"), "{first}");
    let status = fs::read_to_string(format!("/proc/{}/status", run.pid()))?;
    let held = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .context("no CapEff")?;
    let held = u64::from_str_radix(held.trim(), 16)?;
    assert_eq!(
        held.count_ones() as usize,
        capabilities.split_whitespace().count(),
        "{held:x}"
    );
    let begun = Instant::now();
    let mut beats = 0;
    while beats < 4 {
        let word = heard()?;
        ensure!(word == "WATCHDOG=1\n" || word.starts_with("STATUS="), "{word}");
        beats += usize::from(word == "WATCHDOG=1\n");
    }
    // Twice in the second that it has; a busy machine may take longer.
    ensure!(begun.elapsed() > Duration::from_millis(1000), "{:?}", begun.elapsed());
    run.signal(libc::SIGHUP);
    let told = || -> Result<String> {
        let words = std::iter::repeat_with(heard);
        let mut others = words.filter(|word| !word.as_ref().is_ok_and(|word| word == "WATCHDOG=1\n"));
        others.next().context("no word")?
    };
    let word = told()?;
    let time = word.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    let time: u64 = time.with_context(|| word.clone())?.trim_end().parse()?;
    let uptime = fs::read_to_string("/proc/uptime")?;
    let uptime: f64 = uptime.split(' ').next().context("no uptime")?.parse()?;
    ensure!((uptime * 1e6 - time as f64).abs() < 60e6, "{word}, up for {uptime} s");
    assert_eq!(told()?, "READY=1\n");
    run.stop()?;
    ensure!(told()?.starts_with("STOPPING=1\n"));
    Ok(())
}
