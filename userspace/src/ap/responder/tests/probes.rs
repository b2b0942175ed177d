use super::*;
use crate::dot11::link::crc32;

const OTHER: Address = Address([2, 0, 0, 0, 0, 9]);
const ALL: Address = Address([0xff; 6]);

fn probe(destination: Address, bssid: Address, elements: &[u8]) -> Vec<u8> {
    let header = Header {
        destination,
        source: STATION,
        bssid,
        ..Header::default()
    };
    header.frame(&Body::ProbeRequest, elements)
}

#[test]
fn answered_where_they_ask_for_this_network() {
    let ours = b"\x00\x08profiler";
    let short = [&[255, 9, 58, 1, 2, 3, 4][..], &crc32(b"profiler").to_le_bytes()].concat();
    use FrameOutcome::{Foreign, ProbeAnswered, ProbeOther};
    for (to, bssid, elements, outcome) in [
        (ALL, ALL, &b"\x00\x00"[..], ProbeAnswered),
        (ALL, ALL, ours, ProbeAnswered),
        (AP, AP, ours, ProbeAnswered),
        (AP, ALL, ours, ProbeAnswered),
        (OTHER, ALL, ours, Foreign),
        (ALL, OTHER, ours, Foreign),
        (ALL, ALL, b"\x00\x08Profiler", ProbeOther),
        (ALL, ALL, b"\x00\x07profile", ProbeOther),
        (ALL, ALL, b"", ProbeOther),
        (ALL, ALL, b"\x00\x01x\x54\x0d\x00\x01y\x00\x08profiler", ProbeAnswered),
        (ALL, ALL, b"\x00\x01x\x54\x03\x00\x01y", ProbeOther),
        (ALL, ALL, &short, ProbeAnswered),
        (ALL, ALL, &short[..7], ProbeOther),
        (ALL, ALL, b"\x00\x00\x03\x01\x06", ProbeAnswered),
        (ALL, ALL, b"\x00\x00\x03\x01\x07", ProbeOther),
    ] {
        let mut responder = responder(&options("6"));
        let replies = responder.frame(&probe(to, bssid, elements), NOW);
        assert_eq!(responder.counts().of(outcome), 1, "{to} {bssid} {elements:?}");
        assert_eq!(replies.len(), usize::from(outcome == ProbeAnswered));
        for reply in replies {
            assert_eq!(Frame::new(&reply.frame).unwrap().header().destination(), STATION);
        }
    }
}

#[test]
fn in_6_ghz_everybody_hears_the_answer() {
    let mut responder = responder(&options("6g5"));
    let answer = only(responder.frame(&probe(ALL, ALL, &[0, 0]), NOW));
    assert_eq!(Frame::new(&answer).unwrap().header().destination(), ALL);
}

#[test]
fn can_be_switched_off() {
    let announcement = Announcement::new(&options("36")).unwrap();
    let settings = ResponderSettings {
        probe_responses: false,
        ..ResponderSettings::default()
    };
    let mut responder = Responder::new(announcement, settings, Entropy::new([1; 32]));
    assert_eq!(responder.frame(&probe(ALL, ALL, &[0, 0]), NOW), []);
    assert_eq!(responder.counts().of(FrameOutcome::ProbeOff), 1);
}

#[test]
fn a_flood_is_answered_in_part() {
    let mut responder = responder(&options("36"));
    let request = probe(ALL, ALL, &[0, 0]);
    for _ in 0..1000 {
        responder.frame(&request, NOW);
    }
    let counts = responder.counts();
    let [answered, limited] = [FrameOutcome::ProbeAnswered, FrameOutcome::Limited];
    assert_eq!((counts.of(answered), counts.of(limited)), (20, 980));
    assert_eq!(responder.frame(&request, NOW + Duration::from_millis(50)).len(), 1);
}
