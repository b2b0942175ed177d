//! Counts of passed, failed and skipped tests, and how to read them in what test runners print.

use std::{fmt, ops::AddAssign};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// The counts of a step that is one test by itself.
    pub(crate) fn one(passed: bool) -> Self {
        Self {
            passed: passed.into(),
            failed: (!passed).into(),
            skipped: 0,
        }
    }

    /// Adds what a line says, if it is a runner's summary:
    ///
    /// - nextest: `Summary [   1.234s] 12 tests run: 10 passed (1 slow), 2 failed, 3 skipped`
    /// - libtest: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out`
    /// - the VM test and the fuzz targets: `vm 6.12: 10 passed, 0 failed`, `fuzz: 15 passed, 0 failed`
    ///
    /// Says whether it is one.
    pub(crate) fn add_line(&mut self, line: &str) -> bool {
        let line = without_colour(line);
        let line = line.trim();
        let Some(list) = (if line.starts_with("Summary [") {
            line.split_once("run: ").map(|(_, list)| list)
        } else if line.starts_with("vm ") || line.starts_with("fuzz: ") {
            line.split_once(": ").map(|(_, list)| list)
        } else {
            line.strip_prefix("test result: ")
                .and_then(|result| result.split_once(". "))
                .map(|(_, list)| list)
        }) else {
            return false;
        };
        let mut counts = Self::default();
        for (number, what) in list.split([',', ';']).filter_map(item) {
            match what {
                "passed" => counts.passed += number,
                "failed" | "exec failed" | "timed out" => counts.failed += number,
                "skipped" | "ignored" => counts.skipped += number,
                _ => {}
            }
        }
        *self += counts;
        true
    }
}

/// `10 passed (1 slow` is ten that passed.
fn item(item: &str) -> Option<(u64, &str)> {
    let (number, what) = item.trim().split_once(' ')?;
    let what = what.split('(').next()?.trim();
    Some((number.parse().ok()?, what))
}

/// The line without the escape sequences that colour it (`ESC [ … m`).
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut parts = line.split("\x1b[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    plain
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    fn read(lines: &[&str]) -> (Counts, usize) {
        let mut counts = Counts::default();
        let summaries = lines.iter().filter(|line| counts.add_line(line)).count();
        (counts, summaries)
    }

    #[test]
    fn summaries_of_nextest_are_read() {
        assert_eq!(
            read(&[
                "     Summary [   0.012s] 13 tests run: 13 passed, 0 skipped",
                "     Summary [  60.0s] 5/9 tests run: 1 passed (1 slow, 1 leaky), \
                 1 failed, 1 exec failed, 2 timed out, 3 skipped",
                "\x1b[31;1m     Summary\x1b[0m [   0.1s] \x1b[1m1\x1b[0m test run: \
                 \x1b[1m0\x1b[0m \x1b[32;1mpassed\x1b[0m, \x1b[1m1\x1b[0m \x1b[31;1mfailed\x1b[0m",
            ]),
            (counts(14, 5, 3), 3)
        );
    }

    #[test]
    fn summaries_of_libtest_add_up() {
        assert_eq!(
            read(&[
                "running 4 tests",
                "test a ... ok",
                "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; \
                 7 filtered out; finished in 0.00s",
                "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
            ]),
            (counts(3, 1, 2), 2)
        );
    }

    #[test]
    fn verdicts_of_the_vm_are_read() {
        assert_eq!(
            read(&["vm 6.12: 10 passed, 1 failed", "vm: booting"]),
            (counts(10, 1, 0), 1)
        );
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_if_there_are_any() {
        assert_eq!(counts(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(counts(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
