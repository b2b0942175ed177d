//! What the `air` scenario must have left on the share: in each part a station came as far as its request, and all is as
//! before.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{
    listen::{json_file, not_any, text},
    pcap::{self, Frame},
    verdict::Verdict,
};
use crate::summary::Counts;

/// Folder, mode, and whether PSK is offered.
const PARTS: [(&str, &str, bool); 5] = [
    ("ap-5", "ap", true),
    ("fakeap-5", "fakeap", true),
    ("hostapd-5", "hostapd", true),
    ("ap-2", "ap", true),
    ("ap-6", "ap", false),
];

/// Prints the checks and returns their counts.
pub(super) fn judge(share: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    for line in log.lines().filter(|line| line.starts_with("information: ")) {
        println!("{line}");
    }
    let mut verdict = Verdict::default();
    verdict.check("air: the scenario ran through", {
        not_any(
            &log.lines()
                .filter(|line| line.starts_with("TIMEOUT"))
                .collect::<Vec<_>>(),
        )
    });
    for (part, mode, psk) in PARTS {
        one(&mut verdict, &share.join(part), part, mode, psk);
    }
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    for (part, ..) in PARTS {
        let said = text(&share.join(part).join("airlens.err")).unwrap_or_default();
        println!("airlens, part {part}:\n{said}");
    }
    Ok(())
}

/// The access point, and the station.
const BSSID: [u8; 6] = [2, 0, 0, 0, 0, 0];
const STATION: [u8; 6] = [2, 0, 0, 0, 1, 0];
/// Type and subtype of a probe request, a probe response and a beacon.
const PROBE_REQUEST: (u8, u8) = (0, 4);
const PROBE_RESPONSE: (u8, u8) = (0, 5);
const BEACON: (u8, u8) = (0, 8);

/// What the capture of a radio beside them tells of times, in µs of the machine's clock: from each probe request of the station to
/// the answer, and how far beacons are from their rhythm.
fn times(part: &str, frames: &[Frame]) {
    let mut answers = Vec::new();
    let mut asked = None;
    for frame in frames {
        let from = frame.transmitter();
        match frame.kind() {
            Some(PROBE_REQUEST) if from == Some(STATION) => asked = Some(frame.time),
            Some(PROBE_RESPONSE) if from == Some(BSSID) => answers.extend(asked.take().map(|asked| frame.time - asked)),
            _ => {}
        }
    }
    let beacons = frames
        .iter()
        .filter(|frame| frame.kind() == Some(BEACON) && frame.transmitter() == Some(BSSID));
    let beacons: Vec<_> = beacons.map(|frame| frame.time).collect();
    let jitter = beacons.windows(2).map(|two| {
        // 100 TU, or a multiple of it where one was not heard.
        let gap = two[1].saturating_sub(two[0]);
        let whole = ((gap + 51_200) / 102_400).max(1) * 102_400;
        gap.abs_diff(whole)
    });
    information(part, "probe request to response", answers);
    information(part, "beacon interval off by", jitter.collect());
}

fn information(part: &str, what: &str, mut times: Vec<u64>) {
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get((times.len() * percent).div_ceil(100).saturating_sub(1))
            .copied()
            .unwrap_or_default()
    };
    println!(
        "information: {part}: {what}: {} times, median {} µs, 99 % {} µs, longest {} µs",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
}

fn one(verdict: &mut Verdict, folder: &Path, part: &str, mode: &str, psk: bool) {
    let methods: &[(&str, u64)] = if psk { &[("psk", 2), ("sae", 8)] } else { &[("sae", 8)] };
    for (method, akm) in methods {
        let profile = json_file(&folder.join(format!("client-{method}.json")));
        let profile = profile.unwrap_or_else(|missing| json!({ "missing": format!("{missing:#}") }));
        let found = json!([
            profile["features"]["akm"],
            profile["capture_source"],
            profile["capture_ssid"]
        ]);
        verdict.equal(
            &format!("{part}: a station with {method} was profiled by its request to our BSSID"),
            Ok(found),
            &json!([akm, "internal", "airlens-vm"]),
        );
    }
    verdict.check(&format!("{part}: a wrong passphrase is a failure with its cause"), {
        json_file(&folder.join("failures.json")).and_then(|document| {
            let failures = document["failures"].as_array().context("no list")?.clone();
            let told = failures
                .iter()
                .any(|failed| failed["cause"] == "wrong-password" && failed["observed"] == false);
            ensure!(told, "{document}");
            Ok(())
        })
    });
    match pcap::read(&folder.join("air.pcap")) {
        Ok(frames) => times(part, &frames),
        Err(error) => println!("left out: {part}: times: {error:#}"),
    }
    // The one that acknowledges, where what beacons is a monitor.
    let interface = if mode == "fakeap" { "wlan0active" } else { "wlan0" };
    let info = json_file(&folder.join("wlanpi-profiler.info.json"));
    verdict.equal(
        &format!("{part}: the info file tells mode, network and passphrase"),
        info.map(|info| json!([info["mode"], info["ssid"], info["passphrase"], info["interfaces"]["ap"]])),
        &json!([mode, "airlens-vm", "correct horse", interface]),
    );
    let lines = |name: &str| fs::read_to_string(folder.join(name)).with_context(|| name.to_owned());
    verdict.check(&format!("{part}: iw and ip show the same before and after"), {
        lines("before.txt").and_then(|before| {
            let after = lines("after.txt")?;
            ensure!(before == after, "before:\n{before}\nafter:\n{after}");
            Ok(())
        })
    });
    let exit = lines("exit").map(|text| text.trim().to_owned());
    verdict.equal(&format!("{part}: exit status"), exit, &"0".to_owned());
}
