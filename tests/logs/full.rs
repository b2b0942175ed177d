//! A disk that is full: what can't be written is counted and told, and the process goes on.

use std::{env, fs, io::Write as _, path::Path, process::Command, time::Duration};

use airlens::logging::{LineFormat, LineLoss, LogOptions, LogOutput, Logging};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// Tells a process of this test that it is to write, and the folder that is soon full.
const WRITER: &str = "AIRLENS_TEST_FULL_FOLDER";
const PATIENCE: Duration = Duration::from_secs(10);

fn write(folder: &Path) -> Result<()> {
    let path = folder.join("airlens.log");
    let options = LogOptions {
        format: LineFormat::Json,
        output: LogOutput::File(path.clone()),
        audit: Some(folder.join("audit.log")),
        ..LogOptions::default()
    };
    let log = Logging::start(&options)?;
    tracing::info!(number = 0, "before");
    ensure!(log.control().flush(PATIENCE));
    let filler = folder.join("filler");
    let mut file = fs::File::create(&filler)?;
    while file.write_all(&[0; 4096]).is_ok() {}
    let long = "x".repeat(5000);
    for number in 1..=100 {
        tracing::info!(number, long, "while it is full");
        tracing::info!(target: airlens::logging::AUDIT, number, long, "while it is full");
        ensure!(log.control().flush(PATIENCE));
    }
    fs::remove_file(&filler)?;
    drop(file);
    tracing::info!(number = 101, "after");
    ensure!(log.control().flush(PATIENCE));
    let counts = log.control().counts();
    let counts: Vec<_> = counts
        .iter()
        .map(|(name, counts)| json!([name, counts.written(), counts.lost(LineLoss::WriteFailed)]))
        .collect();
    let lines = fs::read_to_string(&path)?;
    let lines: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let last = lines.last().context("no line")?["fields"]["number"].clone();
    println!("{}", json!({"counts": counts, "lines": lines.len(), "last": last}));
    Ok(())
}

#[test]
fn a_full_disk_loses_lines_that_are_counted() -> Result<()> {
    if let Some(folder) = env::var_os(WRITER) {
        return write(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    // A file system of its own, which goes with the process.
    let output = Command::new("unshare")
        .args([
            "--mount",
            "sh",
            "-c",
            r#"mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@""#,
        ])
        .arg(folder.path())
        .arg(env::current_exe()?)
        .args([
            "--exact",
            "logs::full::a_full_disk_loses_lines_that_are_counted",
            "--nocapture",
        ])
        .env(WRITER, folder.path())
        .output()?;
    let (out, err) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(output.status.success(), "{out}{err}");
    let told = out.lines().find(|line| line.starts_with('{')).context("no result")?;
    let told: Value = serde_json::from_str(told)?;
    let number = |log: usize, index: usize| told["counts"][log][index].as_u64().context("no number");
    ensure!(number(0, 1)? + number(0, 2)? == 202 && number(0, 2)? > 190, "{told}");
    ensure!(number(1, 1)? + number(1, 2)? == 100 && number(1, 2)? > 90, "{told}");
    // Whole lines alone, and those behind the full disk too.
    ensure!(told["lines"] == number(0, 1)? && told["last"] == 101, "{told}");
    let of_log: Vec<_> = err.lines().filter(|line| line.contains("airlens.log")).collect();
    ensure!(of_log.len() == 2, "{err}");
    ensure!(
        of_log[0].contains("are lost") && of_log[0].contains("No space left"),
        "{err}"
    );
    ensure!(of_log[1].contains("is written again"), "{err}");
    Ok(())
}
