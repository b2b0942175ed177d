//! `cargo xtask fuzz`: the fuzz targets of `fuzz/`, built with the compiler at hand and run by libFuzzer.
//!
//! Coverage needs no unstable flag of rustc: the pass is LLVM's, and its counters are libFuzzer's own. Only airlens's own
//! crates get them: what others do costs no time and distracts from nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{command, parallel, project::Project, rustc_wrapper, summary::Counts};

#[derive(clap::Args)]
pub(crate) struct FuzzArgs {
    /// One target alone, as its file in fuzz/fuzz_targets is called
    target: Option<String>,
    /// Files to try once each, instead of fuzzing: what a finding is reproduced with
    #[arg(requires = "target")]
    inputs: Vec<PathBuf>,
    /// Executions of each target, from a fixed seed
    #[arg(long, conflicts_with = "seconds")]
    runs: Option<u64>,
    /// Seconds for each target, from a new seed; what is found to be of interest is kept in target/fuzz/corpus
    #[arg(long)]
    seconds: Option<u64>,
}

/// A target: its name, its executions in a test run (some ten seconds), and the longest input.
struct Target(&'static str, u64, usize);

const TARGETS: [Target; 21] = [
    Target("air", 50_000, 2048),
    Target("capabilities", 300_000, 256),
    Target("clients", 20_000, 4096),
    Target("elements", 200_000, 2048),
    Target("ethernet", 1_000_000, 512),
    Target("flows", 100_000, 2048),
    Target("frame", 200_000, 1024),
    Target("inherit", 50_000, 2048),
    Target("link", 300_000, 1024),
    Target("multi_link", 300_000, 2048),
    Target("network", 50_000, 256),
    Target("pcap", 100_000, 2048),
    Target("pcapng", 100_000, 2048),
    Target("profile", 25_000, 2048),
    Target("radio", 100_000, 256),
    Target("radiotap", 500_000, 512),
    Target("responder", 20_000, 2048),
    Target("rsn", 500_000, 256),
    Target("sae", 5_000, 512),
    Target("signature", 200_000, 2048),
    Target("vendor", 200_000, 2048),
];

/// What LLVM puts into the code for libFuzzer: counters of edges, and calls where values are compared.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// What one target's run came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    executions: u64,
    edges: u64,
}

pub(crate) fn run(project: &Project, args: &FuzzArgs) -> Result<Counts> {
    let targets: Vec<_> = TARGETS
        .iter()
        .filter(|Target(name, ..)| args.target.as_deref().is_none_or(|wanted| wanted == *name))
        .collect();
    let names = TARGETS.map(|Target(name, ..)| name);
    ensure!(!targets.is_empty(), "no such target; there are {}", names.join(", "));
    let binaries = build(project, &targets)?;
    if let ([Target(name, ..)], false) = (&targets[..], args.inputs.is_empty()) {
        command::run(project.command(binaries.join(name)).args(&args.inputs))?;
        return Ok(Counts::default());
    }
    let mut counts = Counts::default();
    for passed in parallel::each(targets, |target| one(project, &binaries, target, args)) {
        counts += Counts::one(passed);
    }
    println!("fuzz: {counts}");
    Ok(counts)
}

/// Builds the targets, in a folder of their own: their crates are compiled with flags that cargo knows nothing of.
fn build(project: &Project, targets: &[&Target]) -> Result<PathBuf> {
    let folder = project.target().join("fuzz");
    let mut cargo = project.cargo("build");
    cargo
        .current_dir(project.root.join("fuzz"))
        // Not locked: what airlens depends on changes without this workspace's lock file.
        .arg("--release")
        .env("CARGO_TARGET_DIR", &folder);
    rustc_wrapper::wrap_with(&mut cargo, project, &FLAGS);
    for Target(name, ..) in targets {
        cargo.args(["--bin", name]);
    }
    command::run(&mut cargo).context("libFuzzer is C++: its build needs g++ or clang++")?;
    Ok(folder.join("release"))
}

/// Runs one target and prints a line. Whether it found nothing.
fn one(project: &Project, binaries: &Path, target: &Target, args: &FuzzArgs) -> bool {
    let start = Instant::now();
    let result = fuzz(project, binaries, target, args);
    let seconds = start.elapsed().as_secs_f64();
    let name = target.0;
    match &result {
        Ok(Outcome { executions, edges }) => {
            println!("{name}: {executions} executions in {seconds:.1} s, {edges} edges reached");
        }
        Err(error) => println!("FAILED {name} after {seconds:.1} s: {error:#}"),
    }
    result.is_ok()
}

fn fuzz(project: &Project, binaries: &Path, Target(name, runs, longest): &Target, args: &FuzzArgs) -> Result<Outcome> {
    let fuzz = project.root.join("fuzz");
    let findings = fuzz.join("artifacts").join(name);
    fs::create_dir_all(&findings)?;
    // New inputs go to the first folder: one that stays where the run is open-ended, else an empty one.
    let (kept, limit) = match (args.seconds, args.runs) {
        (Some(seconds), _) => ("corpus", [format!("-max_total_time={seconds}"), "-seed=0".to_owned()]),
        (None, own) => (
            "passing",
            [format!("-runs={}", own.unwrap_or(*runs)), "-seed=1".to_owned()],
        ),
    };
    let kept = project.target().join("fuzz").join(kept).join(name);
    if args.seconds.is_none() && kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    fs::create_dir_all(&kept)?;
    let mut run = project.command(binaries.join(name));
    run.arg(&kept).arg(fuzz.join("corpus").join(name)).args(limit);
    run.args([
        format!("-artifact_prefix={}/", findings.display()),
        format!("-max_len={longest}"),
        "-timeout=30".to_owned(),
        "-rss_limit_mb=1024".to_owned(),
    ]);
    let log = logged(&mut run)?;
    if let Some(file) = finding(&log) {
        bail!(
            "{}; reproduce it with `cargo xtask fuzz {name} {file}`",
            message(&log).unwrap_or("see what the command prints")
        );
    }
    outcome(&log).with_context(|| format!("{} ended without a result:\n{log}", command::line(&run)))
}

/// What the command prints on standard error.
fn logged(command: &mut Command) -> Result<String> {
    let output = command.output().context("can't run a target that was just built")?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The file that libFuzzer wrote, where it found something.
fn finding(log: &str) -> Option<&str> {
    let (_, behind) = log.split_once("Test unit written to ")?;
    behind.lines().next()
}

/// What a panic said, or libFuzzer itself.
fn message(log: &str) -> Option<&str> {
    let mut lines = log.lines().skip_while(|line| !line.contains(" panicked at "));
    lines
        .nth(1)
        .or_else(|| log.lines().find(|line| line.contains("ERROR: libFuzzer")))
}

/// `Done 1000 runs in 3 second(s)`, and the last `cov:`.
fn outcome(log: &str) -> Option<Outcome> {
    let number = |behind: &str| log.rsplit_once(behind)?.1.split_whitespace().next()?.parse().ok();
    Some(Outcome {
        executions: number("\nDone ")?,
        edges: number(" cov: ")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_executions_and_edges() {
        let log = "#2\tINITED cov: 9 ft: 9\n#50\tNEW    cov: 12 ft: 13\n#100\tDONE   cov: 14 ft: 15\nDone 100 runs in 0 second(s)\n";
        let expected = Outcome {
            executions: 100,
            edges: 14,
        };
        assert_eq!(outcome(log), Some(expected));
        assert_eq!((outcome("killed"), finding(log)), (None, None));
    }

    #[test]
    fn a_log_tells_a_finding() {
        let log = "thread '<unnamed>' (1) panicked at a.rs:1:1:\nindex out of bounds\nstack backtrace:\n\
                   artifact_prefix='a/'; Test unit written to a/crash-12\nBase64: AA==\n";
        assert_eq!(finding(log), Some("a/crash-12"));
        assert_eq!(message(log), Some("index out of bounds"));
        assert_eq!(
            message("==1== ERROR: libFuzzer: timeout after 10 seconds"),
            Some("==1== ERROR: libFuzzer: timeout after 10 seconds")
        );
    }

    #[test]
    fn every_target_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let mut files: Vec<_> = fs::read_dir(folder.join("fuzz_targets"))
            .unwrap()
            .filter_map(|entry| Some(entry.unwrap().path().file_stem()?.to_str()?.to_owned()))
            .collect();
        files.sort();
        assert_eq!(files, TARGETS.map(|Target(name, ..)| name));
        for name in files {
            assert!(folder.join("corpus").join(&name).is_dir(), "no corpus of {name}");
        }
    }
}
