//! A process that is killed while its log rotates.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::logging::{FileOptions, LineFormat, LogOptions, LogOutput, Logging};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Tells a process of this test that it is to be killed, and its log.
const VICTIM: &str = "AIRLENS_TEST_VICTIM_LOG";
const ROUNDS: u32 = 12;
const PATIENCE: Duration = Duration::from_secs(30);

fn options(path: &Path) -> LogOptions {
    LogOptions {
        format: LineFormat::Json,
        output: LogOutput::File(path.to_owned()),
        rotation: FileOptions {
            max_size: 16 << 10,
            max_backups: 10_000,
            ..FileOptions::new(PathBuf::new())
        },
        ..LogOptions::default()
    }
}

/// Lines without end; some hundred may wait.
fn log_until_killed(path: &Path) -> Result<()> {
    let log = Logging::start(&options(path))?;
    let process = std::process::id();
    for number in 0u64.. {
        tracing::info!(process, number, "a line");
        if number % 256 == 0 {
            ensure!(log.control().flush(PATIENCE), "the log is not written");
        }
    }
    Ok(())
}

/// The log and its backups, the oldest first.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let folder = path.parent().context("no folder")?;
    let found = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut found: Vec<_> = found.collect::<Result<_>>()?;
    found.retain(|found| found != path);
    found.sort();
    found.push(path.to_owned());
    Ok(found)
}

#[test]
fn every_line_is_there_once_however_often_the_process_is_killed() -> Result<()> {
    if let Some(path) = env::var_os(VICTIM) {
        return log_until_killed(Path::new(&path));
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("airlens.log");
    for round in 0..ROUNDS {
        let mut victim = Command::new(env::current_exe()?)
            .args([
                "--exact",
                "logs::crash::every_line_is_there_once_however_often_the_process_is_killed",
            ])
            .env(VICTIM, &path)
            .stdout(Stdio::null())
            .spawn()?;
        let before = files(&path)?.len();
        let start = Instant::now();
        // Not before it has rotated a few times, then at any moment.
        while files(&path)?.len() < before + 4 && start.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_micros(u64::from(round) * 3700));
        // SIGKILL.
        victim.kill()?;
        victim.wait()?;
    }
    // The next start mends.
    let log = Logging::open(&options(&path))?;
    let start = Instant::now();
    let whole = |found: &PathBuf| found == &path || found.extension().is_some_and(|end| end == "gz");
    while !files(&path)?.iter().all(whole) {
        ensure!(start.elapsed() < PATIENCE, "{:?}", files(&path)?);
        thread::sleep(Duration::from_millis(20));
    }
    drop(log);
    let files = files(&path)?;
    ensure!(files.len() > ROUNDS as usize * 4, "{}", files.len());
    let output = Command::new("zcat").arg("-f").args(&files).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut next: BTreeMap<u64, u64> = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let line: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let number = |name: &str| line["fields"][name].as_u64().context("no number");
        let expected = next.entry(number("process")?).or_default();
        ensure!(number("number")? == *expected, "{line} instead of {expected}");
        *expected += 1;
    }
    ensure!(next.len() == ROUNDS as usize, "{next:?}");
    Ok(())
}
