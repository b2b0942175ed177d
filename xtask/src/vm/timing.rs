//! What the `timing` scenario left: how soon and how steadily each access point beacons and how fast it answers, as a witness
//! heard it, beside hostapd alone in the same run. Times are those of an emulated CPU: only ratios are judged.

use std::{collections::HashMap, path::Path, process::Command, time::Instant};

use anyhow::{Context as _, Result, ensure};

use super::{
    ap::{BEACON, BSSID, PROBE_REQUEST, PROBE_RESPONSE, ours},
    listen::{not_any, text},
    pcap::{self, Frame},
    verdict::Verdict,
};
use crate::summary::Counts;

/// Airlens's modes, and what they are held against.
const WAYS: [&str; 4] = ["ap", "fakeap", "hostapd", "alone"];
/// As `timing.sh` starts each.
const STARTS: usize = 3;
const VERSIONS: u32 = 10;
/// The fewest requests of which a share says anything; some 600 are sent where the host is idle.
const FEWEST: usize = 200;
/// Two beacons: 100 time units of 1,024 µs.
const INTERVAL: u64 = 102_400;

/// What one way came to, in µs.
struct Way {
    name: &'static str,
    /// From a process's start to its first beacon.
    beacons_after: Vec<u64>,
    /// The same to `state: running`.
    runs_after: Vec<u64>,
    asked: usize,
    answers: Vec<u64>,
    jitter: Vec<u64>,
}

/// Prints a table and the checks, and returns their counts.
pub(super) fn judge(share: &Path, airlens: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    let mut verdict = Verdict::default();
    let late: Vec<_> = log.lines().filter(|line| line.starts_with("TIMEOUT")).collect();
    verdict.check("timing: the scenario ran through", not_any(&late));
    let ways: Vec<_> = WAYS.iter().map(|name| read(share, name)).collect::<Result<_>>()?;
    let alone = ways.last().context("no way")?;
    println!("information: times in ms, 10 %, median, 90 %, 99 %, longest; × is a median to hostapd's alone");
    for way in &ways {
        println!("information: {}", line(way, alone));
    }
    let slower = slowdown(share, airlens)?;
    println!("information: `airlens --version` takes {slower:.1} times as long as on the host");
    for way in &ways {
        let name = way.name;
        verdict.check(&format!("timing, {name}: beacons after each start"), {
            let starts = way.beacons_after.len();
            if starts == STARTS {
                Ok(())
            } else {
                Err(anyhow::anyhow!("after {starts} of {STARTS}"))
            }
        });
        verdict.check(&format!("timing, {name}: probe requests are answered"), answered(way));
        if name != "alone" {
            verdict.check(
                &format!("timing, {name}: as fast as hostapd, more or less"),
                fast(way, alone),
            );
        }
    }
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    for name in WAYS {
        let said = text(&share.join(name).join(format!("{name}.log"))).unwrap_or_default();
        println!("{name}:\n{said}");
    }
    Ok(())
}

fn answered(way: &Way) -> Result<()> {
    ensure!(way.asked >= FEWEST, "only {} were sent", way.asked);
    let answers = way.answers.len();
    ensure!(answers * 100 >= way.asked * 95, "{answers} of {}", way.asked);
    Ok(())
}

/// By the fastest tenth: a host with other work stops the machine for milliseconds, one way more than the other.
fn fast(way: &Way, alone: &Way) -> Result<()> {
    let (ours, theirs) = (part(&way.answers, 10), part(&alone.answers, 10));
    ensure!(ours <= theirs * 3, "answers take {ours} µs, hostapd's {theirs} µs");
    Ok(())
}

fn read(share: &Path, name: &'static str) -> Result<Way> {
    let folder = share.join(name);
    let frames = pcap::read(&folder.join(format!("{name}.pcap")))?;
    let beacons: Vec<_> = ours(&frames, BEACON).map(|beacon| beacon.time).collect();
    let mut beacons_after = Vec::new();
    let marks = Marks::read(&folder)?;
    for start in 1..=STARTS {
        let began = marks.at(&format!("began-{start}"))?;
        let next = marks.at(&format!("began-{}", start + 1)).unwrap_or(u64::MAX);
        let first = beacons.iter().find(|time| (began..next).contains(*time));
        beacons_after.extend(first.map(|time| time - began));
    }
    let (asked, answers) = answers(&frames);
    let last = marks.at(&format!("began-{STARTS}"))?;
    let last: Vec<_> = beacons.iter().filter(|time| **time > last).collect();
    let mut jitter: Vec<_> = last
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs_diff(INTERVAL))
        .collect();
    jitter.sort_unstable();
    beacons_after.sort_unstable();
    Ok(Way {
        name,
        beacons_after,
        runs_after: if name == "alone" {
            Vec::new()
        } else {
            since(share, name, "running")?
        },
        asked,
        answers,
        jitter,
    })
}

/// How many asked (each request has an address of its own), and how long each waited, in order.
fn answers(frames: &[Frame]) -> (usize, Vec<u64>) {
    let mut asked = HashMap::new();
    let mut waits = HashMap::new();
    for frame in frames {
        if frame.kind() == Some(PROBE_REQUEST) {
            asked.extend(frame.transmitter().map(|who| (who, frame.time)));
        } else if frame.kind() == Some(PROBE_RESPONSE) && frame.transmitter() == Some(BSSID) {
            let to = frame.mpdu().get(4..10).and_then(|to| <[u8; 6]>::try_from(to).ok());
            let Some((to, wait)) = to.and_then(|to| Some((to, frame.time.saturating_sub(*asked.get(&to)?)))) else {
                continue;
            };
            waits.entry(to).or_insert(wait);
        }
    }
    let mut waits: Vec<_> = waits.into_values().collect();
    waits.sort_unstable();
    (asked.len(), waits)
}

/// From each start to the mark `KIND-N`, in order.
fn since(share: &Path, name: &str, kind: &str) -> Result<Vec<u64>> {
    let marks = Marks::read(&share.join(name))?;
    let one = |start| Ok(marks.at(&format!("{kind}-{start}"))? - marks.at(&format!("began-{start}"))?);
    let mut all: Vec<_> = (1..=STARTS).map(one).collect::<Result<_>>()?;
    all.sort_unstable();
    Ok(all)
}

/// Times of files, as `stat -c '%.6Y %n'` tells them.
pub(super) struct Marks(String);

impl Marks {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        text(&folder.join("times.txt")).map(Self)
    }

    /// When the file of this name was last written, in µs since 1970.
    pub(super) fn at(&self, name: &str) -> Result<u64> {
        let line = self.0.lines().find_map(|line| {
            let (time, path) = line.split_once(' ')?;
            (path.rsplit('/').next() == Some(name)).then_some(time)
        });
        let (seconds, micros) = line
            .and_then(|time| time.split_once('.'))
            .with_context(|| format!("no time of {name}"))?;
        Ok(seconds.parse::<u64>()? * 1_000_000 + micros.parse::<u64>()?)
    }
}

/// How many times as long the same work takes in the VM. The host's time is the shortest of three: others may be at work.
fn slowdown(share: &Path, airlens: &Path) -> Result<f64> {
    let marks = Marks::read(&share.join("times"))?;
    let there = marks.at("ended")? - marks.at("began")?;
    let mut here = f64::MAX;
    for _ in 0..3 {
        let begun = Instant::now();
        for _ in 0..VERSIONS {
            Command::new(airlens).arg("--version").output()?;
        }
        here = here.min(begun.elapsed().as_secs_f64());
    }
    Ok(there as f64 / 1e6 / here)
}

fn line(way: &Way, alone: &Way) -> String {
    let ratio = |one: &[u64], other: &[u64]| median(one) as f64 / median(other).max(1) as f64;
    let runs = match way.runs_after[..] {
        [] => String::new(),
        _ => format!(", running {}", millis(median(&way.runs_after))),
    };
    format!(
        "{}: first beacon {} (×{:.2}){runs}; {} of {} probe requests answered in {} (×{:.2}); beacons off by {}",
        way.name,
        spread(&way.beacons_after),
        ratio(&way.beacons_after, &alone.beacons_after),
        way.answers.len(),
        way.asked,
        spread(&way.answers),
        ratio(&way.answers, &alone.answers),
        spread(&way.jitter),
    )
}

fn spread(sorted: &[u64]) -> String {
    let part = |percent| millis(part(sorted, percent));
    [10, 50, 90, 99, 100].map(part).join(" ")
}

fn median(sorted: &[u64]) -> u64 {
    part(sorted, 50)
}

fn part(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0)
}

fn millis(micros: u64) -> String {
    format!("{:.2}", micros as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(time: u64, control: u8, to: u8, from: [u8; 6]) -> Frame {
        let radiotap = [0, 0, 8, 0, 0, 0, 0, 0];
        let octets = [&radiotap[..], &[control, 0, 0, 0], &[to; 6], &from, &[0; 8]].concat();
        Frame { time, octets }
    }

    #[test]
    fn the_first_answer_to_who_asked_counts() {
        let frames = [
            frame(1_000, 0x40, 0xff, [2; 6]),
            frame(1_500, 0x50, 9, BSSID),
            frame(1_700, 0x50, 2, BSSID),
            frame(1_900, 0x50, 2, BSSID),
            frame(2_000, 0x40, 0xff, [4; 6]),
            frame(2_100, 0x50, 4, [7; 6]),
        ];
        assert_eq!(answers(&frames), (2, vec![700]));
    }

    #[test]
    fn marks_are_found_by_name() {
        let marks = Marks("2.000500 /tmp/marks/began-1\n13.100000 /tmp/marks/began-11\n".to_owned());
        assert_eq!(marks.at("began-1").unwrap(), 2_000_500);
        assert_eq!(marks.at("began-11").unwrap(), 13_100_000);
        assert!(marks.at("began").is_err());
    }

    #[test]
    fn parts_of_a_row() {
        let row: Vec<_> = (1..=100).collect();
        assert_eq!([50, 99, 100].map(|percent| part(&row, percent)), [51, 100, 100]);
        assert_eq!(part(&[], 50), 0);
    }
}
