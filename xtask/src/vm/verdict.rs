//! Named checks, a line each, and their counts.
use std::fmt::Debug;

use anyhow::Result;

use crate::summary::Counts;

/// The checks of one VM; each prints its line when it is made.
#[derive(Default)]
pub(super) struct Verdict {
    counts: Counts,
}

impl Verdict {
    /// A check that holds, or says why not.
    pub(super) fn check(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => {
                self.counts.passed += 1;
                println!("ok {name}");
            }
            Err(why) => {
                self.counts.failed += 1;
                println!("FAILED {name}: {why:#}");
            }
        }
    }

    /// A check that two values are equal; a value that could not be had is a failure too.
    pub(super) fn equal<T: PartialEq + Debug>(&mut self, name: &str, found: Result<T>, expected: &T) {
        self.check(
            name,
            found.and_then(|found| {
                anyhow::ensure!(found == *expected, "found {found:?}, expected {expected:?}");
                Ok(())
            }),
        );
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_counted() {
        let mut verdict = Verdict::default();
        verdict.equal("same", Ok(1), &1);
        verdict.equal("other", Ok(1), &2);
        verdict.check("error", Err(anyhow::anyhow!("why")));
        assert_eq!(
            verdict.counts(),
            Counts {
                passed: 1,
                failed: 2,
                skipped: 0
            }
        );
    }
}
