//! `airlens analyze` as a whole process, beside those who read the same file: tshark, and wlanpi-profiler where it is
//! installed (`profiler` on the path, or named by `AIRLENS_BENCH_PROFILER`).

use std::{path::Path, process::Command};

use airlens_benches::{Table, Usage, merge, root, wanted};
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 9;
/// Frames of the file, at least.
const FRAMES: usize = 10_000;

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
        let usage = Usage::of(&mut command, RUNS).with_context(|| format!("{name} failed"))?;
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
