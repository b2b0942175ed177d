//! Files of ended flows: whole, in both formats, rotated, and what a killed run leaves.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use airlens::{
    export::{
        ExportOptions, Exports, Outcome,
        files::{FileOptions, RowFormat},
    },
    flow::Row,
};
use airlens_tests::support::ended::{Made, ended};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

fn start(path: &Path, rotate_bytes: u64) -> Result<Exports> {
    let options = ExportOptions {
        queue: 100_000,
        files: Some(FileOptions {
            path: path.to_owned(),
            format: RowFormat::of(path)?,
            rotate_bytes,
            rotate_interval: Duration::ZERO,
        }),
        ..ExportOptions::default()
    };
    Ok(Exports::start(
        &options,
        &[(7, "eth7".to_owned())].into_iter().collect(),
    )?)
}

fn export(path: &Path, rotate_bytes: u64, flows: u32) -> Result<Outcome> {
    let exports = start(path, rotate_bytes)?;
    let made: Vec<_> = (0..flows).map(Made::numbered).collect();
    for some in ended(&made).chunks(100) {
        exports.give(some.to_vec(), None);
    }
    exports.finish(Instant::now() + Duration::from_secs(5));
    Ok(exports.outcomes().remove(0).1)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn both_formats_say_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (jsonl, csv) = (folder.path().join("flows.jsonl"), folder.path().join("flows.csv"));
    for path in [&jsonl, &csv] {
        let outcome = export(path, 0, 250)?;
        ensure!(
            (outcome.given, outcome.sent, outcome.waiting()) == (250, 250, 0),
            "{outcome:?}"
        );
    }
    ensure!(names(folder.path())? == ["flows.csv", "flows.jsonl"]);
    let (jsonl, csv) = (fs::read_to_string(jsonl)?, fs::read_to_string(csv)?);
    let mut lines = csv.split_terminator("\r\n");
    let columns: Vec<_> = lines.next().context("no columns")?.split(',').collect();
    ensure!(columns == Row::COLUMNS);
    ensure!(jsonl.lines().count() == 250 && lines.clone().count() == 250);
    for (number, (object, line)) in (0..).zip(jsonl.lines().zip(lines)) {
        let object: Value = serde_json::from_str(object)?;
        ensure!(
            object["source"] == Made::numbered(number).source.0.to_string(),
            "{object}"
        );
        ensure!(object["interface"] == "eth7", "{object}");
        for (column, cell) in columns.iter().zip(line.split(',')) {
            let same = match &object[column] {
                Value::Null => cell.is_empty(),
                Value::String(text) if column.starts_with("start") || column.starts_with("end") => {
                    // The two runs read the clocks at other times.
                    text.len() == cell.len()
                }
                Value::String(text) => text == cell,
                value => format!("{value}") == cell,
            };
            ensure!(same, "{column}: {cell} in {object}");
        }
    }
    Ok(())
}

#[test]
fn files_of_a_size_are_whole() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let outcome = export(&folder.path().join("flows.jsonl"), 100_000, 1000)?;
    ensure!(outcome.sent == 1000, "{outcome:?}");
    let names = names(folder.path())?;
    ensure!(
        names.len() > 3
            && names
                .iter()
                .all(|name| name.starts_with("flows-") && name.ends_with("Z.jsonl") || name.contains("Z-")),
        "{names:?}"
    );
    let mut rows = 0;
    for name in &names {
        let text = fs::read_to_string(folder.path().join(name))?;
        ensure!(text.ends_with('\n'), "{name}");
        for line in text.lines() {
            serde_json::from_str::<Value>(line)?;
            rows += 1;
        }
    }
    ensure!(rows == 1000, "{rows}");
    Ok(())
}

#[test]
fn what_a_killed_run_wrote_is_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("flows.csv");
    fs::write(folder.path().join("flows.csv.part"), "left\r\n")?;
    export(&path, 0, 1)?;
    let names = names(folder.path())?;
    ensure!(
        names.len() == 2 && names[0].starts_with("flows-2") && names[1] == "flows.csv",
        "{names:?}"
    );
    ensure!(fs::read_to_string(folder.path().join(&names[0]))? == "left\r\n");
    Ok(())
}

#[test]
fn a_folder_that_is_not_there_is_told_of() -> Result<()> {
    let error = start(Path::new("/nonexistent/flows.csv"), 0)
        .err()
        .context("it started")?;
    ensure!(error.to_string().contains("check that the folder exists"), "{error}");
    ensure!(RowFormat::of(Path::new("flows.txt")).is_err());
    Ok(())
}
