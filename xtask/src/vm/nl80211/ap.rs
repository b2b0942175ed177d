//! The access points of the scenario, and what the kernel refuses.
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    super::{
        listen::{not_any, text},
        verdict::Verdict,
    },
    iw, lines,
};

/// All of a step's lines as text.
fn of(file: &Path, step: &str) -> Result<Vec<String>> {
    let all = lines(file)?;
    let of_step = all.into_iter().filter(|(name, _)| name == step);
    Ok(of_step
        .map(|(_, what)| what.as_str().map_or_else(|| what.to_string(), str::to_owned))
        .collect())
}

/// One line of the step has every word.
fn says(file: &Path, step: &str, words: &[&str]) -> Result<()> {
    let found = of(file, step)?;
    let one = found.iter().any(|text| words.iter().all(|word| text.contains(word)));
    ensure!(one, "{words:?} not in {found:?}");
    Ok(())
}

fn absent(file: &Path) -> Result<()> {
    let said = text(file)?;
    ensure!(said.contains("No such device"), "{said}");
    Ok(())
}

/// Each refusal names its cause and the way out, and leaves nothing.
pub(super) fn refusals(verdict: &mut Verdict, share: &Path) {
    for (name, file, step, words) in [
        (
            "hostapd holds it",
            "busy",
            "error",
            &["make wlan0 of kind monitor", "busy; hostapd (pid "][..],
        ),
        (
            "radar, beforehand",
            "radar",
            "refusal",
            &["channel 100 (5500 MHz)", "check for radar"],
        ),
        (
            "radar, by the kernel",
            "radar",
            "error",
            &["start an access point on air9", "interfaces --wiphy"],
        ),
        (
            "radio switched off",
            "rfkill",
            "error",
            &["bring air9 up", "rfkill unblock wifi"],
        ),
        ("an AP on an AP", "ap-5", "started twice", &["on air0", "done already"]),
        (
            "frames that are taken",
            "ap-5",
            "registered twice",
            &["0x40 on air0", "done already"],
        ),
        (
            "another channel",
            "ap-5",
            "sent elsewhere",
            &["send a frame on air0", "busy"],
        ),
        (
            "an AP that is none",
            "ap-5",
            "stopped twice",
            &["stop the access point on air0", "there is none"],
        ),
    ] {
        let file = share.join(format!("{file}.jsonl"));
        verdict.check(&format!("refusal: {name}"), says(&file, step, words));
    }
    for name in ["radar", "rfkill"] {
        let file = share.join(format!("{name}.left.txt"));
        verdict.check(&format!("refusal: {name}: nothing is left"), absent(&file));
    }
}

pub(super) fn judge(verdict: &mut Verdict, share: &Path) {
    for (part, channel) in [
        ("ap-5", "channel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz"),
        ("ap-2", ""),
        ("ap-6", "channel 5 (5975 MHz), width: 80 MHz, center1: 5985 MHz"),
    ] {
        let file = share.join(format!("{part}.jsonl"));
        verdict.equal(&format!("{part}: exit status"), status(share, part), &0);
        if !channel.is_empty() {
            let info = text(&share.join(format!("{part}.info.txt")));
            verdict.check(
                &format!("{part}: iw dev shows it"),
                info.and_then(|info| running(&info, channel)),
            );
        }
        verdict.check(&format!("{part}: another radio hears it"), {
            text(&share.join(format!("{part}.scan-first.txt"))).and_then(|scan| heard(&scan))
        });
        verdict.check(
            &format!("{part}: probe requests are answered and acknowledged"),
            answered(&file),
        );
        verdict.check(
            &format!("{part}: the beacon is changed"),
            says(&file, "beacon changed", &[]),
        );
    }
    let five = share.join("ap-5.jsonl");
    verdict.check("ap-5: another radio hears the changed beacon", {
        text(&share.join("ap-5.scan-changed.txt")).and_then(|scan| {
            ensure!(scan.contains("* station count: 7"), "no BSS Load element in {scan}");
            Ok(())
        })
    });
    for country in ["NL", "DE"] {
        let words = ["RegulatoryChanged", country, "User"];
        verdict.check(&format!("events: rules of {country}"), says(&five, "event", &words));
    }
    verdict.check("events: an interface that goes", {
        says(&five, "event", &["InterfaceRemoved", "\"air0\""])
    });
    verdict.check("ap-6: it ends with its process", {
        text(&share.join("ap-6.after.txt")).and_then(|info| {
            ensure!(
                info.contains("type AP") && !info.contains("channel ") && !info.contains("ssid "),
                "{info}"
            );
            let scan = text(&share.join("ap-6.scan-after.txt"))?;
            ensure!(heard(&scan).is_err(), "still heard: {scan}");
            Ok(())
        })
    });
    for part in ["removed", "down"] {
        let file = share.join(format!("{part}.jsonl"));
        verdict.check(
            &format!("{part}: its own socket tells"),
            says(&file, "over", &["Stopped"]),
        );
        verdict.check(
            &format!("{part}: the events tell"),
            says(&file, "event", &["ApStopped"]),
        );
    }
    verdict.check("removed: then there is none to remove", {
        says(
            &share.join("removed.jsonl"),
            "error",
            &["remove air0", "interface is gone"],
        )
        .or_else(|_| {
            says(
                &share.join("removed.jsonl"),
                "error",
                &["remove interface ", "interface is gone"],
            )
        })
    });
    verdict.check("nothing of it is left", {
        text(&share.join("iw-dev-end.txt")).and_then(|dev| {
            let left: Vec<_> = iw::interfaces(&dev)
                .into_keys()
                .filter(|name| name.starts_with("air"))
                .collect();
            not_any(&left.iter().map(String::as_str).collect::<Vec<_>>())
        })
    });
}

fn status(share: &Path, part: &str) -> Result<i32> {
    Ok(text(&share.join(format!("{part}.exit")))?.trim().parse()?)
}

fn running(info: &str, channel: &str) -> Result<()> {
    for words in ["type AP", "ssid airlens example", "addr 02:00:00:00:09:00", channel] {
        ensure!(info.contains(words), "{words} not in {info}");
    }
    Ok(())
}

fn heard(scan: &str) -> Result<()> {
    ensure!(
        scan.contains("BSS 02:00:00:00:09:00") && scan.contains("SSID: airlens example"),
        "not in {scan}"
    );
    Ok(())
}

/// Every answer to a probe request has a status, and each is acknowledged.
fn answered(file: &Path) -> Result<()> {
    let all = lines(file)?;
    let cookies = |step: &str| -> Vec<&Value> {
        let of_step = all.iter().filter(|(name, _)| name == step);
        of_step.map(|(_, what)| &what["cookie"]).collect()
    };
    let (asked, told) = (cookies("probe request"), cookies("status"));
    ensure!(!asked.is_empty(), "no probe request");
    ensure!(
        asked.iter().all(|cookie| told.contains(cookie)),
        "{asked:?} and {told:?}"
    );
    let lost: Vec<_> = all
        .iter()
        .filter(|(step, what)| step == "status" && what["acknowledged"] == false)
        .collect();
    let first = all.iter().find(|(step, _)| step == "probe request");
    let signal = first.context("no probe request")?.1["signal"].as_i64();
    ensure!(lost.is_empty(), "not acknowledged: {lost:?}");
    ensure!(
        signal.is_some_and(|signal| (-100..0).contains(&signal)),
        "signal {signal:?}"
    );
    Ok(())
}
