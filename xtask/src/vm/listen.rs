//! What the `listen` scenario must have left on the share: `PART/…`, and `PART/STEP/…` copied at that moment.
mod metrics;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use super::{features, pcap, request, verdict::Verdict};
use crate::summary::Counts;

const STATION: &str = "02-00-00-00-01-00";
const RUNTIME: [&str; 2] = ["wlanpi-profiler.status.json", "wlanpi-profiler.info.json"];

/// Prints the checks and returns their counts.
pub(super) fn judge(share: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    for line in log.lines().filter(|line| line.starts_with("information: ")) {
        println!("{line}");
    }
    let mut verdict = Verdict::default();
    verdict.check("the scenario ran through", {
        let late: Vec<_> = log.lines().filter(|line| line.starts_with("TIMEOUT")).collect();
        not_any(&late)
    });
    tools(&mut verdict, share);
    let driver = features::of_phy(&text(&share.join("phy.txt"))?, 2)?;
    for part in ["xdp", "tc"] {
        let folder = share.join(part);
        profiles(&mut verdict, part, &folder, &driver);
        counts(&mut verdict, part, &folder);
        running(&mut verdict, part, &folder, "mon0");
        stopped(&mut verdict, part, &folder);
    }
    killed(&mut verdict, "killed-generic", share);
    killed(&mut verdict, "killed-tc", share);
    managed(&mut verdict, &share.join("managed"));
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first: the scenario's log, and what airlens said.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    for part in ["xdp", "tc", "killed-generic", "killed-tc", "managed"] {
        println!(
            "airlens, part {part}:\n{}",
            text(&share.join(part).join("airlens.err")).unwrap_or_default()
        );
    }
    Ok(())
}

/// `airlens doctor` and `airlens interfaces`.
fn tools(verdict: &mut Verdict, share: &Path) {
    verdict.equal("doctor: exit status", exit_status(&share.join("exit-doctor")), &0);
    verdict.check("doctor: finds wireless", doctor_finds_wireless(share));
    verdict.equal(
        "interfaces: exit status",
        exit_status(&share.join("exit-interfaces")),
        &0,
    );
    for (name, kind) in [("mon0", "monitor"), ("wlan0", "wireless"), ("wlan2", "wireless")] {
        let found = json_file(&share.join("interfaces.json")).and_then(|list| {
            let all = list["interfaces"].as_array().context("no list of interfaces")?.clone();
            all.into_iter()
                .find(|entry| entry["name"] == name)
                .with_context(|| format!("no {name}"))
        });
        verdict.equal(
            &format!("interfaces: kind of {name}"),
            found.map(|entry| entry["kind"].clone()),
            &json!(kind),
        );
    }
}

fn doctor_finds_wireless(share: &Path) -> Result<()> {
    let report = json_file(&share.join("doctor.json"))?;
    ensure!(report["ready"] == true, "not ready: {}", report["checks"]);
    let checks = report["checks"].as_array().context("no checks")?;
    let wireless = checks
        .iter()
        .find(|check| check["name"] == "wireless")
        .context("no check named wireless")?;
    ensure!(wireless["verdict"] == "ok", "{wireless}");
    Ok(())
}

/// The station's profile, after WPA2-PSK and after SAE.
fn profiles(verdict: &mut Verdict, part: &str, folder: &Path, driver: &Map<String, Value>) {
    let frames = pcap::read(&folder.join("mon0.pcap"));
    for method in ["psk", "sae"] {
        let profile = json_file(&folder.join(format!("client-{method}.json")));
        let profile = profile.unwrap_or_else(|missing| json!({ "missing": format!("{missing:#}") }));
        let features = &profile["features"];
        verdict.check(
            &format!("{part}: profile after {method} has what the driver announced"),
            contains(features, driver),
        );
        let sent = match &frames {
            Ok(frames) => request(frames, method).and_then(request::features),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        verdict.check(
            &format!("{part}: profile after {method} has what the request on the air says"),
            sent.and_then(|sent| contains(features, &sent)),
        );
        let akm = if method == "psk" { 2 } else { 8 };
        verdict.equal(
            &format!("{part}: key management after {method}"),
            Ok(features["akm"].clone()),
            &json!(akm),
        );
        let context = json!({
            "mac": STATION, "is_laa": true, "capture_ssid": "airlens", "capture_bssid": "02:00:00:00:00:00",
            "capture_band": "5", "capture_channel": 36, "schema_version": 2,
        });
        verdict.check(
            &format!("{part}: profile after {method} names station, network and channel"),
            contains(&profile, context.as_object().unwrap_or(&Map::new())),
        );
    }
}

fn associations(frames: &[pcap::Frame]) -> impl DoubleEndedIterator<Item = &pcap::Frame> {
    frames.iter().filter(|frame| frame.kind() == Some((0, 0)))
}

/// Two associations, and more on a busy host. What a station repeats within a second is one request.
fn attempts(frames: &[pcap::Frame]) -> usize {
    let requests: Vec<_> = associations(frames).collect();
    let body = |frame: &pcap::Frame| frame.mpdu().get(24..).map(<[u8]>::to_vec);
    let repeated = requests.windows(2).filter(|pair| {
        let [last, again] = pair else { return false };
        again.time.saturating_sub(last.time) < 1_000_000 && body(last) == body(again)
    });
    requests.len() - repeated.count()
}

/// The first request is that of WPA2-PSK, the last that of SAE; the driver may repeat either.
fn request<'a>(frames: &'a [pcap::Frame], method: &str) -> Result<&'a pcap::Frame> {
    let mut requests = associations(frames);
    let found = if method == "psk" {
        requests.next()
    } else {
        requests.next_back()
    };
    found.context("no association request")
}

/// Frames by subtype, and the balance, against tcpdump's capture of the same interface.
fn counts(verdict: &mut Verdict, part: &str, folder: &Path) {
    let read = || -> Result<_> {
        let frames = pcap::read(&folder.join("mon0.pcap"))?;
        let metrics = metrics::parse(&text(&folder.join("metrics.txt"))?)?;
        Ok((frames, metrics))
    };
    let (frames, metrics) = match read() {
        Ok(both) => both,
        Err(error) => return verdict.check(&format!("{part}: counts"), Err(error)),
    };
    println!("information: {part}: tcpdump has {} frames", frames.len());
    verdict.check(
        &format!("{part}: tcpdump has frames of every kind in question"),
        enough(&frames),
    );
    verdict.equal(
        &format!("{part}: counts by type and subtype are tcpdump's"),
        metrics.frames("mon0"),
        &pcap::counts(&frames)
            .into_iter()
            .map(|(kind, count)| (pcap::names(kind), count))
            .collect(),
    );
    verdict.equal(&format!("{part}: frames seen"), metrics.seen(), &(frames.len() as u64));
    verdict.check(
        &format!("{part}: seen = handed over + filtered + lost"),
        metrics.balance(),
    );
    verdict.equal(&format!("{part}: nothing lost"), metrics.result("lost"), &0);
}

/// A comparison of nothing would prove nothing.
fn enough(frames: &[pcap::Frame]) -> Result<()> {
    let counts = pcap::counts(frames);
    for (subtype, least) in [(0, 2), (1, 2), (8, 5), (11, 6), (12, 2)] {
        let found = counts.get(&(0, subtype)).copied().unwrap_or(0);
        ensure!(found >= least, "{found} of management subtype {subtype}");
    }
    let data: u64 = counts
        .iter()
        .filter(|((kind, _), _)| *kind == 2)
        .map(|(_, count)| count)
        .sum();
    ensure!(data >= 100, "{data} data frames");
    Ok(())
}

/// The files of a run that goes on.
fn running(verdict: &mut Verdict, part: &str, folder: &Path, monitor: &str) {
    let step = folder.join("running");
    let status = json_file(&step.join(RUNTIME[0]));
    verdict.equal(
        &format!("{part}: state while running"),
        status.map(|status| status["state"].clone()),
        &json!("running"),
    );
    let expected = json!({
        "phy": "phy2", "channel": 36, "frequency": 5180, "mode": "listen", "ssid": "", "passphrase": "",
        "interfaces": { "ap": "", "monitor": monitor }, "profile_count": 0,
    });
    let info = json_file(&step.join(RUNTIME[1]));
    verdict.check(
        &format!("{part}: info while running"),
        info.and_then(|info| contains(&info, expected.as_object().unwrap_or(&Map::new()))),
    );
    let requests = pcap::read(&folder.join("mon0.pcap")).map(|frames| attempts(&frames));
    let quiet = json_file(&folder.join("quiet").join(RUNTIME[1]));
    verdict.check(
        &format!("{part}: info after the profiles"),
        requests.and_then(|requests| {
            let last = json!({ "profile_count": requests, "total_clients_seen": 1, "last_profile": STATION.replace('-', ":") });
            contains(&quiet?, last.as_object().unwrap_or(&Map::new()))
        }),
    );
    let program = if part == "tc" { "monitor_tc" } else { "monitor" };
    let shown = text(&step.join("bpf.txt"));
    verdict.check(
        &format!("{part}: bpftool shows readable names"),
        shown.and_then(|shown| {
            for name in [program, "MONITOR_KINDS", "MONITOR_RING"] {
                ensure!(shown.contains(&format!("name {name} ")), "no {name} in {shown}");
            }
            Ok(())
        }),
    );
}

/// SIGTERM: a clean end.
fn stopped(verdict: &mut Verdict, part: &str, folder: &Path) {
    let step = folder.join("stopped");
    verdict.equal(
        &format!("{part}: exit status at SIGTERM"),
        exit_status(&folder.join("exit-TERM")),
        &0,
    );
    verdict.check(&format!("{part}: runtime files removed"), gone(&step));
    verdict.equal(&format!("{part}: state.json"), ended(&step), &json!("success"));
    verdict.check(&format!("{part}: no program left"), no_program(&step));
}

/// `kill -9`, then a new start.
fn killed(verdict: &mut Verdict, part: &str, share: &Path) {
    let folder = share.join(part);
    let state = |step: &str| Ok(json_file(&folder.join(step).join(RUNTIME[0]))?["state"].clone());
    verdict.equal(
        &format!("{part}: exit status"),
        exit_status(&folder.join("exit-KILL")),
        &137,
    );
    verdict.equal(
        &format!("{part}: the status file stays"),
        state("dead"),
        &json!("running"),
    );
    let ended = ended(&folder.join("again"));
    verdict.equal(
        &format!("{part}: state.json after the next start"),
        ended,
        &json!("interrupted"),
    );
    verdict.equal(
        &format!("{part}: the next start runs"),
        state("again"),
        &json!("running"),
    );
    // Only a link dies with its process: a clsact filter (before Linux 6.6) stays until the next start.
    let programs = text(&folder.join("again/bpf.txt")).map(|shown| shown.matches("name monitor").count());
    verdict.equal(&format!("{part}: programs after the next start"), programs, &1);
    stopped(verdict, part, &folder);
}

/// A managed interface: a monitor beside it while it runs, even after a `kill -9` that left one.
fn managed(verdict: &mut Verdict, folder: &Path) {
    let monitors = |step: &str| -> Result<usize> {
        Ok(text(&folder.join(step).join("iw-dev.txt"))?
            .matches("type monitor")
            .count())
    };
    for step in ["running", "again"] {
        verdict.equal(&format!("managed: monitors, {step}"), monitors(step), &1);
        let info = json_file(&folder.join(step).join(RUNTIME[1]));
        verdict.check(
            &format!("managed: info names the monitor, {step}"),
            info.and_then(|info| {
                let name = info["interfaces"]["monitor"].as_str().context("no name")?.to_owned();
                let list = text(&folder.join(step).join("iw-dev.txt"))?;
                ensure!(
                    name != "wlan2" && list.contains(&format!("Interface {name}\n")),
                    "{name} not in {list}"
                );
                Ok(())
            }),
        );
    }
    verdict.equal("managed: monitors after the end", monitors("stopped"), &0);
    stopped(verdict, "managed", folder);
}

/// Every key of `expected` has the same value in `found`.
pub(super) fn contains(found: &Value, expected: &Map<String, Value>) -> Result<()> {
    ensure!(found.is_object(), "no document");
    let other: Vec<_> = expected
        .iter()
        .filter(|(key, value)| found[key.as_str()] != **value)
        .map(|(key, value)| format!("{key} is {}, expected {value}", found[key.as_str()]))
        .collect();
    not_any(&other.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(super) fn not_any(lines: &[&str]) -> Result<()> {
    ensure!(lines.is_empty(), "{}", lines.join("; "));
    Ok(())
}

fn gone(step: &Path) -> Result<()> {
    let left = text(&step.join("runtime.txt"))?;
    let left: Vec<_> = left
        .lines()
        .filter(|line| RUNTIME.iter().any(|name| line.ends_with(name)))
        .collect();
    not_any(&left)
}

fn no_program(step: &Path) -> Result<()> {
    let programs = text(&step.join("bpf.txt"))?;
    not_any(
        &programs
            .lines()
            .filter(|line| line.contains("name "))
            .collect::<Vec<_>>(),
    )
}

fn ended(step: &Path) -> Result<Value> {
    Ok(json_file(&step.join("state.json"))?["exit"]["status"].clone())
}

fn exit_status(file: &Path) -> Result<i32> {
    Ok(text(file)?.trim().parse()?)
}

pub(super) fn json_file(file: &Path) -> Result<Value> {
    serde_json::from_str(&text(file)?).with_context(|| format!("{} is not JSON", file.display()))
}

pub(super) fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("no {}", last_two(file).display()))
}

fn last_two(file: &Path) -> PathBuf {
    let mut names: Vec<_> = file.components().rev().take(2).collect();
    names.reverse();
    names.iter().collect()
}
