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
    /// An indented `test result:` is no summary: nextest shows what a failed test printed so, libtest's own result among it,
    /// and counts that test itself.
    ///
    /// Says whether it is one.
    pub(crate) fn add_line(&mut self, line: &str) -> bool {
        let line = without_colour(line);
        let indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        let Some(list) = (if line.starts_with("Summary [") {
            line.split_once("run: ").map(|(_, list)| list)
        } else if line.starts_with("vm ") || line.starts_with("fuzz: ") {
            line.split_once(": ").map(|(_, list)| list)
        } else {
            line.strip_prefix("test result: ")
                .filter(|_| !indented)
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

/// What failed, if a line tells it:
///
/// - nextest: `        FAIL [   0.012s] (3/9) airlens-tests::cli name`
/// - libtest: `test name ... FAILED`
/// - the VM test and the fuzz targets: `FAILED name: why`
///
/// What a failed test printed itself is indented, and is not looked at.
pub(crate) fn failure(line: &str) -> Option<String> {
    let line = without_colour(line);
    let told = line.trim();
    let by_nextest = ["FAIL", "TIMEOUT", "ABORT", "LEAK-FAIL"]
        .iter()
        .any(|state| told.strip_prefix(state).is_some_and(|rest| rest.starts_with(" [")));
    let signal = told.starts_with("SIG") && told.contains(" [");
    let by_libtest = line.starts_with("test ") && told.ends_with(" ... FAILED");
    (by_nextest || signal || by_libtest || line.starts_with("FAILED ")).then(|| told.to_owned())
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
    fn what_a_failed_test_printed_is_not_counted_again() {
        assert_eq!(
            read(&[
                "        FAIL [   0.004s] airlens-tests::mon health",
                "  stdout ───",
                "",
                "    running 1 test",
                "    test health ... FAILED",
                "",
                "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                "\x1b[31;1m    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\x1b[0m",
                "     Summary [   0.012s] 1 test run: 0 passed, 1 failed, 0 skipped",
            ]),
            (counts(0, 1, 0), 1)
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

    #[test]
    fn lines_that_tell_of_a_failure_are_known() {
        for (line, told) in [
            (
                "\x1b[31;1m        FAIL\x1b[0m [   0.012s] (3/9) tests::cli a_name",
                Some("FAIL [   0.012s] (3/9) tests::cli a_name"),
            ),
            (
                "     SIGABRT [   0.1s] (3/9) tests::cli a_name",
                Some("SIGABRT [   0.1s] (3/9) tests::cli a_name"),
            ),
            ("test a::name ... FAILED", Some("test a::name ... FAILED")),
            (
                "FAILED stations: it ran through: late",
                Some("FAILED stations: it ran through: late"),
            ),
            ("    test a::name ... FAILED", None),
            ("    FAILED a check that a test judged", None),
            ("test a::name ... ok", None),
            ("failures:", None),
        ] {
            assert_eq!(failure(line).as_deref(), told, "{line}");
        }
    }
}
