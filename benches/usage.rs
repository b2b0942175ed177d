//! What whole processes take.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::median;

/// A program that takes longer is run once.
const LONG: Duration = Duration::from_secs(10);

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time.
    pub time: Duration,
    /// Its largest resident set in KiB.
    pub peak: i64,
}

impl Usage {
    /// The median time of some runs of a command, and the largest memory of them.
    ///
    /// # Errors
    ///
    /// It is not installed, or fails.
    pub fn of(command: &mut Command, runs: usize) -> Result<Self> {
        let mut usages = Vec::new();
        while usages.len() < runs {
            let start = Instant::now();
            usages.push(run(command)?);
            if start.elapsed() > LONG {
                break;
            }
        }
        let peak = usages.iter().map(|usage| usage.peak).max().unwrap_or(0);
        let time = median(usages.into_iter().map(|usage| usage.time).collect());
        Ok(Self { time, peak })
    }
}

fn run(command: &mut Command) -> Result<Usage> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let pid = i32::try_from(child.context("not installed")?.id())?;
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
