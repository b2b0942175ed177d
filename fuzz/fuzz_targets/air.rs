//! The air: a packet of any kind, from many transmitters, told by a file or by the kernel. Tables stay bounded and make a
//! document.

#![no_main]

use std::sync::Arc;

use airlens::{
    air::{Air, Limits, Report},
    dot11::link::LinkType,
    profile::{Capture, Identity},
};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits {
    networks: 8,
    stations: 8,
};
/// More than find room.
const TRANSMITTERS: u8 = 20;

fuzz_target!(|input: &[u8]| {
    let Some((&bare, packet)) = input.split_first() else {
        return;
    };
    let link_type = if bare & 1 == 1 {
        LinkType::Ieee80211
    } else {
        LinkType::Radiotap
    };
    let frame_at = link_type.parse(packet).map_or(0, |link| link.frame_at);
    let mut air = Air::new(Arc::new(Identity::default()), LIMITS);
    for number in 0..TRANSMITTERS {
        let mut packet = packet.to_vec();
        // The last octets of transmitter and BSSID.
        for at in [frame_at + 15, frame_at + 21] {
            if let Some(octet) = packet.get_mut(at) {
                *octet ^= number;
            }
        }
        let capture = Capture {
            time: Some(number.into()),
            ..Capture::default()
        };
        air.packet(link_type, &packet, capture);
        air.frame(link_type, &packet, capture);
    }
    let report = air.report(None, None);
    assert!(report.networks.len() <= LIMITS.networks && report.stations.len() <= LIMITS.stations);
    let frames: u64 = report.channels.iter().map(|channel| channel.frames).sum();
    assert!(frames <= u64::from(TRANSMITTERS));
    let text = serde_json::to_string(&report).expect("it is a document");
    let again: Report = serde_json::from_str(&text).expect("it is one that can be read");
    assert_eq!((again.networks, again.stations), (report.networks, report.stations));
});
