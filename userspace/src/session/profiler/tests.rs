use std::collections::BTreeMap;

use airlens_common::monitor::FrameHeader;
use bytes::Bytes;

use super::*;

const AP: u8 = 1;
const CLIENT: u8 = 2;
const SECOND: u64 = 1_000_000_000;

fn address(last: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, last]
}

/// A management frame between `from` and `to` in the BSS of [`AP`], at `time` ns, behind an empty radiotap header.
fn between((from, to): (u8, u8), control: [u8; 2], sequence: u8, body: &[u8], time: u64) -> Frame {
    let mut packet = vec![0, 0, 8, 0, 0, 0, 0, 0];
    packet.extend(control);
    packet.extend([0, 0]);
    for part in [to, from, AP] {
        packet.extend(address(part));
    }
    packet.extend([sequence << 4, 0]);
    packet.extend(body);
    Frame {
        header: FrameHeader {
            time,
            radiotap_length: 8,
            length: packet.len() as u32,
            ..FrameHeader::default()
        },
        packet: Bytes::from(packet),
    }
}

const REQUEST: [u8; 7] = [1, 0, 10, 0, 0, 1, b'a'];

fn profiler(own: bool) -> Profiler {
    let options = ProfilerOptions::listening(Arc::default());
    Profiler::new(ProfilerOptions {
        own: own.then_some(Address(address(AP))),
        ..options
    })
}

fn hear(profiler: &mut Profiler, frames: &[Frame]) -> Vec<Outcome> {
    let clock = Clock::now();
    frames.iter().map(|frame| profiler.frame(frame, clock)).collect()
}

fn asks(control: [u8; 2], sequence: u8, body: &[u8], time: u64) -> Frame {
    between((CLIENT, AP), control, sequence, body, time)
}

fn authenticates(from: u8, algorithm: u8, transaction: u8, status: u8, time: u64) -> Frame {
    let to = if from == AP { CLIENT } else { AP };
    let body = [algorithm, 0, transaction, 0, status, 0];
    between((from, to), [0xb0, 0], 1, &body, time)
}

#[test]
fn what_is_sent_again_is_the_same_request() {
    let mut profiler = profiler(false);
    let other = [1, 0, 10, 0, 0, 1, b'b'];
    let profiled: Vec<_> = hear(
        &mut profiler,
        &[
            asks([0, 0], 5, &REQUEST, 0),
            // By the radio.
            asks([0, 8], 5, &REQUEST, 1000),
            // By the station.
            asks([0, 0], 6, &REQUEST, SECOND / 5),
            // It asks for something else, and then again later.
            asks([0, 0], 7, &other, SECOND / 4),
            asks([0, 0], 8, &other, 2 * SECOND),
        ],
    )
    .iter()
    .map(|outcome| matches!(outcome, Outcome::Profile(_)))
    .collect();
    assert_eq!(profiled, [true, false, false, true, true]);
    let counts = profiler.counts();
    assert_eq!((counts.observed, counts.clients, counts.retransmissions), (3, 1, 2));
}

#[test]
fn requests_to_the_own_bssid_are_told_from_observed_ones() {
    for (own, source) in [(true, CaptureSource::Internal), (false, CaptureSource::External)] {
        let mut profiler = profiler(own);
        let outcome = hear(&mut profiler, &[asks([0, 0], 5, &REQUEST, 0)]).remove(0);
        let Outcome::Profile(profile) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(profile.source, source);
        let counts = profiler.counts();
        assert_eq!((counts.own, counts.observed), (u64::from(own), u64::from(!own)));
        assert_eq!(profiler.stations().next().unwrap().1.own, own);
    }
}

#[test]
fn answers_are_joined_to_requests() {
    let mut profiler = profiler(true);
    let answer = |status, time| between((AP, CLIENT), [0x10, 0], 1, &[1, 0, status, 0, 1, 0xc0], time);
    let deauthentication = between((AP, CLIENT), [0xc0, 0], 2, &[6, 0], 5_000_000);
    let outcomes = hear(
        &mut profiler,
        &[
            answer(0, 1),
            asks([0, 0], 5, &REQUEST, 1_000_000),
            answer(17, 3_000_000),
            answer(0, 4_000_000),
            deauthentication,
        ],
    );
    let Outcome::Answered(client, answered) = &outcomes[2] else {
        panic!("{outcomes:?}")
    };
    assert_eq!((client.0, answered.status, answered.after), (address(CLIENT), 17, 2000));
    let answers = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Answered(..)));
    assert_eq!(answers.count(), 1);
    let counts = profiler.counts();
    assert_eq!((counts.accepted, counts.turned_away), (0, 1));
    let station = profiler.stations().next().unwrap().1;
    let ended = station.answered.unwrap().ended.unwrap();
    assert_eq!((ended.by, ended.reason), (Side::Ap, Some(6)));
}

#[test]
fn a_session_from_its_authentication_to_its_end() {
    let mut profiler = profiler(true);
    let answer = |time| between((AP, CLIENT), [0x10, 0], 1, &[1, 0, 0, 0, 1, 0xc0], time);
    let leaves = |from, to, time| between((from, to), [0xc0, 0], 2, &[3, 0], time);
    hear(&mut profiler, &[authenticates(CLIENT, 0, 1, 0, 1_000_000)]);
    assert_eq!(profiler.sessions(), (1, 0));
    hear(
        &mut profiler,
        &[asks([0, 0], 5, &REQUEST, 2_000_000), answer(5_000_000)],
    );
    assert_eq!(profiler.sessions(), (0, 1));
    // It asks again, of its own will, and is accepted again.
    hear(&mut profiler, &[asks([0, 0], 6, &REQUEST, 2 * SECOND)]);
    assert_eq!(profiler.sessions(), (0, 0));
    hear(&mut profiler, &[answer(2 * SECOND + 1)]);
    let end = [leaves(CLIENT, AP, 3 * SECOND), leaves(AP, CLIENT, 3 * SECOND + 1)];
    hear(&mut profiler, &end);
    assert_eq!(profiler.sessions(), (0, 0));
    let counts = profiler.counts();
    assert_eq!((counts.accepted, counts.ended_by_client, counts.ended_by_ap), (2, 1, 0));
    // The second one's authentication was not heard.
    assert_eq!((counts.handshakes.count(), counts.handshakes.sum_us), (1, 4000));
}

#[test]
fn who_authenticates_and_never_asks_has_failed_and_why() {
    let deauthentication = |from: u8, to| between((from, to), [0xc0, 0], 3, &[3, 0], 3);
    let cases = [
        (vec![authenticates(CLIENT, 0, 1, 0, 1)], FailureCause::NoAnswer),
        (
            vec![authenticates(CLIENT, 0, 1, 0, 1), authenticates(AP, 0, 2, 13, 2)],
            FailureCause::Rejected,
        ),
        (
            vec![authenticates(CLIENT, 0, 1, 0, 1), authenticates(AP, 0, 2, 0, 2)],
            FailureCause::NotRequested,
        ),
        (
            vec![authenticates(CLIENT, 3, 1, 126, 1), authenticates(AP, 3, 1, 126, 2)],
            FailureCause::SaeUnfinished,
        ),
        (
            vec![authenticates(CLIENT, 3, 1, 0, 1), authenticates(AP, 3, 1, 77, 2)],
            FailureCause::SaeRejected,
        ),
        (
            vec![
                authenticates(CLIENT, 3, 1, 0, 1),
                authenticates(AP, 3, 1, 0, 2),
                authenticates(CLIENT, 3, 2, 0, 3),
                authenticates(AP, 3, 2, 15, 4),
                deauthentication(CLIENT, AP),
            ],
            FailureCause::WrongPassword,
        ),
        (
            vec![authenticates(CLIENT, 3, 2, 0, 1), authenticates(AP, 3, 2, 1, 2)],
            FailureCause::WrongPassword,
        ),
        (
            vec![
                authenticates(CLIENT, 3, 1, 0, 1),
                authenticates(AP, 3, 1, 0, 2),
                authenticates(CLIENT, 3, 2, 0, 3),
                authenticates(AP, 3, 2, 0, 4),
            ],
            FailureCause::NotRequested,
        ),
        (
            vec![authenticates(CLIENT, 0, 1, 0, 1), deauthentication(AP, CLIENT)],
            FailureCause::Dismissed,
        ),
        (
            vec![authenticates(CLIENT, 0, 1, 0, 1), deauthentication(CLIENT, AP)],
            FailureCause::Left,
        ),
    ];
    for (frames, cause) in cases {
        let mut profiler = profiler(true);
        hear(&mut profiler, &frames);
        assert_eq!(profiler.expire(5 * SECOND), []);
        let failed = profiler.expire(5 * SECOND + 1);
        assert_eq!(failed.iter().map(|failed| failed.cause).collect::<Vec<_>>(), [cause]);
        assert!(failed[0].own);
        assert_eq!(profiler.counts().failed, BTreeMap::from([(cause, 1)]));
        assert_eq!(profiler.stations().next().unwrap().1.failed, Some(cause));
        assert_eq!(profiler.expire(u64::MAX), []);
    }
}

#[test]
fn who_asks_has_not_failed() {
    let mut profiler = profiler(true);
    hear(
        &mut profiler,
        &[
            authenticates(CLIENT, 0, 1, 0, 1),
            asks([0, 0], 5, &REQUEST, 2),
            // Unreadable, yet it asked.
            authenticates(CLIENT, 0, 1, 0, SECOND),
            asks([0, 0], 6, &[1], SECOND + 1),
        ],
    );
    assert_eq!(profiler.expire(u64::MAX), []);
    let counts = profiler.counts();
    assert_eq!((counts.unreadable, counts.invalid, counts.failures()), (1, 1, 1));
}

#[test]
fn other_aps_clients_are_not_followed_where_the_radio_moves() {
    let mut options = ProfilerOptions::listening(Arc::default());
    options.follow_observed = false;
    let mut profiler = Profiler::new(options);
    hear(&mut profiler, &[authenticates(CLIENT, 0, 1, 0, 1)]);
    assert_eq!((profiler.expire(u64::MAX), profiler.counts().clients), (vec![], 1));
}

#[test]
fn attempts_are_bounded() {
    let mut profiler = profiler(true);
    for number in 256..256 + attempts::MAX_ATTEMPTS as u32 + 3 {
        let mut frame = authenticates(CLIENT, 0, 1, 0, u64::from(number));
        let mut packet = frame.packet.to_vec();
        // The source address.
        packet[8 + 12..8 + 16].copy_from_slice(&number.to_be_bytes());
        frame.packet = Bytes::from(packet);
        hear(&mut profiler, &[frame]);
    }
    assert_eq!(profiler.counts().left_out.authentications, 3);
    assert_eq!(profiler.expire(u64::MAX).len(), attempts::MAX_ATTEMPTS);
}

#[test]
fn probe_requests_that_give_way_are_counted() {
    let mut profiler = profiler(true);
    for number in 0..MAX_PROBING as u32 + 5 {
        let mut frame = between((CLIENT, AP), [0x40, 0], 1, &[0, 0], u64::from(number));
        let mut packet = frame.packet.to_vec();
        // The source address.
        packet[8 + 12..8 + 16].copy_from_slice(&number.to_be_bytes());
        frame.packet = Bytes::from(packet);
        hear(&mut profiler, &[frame]);
    }
    let left_out = profiler.counts().left_out;
    assert_eq!(left_out.causes().map(|(_, count)| count), [0, 0, 0, 5]);
}

#[test]
fn others_of_a_kind_are_told_where_one_is_random() {
    let mut profiler = profiler(false);
    let ht = |streams: u8| [&REQUEST[..], &[45, 7, 0, 0, 0x17, streams, 0, 0, 0]].concat();
    for (number, first, streams) in [(1, 2, 1), (2, 0, 1), (3, 0, 1), (4, 2, 3)] {
        let mut frame = asks([0, 0], number, &ht(streams), u64::from(number) * SECOND);
        let mut packet = frame.packet.to_vec();
        (packet[8 + 10], packet[8 + 15]) = (first, number);
        frame.packet = Bytes::from(packet);
        hear(&mut profiler, &[frame]);
    }
    let alike = |first, last, most| {
        let (alike, all) = profiler.alike(Address([first, 0, 0, 0, 0, last]), most);
        (alike.iter().map(|other| other.0[5]).collect::<Vec<_>>(), all)
    };
    assert_eq!(alike(2, 1, 9), (vec![3, 2], 2));
    assert_eq!(alike(2, 1, 1), (vec![3], 2));
    assert_eq!((alike(0, 2, 9), alike(0, 3, 9)), ((vec![1], 1), (vec![1], 1)));
    assert_eq!((alike(2, 4, 9), alike(2, 9, 9)), ((vec![], 0), (vec![], 0)));
}
