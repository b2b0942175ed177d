//! Beacons of hostapd 2.10 on simulated radios (`tests/fixtures/stations.pcap`) beside airlens's own of a like network.

use std::fs::File;

use airlens::{
    ap::{Announcement, ApOptions, SecurityMode},
    capture::Reader,
    dot11::{
        ChannelWidth,
        element::Elements,
        frame::{Beacon, Frame},
        link::LinkType,
    },
};
use airlens_tests::support::cli::STATIONS;
use anyhow::{Context as _, Result, bail};

use super::tuning;

/// How an element of both compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Same,
    /// Both have it; why not alike.
    Other(&'static str),
    /// Why airlens alone has it.
    Ours(&'static str),
    /// Why hostapd alone has it.
    Theirs(&'static str),
}

use Is::{Other, Ours, Same, Theirs};

const KEYS: Is = Other("GCMP-256 is offered for SAE; the group management cipher is named");
const CLASSES: Is = Other("the current class and those that are narrower; hostapd lists the current one alone");
const ASK_MORE: Is = Other("airlens announces more than its radio can, so that stations tell all they can");
const WMM: Is = Other("U-APSD, so that stations tell theirs");
const HE_OPERATION: Is = Other("a BSS colour by the address; default PE duration of 16 µs");
const HE_ALONE: Is = Ours("recommended beside HE; hostapd has it where it is configured");
const NOT_HERE: Is = Theirs("DSSS Parameter Set is of 2.4 GHz (Table 9-32)");
const MEASUREMENT: Is = Ours("radio measurement, so that stations tell theirs");

/// The first beacon of a network.
fn theirs(ssid: &str) -> Result<Vec<u8>> {
    let mut reader = Reader::new(File::open(STATIONS)?)?;
    while let Some(packet) = reader.next_packet()? {
        let link = LinkType::from_number(packet.link_type)?.parse(packet.octets)?;
        let octets = link.frame(packet.octets, packet.octets.len());
        let Ok(Frame::Beacon(beacon)) = Frame::new(octets) else {
            continue;
        };
        if ids(&beacon)
            .first()
            .is_some_and(|(id, payload)| id == "0" && payload == ssid.as_bytes())
        {
            return Ok(octets.to_vec());
        }
    }
    bail!("no beacon of {ssid}")
}

/// Ids and payloads, with TIM's count, which moves, taken out.
fn ids(beacon: &Beacon<'_>) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for element in Elements::parse(beacon.elements).iter() {
        let (id, mut payload) = (element.id.to_string(), element.payload.to_vec());
        if id == "5" {
            payload[0] = 0;
        }
        all.push((id, payload));
    }
    all
}

fn compare(ssid: &str, options: &ApOptions, expected: &[(&str, Is)]) -> Result<()> {
    let theirs = theirs(ssid)?;
    let ours = Announcement::new(options)?.beacon(0, 0, 0);
    let (Frame::Beacon(theirs), Frame::Beacon(ours)) = (Frame::new(&theirs)?, Frame::new(&ours)?) else {
        bail!("no beacons");
    };
    assert_eq!(theirs.interval, ours.interval, "{ssid}");
    let capabilities = theirs.capability ^ ours.capability;
    // Short preamble and spectrum management, and radio measurement where hostapd wasn't told to measure.
    assert_eq!(
        capabilities & !(1 << 5 | 1 << 8 | 1 << 12),
        0,
        "{ssid}: {capabilities:#06x}"
    );
    let (theirs, ours) = (ids(&theirs), ids(&ours));
    let mut wrong = Vec::new();
    let mut all: Vec<_> = theirs.iter().chain(&ours).map(|(id, _)| id.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    for id in &all {
        let of = |list: &[(String, Vec<u8>)]| -> Vec<Vec<u8>> {
            list.iter()
                .filter(|(this, _)| this == id)
                .map(|(_, payload)| payload.clone())
                .collect()
        };
        let (theirs, ours) = (of(&theirs), of(&ours));
        let is = expected.iter().find(|(this, _)| this == id).map(|(_, is)| *is);
        let holds = match is {
            Some(Same) => theirs == ours,
            Some(Other(_)) => !theirs.is_empty() && !ours.is_empty() && theirs != ours,
            Some(Ours(_)) => theirs.is_empty(),
            Some(Theirs(_)) => ours.is_empty(),
            None => false,
        };
        if !holds {
            wrong.push(format!("{ssid}: {id}: {is:?}: theirs {theirs:02x?}, ours {ours:02x?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(all.len(), expected.len(), "{ssid}: each expectation met an element");
    Ok(())
}

/// A network as hostapd has it in the recording: without EHT, which hostapd 2.10 doesn't know.
fn like(ssid: &str, channel: &str, width: ChannelWidth) -> Result<ApOptions> {
    let tuning = tuning(channel, width)?.context("no such channel")?;
    Ok(ApOptions {
        be: false,
        dtim_period: 2,
        max_power: 23,
        ..ApOptions::new(super::BSSID, ssid.as_bytes(), tuning)
    })
}

#[test]
fn in_2_4_ghz() -> Result<()> {
    let options = ApOptions {
        security: SecurityMode::Wpa2,
        ..like("airlens-24", "6", ChannelWidth::Mhz20)?
    };
    let expected = [
        ("0", Same),
        ("1", Same),
        ("3", Same),
        ("5", Same),
        (
            "42",
            Other("no Barker preamble is asked for, as no station of 802.11b is taken into account"),
        ),
        ("45", ASK_MORE),
        (
            "48",
            Other("PSK alone, where that network has PSK with SHA-256 besides; BIP-CMAC-128 is named"),
        ),
        ("50", Same),
        ("59", CLASSES),
        ("61", Same),
        ("70", MEASUREMENT),
        ("127", ASK_MORE),
        ("221", WMM),
        ("255/35", ASK_MORE),
        ("255/36", HE_OPERATION),
        ("255/38", HE_ALONE),
        ("255/39", HE_ALONE),
    ];
    compare("airlens-24", &options, &expected)
}

#[test]
fn in_5_ghz() -> Result<()> {
    let options = ApOptions {
        country: *b"DE",
        ..like("airlens", "36", ChannelWidth::Mhz80)?
    };
    let expected = [
        ("0", Same),
        ("1", Same),
        ("3", NOT_HERE),
        ("5", Same),
        (
            "7",
            Other("the network's own channels; hostapd lists the band's, which a caller can too (`subbands`)"),
        ),
        (
            "32",
            Ours("required with spectrum management, which makes stations tell their power and channels"),
        ),
        ("45", ASK_MORE),
        ("48", KEYS),
        ("54", Other("the mobility domain is made of the address")),
        ("59", CLASSES),
        ("61", Same),
        ("70", ASK_MORE),
        ("127", ASK_MORE),
        ("191", ASK_MORE),
        ("192", Same),
        ("195", Same),
        ("221", WMM),
        ("244", Same),
        ("255/35", ASK_MORE),
        ("255/36", HE_OPERATION),
        ("255/38", HE_ALONE),
        ("255/39", HE_ALONE),
    ];
    compare("airlens", &options, &expected)
}

#[test]
fn in_6_ghz() -> Result<()> {
    let options = ApOptions {
        security: SecurityMode::Wpa3Mixed,
        country: *b"DE",
        ..like("airlens-6", "6g5", ChannelWidth::Mhz160)?
    };
    let country = Ours("hostapd was not told to announce the country (ieee80211d)");
    let expected = [
        ("0", Same),
        ("1", Same),
        ("3", NOT_HERE),
        ("5", Same),
        ("7", country),
        ("32", country),
        ("48", KEYS),
        ("50", Same),
        ("59", CLASSES),
        ("70", MEASUREMENT),
        ("127", ASK_MORE),
        (
            "195",
            Other("the density for clients of an indoor access point besides, which hostapd announces since 2.11"),
        ),
        ("221", WMM),
        ("244", Same),
        ("255/35", ASK_MORE),
        (
            "255/36",
            Other("a BSS colour by the address; default PE duration; an indoor access point"),
        ),
        ("255/38", HE_ALONE),
        ("255/39", HE_ALONE),
        (
            "255/59",
            Other("no restriction of the start spacing, and of the longest A-MPDU"),
        ),
    ];
    compare("airlens-6", &options, &expected)
}
