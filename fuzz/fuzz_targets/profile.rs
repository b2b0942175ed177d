//! From packet to profile to every form of it. The first octet selects the link type, the second how much the capture cut off,
//! four more are the time.

#![no_main]

use airlens::{
    capture::Reader,
    dot11::link::LinkType,
    profile::{
        Capture, Profile, client_json, client_pcap, client_pcapng, client_stem, client_text, csv_header, csv_row,
        history_line, record,
    },
};
use airlens_fuzz::{bounded, fields, inside, mutate_packet};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use serde_json::Value;

const LINKS: [LinkType; 5] = [
    LinkType::Radiotap,
    LinkType::Ieee80211,
    LinkType::Prism,
    LinkType::Avs,
    LinkType::Ppi,
];

/// Octets in front of the packet.
const SAID: usize = 6;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_packet(data, size, max_size, seed, SAID)
});

/// A profile as the packet of a capture file gives it.
fn read(file: &[u8]) -> Profile {
    let mut reader = Reader::new(file).expect("a file of airlens's own");
    let packet = reader.next_packet().expect("a whole record").expect("a packet");
    let link_type = LinkType::from_number(packet.link_type).expect("a link type of 802.11");
    let capture = Capture {
        time: packet.time,
        original_length: Some(packet.original_length),
        ..Capture::default()
    };
    Profile::from_packet(link_type, packet.octets, capture)
        .expect("as before")
        .expect("a request")
}

/// Written and read again, a value is the same; lines are lines.
fn check_json(value: &Value) {
    let line = serde_json::to_string(value).expect("nothing that JSON can't say");
    assert!(!line.contains(|letter| letter < ' '), "a line: {line}");
    assert_eq!(&serde_json::from_str::<Value>(&line).expect("JSON"), value);
}

fuzz_target!(|data: &[u8]| {
    let Some((&[link_type, cut, time @ ..], packet)) = data.split_first_chunk::<SAID>() else {
        return;
    };
    let link_type = LINKS[usize::from(link_type) % LINKS.len()];
    let capture = Capture {
        time: Some(u64::from(u32::from_le_bytes(time)) * 1_000_000_000),
        original_length: Some(packet.len() + usize::from(cut)),
        ..Capture::default()
    };
    let result = bounded(packet.len(), 96, 32 * 1024, || {
        Profile::from_packet(link_type, packet, capture)
    });
    assert_eq!(result, Profile::from_packet(link_type, packet, capture));
    let profile = match result {
        Ok(Some(profile)) => profile,
        Ok(None) => return,
        Err(error) => return assert!(!error.to_string().contains(|letter: char| letter.is_control())),
    };
    assert_eq!(profile.packet, packet);
    assert!(profile.ssid.0.len() <= packet.len() && profile.links.len() <= 16);
    assert!(inside(&profile.packet, profile.body()));
    assert_eq!(
        profile.ssid.hex().is_some(),
        std::str::from_utf8(&profile.ssid.0).is_err()
    );

    // A value, its line and the value read from it, of sixteen links at the most.
    bounded(packet.len(), 2048, 2 << 20, || {
        check_json(&client_json(&profile));
        check_json(&history_line(&profile));
        check_json(&serde_json::to_value(record("file", 1, &profile)).expect("nothing that JSON can't say"));
    });
    let row = csv_row(&profile);
    let columns = fields(&csv_header()).expect("CSV").len();
    assert_eq!(fields(&row).expect("CSV").len(), columns, "{row}");
    assert!(
        !row.trim_end_matches("\r\n")
            .contains(|letter: char| letter.is_control()),
        "{row}"
    );
    let text = client_text(&profile);
    assert!(
        !text.contains(|letter: char| letter.is_control() && letter != '\n'),
        "{text}"
    );
    let stem = client_stem(&profile);
    assert!(
        stem.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter)),
        "{stem}"
    );
    for note in &profile.notes {
        assert!(!note.to_string().contains(|letter: char| letter.is_control()));
    }
    assert_eq!(read(&client_pcap(&profile)), profile);
    assert_eq!(read(&client_pcapng(&profile)), profile);
});
