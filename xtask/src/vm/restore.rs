//! What the `restore` scenario says of itself: it checks in the VM, a line each.

use std::path::Path;

use anyhow::{Result, anyhow, ensure};

use super::{
    listen::{not_any, text},
    verdict::Verdict,
};
use crate::summary::Counts;

/// Prints the checks and returns their counts.
pub(super) fn judge(share: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    let mut verdict = Verdict::default();
    let late: Vec<_> = log.lines().filter(|line| line.starts_with("TIMEOUT")).collect();
    verdict.check("restore: the scenario ran through", {
        not_any(&late).and_then(|()| {
            ensure!(
                log.lines().any(|line| line.ends_with("] done")),
                "it did not come to its end"
            );
            Ok(())
        })
    });
    for line in log.lines() {
        if line.starts_with("information: ") {
            println!("{line}");
        } else if let Some(name) = line.strip_prefix("check ok ") {
            verdict.check(name, Ok(()));
        } else if let Some(name) = line.strip_prefix("check FAILED ") {
            let (name, why) = name.split_once(": ").unwrap_or((name, "no reason"));
            verdict.check(name, Err(anyhow!("{why}")));
        }
    }
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    Ok(())
}
