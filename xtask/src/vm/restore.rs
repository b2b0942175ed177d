//! What the `restore` scenario says of itself: it checks in the VM, a line each.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::Value;

use super::{
    listen::{json_file, not_any, text},
    nl80211::iw,
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
    verdict.check(
        "hop: utilisation is what the radio measures",
        utilisation(&share.join("hop")),
    );
    Ok(verdict.counts())
}

fn utilisation(part: &Path) -> Result<()> {
    let held = surveyed(&json_file(&part.join("air.json"))?, &text(&part.join("survey.txt"))?)?;
    println!("information: hop: utilisation of {held} channels held against the radio's survey");
    Ok(())
}

/// Of each channel that `iw survey dump` has times of, what `/api/air` tells; of how many. mac80211_hwsim of Linux 6.12 has none of a
/// monitor: then none may be told.
pub(super) fn surveyed(air: &Value, survey: &str) -> Result<usize> {
    let channels = air["channels"].as_array().context("no list of channels")?;
    let mut held = 0;
    for block in survey.split("Survey data from").skip(1) {
        let number = |title| iw::value(block, title).and_then(|number| number.parse::<f64>().ok());
        let active = number("channel active time:").filter(|active| *active >= 20.0);
        let (Some(frequency), Some(active), Some(busy)) = (number("frequency:"), active, number("channel busy time:"))
        else {
            continue;
        };
        let channel = channels.iter().find(|channel| channel["frequency_mhz"] == frequency);
        let told = channel.and_then(|channel| channel["utilization_ratio"].as_f64());
        let told = told.with_context(|| format!("nothing told of {frequency} MHz"))?;
        let measured = busy / active;
        ensure!(
            (told - measured).abs() <= 0.05,
            "{frequency} MHz: told {told:.3}, the radio says {measured:.3}"
        );
        held += 1;
    }
    let made_up = channels
        .iter()
        .find(|channel| held == 0 && !channel["utilization_ratio"].is_null());
    ensure!(made_up.is_none(), "told without a survey: {made_up:?}");
    Ok(held)
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    Ok(())
}
