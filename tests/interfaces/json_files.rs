//! Status, info and state, and what is beside them.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use airlens_tests::support::{
    cli::{Said, airlens, binary},
    request::association,
    run::{Network, Place, Running},
    schema::{keeps_to, valid},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::sensor::{Sensor, client, shared};

/// A run that fails at its start, as `data0` is no Wi-Fi interface.
fn failed() -> Result<Place> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut command = airlens(["run", "-i", "data0"])?;
    let run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    ensure!(run.end()?.0 == Some(7));
    Ok(place)
}

#[test]
fn status() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let path = place.paths().status;
    let mut seen = Vec::new();
    // Some states last for less than a millisecond: a busy machine may not let us look in between, but not every time.
    for _ in 0..20 {
        seen.clear();
        let mut command = airlens(["run", "-i", "mon0"])?;
        let run = Running::spawn(&network, &place, place.name_all(&mut command))?;
        let start = Instant::now();
        loop {
            let status = place.document(&path).unwrap_or_default();
            if !status.is_null() && seen.last() != Some(&status) {
                if status["state"] == "running" {
                    run.signal(libc::SIGTERM);
                }
                seen.push(status);
            }
            if seen.len() > 1 && !path.exists() {
                break;
            }
            ensure!(start.elapsed() < Duration::from_secs(30), "{seen:?}: {}", run.log()?);
        }
        ensure!(run.end()?.0 == Some(0));
        if seen.len() == 3 {
            break;
        }
    }
    valid("status", &seen)?;
    let told: Vec<_> = seen
        .iter()
        .map(|status| (&status["state"], status.get("reason")))
        .collect();
    let (complete, asked) = (json!("startup_complete"), json!("user_requested"));
    assert_eq!(
        told,
        [
            (&json!("starting"), None),
            (&json!("running"), Some(&complete)),
            (&json!("stopped"), Some(&asked))
        ]
    );
    let kept = failed()?;
    let status = kept.document(&kept.paths().status)?;
    valid("status", [&status])?;
    ensure!(status["state"] == "failed" && status["error"].is_string(), "{status}");
    Ok(())
}

#[test]
fn info() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    let read = |place: &Place| place.document(&place.paths().info);
    sensor.profiled(1)?;
    let info = read(&sensor.place)?;
    assert_eq!(
        (&info["profile_count"], &info["last_profile"]),
        (&json!(1), &json!(client(1).to_string()))
    );
    // Nothing happens any more, and yet it is rewritten.
    let (place, mut uptime) = (&sensor.place, 0);
    sensor.run.until("five seconds are told", || {
        uptime = read(place)?["uptime_seconds"].as_u64().unwrap_or_default();
        Ok(uptime >= 5)
    })?;
    ensure!(uptime < 10, "{uptime} s");
    valid("info", [&info, &read(place)?])?;
    ensure!(!sensor.stop()?.paths().info.exists(), "it is left");
    let kept = failed()?;
    valid("info", [&read(&kept)?])
}

#[test]
fn state() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let exit = |place: &Place| -> Result<Value> {
        let state = place.document(&place.state())?;
        valid("state", [&state])?;
        Ok(state["exit"].clone())
    };
    Running::start(&network, &place)?.stop()?;
    let success = json!({ "status": "success", "code": 0, "reason": null, "message": null });
    assert_eq!(exit(&place)?, success);
    // Nothing writes for a run that was killed: the next start does.
    let killed = Running::start(&network, &place)?;
    let message = format!("process {} ended without a word while running", killed.pid());
    killed.signal(libc::SIGKILL);
    killed.end()?;
    assert_eq!(exit(&place)?, success);
    let next = Running::start(&network, &place)?;
    let interrupted = json!({ "status": "interrupted", "code": 1, "reason": "unknown_error", "message": message });
    assert_eq!(exit(&place)?, interrupted);
    next.stop()?;
    let exit = exit(&failed()?)?;
    ensure!(
        exit["status"] == "failed" && exit["code"] == 7 && exit["reason"] == "interface_validation",
        "{exit}"
    );
    Ok(())
}

#[test]
fn fields() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.profiled(1)?;
    let paths = sensor.place.paths();
    let (status, info) = (
        sensor.place.document(&paths.status)?,
        sensor.place.document(&paths.info)?,
    );
    let state = sensor.stop()?.document(&paths.state)?;
    for (document, key) in [
        (&info, "invalid_frame_count"),
        (&info, "bad_fcs_count"),
        (&state["metrics"], "failed_profile_count"),
    ] {
        ensure!(document[key].is_u64(), "{key}: {document:#}");
    }
    for (document, key) in [
        (&state["metrics"], "last_profile"),
        (&state["metrics"], "last_profile_timestamp"),
    ] {
        ensure!(document[key].is_string(), "{key}: {document:#}");
    }
    let Some(text) = shared("seeds/000_3f9bf8515f6bbe61.txt") else {
        println!("../shared/seeds is not there: the fields of wlanpi-profiler's examples are left out");
        return Ok(());
    };
    let mut examples = 0;
    for example in super::integration::blocks(&text, "json") {
        let example: Value = serde_json::from_str(&example)?;
        let ours = match &example {
            status_ if status_.get("startup_method").is_some() => &status,
            info_ if info_.get("phy").is_some() => &info,
            _ => &state,
        };
        has_all(ours, &example)?;
        examples += 1;
    }
    assert_eq!(examples, 3);
    Ok(())
}

/// Each field of an example is there and has its type.
fn has_all(ours: &Value, example: &Value) -> Result<()> {
    for (key, theirs) in example.as_object().context("no object")? {
        let ours = ours.get(key).with_context(|| key.clone())?;
        let same = std::mem::discriminant(ours) == std::mem::discriminant(theirs);
        ensure!(same, "{key} is {ours}, not {theirs}");
        if theirs.is_object() {
            has_all(ours, theirs)?;
        }
    }
    Ok(())
}

/// Every reason of wlanpi-profiler is one of ours; those that need no radio, as they come about.
#[test]
fn reasons() -> Result<()> {
    let schema = Said::by(&mut airlens(["schema", "status"])?)?.json()?;
    let all = "startup_complete user_requested country_code_detection interface_validation config_validation missing_tools \
        insufficient_permissions already_running file_not_found hostapd_start_failed hostapd_crashed fakeap_crashed \
        unknown_error";
    let reason = |name: &str| {
        json!({"schema_version": "1.0", "state": "failed", "reason": name, "error": "x",
        "startup_method": "cli", "pid": 1, "timestamp": "2026-01-23T12:00:00Z"})
    };
    for name in all.split_whitespace() {
        keeps_to(&schema, &reason(name)).with_context(|| name.to_owned())?;
    }
    ensure!(keeps_to(&schema, &reason("other")).is_err());

    let network = Network::new()?;
    let taker = network.here.run(|| std::net::TcpListener::bind("127.0.0.1:0"))??;
    let taken = taker.local_addr()?.to_string();
    let none = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"];
    for (before, arguments, reason) in [
        (&[][..], &["-i", "data0"][..], "interface_validation"),
        (&[], &["-i", "mon0", "--listen", &taken], "config_validation"),
        (&none, &["-i", "mon0"], "insufficient_permissions"),
        (&[], &["-i", "mon0", "--oui-file", "/nowhere/oui.csv"], "file_not_found"),
    ] {
        let place = Place::new()?;
        let mut command = match before {
            [] => airlens(["run"])?,
            [program, rest @ ..] => {
                let mut command = Command::new(program);
                command.args(rest).arg(binary()?).arg("run");
                command
            }
        };
        let run = Running::spawn(&network, &place, place.name_all(command.args(arguments)))?;
        let (code, log) = run.end()?;
        ensure!(code != Some(0), "{log}");
        let status = place.document(&place.paths().status)?;
        valid("status", [&status])?;
        assert_eq!(status["reason"], reason, "{status}");
    }
    drop(taker);
    Ok(())
}

/// Who reads while it is rewritten reads a whole document, and never the same file for two of them.
#[test]
fn atomic() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    let path = sensor.place.paths().info;
    let (mut inodes, mut profiles) = (BTreeSet::new(), 0);
    for number in 1..=30 {
        let request = association(client(number), number, (5180, None), b"net", |_| ());
        sensor.network.tap.write(&request)?;
    }
    sensor.run.until("all are profiled", || {
        let file = File::open(&path)?;
        inodes.insert(file.metadata()?.ino());
        let info: Value = serde_json::from_reader(&file)?;
        ensure!(info["profile_count"].as_u64() >= Some(profiles), "{info}");
        profiles = info["profile_count"].as_u64().unwrap_or_default();
        Ok(profiles == 30)
    })?;
    ensure!(inodes.len() > 1, "one file: {inodes:?}");
    let left = sensor.stop()?.everything()?;
    ensure!(!left.iter().any(|path| path.ends_with(".tmp")), "{left:?}");
    Ok(())
}

#[test]
fn mode_and_group() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let groups = place.folder().join("group");
    let known = fs::read_to_string("/etc/group")?;
    let known = known.lines().filter(|line| !line.starts_with("wlanpi:"));
    let known: Vec<_> = known.chain(["wlanpi:x:54321:"]).collect();
    fs::write(&groups, known.join("\n") + "\n")?;
    // The run alone sees this file of groups.
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", r#"mount --bind "$0" /etc/group && exec "$@""#]);
    command.arg(groups).arg(binary()?).args(["run", "-i", "mon0"]);
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let paths = place.paths();
    let check = |path: &Path| {
        let metadata = fs::metadata(path)?;
        let found = (metadata.permissions().mode() & 0o777, metadata.gid());
        ensure!(found == (0o640, 54321), "{}: {found:?}", path.display());
        Ok(())
    };
    check(&paths.status)?;
    check(&paths.info)?;
    run.stop()?;
    check(&paths.state)
}

#[test]
fn stem() -> Result<()> {
    let shown = Said::by(&mut airlens(["config", "show", "--json"])?)?.json()?;
    let value = |key: &str| {
        let settings = shown["settings"].as_array().into_iter().flatten();
        settings
            .filter(|setting| setting["key"] == key)
            .map(|setting| setting["value"].clone())
            .next()
    };
    assert_eq!(value("run_stem"), Some(json!("/run/wlanpi-profiler")));
    assert_eq!(value("state_path"), Some(json!("/var/lib/wlanpi-profiler/state.json")));
    let sensor = Sensor::start(&[])?;
    let stem = sensor.place.stem().display().to_string();
    for suffix in [".status.json", ".info.json", ".sock"] {
        ensure!(Path::new(&format!("{stem}{suffix}")).exists(), "{suffix}");
    }
    sensor.stop().map(drop)
}

/// Each document of a run keeps to the schema that `airlens schema` prints.
#[test]
fn schemas() -> Result<()> {
    let mut sensor = Sensor::start(&["--attempt-timeout", "1s", "--compat", "wlanpi"])?;
    sensor.profiled(1)?;
    let paths = sensor.place.paths();
    let mut documents = vec![
        ("status", sensor.place.document(&paths.status)?),
        ("info", sensor.place.document(&paths.info)?),
    ];
    for (name, target) in [
        ("stats", "/api/stats"),
        ("health", "/api/health"),
        ("client-list", "/api/clients"),
        ("run-status", "/api/status"),
        ("air", "/api/air"),
        ("flow-list", "/api/flows"),
    ] {
        documents.push((name, sensor.network.get_json(target)?));
    }
    let place = sensor.stop()?;
    documents.push(("state", place.document(&paths.state)?));
    let session = paths.state.with_file_name("last-session.json");
    documents.push(("last-session", place.document(&session)?));
    let name = client(1).dashed();
    let folder = place.files().join("clients").join(&name);
    documents.push(("client", place.document(&folder.join(format!("{name}_5GHz.json")))?));
    for line in fs::read_to_string(folder.join("history.jsonl"))?.lines() {
        documents.push(("history-line", serde_json::from_str(line)?));
    }
    for (name, document) in &documents {
        let schema = Said::by(&mut airlens(["schema", name])?)?.json()?;
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        keeps_to(&schema, document).with_context(|| (*name).to_owned())?;
    }
    Ok(())
}
