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

use crate::{command, summary::Counts};

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
    error: Option<String>,
}

impl Steps {
    /// A step that is one test: it passes or it fails. Says which.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        self.step(name, || {
            let error = work().err();
            (Counts::one(error.is_none()), error)
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

    /// Two such commands beside each other. What the second one prints comes when both are done.
    pub(crate) fn count_both(&mut self, commands: [(&str, &mut Command); 2]) {
        let [(name, command), (second, beside)] = commands;
        let begun = Instant::now();
        let (counted, time, said) = thread::scope(|scope| {
            let running = scope.spawn(|| {
                let said = Kept::default();
                let counted = count(beside, said.clone(), said.clone());
                (counted, begun.elapsed(), said)
            });
            self.count(name, command);
            running
                .join()
                .unwrap_or_else(|_| (Err(anyhow!("its thread panicked")), begun.elapsed(), Kept::default()))
        });
        println!("\n== {second}, beside that");
        said.print();
        self.report(second, time, judged(counted));
    }

    fn step(&mut self, name: &str, work: impl FnOnce() -> (Counts, Option<anyhow::Error>)) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        self.report(name, start.elapsed(), outcome)
    }

    fn report(&mut self, name: &str, time: Duration, (counts, error): (Counts, Option<anyhow::Error>)) -> bool {
        let error = error.map(|error| format!("{error:#}"));
        if let Some(error) = &error {
            println!("error: {error}");
        }
        let passed = counts.failed == 0;
        self.reports.push(Report {
            name: name.to_owned(),
            time,
            counts,
            error,
        });
        passed
    }

    /// Prints a line a step, then the closing line. [`Failed`] if anything failed.
    pub(crate) fn close(self) -> Result<()> {
        let mut total = Counts::default();
        println!();
        for report in &self.reports {
            let seconds = report.time.as_secs_f64();
            println!("{:>7.1} s  {}: {}", seconds, report.name, report.counts);
            if let Some(error) = &report.error {
                println!("           {error}");
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

fn judged(counted: Result<(Counts, Option<anyhow::Error>)>) -> (Counts, Option<anyhow::Error>) {
    match counted {
        Ok((counts, None)) => (counts, None),
        Ok((mut counts, Some(error))) => {
            // It failed beside its tests: in compiling them, say.
            counts.failed = counts.failed.max(1);
            (counts, Some(error))
        }
        Err(error) => (Counts::one(false), Some(error)),
    }
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

/// Runs a command, copies what it prints, and counts the summaries in it. The error beside the
/// counts is one of the command, not of a test.
fn count(
    command: &mut Command,
    out: impl Write,
    err: impl Write + Send + 'static,
) -> Result<(Counts, Option<anyhow::Error>)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    let stderr = child.stderr.take().context("stderr is a pipe")?;
    let stdout = child.stdout.take().context("stdout is a pipe")?;
    let errors = thread::spawn(move || show(stderr, err));
    let mut seen = show(stdout, out)?;
    let more = errors.join().map_err(|_| anyhow!("reader panicked"))??;
    seen.counts += more.counts;
    seen.summaries += more.summaries;
    let status = child.wait()?;
    let error = if !status.success() {
        Some(anyhow!("{} failed ({status})", command::line(command)))
    } else if seen.summaries == 0 {
        Some(anyhow!("{} printed no summary", command::line(command)))
    } else {
        None
    };
    Ok((seen.counts, error))
}

#[derive(Default)]
struct Seen {
    counts: Counts,
    summaries: usize,
}

/// Copies lines from one stream to another and counts the summaries in them.
fn show(from: impl Read, mut to: impl Write) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if seen.counts.add_line(&String::from_utf8_lossy(&line)) {
            seen.summaries += 1;
        }
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

    fn counted(script: &str) -> (Counts, bool) {
        let (counts, error) = count(&mut shell(script), io::sink(), io::sink()).unwrap();
        (counts, error.is_some())
    }

    #[test]
    fn summaries_on_both_streams_are_counted() {
        let (counts, error) = counted(
            "echo 'test result: ok. 2 passed; 0 failed; 1 ignored'; \
             echo 'Summary [ 1s] 3 tests run: 3 passed, 0 skipped' >&2",
        );
        assert_eq!(counts.to_string(), "5 passed, 0 failed, 1 skipped");
        assert!(!error);
    }

    #[test]
    fn a_runner_that_fails_or_says_nothing_is_an_error() {
        assert_eq!(counted("exit 3"), (Counts::default(), true));
        assert_eq!(counted("true"), (Counts::default(), true));
        let (counts, error) = counted("echo 'test result: FAILED. 1 passed; 2 failed'; exit 101");
        assert_eq!(counts.to_string(), "1 passed, 2 failed");
        assert!(error);
    }

    #[test]
    fn commands_beside_each_other_are_both_counted() {
        let mut steps = Steps::default();
        let pass = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
        steps.count_both([("good", &mut shell(pass)), ("bad", &mut shell("echo more; exit 1"))]);
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
