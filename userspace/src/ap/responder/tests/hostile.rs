//! Floods, and octets of any kind.

use proptest::prelude::*;

use super::*;
use crate::ap::sae::{SaeMethod, tests::station::Station};

fn address(n: u32) -> Address {
    let [a, b, c, d] = n.to_be_bytes();
    Address([2, 1, a, b, c, d])
}

#[test]
fn stations_are_bounded() {
    let mut responder = responder(&options("36"));
    for n in 0..2000 {
        // Slowly: the limits have no part in it.
        let now = NOW + Duration::from_millis(10) * n;
        let frame = Client::new(address(n)).authentication(0, 1, 0, &[]);
        assert_eq!(responder.frame(&frame, now).len(), 1);
    }
    let counts = responder.counts();
    assert_eq!((counts.stations, counts.stations_evicted), (1024, 976));
    let mut known = |n| responder.stations.get(address(n)).is_some();
    assert_eq!((known(975), known(976)), (false, true));
    assert_eq!((counts.events_lost, responder.events().count()), (976, 1024));
}

#[test]
fn a_flood_of_commits_is_answered_with_tokens() {
    let mut responder = responder(&options("36"));
    let commit = Station::new(SaeMethod::HashToElement, b"profiler", 9).commit(None);
    for n in 0..240 {
        let frame = Client::new(address(n)).authentication(3, 1, 126, &commit);
        assert_eq!(responder.frame(&frame, NOW).len(), 1);
    }
    let counts = responder.counts();
    let [committed, token] = [FrameOutcome::SaeCommitted, FrameOutcome::SaeTokenRequired];
    assert_eq!((counts.of(committed), counts.of(token), counts.stations), (5, 235, 5));
    // Who returns its token gets through.
    let mut client = Client::new(STATION);
    let mut station = Station::new(SaeMethod::Looping, b"profiler", 9);
    let frame = client.authentication(3, 1, 0, &station.commit(None));
    let demand = sae_answer(&only(responder.frame(&frame, NOW)));
    let frame = client.authentication(3, 1, 0, &station.commit(Some(&demand.fields[2..])));
    let answer = sae_answer(&only(responder.frame(&frame, NOW)));
    let frame = client.authentication(3, 2, 0, &station.confirm(&answer, 1));
    only(responder.frame(&frame, NOW));
    assert_eq!(responder.counts().of(FrameOutcome::SaeAccepted), 1);
}

#[test]
fn one_station_makes_bounded_work() {
    let mut responder = responder(&options("36"));
    let mut client = Client::new(STATION);
    for seed in 0..100 {
        let commit = Station::new(SaeMethod::HashToElement, b"profiler", seed).commit(None);
        responder.frame(&client.authentication(3, 1, 126, &commit), NOW);
    }
    let counts = responder.counts();
    let [committed, limited] = [FrameOutcome::SaeCommitted, FrameOutcome::Limited];
    assert_eq!((counts.of(committed), counts.of(limited)), (4, 96));
}

/// Frames of a conversation, to be changed.
fn conversation() -> Vec<Vec<u8>> {
    let mut client = Client::new(STATION);
    let commit = Station::new(SaeMethod::HashToElement, b"profiler", 9).commit(None);
    vec![
        client.frame(&Body::ProbeRequest, b"\x00\x08profiler\x03\x01\x24"),
        client.authentication(0, 1, 0, &[]),
        client.authentication(3, 1, 126, &commit),
        client.authentication(3, 2, 0, &[7; 34]),
        client.association(None),
        client.association(Some(AP)),
        client.frame(&Body::Disassociation { reason: 8 }, &[]),
    ]
}

fn check(frames: &[Vec<u8>]) {
    let mut responder = responder(&options("36"));
    for (n, frame) in frames.iter().enumerate() {
        for reply in responder.frame(frame, NOW + Duration::from_secs(n as u64)) {
            let header = Frame::new(&reply.frame).unwrap().header();
            assert_eq!((header.source(), header.bssid()), (AP, AP));
            assert_eq!(header.destination().0, frame[10..16]);
            assert!(!header.destination().is_group() && header.destination() != AP);
        }
    }
    assert_eq!(responder.counts().frames(), frames.len() as u64);
}

/// Which frame of the conversation, where it is changed, to which octet, and what ends it there.
type Change = (usize, prop::sample::Index, u8, u8);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_frames(changes in prop::collection::vec(any::<Change>(), 0..40)) {
        let conversation = conversation();
        let change = |(which, at, octet, cut): Change| {
            let mut frame = conversation[which % conversation.len()].clone();
            let at = at.index(frame.len());
            frame[at] = octet;
            if cut < 32 {
                frame.truncate(at);
            }
            frame
        };
        check(&changes.into_iter().map(change).collect::<Vec<_>>());
    }

    #[test]
    fn any_octets(frames: Vec<Vec<u8>>) {
        check(&frames);
    }
}
