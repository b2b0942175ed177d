//! The recorded capture: the monitors' files merged by time, and thinned so that it can live in the repository.
use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use super::{
    pcap::{self, Frame},
    request,
};

/// Monitors, a channel each; their headers hold signal and TSF.
const MONITORS: [&str; 3] = ["mon2.pcap", "mon5.pcap", "mon6.pcap"];
/// hwsim's view of the whole medium, the only one with acknowledgements.
const MEDIUM: &str = "hwsim0.pcap";
const BEACON_EVERY: u64 = 20_000_000;
const PROBE_RESPONSES_BY_TRANSMITTER: u32 = 6;
const DATA_BY_TRANSMITTER: u32 = 16;
const CONTROL: u32 = 60;

/// Writes `file` from what the scenario left in `share`, and says what is in it. `stations` are the names in their order.
pub(super) fn write(share: &Path, file: &Path, stations: &[String]) -> Result<()> {
    let log = fs::read_to_string(share.join("scenario.log")).context("the scenario left no log")?;
    print!("{log}");
    ensure!(
        !log.contains("TIMEOUT"),
        "an association of the scenario failed: see {}",
        share.display()
    );
    let mut frames = Vec::new();
    for monitor in MONITORS {
        frames.extend(pcap::read(&share.join(monitor))?);
    }
    let control = |frame: &Frame| frame.kind().is_some_and(|(kind, _)| kind == 1);
    frames.extend(pcap::read(&share.join(MEDIUM))?.into_iter().filter(control));
    frames.sort_by_key(|frame| frame.time);
    let all = frames.len();
    thin(&mut frames);
    let octets = pcap::format(&frames);
    fs::write(file, &octets).with_context(|| format!("writing {}", file.display()))?;
    println!(
        "{}: {} of {all} frames, {} octets",
        file.display(),
        frames.len(),
        octets.len()
    );
    for (kind, count) in pcap::counts(&frames) {
        let (kind, subtype) = pcap::names(kind);
        println!("  {kind:<10} {subtype:<22} {count:>4}");
    }
    println!("\n| station | address | frames |\n| --- | --- | --- |");
    let requests = requests(&frames);
    ensure!(
        requests.len() == stations.len(),
        "{} stations made requests",
        requests.len()
    );
    for (name, (address, numbers)) in stations.iter().zip(requests) {
        println!("| {name} | {address} | {} |", numbers.join(", "));
    }
    Ok(())
}

/// Who sent association and reassociation requests, in the order of their first, and the frames' numbers from 1.
fn requests(frames: &[Frame]) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for (number, frame) in (1..).zip(frames) {
        let (Some((0, 0 | 2)), Some(address)) = (frame.kind(), frame.transmitter()) else {
            continue;
        };
        let address = request::written(address);
        let number = u32::to_string(&number);
        match all.iter_mut().find(|(earlier, _)| *earlier == address) {
            Some((_, numbers)) => numbers.push(number),
            None => all.push((address, vec![number])),
        }
    }
    all
}

/// Keeps every management frame but most beacons and probe responses, the first data frames of each transmitter, some control
/// frames.
fn thin(frames: &mut Vec<Frame>) {
    let (mut beacons, mut responses) = (HashMap::new(), HashMap::new());
    let (mut data, mut control) = (HashMap::new(), HashMap::new());
    frames.retain(|frame| match frame.kind() {
        Some((0, 8)) => {
            let next = beacons.entry(frame.transmitter()).or_insert(frame.time);
            let due = frame.time >= *next;
            if due {
                *next = frame.time + BEACON_EVERY;
            }
            due
        }
        Some((0, 5)) => below(
            responses.entry(frame.transmitter()).or_insert(0),
            PROBE_RESPONSES_BY_TRANSMITTER,
        ),
        Some((0, _)) => true,
        Some((1, subtype)) => below(control.entry(subtype).or_insert(0), CONTROL),
        Some(_) => below(data.entry(frame.transmitter()).or_insert(0), DATA_BY_TRANSMITTER),
        None => false,
    });
}

fn below(count: &mut u32, limit: u32) -> bool {
    *count += 1;
    *count <= limit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(time: u64, control: u8) -> Frame {
        Frame {
            time,
            octets: [vec![0, 0, 8, 0, 0, 0, 0, 0, control], vec![7; 23]].concat(),
        }
    }

    #[test]
    fn associations_stay_and_beacons_and_data_are_thinned() {
        let mut frames: Vec<Frame> = (0..100).map(|n| frame(n * 500_000, 0x80)).collect();
        frames.extend((0..100).map(|n| frame(n, 0x88)));
        frames.extend((0..20).map(|n| frame(n, 0x00)));
        frames.extend((0..20).map(|n| frame(n, 0x50)));
        frames.push(Frame {
            time: 0,
            octets: vec![0, 0],
        });
        thin(&mut frames);
        let numbers: Vec<_> = requests(&frames)
            .into_iter()
            .map(|(_, numbers)| numbers.len())
            .collect();
        assert_eq!(numbers, [20]);
        let counts = Vec::from_iter(pcap::counts(&frames));
        assert_eq!(
            counts,
            [
                ((0, 0), 20),
                ((0, 5), u64::from(PROBE_RESPONSES_BY_TRANSMITTER)),
                ((0, 8), 3),
                ((2, 8), u64::from(DATA_BY_TRANSMITTER))
            ]
        );
    }
}
