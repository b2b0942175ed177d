//! The beacon in text form, so that a change of what is announced is seen.

use std::fmt::Write as _;

use airlens::{
    ap::{Announcement, ApOptions},
    dot11::{ChannelWidth, element::Elements, frame::Frame},
};
use anyhow::{Context as _, Result, bail};

use super::{options, tuning};

/// A line for the fixed part, then one for each element: id, name, octets.
fn text(options: &ApOptions) -> Result<String> {
    let octets = Announcement::new(options)?.beacon(0x1122, 1, 0);
    let Frame::Beacon(beacon) = Frame::new(&octets)? else {
        bail!("no beacon");
    };
    let mut text = format!(
        "{}: {} octets, interval {} TU, capability {:#06x}\n",
        options.tuning,
        octets.len(),
        beacon.interval,
        beacon.capability
    );
    for element in Elements::parse(beacon.elements).iter() {
        let hex: String = element.payload.iter().map(|octet| format!("{octet:02x}")).collect();
        writeln!(text, "{} {}: {hex}", element.id, element.id.name().unwrap_or_default())?;
    }
    Ok(text)
}

#[test]
fn beacons_as_text() -> Result<()> {
    let mut all = String::new();
    for (channel, width, multi_link) in [
        ("11", ChannelWidth::Mhz20, false),
        ("100", ChannelWidth::Mhz80, false),
        ("6g5", ChannelWidth::Mhz160, true),
    ] {
        let tuning = tuning(channel, width)?.context("no such channel")?;
        let options = ApOptions {
            multi_link,
            ..options(tuning)
        };
        writeln!(all, "{}", text(&options)?)?;
    }
    insta::assert_snapshot!("beacons", all);
    Ok(())
}
