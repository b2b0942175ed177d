//! The tables, fed by hand.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{
    dot11::{Address, link::LinkType},
    profile::{Capture, Identity},
};

fn air() -> Air {
    Air::new(Arc::new(Identity::default()), Limits::default())
}

/// A radiotap header of 5180 MHz and -50 dBm, then a frame: control, three addresses by their last octet, body.
fn packet(control: u16, [first, second, third]: [u8; 3], body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0, 0, 15, 0, 0x2a, 0, 0, 0, 0, 0, 0x3c, 0x14, 0, 0, 0xce];
    packet.extend(control.to_le_bytes());
    packet.extend([0, 0]);
    for last in [first, second, third] {
        packet.extend([2, 0, 0, 0, 0, last]);
    }
    packet.extend([0, 0]);
    packet.extend(body);
    packet
}

/// Time stamp, interval 100, the capability's privacy bit, then elements.
fn body(privacy: bool, elements: &[u8]) -> Vec<u8> {
    let mut body = vec![0; 8];
    body.extend([100, 0, if privacy { 0x11 } else { 1 }, 0]);
    body.extend(elements);
    body
}

fn at(seconds: u64) -> Capture {
    Capture {
        time: Some(seconds * 1_000_000_000),
        ..Capture::default()
    }
}

#[test]
fn a_network_and_its_station() {
    let mut air = air();
    let beacon = packet(
        0x80,
        [0xff, 1, 1],
        &body(false, &[0, 3, b'n', b'e', b't', 7, 6, b'D', b'E', b' ', 36, 4, 20]),
    );
    air.packet(LinkType::Radiotap, &beacon, at(1));
    air.packet(LinkType::Radiotap, &packet(0x0908, [1, 2, 1], &[0; 40]), at(2));
    air.packet(LinkType::Radiotap, &packet(0x0208, [2, 1, 1], &[0; 40]), at(3));
    let report = air.report(Some(3_000_000_000), None);
    let [network] = &report.networks[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        (network.ssid.as_deref(), network.channel.as_deref()),
        (Some("net"), Some("36"))
    );
    assert_eq!(
        (network.security.as_str(), network.country.as_deref()),
        ("open", Some("DE"))
    );
    assert_eq!(
        (network.width_mhz, network.generation, network.signal_dbm),
        (Some(20), None, Some(-50))
    );
    assert_eq!((network.beacons, network.frames, network.stations), (1, 2, 1));
    assert_eq!((network.last_seen, network.beacon_interval_tu), (Some(3.0), 100));
    let [station] = &report.stations[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        (station.mac.as_str(), station.ssid.as_deref()),
        ("02:00:00:00:00:02", Some("net"))
    );
    assert_eq!((station.frames, station.retries, station.bytes), (1, 1, 64));
    let [channel] = &report.channels[..] else {
        panic!("{report:?}")
    };
    assert_eq!((channel.frames, channel.management_frames, channel.retries), (3, 1, 1));
    assert_eq!(
        (channel.networks, channel.stations, channel.utilization_ratio),
        (1, 1, None)
    );
}

#[test]
fn a_hidden_name_is_told_by_a_response() {
    let mut air = air();
    let hidden = packet(0x80, [0xff, 1, 1], &body(true, &[0, 3, 0, 0, 0]));
    let response = packet(0x50, [2, 1, 1], &body(true, &[0, 1, b'h']));
    let mut names = Vec::new();
    for frame in [&hidden, &response, &hidden] {
        air.packet(LinkType::Radiotap, frame, at(1));
        names.push(air.report(None, None).networks[0].ssid.clone());
    }
    assert_eq!(names, [None, Some("h".to_owned()), Some("h".to_owned())]);
    let network = &air.report(None, None).networks[0];
    assert_eq!(
        (network.security.as_str(), network.beacons, network.probe_responses),
        ("WEP", 2, 1)
    );
}

#[test]
fn networks_of_a_set() {
    let profile = [83, 2, 1, 0, 0, 2, b'g', b'o', 85, 1, 1];
    let mut elements = vec![
        0, 1, b'a', 48, 20, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 8, 0xc0, 0,
    ];
    elements.extend([71, 3 + profile.len() as u8, 1, 0, profile.len() as u8]);
    elements.extend(profile);
    let mut air = air();
    air.packet(
        LinkType::Radiotap,
        &packet(0x80, [0xff, 0x10, 0x10], &body(true, &elements)),
        at(1),
    );
    let networks = air.report(None, None).networks;
    let told: Vec<_> = networks
        .iter()
        .map(|network| {
            (
                network.bssid.as_str(),
                network.ssid.as_deref(),
                network.security.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("02:00:00:00:00:10", Some("a"), "SAE"),
            ("02:00:00:00:00:11", Some("go"), "open")
        ]
    );
    assert_eq!(networks[1].transmitter.as_deref(), Some("02:00:00:00:00:10"));
    assert_eq!(
        (networks[0].protection.as_deref(), networks[1].protection.as_deref()),
        (Some("required"), None)
    );
}

#[test]
fn another_counter_may_forget() {
    let mut air = air();
    let heard = |frames| Heard {
        address: Address([2, 0, 0, 0, 0, 9]),
        bssid: None,
        count: Count {
            frames,
            bytes: 10 * frames,
            retries: 0,
        },
        last: Some(1),
        frequency: Some(2412),
        signal: None,
        own: false,
    };
    for frames in [5, 5, 8, 2, 3] {
        air.heard(heard(frames));
    }
    let station = &air.report(None, None).stations[0];
    assert_eq!((station.frames, station.bytes), (11, 110));
}

#[test]
fn stations_that_were_heard_lately_are_neither_networks_nor_this_host() {
    let mut air = air();
    let heard = |last: u8, time, own| Heard {
        address: Address([2, 0, 0, 0, 0, last]),
        bssid: Some(Address([2, 0, 0, 0, 0, 0x10])),
        count: Count::default(),
        last: Some(time),
        frequency: None,
        signal: None,
        own,
    };
    for (last, time, own) in [(1, 5, false), (2, 9, false), (3, 9, true), (0x10, 9, false)] {
        air.heard(heard(last, time, own));
    }
    assert_eq!([0, 5, 6, 9, 10].map(|since| air.heard_since(since)), [2, 2, 1, 1, 0]);
    air.heard(heard(1, 12, false));
    assert_eq!(air.heard_since(10), 1);
}

#[test]
fn a_radio_that_went_on_left_its_channel() {
    let mut air = air();
    let tuned = |air: &Air| {
        let channels = air.channels(false).into_iter().filter(|channel| channel.tuned);
        channels.filter_map(|channel| channel.frequency_mhz).collect::<Vec<_>>()
    };
    let survey = |frequency, in_use| SurveyReading {
        frequency,
        in_use,
        ..SurveyReading::default()
    };
    air.survey(&[survey(5180, false), survey(5200, true)]);
    assert_eq!(tuned(&air), [5200]);
    // A driver that tells of the channel that it is on alone, and one that tells of none.
    air.survey(&[survey(5220, true)]);
    assert_eq!(tuned(&air), [5220]);
    air.survey(&[survey(5220, false)]);
    assert_eq!(tuned(&air), [5220]);
    air.tuned(&[2412, 5240]);
    assert_eq!(tuned(&air), [2412, 5240]);
}

proptest! {
    #[test]
    fn any_packets(packets: Vec<(Vec<u8>, u64, u8)>) {
        let mut air = Air::new(Arc::new(Identity::default()), Limits { networks: 8, stations: 8 });
        for (octets, time, kind) in packets {
            let capture = Capture { time: Some(time), ..Capture::default() };
            air.packet(LinkType::Ieee80211, &octets, capture);
            let framed = packet(u16::from(kind) << 4, [kind, kind >> 1, kind >> 1], &octets);
            air.packet(LinkType::Radiotap, &framed, capture);
            air.frame(LinkType::Radiotap, &framed, capture);
        }
        let report = air.report(None, None);
        prop_assert!(report.networks.len() <= 8 && report.stations.len() <= 8);
        let text = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<Report>(&text).unwrap().networks.len(), report.networks.len());
    }
}
