//! What the `ap` scenario must have left on the share: for each line of `tests/vm/ap.txt` the profile, how the station
//! ended, the access point's frames as a witness heard them, and everything given back.
mod look;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Map, Value, json};
use xshell::{Shell, cmd};

use super::{
    listen::{json_file, not_any, text},
    pcap::{self, Frame},
    request,
    stations::differences,
    timing::Marks,
    verdict::Verdict,
};
use crate::summary::Counts;
use table::{End, Join};

/// The address that `ap.sh` gives to the interface: the BSSID.
pub(super) const BSSID: [u8; 6] = [0x02, 0x0a, 0x1b, 0x2c, 0x3d, 0x4e];
const SSID: &str = "airlens VM";
const PASSPHRASE: &str = "correct horse";
pub(super) const BEACON: (u8, u8) = (0, 8);
const AUTHENTICATION: (u8, u8) = (0, 11);
pub(super) const PROBE_REQUEST: (u8, u8) = (0, 4);
pub(super) const PROBE_RESPONSE: (u8, u8) = (0, 5);

/// Prints the checks and returns their counts.
pub(super) fn judge(scripts: &Path, share: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    for line in log.lines().filter(|line| line.starts_with("information: ")) {
        println!("{line}");
    }
    let mut verdict = Verdict::default();
    verdict.check(
        "ap: the scenario ran through",
        not_any(
            &log.lines()
                .filter(|line| line.starts_with("TIMEOUT"))
                .collect::<Vec<_>>(),
        ),
    );
    let sh = Shell::new()?;
    let tshark = cmd!(sh, "tshark --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok();
    if !tshark {
        println!("left out: tshark's reading of the access point's frames, for tshark is not installed");
    }
    let old = log.lines().any(|line| line.contains("kernel 6.1."));
    for join in &joins(scripts)? {
        if old && join.multi_link() {
            println!("left out: {}, for this kernel has no multi-link", join.name);
            continue;
        }
        let folder = share.join("joins").join(&join.name);
        one(&mut verdict, join, &folder);
        // A refused confirm has no more than its status (hostapd's neither), which tshark calls malformed.
        if tshark && join.mode != "hostapd" && join.end != End::Wrong {
            verdict.check(
                &format!("{}: tshark has no complaint of our frames", join.name),
                complaints(&sh, &folder.join("air.pcap")),
            );
        }
    }
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(scripts: &Path, share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    for join in joins(scripts)? {
        let said = text(&share.join("joins").join(&join.name).join("airlens.err")).unwrap_or_default();
        println!("airlens, {}:\n{said}", join.name);
    }
    Ok(())
}

fn joins(scripts: &Path) -> Result<Vec<Join>> {
    table::parse(&text(&scripts.join("ap.txt"))?).map_err(|line| anyhow!("not understood: {line}"))
}

fn one(verdict: &mut Verdict, join: &Join, folder: &Path) {
    let name = &join.name;
    verdict.equal(
        &format!("{name}: exit status"),
        text(&folder.join("exit")).map(|status| status.trim().to_owned()),
        &"0".to_owned(),
    );
    verdict.check(&format!("{name}: the interfaces are as before"), {
        let before = text(&folder.join("state.before"));
        let after = text(&folder.join("state.after"));
        before.and_then(|before| same(&before, &after?))
    });
    verdict.check(&format!("{name}: the station {}", join.end.said()), {
        text(&folder.join("wpa.log")).and_then(|log| join.end.found(&log))
    });
    verdict.equal(
        &format!("{name}: the info file tells mode, network and passphrase"),
        json_file(&folder.join("wlanpi-profiler.info.json"))
            .map(|info| json!([info["mode"], info["ssid"], info["passphrase"], info["interfaces"]["ap"]])),
        &json!([join.mode, SSID, PASSPHRASE, join.interface()]),
    );
    let frames = match pcap::read(&folder.join("air.pcap")) {
        Ok(frames) => frames,
        Err(why) => return verdict.check(&format!("{name}: frames on the air"), Err(why)),
    };
    if join.end == End::Wrong {
        verdict.check(&format!("{name}: a failure with its cause"), wrong(join, folder));
    } else {
        profiled(verdict, join, folder, &frames);
    }
    verdict.check(
        &format!("{name}: beacons count on and keep their interval"),
        beacons(&frames, join.mode == "fakeap"),
    );
    look::judge(verdict, join, folder);
    latencies(name, &frames, folder, &file(join, folder));
}

fn profiled(verdict: &mut Verdict, join: &Join, folder: &Path, frames: &[Frame]) {
    let name = &join.name;
    let profile = json_file(&file(join, folder));
    let against = |says: Result<Map<String, Value>>| {
        let profile = profile.as_ref().map_err(|why| anyhow!("{why:#}"))?;
        not(&differences(profile, &says?))
    };
    verdict.check(
        &format!("{name}: profile is what the table says"),
        against(Ok(join.says(SSID, &request::written(BSSID)))),
    );
    // Linux makes an address for each link.
    let sender = match (&profile, join.multi_link()) {
        (Ok(profile), true) => profile["mac"].as_str().unwrap_or_default().replace('-', ":"),
        _ => join.address.clone(),
    };
    verdict.check(&format!("{name}: profile has what the request on the air says"), {
        let says = request::last_of(frames, &sender).and_then(request::features);
        let under = |(key, value)| (format!("features/{key}"), value);
        against(says.map(|says| says.into_iter().map(under).collect()))
    });
}

/// airlens tells that the station has another passphrase.
fn wrong(join: &Join, folder: &Path) -> Result<()> {
    let document = json_file(&folder.join("files/failures.json"))?;
    let failures = document["failures"].as_array().context("no list of failures")?;
    let told = failures.iter().any(|failed| {
        let of = |key: &str| failed[key].as_str().unwrap_or_default();
        let ours = failed.to_string().contains(&join.address);
        ours && of("cause") == "wrong-password" && failed["observed"] == false
    });
    ensure!(told, "{document}");
    Ok(())
}

fn file(join: &Join, folder: &Path) -> PathBuf {
    let stem = join.address.replace(':', "-");
    let band = match join.band() {
        "2" => "2.4GHz",
        "5" => "5GHz",
        _ => "6GHz",
    };
    folder
        .join("files/clients")
        .join(&stem)
        .join(format!("{stem}_{band}.json"))
}

fn not(differences: &[String]) -> Result<()> {
    not_any(&differences.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Two states, line by line.
fn same(before: &str, after: &str) -> Result<()> {
    let missing = before.lines().filter(|line| !after.lines().any(|other| other == *line));
    let new = after.lines().filter(|line| !before.lines().any(|other| other == *line));
    let differences: Vec<_> = missing
        .map(|line| format!("- {line}"))
        .chain(new.map(|line| format!("+ {line}")))
        .collect();
    not(&differences)?;
    ensure!(before == after, "the same lines in another order");
    Ok(())
}

pub(super) fn ours(frames: &[Frame], kind: (u8, u8)) -> impl Iterator<Item = &Frame> {
    let from_us = move |frame: &&Frame| frame.kind() == Some(kind) && frame.transmitter() == Some(BSSID);
    frames.iter().filter(from_us)
}

/// Time stamps rise with the clock of whoever listens, sequence numbers count every frame of ours; `injected`: beacons too.
fn beacons(frames: &[Frame], injected: bool) -> Result<()> {
    let read = |frame: &Frame| -> Option<(u64, u64)> {
        let stamp = frame.mpdu().get(24..32)?.try_into().ok()?;
        Some((frame.time, u64::from_le_bytes(stamp)))
    };
    let beacons: Vec<_> = ours(frames, BEACON).filter_map(read).collect();
    ensure!(beacons.len() >= 10, "{} beacons", beacons.len());
    steady(&beacons)?;
    // mac80211_hwsim numbers no beacons of its own.
    let counted = |frame: &&Frame| injected || frame.kind() != Some(BEACON);
    // Data to groups, and without a traffic identifier, has numbers of the same row (IEEE Std 802.11-2020 10.3.2.14.2).
    let in_row = |frame: &&Frame| match frame.kind() {
        Some((0, _)) => true,
        Some((2, kind)) => kind & 8 == 0 || frame.mpdu().get(4).is_some_and(|octet| octet & 1 == 1),
        _ => false,
    };
    let numbers: Vec<_> = frames
        .iter()
        .filter(|frame| frame.transmitter() == Some(BSSID))
        .filter(in_row)
        .filter(counted)
        .filter_map(|frame| Some(u16::from_le_bytes(frame.mpdu().get(22..24)?.try_into().ok()?) >> 4))
        .collect();
    // A retry has the number of what it repeats; one that the witness missed leaves a small gap.
    let wrong = numbers
        .windows(2)
        .filter(|pair| (pair[1].wrapping_sub(pair[0]) & 0xfff) > 8)
        .count();
    ensure!(wrong == 0, "{wrong} leaps in the sequence numbers {numbers:?}");
    Ok(())
}

/// Whether time stamps go with the witness's clock; pairs of its time and the stamp, both in µs. The emulated machine may
/// pause between stamp and witness, for some; a clock that has nothing to do with time leaves all behind.
fn steady(beacons: &[(u64, u64)]) -> Result<()> {
    let stamps = beacons.windows(2).map(|pair| (pair[0].1, pair[1].1));
    for (old, new) in stamps {
        ensure!(new > old, "time stamp {new} after {old}");
    }
    let offsets: Vec<_> = beacons
        .iter()
        .map(|&(time, stamp)| stamp.wrapping_sub(time).cast_signed())
        .collect();
    let mut sorted = offsets.clone();
    sorted.sort_unstable();
    let middle = sorted.get(sorted.len() / 2).context("no beacon")?;
    let late = offsets
        .iter()
        .filter(|offset| offset.abs_diff(*middle) > 100_000)
        .count();
    ensure!(
        late * 5 <= beacons.len(),
        "{late} of {} are off by over 100 ms: {offsets:?}",
        beacons.len()
    );
    Ok(())
}

/// Prints how fast probe requests were answered, how steady beacons were, and when the profile was there.
fn latencies(name: &str, frames: &[Frame], folder: &Path, profile: &Path) {
    let answer = |(at, request): (usize, &Frame)| {
        let asker = request.transmitter()?;
        let to_asker = |frame: &&Frame| frame.mpdu().get(4..10) == Some(&asker);
        let answer = ours(frames.get(at..)?, PROBE_RESPONSE).find(to_asker)?;
        Some(answer.time - request.time)
    };
    let requests = frames.iter().enumerate();
    let requests = requests.filter(|(_, frame)| frame.kind() == Some(PROBE_REQUEST));
    // An answer that comes later is one to another request.
    let answers = requests.filter_map(answer).filter(|wait| *wait < 50_000);
    let times: Vec<_> = ours(frames, BEACON).map(|beacon| beacon.time).collect();
    let jitter = times.windows(2).map(|pair| (pair[1] - pair[0]).abs_diff(102_400));
    println!(
        "information: {name}: probe request to response {}",
        spread(answers.collect())
    );
    println!(
        "information: {name}: interval of beacons is off by {}",
        spread(jitter.collect())
    );
    let first = frames.iter().find(|frame| frame.kind() == Some(AUTHENTICATION));
    let file = profile.file_name().unwrap_or_default().to_string_lossy();
    let written = Marks::read(folder).and_then(|marks| marks.at(&file)).ok();
    if let (Some(first), Some(written)) = (first, written) {
        let wait = written.saturating_sub(first.time);
        println!(
            "information: {name}: profiled {} ms after the first authentication frame",
            wait / 1000
        );
    }
}

fn spread(mut micros: Vec<u64>) -> String {
    micros.sort_unstable();
    let part = |percent: usize| micros.get(micros.len() * percent / 100).copied().unwrap_or(0);
    let longest = micros.last().copied().unwrap_or(0);
    format!(
        "{} µs (median of {}), 99 % {} µs, longest {longest} µs",
        part(50),
        micros.len(),
        part(99)
    )
}

/// What tshark calls malformed, or warns of, in frames that airlens sent.
fn complaints(sh: &Shell, capture: &Path) -> Result<()> {
    let from = request::written(BSSID);
    let filter = format!("wlan.ta == {from} && (_ws.malformed || _ws.expert.severity >= 6291456)");
    let lines = cmd!(
        sh,
        "tshark -n -r {capture} -Y {filter} -T fields -e frame.number -e _ws.expert.message"
    )
    .quiet()
    .ignore_stderr()
    .read()
    .context("running tshark")?;
    not_any(&lines.lines().take(5).collect::<Vec<_>>())
}

impl Join {
    /// Whose address is the BSSID: `fakeap` has an interface of its own that acknowledges.
    fn interface(&self) -> &'static str {
        if self.mode == "fakeap" { "wlan0active" } else { "wlan0" }
    }

    /// What the profile must say: where it was made, and what the table adds.
    fn says(&self, ssid: &str, bssid: &str) -> Map<String, Value> {
        let context = json!({
            "capture_ssid": ssid, "capture_bssid": bssid, "capture_band": self.band(), "capture_channel": self.number(),
            "capture_source": "internal",
        });
        let who = if self.multi_link() {
            ("airlens/mld_mac".to_owned(), json!(self.address))
        } else {
            ("mac".to_owned(), json!(self.address.replace(':', "-")))
        };
        let mut says = context.as_object().cloned().unwrap_or_default();
        says.extend([who]);
        says.extend(self.besides());
        says
    }
}

impl End {
    fn said(self) -> &'static str {
        match self {
            Self::Refused => "was refused with a status code",
            Self::Connected => "connected",
            Self::Wrong => "did not get in",
        }
    }

    fn found(self, log: &str) -> Result<()> {
        match self {
            Self::Refused => {
                let line = log.lines().find(|line| line.contains("CTRL-EVENT-ASSOC-REJECT"));
                let line = line.context("no refusal in wpa_supplicant's log")?;
                ensure!(
                    line.contains("status_code=") && !line.contains("status_code=0"),
                    "{line}"
                );
            }
            Self::Connected => ensure!(log.contains("CTRL-EVENT-CONNECTED"), "not connected"),
            Self::Wrong => ensure!(!log.contains("CTRL-EVENT-CONNECTED"), "connected"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_go_with_time() {
        let heard =
            |stamp: &dyn Fn(u64) -> u64| -> Vec<_> { (0..50).map(|n| (7_000_000 + n * 102_400, stamp(n))).collect() };
        let mut good = heard(&|n| 5 + n * 102_400);
        // Some are heard late, in the middle of it and at the end.
        good[20].0 += 300_000;
        good[49].0 += 300_000;
        assert!(steady(&good).is_ok());
        assert!(steady(&heard(&|n| 5 + n * 110_000)).is_err(), "too fast");
        assert!(steady(&heard(&|n| 5 + n)).is_err(), "a count");
        assert!(steady(&heard(&|n| 9_000_000 - n)).is_err(), "backwards");
        // A constant step over beacons that were left out.
        let paused: Vec<_> = (0..50).map(|n| (n * 102_400 + n / 25 * 500_000, n * 102_400)).collect();
        assert!(steady(&paused).is_err());
    }
}
