//! An access point's frames: made once, then copied for each beacon and each probe response.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use airlens::{
    ap::{Announcement, ApOptions},
    dot11::{Address, ChannelWidth, Tuning},
};
use airlens_benches::{Table, median, wanted};
use anyhow::{Context as _, Result};

const RUNS: usize = 9;

fn main() -> Result<()> {
    if !wanted("ap") {
        return Ok(());
    }
    let mut table = Table::new([
        "access point",
        "octets",
        "made",
        "beacon",
        "into a buffer",
        "probe response",
    ]);
    for (channel, width) in [
        ("6", ChannelWidth::Mhz20),
        ("36", ChannelWidth::Mhz80),
        ("6g37", ChannelWidth::Mhz160),
    ] {
        let tuning = Tuning::new(channel.parse()?, width).context("no such channel")?;
        let options = ApOptions {
            country: *b"DE",
            version_element: Some("airlens".to_owned()),
            multi_link: true,
            ..ApOptions::new(Address([2, 0, 0, 0, 0, 1]), b"airlens", tuning)
        };
        let announcement = Announcement::new(&options)?;
        let (station, mut buffer) = (Address([2, 0, 0, 0, 0, 2]), Vec::new());
        let times = [
            each(2_000, |_| black_box(Announcement::new(black_box(&options))).is_ok()),
            each(200_000, |n| {
                !black_box(announcement.beacon(n, n as u16 & 0xfff, 0)).is_empty()
            }),
            each(200_000, |n| {
                buffer.clear();
                announcement.append_beacon(&mut buffer, n, n as u16 & 0xfff, 0);
                !black_box(&buffer).is_empty()
            }),
            each(200_000, |n| {
                !black_box(announcement.probe_response(station, n, n as u16 & 0xfff)).is_empty()
            }),
        ];
        let [made, beacon, appended, response] = times.map(|time| format!("{} ns", time.as_nanos()));
        let octets = announcement.beacon(0, 0, 0).len().to_string();
        table.row([tuning.to_string(), octets, made, beacon, appended, response]);
    }
    table.print("An access point's frames");
    Ok(())
}

/// The time of one, median of the runs.
fn each(count: u32, mut one: impl FnMut(u64) -> bool) -> Duration {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        for n in 0..count {
            assert!(one(n.into()), "a frame");
        }
        times.push(start.elapsed() / count);
    }
    median(times)
}
