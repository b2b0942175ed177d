//! A run of steps, each a command or a function, that goes on after a failure and counts.

use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read, Write},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};

use crate::{
    command,
    summary::{self, Counts},
};

/// At least one test failed; the closing line has said so.
#[derive(Debug)]
pub(crate) struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tests failed")
    }
}

impl std::error::Error for Failed {}

/// What has run so far.
#[derive(Default)]
pub(crate) struct Steps {
    reports: Vec<Report>,
}

struct Report {
    name: String,
    time: Duration,
    counts: Counts,
    failures: Vec<String>,
    error: Option<String>,
}

/// What a step came to.
#[derive(Debug, Default)]
struct Outcome {
    counts: Counts,
    /// The lines that name what failed.
    failures: Vec<String>,
    /// Of the step, not of a test.
    error: Option<anyhow::Error>,
}

impl Steps {
    /// A step that is one test: it passes or it fails. Says which.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        self.step(name, || {
            let error = work().err();
            Outcome {
                counts: Counts::one(error.is_none()),
                failures: Vec::new(),
                error,
            }
        })
    }

    /// A step that is one test, a command.
    pub(crate) fn check_command(&mut self, name: &str, command: &mut Command) -> bool {
        self.check(name, || command::run(command))
    }

    /// A command that runs tests and prints how many passed; see [`Counts::add_line`].
    pub(crate) fn count(&mut self, name: &str, command: &mut Command) -> bool {
        self.step(name, || judged(count(command, io::stdout(), io::stderr())))
    }

    /// Such a command beside other steps. What it prints comes when all are done.
    pub(crate) fn count_beside(&mut self, name: &str, command: &mut Command, others: impl FnOnce(&mut Self)) {
        let begun = Instant::now();
        let (counted, time, said) = thread::scope(|scope| {
            let running = scope.spawn(|| {
                let said = Kept::default();
                let counted = count(command, said.clone(), said.clone());
                (counted, begun.elapsed(), said)
            });
            others(self);
            running
                .join()
                .unwrap_or_else(|_| (Err(anyhow!("its thread panicked")), begun.elapsed(), Kept::default()))
        });
        println!("\n== {name}, beside that");
        said.print();
        self.report(name, time, judged(counted));
    }

    fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        self.report(name, start.elapsed(), outcome)
    }

    fn report(&mut self, name: &str, time: Duration, outcome: Outcome) -> bool {
        let Outcome {
            counts,
            failures,
            error,
        } = outcome;
        let error = error.map(|error| format!("{error:#}"));
        if let Some(error) = &error {
            println!("error: {error}");
        }
        let passed = counts.failed == 0;
        self.reports.push(Report {
            name: name.to_owned(),
            time,
            counts,
            failures,
            error,
        });
        passed
    }

    /// Prints a line a step, and what failed in it, then the closing line. [`Failed`] if anything failed.
    pub(crate) fn close(self) -> Result<()> {
        let mut total = Counts::default();
        println!();
        for report in &self.reports {
            let seconds = report.time.as_secs_f64();
            println!("{:>7.1} s  {}: {}", seconds, report.name, report.counts);
            for line in report.failures.iter().chain(&report.error) {
                println!("           {line}");
            }
            total += report.counts;
        }
        println!("{total}");
        if total.failed > 0 {
            return Err(Failed.into());
        }
        Ok(())
    }
}

fn judged(counted: Result<Outcome>) -> Outcome {
    let mut outcome = counted.unwrap_or_else(|error| Outcome {
        error: Some(error),
        ..Outcome::default()
    });
    if outcome.error.is_some() {
        // It failed beside its tests: in compiling them, say.
        outcome.counts.failed = outcome.counts.failed.max(1);
    }
    outcome
}

/// What a command printed, both streams, for later.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn print(&self) {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        print!("{}", String::from_utf8_lossy(&said));
    }
}

impl Write for Kept {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a command, copies what it prints, and counts the summaries in it.
fn count(command: &mut Command, out: impl Write, err: impl Write + Send + 'static) -> Result<Outcome> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    let stderr = child.stderr.take().context("stderr is a pipe")?;
    let stdout = child.stdout.take().context("stdout is a pipe")?;
    let errors = thread::spawn(move || show(stderr, err));
    let mut seen = show(stdout, out)?;
    seen.add(errors.join().map_err(|_| anyhow!("reader panicked"))??);
    let status = child.wait()?;
    let error = if !status.success() {
        Some(anyhow!("{} failed ({status})", command::line(command)))
    } else if seen.summaries == 0 {
        Some(anyhow!("{} printed no summary", command::line(command)))
    } else {
        None
    };
    Ok(Outcome {
        counts: seen.counts,
        failures: seen.failures,
        error,
    })
}

#[derive(Default)]
struct Seen {
    counts: Counts,
    summaries: usize,
    failures: Vec<String>,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.counts += other.counts;
        self.summaries += other.summaries;
        self.failures.extend(other.failures);
    }
}

/// Copies lines from one stream to another, counts the summaries in them, and keeps those that tell of a failure.
fn show(from: impl Read, mut to: impl Write) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        let text = String::from_utf8_lossy(&line);
        if seen.counts.add_line(&text) {
            seen.summaries += 1;
        }
        // nextest tells of each twice: when it fails, and at the end.
        seen.failures
            .extend(summary::failure(&text).filter(|line| !seen.failures.contains(line)));
        line.clear();
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn counted(script: &str) -> Outcome {
        count(&mut shell(script), io::sink(), io::sink()).unwrap()
    }

    #[test]
    fn summaries_on_both_streams_are_counted() {
        let outcome = counted(
            "echo 'test result: ok. 2 passed; 0 failed; 1 ignored'; \
             echo 'Summary [ 1s] 3 tests run: 3 passed, 0 skipped' >&2",
        );
        assert_eq!(outcome.counts.to_string(), "5 passed, 0 failed, 1 skipped");
        assert!(outcome.error.is_none());
    }

    #[test]
    fn a_runner_that_fails_or_says_nothing_is_an_error() {
        for script in ["exit 3", "true"] {
            let outcome = counted(script);
            assert_eq!(outcome.counts, Counts::default());
            assert!(outcome.error.is_some(), "{script}");
        }
        let outcome = counted("echo 'test result: FAILED. 1 passed; 2 failed'; exit 101");
        assert_eq!(outcome.counts.to_string(), "1 passed, 2 failed");
        assert!(outcome.error.is_some());
    }

    #[test]
    fn what_failed_is_named_once() {
        let outcome = counted(
            "for again in 1 2; do echo '        FAIL [   0.1s] (1/2) tests one'; done >&2; \
             echo 'FAILED two: why'; echo 'vm 6.12: 0 passed, 2 failed'",
        );
        assert_eq!(outcome.failures, ["FAILED two: why", "FAIL [   0.1s] (1/2) tests one"]);
    }

    #[test]
    fn a_command_beside_others_is_counted_with_them() {
        let mut steps = Steps::default();
        let pass = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
        steps.count_beside("bad", &mut shell("echo more; exit 1"), |steps| {
            steps.count("good", &mut shell(pass));
        });
        let [good, bad] = &steps.reports[..] else { panic!() };
        assert_eq!((good.counts.passed, good.name.as_str()), (2, "good"));
        assert_eq!((bad.counts.failed, bad.name.as_str()), (1, "bad"));
    }

    #[test]
    fn a_check_is_one_test() {
        let mut steps = Steps::default();
        assert!(steps.check_command("good", &mut shell("true")));
        assert!(!steps.check_command("bad", &mut shell("false")));
        assert_eq!(steps.reports[1].counts, Counts::one(false));
    }
}
