//! `airlens analyze` as a whole process, beside those who read the same file: tshark, and wlanpi-profiler where it is
//! installed (`profiler` on the path, or named by `AIRLENS_BENCH_PROFILER`).

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use airlens_benches::{Table, median, merge, root, wanted};
use anyhow::{Context as _, Result, bail, ensure};

const RUNS: usize = 9;
/// Frames of the file, at least.
const FRAMES: usize = 10_000;
/// A program that takes longer is run once.
const LONG: Duration = Duration::from_secs(5);

fn main() -> Result<()> {
    if !wanted("analyze") {
        return Ok(());
    }
    let airlens = root().join("target/release/airlens");
    ensure!(airlens.is_file(), "no {}: run `cargo xtask bench`", airlens.display());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("merged.pcap");
    // Not held in memory: Linux counts what this process held among the largest resident set of its children.
    let frames = merge(&file, FRAMES)?;
    let profiler = std::env::var_os("AIRLENS_BENCH_PROFILER").unwrap_or("profiler".into());
    let programs = [
        ("airlens analyze --jsonl", of(&airlens, &["analyze", "--jsonl"], &file)),
        ("tshark -T json", of("tshark".as_ref(), &["-T", "json", "-r"], &file)),
        ("wlanpi-profiler --pcap", {
            let mut command = of(profiler.as_ref(), &["--pcap"], &file);
            command.arg("--files_path").arg(folder.path().join("profiler"));
            command
        }),
    ];
    let mut table = Table::new(["program", "processor ms", "ratio", "peak MiB", "ratio"]);
    let mut ours: Option<Usage> = None;
    for (name, mut command) in programs {
        if !installed(&command) {
            println!("{name} is not installed: left out");
            continue;
        }
        let usage = measure(&mut command).with_context(|| format!("{name} failed"))?;
        let first = *ours.get_or_insert(usage);
        table.row([
            name.to_owned(),
            format!("{:.1}", usage.time.as_secs_f64() * 1000.0),
            format!("{:.0}", usage.time.as_secs_f64() / first.time.as_secs_f64()),
            format!("{:.1}", usage.peak as f64 / 1024.0),
            format!("{:.1}", usage.peak as f64 / first.peak as f64),
        ]);
    }
    table.print(&format!("Whole processes over the same {frames} frames"));
    Ok(())
}

fn of(program: &Path, arguments: &[&str], file: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    command
}

fn installed(command: &Command) -> bool {
    let program = Path::new(command.get_program());
    let folders = std::env::var_os("PATH").unwrap_or_default();
    program.is_file() || std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// What a process took: user and system time, and its largest resident set in KiB.
#[derive(Clone, Copy)]
struct Usage {
    time: Duration,
    peak: i64,
}

/// The median time of some runs, and the largest memory of them.
fn measure(command: &mut Command) -> Result<Usage> {
    let mut runs = Vec::new();
    while runs.len() < RUNS {
        let start = Instant::now();
        runs.push(run(command)?);
        if start.elapsed() > LONG {
            break;
        }
    }
    let peak = runs.iter().map(|usage| usage.peak).max().unwrap_or(0);
    let time = median(runs.into_iter().map(|usage| usage.time).collect());
    Ok(Usage { time, peak })
}

fn run(command: &mut Command) -> Result<Usage> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let pid = i32::try_from(child.id())?;
    let mut status = 0;
    // SAFETY: all-zero is a valid rusage; the call fills it and reaps the child, which nothing else waits for.
    let (reaped, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &raw mut status, 0, &raw mut usage), usage)
    };
    if reaped != pid || status != 0 {
        bail!("it ended with wait status {status}: run {command:?} by hand");
    }
    let time =
        |value: libc::timeval| Duration::new(value.tv_sec.unsigned_abs(), value.tv_usec.unsigned_abs() as u32 * 1000);
    Ok(Usage {
        time: time(usage.ru_utime) + time(usage.ru_stime),
        peak: usage.ru_maxrss,
    })
}
