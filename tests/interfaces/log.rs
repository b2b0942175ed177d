//! The log of a run: levels, events, forms, and the files that it becomes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use airlens_tests::support::{peer::run, request::association, schema::valid};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::sensor::{Sensor, client};

/// A run that logs JSON lines to a file, with these settings below `[logging]`, and the file.
fn logging(level: &str, settings: &[(&str, &str)]) -> Result<(Sensor, PathBuf)> {
    let folder = tempfile::tempdir()?.keep();
    let path = folder.join("airlens.log");
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (format!("AIRLENS_LOGGING_{key}"), *value))
        .collect();
    let variables: Vec<_> = settings.iter().map(|(key, value)| (&**key, *value)).collect();
    let output = path.to_str().context("no UTF-8")?;
    let arguments = ["--log-level", level, "--log-format", "json", "--log-output", output];
    Ok((Sensor::with(&arguments, &variables)?, path))
}

fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(path)?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    valid("log", &lines)?;
    Ok(lines)
}

/// The files beside the log, in the order of time.
fn backups(path: &Path) -> Result<Vec<PathBuf>> {
    let folder = path.parent().context("no folder")?;
    let mut all: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    all.retain(|found| {
        found != path
            && found
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("airlens.log.2"))
    });
    all.sort();
    Ok(all)
}

#[test]
fn levels() -> Result<()> {
    for (level, expected) in [("error", 0), ("info", 1), ("debug", 2)] {
        let (mut sensor, path) = logging(level, &[])?;
        sensor.joins(1)?;
        sensor.stop()?;
        let lines = lines(&path)?;
        let found: Vec<_> = ["profiled", "a request is answered"]
            .into_iter()
            .filter(|message| lines.iter().any(|line| line["message"] == *message))
            .collect();
        assert_eq!(found.len(), expected, "{level}: {found:?}");
        fs::remove_dir_all(path.parent().context("no folder")?)?;
    }
    Ok(())
}

/// Connection, task and error events, each a line.
#[test]
fn events() -> Result<()> {
    let (mut sensor, path) = logging("info", &[])?;
    sensor.joins(1)?;
    drop(sensor.network.connect()?);
    let clients = sensor.place.files().join("clients");
    fs::remove_dir_all(&clients)?;
    fs::write(&clients, "")?;
    sensor.profiled(2)?;
    sensor.stop()?;
    let lines = lines(&path)?;
    for (level, message, fields) in [
        ("info", "the session is created", json!({ "monitor": "mon0" })),
        ("info", "a client is there", json!({ "client": client(1).to_string() })),
        (
            "info",
            "profiled",
            json!({ "client": client(1).to_string(), "ssid": "net", "channel": 36 }),
        ),
        ("error", "a file is not written", json!({})),
        ("info", "the session has ended", json!({})),
    ] {
        let found = lines.iter().find(|line| line["message"] == message);
        let found = found.with_context(|| message.to_owned())?;
        assert_eq!(found["level"], level, "{found}");
        for (key, value) in fields.as_object().into_iter().flatten() {
            assert_eq!(&found["fields"][key], value, "{found}");
        }
    }
    Ok(fs::remove_dir_all(path.parent().context("no folder")?)?)
}

#[test]
fn json_lines() -> Result<()> {
    let (mut sensor, path) = logging("info", &[])?;
    sensor.profiled(1)?;
    sensor.stop()?;
    let lines = lines(&path)?;
    let profiled = lines
        .iter()
        .find(|line| line["message"] == "profiled")
        .context("none")?;
    let keys: Vec<_> = profiled.as_object().context("no object")?.keys().collect();
    assert_eq!(keys, ["timestamp", "level", "message", "fields"]);
    let time = profiled["timestamp"].as_str().context("no time")?;
    time.parse::<jiff::Timestamp>()?;
    ensure!(
        time.len() == "2025-11-28T10:15:30.123Z".len() && time.ends_with('Z'),
        "{time}"
    );
    Ok(fs::remove_dir_all(path.parent().context("no folder")?)?)
}

#[test]
fn text_lines() -> Result<()> {
    let mut sensor = Sensor::start(&["--log-format", "text"])?;
    sensor.profiled(1)?;
    sensor.run.signal(libc::SIGTERM);
    let (_, log) = sensor.run.end()?;
    let line = log.lines().find(|line| line.contains(" profiled ")).context("none")?;
    let (time, rest) = line.split_once(' ').context("no time")?;
    time.parse::<jiff::Timestamp>()?;
    ensure!(rest.trim_start().starts_with("INFO profiled client="), "{line}");
    Ok(())
}

/// All lines of a run are in the files, in their order, whatever their number and form.
#[test]
fn rotation_by_size_count_and_compression() -> Result<()> {
    let settings = [("MAX_SIZE", "4096"), ("MAX_BACKUPS", "3"), ("COMPRESS", "true")];
    let (mut sensor, path) = logging("debug", &settings)?;
    for number in 1..=60 {
        let request = association(client(number), number, (5180, None), b"net", |_| ());
        sensor.network.tap.write(&request)?;
    }
    sensor.counted("airlens_profiles_total", &[], 60.0)?;
    sensor.run.until("three older files are compressed", || {
        let found = backups(&path)?;
        let compressed = found
            .iter()
            .filter(|path| path.extension().is_some_and(|end| end == "gz"));
        Ok(found.len() == 3 && compressed.count() >= 2)
    })?;
    sensor.stop()?;
    ensure!(
        fs::metadata(&path)?.len() <= 4096 + 512,
        "{}",
        fs::metadata(&path)?.len()
    );
    let files = backups(&path)?;
    ensure!(files.len() <= 3, "{files:?}");
    let all = run(Command::new("zcat").arg("-f").args(&files).arg(&path), "")?;
    let clients: Vec<_> = all
        .lines()
        .map(serde_json::from_str::<Value>)
        .filter_map(|line| line.ok().filter(|line| line["message"] == "profiled"))
        .map(|line| line["fields"]["client"].clone())
        .collect();
    let last: Vec<_> = (1..=60).map(|number| Value::from(client(number).to_string())).collect();
    ensure!(clients.len() > 10 && last.ends_with(&clients), "{clients:?}");
    Ok(fs::remove_dir_all(path.parent().context("no folder")?)?)
}

#[test]
fn rotation_by_age() -> Result<()> {
    let (mut sensor, path) = logging("info", &[("MAX_AGE", "1s"), ("COMPRESS", "false")])?;
    sensor.profiled(1)?;
    thread::sleep(Duration::from_millis(1100));
    sensor.profiled(2)?;
    let holds =
        |path: &Path, number| -> Result<bool> { Ok(fs::read_to_string(path)?.contains(&client(number).to_string())) };
    sensor
        .run
        .until("a new file is written", || Ok(holds(&path, 2)? && !holds(&path, 1)?))?;
    // At the next one, what is older is removed.
    thread::sleep(Duration::from_millis(1100));
    sensor.profiled(3)?;
    sensor.run.until("the oldest is gone", || {
        let kept: Vec<_> = backups(&path)?
            .iter()
            .filter_map(|old| fs::read_to_string(old).ok())
            .collect();
        let of = |number: u8| kept.iter().any(|text| text.contains(&client(number).to_string()));
        Ok(of(2) && !of(1))
    })?;
    sensor.stop()?;
    Ok(fs::remove_dir_all(path.parent().context("no folder")?)?)
}
