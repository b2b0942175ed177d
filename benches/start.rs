//! From the start of the process to `state: running`, and the memory that a run takes.
//!
//! In a private network with a monitor (TAP) and a data interface (veth), as `airlens run -i … --data …` would have them.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use airlens::lab::{LinkType, Namespace, Tap, VethPair};
use airlens_benches::wanted;
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 11;
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    if !wanted("start") {
        return Ok(());
    }
    let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/airlens");
    ensure!(binary.is_file(), "no {}: run `cargo xtask bench`", binary.display());
    let here = Namespace::new()?;
    let there = Namespace::new()?;
    here.enter()?;
    let monitor = Tap::new("bench-mon", LinkType::Monitor)?;
    let pair = VethPair::new(&here, "bench-data", &there, "bench-peer")?;
    let mut starts = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..RUNS {
        let (start, resident) = measure(&binary, monitor.name(), &pair.here.name)?;
        starts.push(start.as_secs_f64() * 1000.0);
        memory.push(resident as f64 / 1024.0);
    }
    println!(
        "start to `running`   median {:6.1} ms   (of {RUNS} runs, {})",
        median(&mut starts),
        range(&starts)
    );
    println!(
        "resident memory      median {:6.1} MiB  (while running, {})",
        median(&mut memory),
        range(&memory)
    );
    Ok(())
}

/// Time to `running`, and the resident memory a moment later in KiB.
fn measure(binary: &Path, monitor: &str, data: &str) -> Result<(Duration, u64)> {
    let folder = tempfile::tempdir()?;
    let stem = folder.path().join("airlens");
    let status = folder.path().join("airlens.status.json");
    let start = Instant::now();
    let mut run = Command::new(binary)
        .args(["run", "--interface", monitor, "--data", data])
        .args(["--log-level", "error", "--listen", "127.0.0.1:0"])
        .arg("--run-stem")
        .arg(&stem)
        .arg("--state-path")
        .arg(folder.path().join("state.json"))
        .arg("--files-path")
        .arg(folder.path())
        .spawn()?;
    let elapsed = wait(&status, start);
    thread::sleep(Duration::from_millis(300));
    let resident = resident(run.id());
    end(&mut run)?;
    Ok((elapsed?, resident?))
}

fn wait(status: &Path, start: Instant) -> Result<Duration> {
    while start.elapsed() < PATIENCE {
        if fs::read_to_string(status).is_ok_and(|text| text.contains("\"running\"")) {
            return Ok(start.elapsed());
        }
        thread::sleep(Duration::from_micros(500));
    }
    anyhow::bail!("the run did not start within {PATIENCE:?}")
}

fn resident(process: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn end(run: &mut Child) -> Result<()> {
    let process = i32::try_from(run.id())?;
    // SAFETY: a signal to our own child, which was not waited for yet.
    unsafe { libc::kill(process, libc::SIGTERM) };
    ensure!(run.wait()?.success(), "the run did not end cleanly");
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn range(sorted: &[f64]) -> String {
    format!("{:.1} to {:.1}", sorted[0], sorted[sorted.len() - 1])
}
