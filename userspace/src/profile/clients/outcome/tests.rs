use proptest::prelude::*;

use super::*;
use crate::{
    dot11::{
        emit::{Body, Header},
        frame::RequestKind,
    },
    profile::{Limits, Origin},
};

const AP: Address = Address([2, 0, 0, 0, 0, 1]);
const MS: u64 = 1_000_000;

fn station(last: u8) -> Address {
    Address([2, 0, 0, 0, 1, last])
}

fn at(ms: u64) -> Capture {
    Capture {
        time: Some(1_600_000_000_000_000_000 + ms * MS),
        ..Capture::default()
    }
}

/// A frame of this station with the AP.
fn frame(by: Side, station: Address, body: &Body<'_>) -> Vec<u8> {
    let (source, destination) = match by {
        Side::Client => (station, AP),
        Side::Ap => (AP, station),
    };
    let header = Header {
        source,
        destination,
        bssid: AP,
        ..Header::default()
    };
    header.frame(body, &[])
}

/// Takes frames as they come: requests are added, all others heard.
fn take(clients: &mut Clients, packet: &[u8], capture: Capture) {
    match Profile::from_packet(LinkType::Ieee80211, packet, capture).unwrap() {
        Some(profile) => clients.add(Origin { input: 0, frame: 1 }, &profile),
        None => clients.hear(LinkType::Ieee80211, packet, capture),
    }
}

fn request(current_ap: Option<Address>) -> Body<'static> {
    Body::AssociationRequest {
        capability: 0x31,
        listen_interval: 10,
        current_ap,
    }
}

fn answer(kind: RequestKind, status: u16, aid: u16) -> Body<'static> {
    Body::AssociationResponse {
        kind,
        capability: 0x31,
        status,
        aid,
    }
}

fn authentication(algorithm: u16, transaction: u16, status: u16) -> Body<'static> {
    Body::Authentication {
        algorithm,
        transaction,
        status,
        fields: &[],
    }
}

#[test]
fn what_became_of_a_request() {
    let mut clients = Clients::default();
    let mut say = |ms, by, body| take(&mut clients, &frame(by, station(1), &body), at(ms));
    let association = RequestKind::Association;
    for (transaction, by, status) in [
        (1, Side::Client, 126),
        (1, Side::Ap, 126),
        (2, Side::Client, 0),
        (2, Side::Ap, 0),
    ] {
        say(0, by, authentication(3, transaction, status));
    }
    // The AP answers the second; the first is sent again.
    say(1, Side::Client, request(None));
    say(3, Side::Client, request(None));
    say(4, Side::Ap, answer(RequestKind::Reassociation, 1, 0));
    say(5, Side::Client, answer(association, 1, 0));
    say(6, Side::Ap, answer(association, 0, 7));
    say(7, Side::Ap, answer(association, 1, 0));
    say(9, Side::Ap, Body::Disassociation { reason: 5 });
    say(10, Side::Client, Body::Deauthentication { reason: 3 });
    // The deauthentication undoes the authentication.
    say(20, Side::Client, request(Some(station(9))));
    say(6020, Side::Ap, answer(RequestKind::Reassociation, 0, 7));
    say(19, Side::Client, Body::Deauthentication { reason: 3 });

    let requests = &clients.all()[0].requests;
    let sae = Some(Authenticated {
        algorithm: 3,
        status: Some(0),
    });
    let found: Vec<_> = requests
        .iter()
        .map(|request| (request.authentication, request.answer))
        .collect();
    let accepted = Answer {
        status: 0,
        aid: Some(7),
        after: Some(3000),
    };
    assert_eq!(found, [(sae, None), (sae, Some(accepted)), (None, None)]);
    let ended = Ending {
        kind: Leave::Disassociation,
        by: Side::Ap,
        reason: Some(5),
        after: Some(6000),
    };
    let found: Vec<_> = requests.iter().map(|request| request.ended).collect();
    assert_eq!(
        found,
        [None, Some(ended), None],
        "what comes before a request does not end it"
    );
}

#[test]
fn an_ap_that_refuses_gives_no_aid_and_one_frame_leaves_all() {
    let mut clients = Clients::default();
    for last in [1, 2] {
        let say = |by, body| frame(by, station(last), &body);
        take(&mut clients, &say(Side::Client, authentication(0, 1, 0)), at(0));
        take(&mut clients, &say(Side::Client, request(None)), Capture::default());
        take(
            &mut clients,
            &say(Side::Ap, answer(RequestKind::Association, 17, 1)),
            at(1),
        );
    }
    // The second is with another AP by now.
    let header = Header {
        source: station(2),
        destination: station(99),
        bssid: station(99),
        ..Header::default()
    };
    take(&mut clients, &header.frame(&request(Some(AP)), &[]), at(2));
    let mut all = frame(Side::Ap, BROADCAST, &Body::Deauthentication { reason: 3 });
    take(&mut clients, &all, at(3));
    all[24] = 4;
    take(&mut clients, &all, at(4));
    let [one, two] = clients.all() else {
        panic!("{clients:#?}")
    };
    assert_eq!(one.requests[0].authentication.map(|heard| heard.status), Some(None));
    let refused = Answer {
        status: 17,
        aid: None,
        after: None,
    };
    assert_eq!(one.requests[0].answer, Some(refused));
    assert_eq!(
        one.requests[0].ended.map(|ended| (ended.by, ended.reason)),
        Some((Side::Ap, Some(3)))
    );
    assert_eq!((two.requests[0].ended, two.requests[1].ended), (None, None));
}

#[test]
fn an_encrypted_end_has_no_reason_and_a_damaged_one_is_none() {
    let mut clients = Clients::default();
    take(&mut clients, &frame(Side::Client, station(1), &request(None)), at(0));
    let mut end = frame(Side::Client, station(1), &Body::Deauthentication { reason: 3 });
    end[1] |= 0x40;
    // A radiotap header with flags: received with a wrong FCS.
    let damaged = [&[0, 0, 9, 0, 2, 0, 0, 0, 0x40][..], &end].concat();
    clients.hear(LinkType::Radiotap, &damaged, at(1));
    assert_eq!(clients.all()[0].requests[0].ended, None);
    clients.hear(LinkType::Radiotap, &damaged[..8], at(1));
    take(&mut clients, &end[..23], at(1));
    take(&mut clients, &end, at(2));
    let ended = clients.all()[0].requests[0].ended;
    assert_eq!(ended.map(|ended| (ended.reason, ended.after)), Some((None, Some(2000))));
}

#[test]
fn what_follows_a_request_that_is_not_listed_is_not_told_of_an_earlier_one() {
    let mut clients = Clients::new(Limits {
        requests: 1,
        ..Limits::default()
    });
    for _ in 0..2 {
        take(&mut clients, &frame(Side::Client, station(1), &request(None)), at(0));
    }
    let accepted = answer(RequestKind::Association, 0, 1);
    take(&mut clients, &frame(Side::Ap, station(1), &accepted), at(1));
    assert_eq!(clients.all()[0].requests[0].answer, None);
}

/// A frame of any kind, of few stations, at few times.
fn any_frame() -> impl Strategy<Value = (Vec<u8>, Capture)> {
    let kinds = (0..6usize, 0..4u8, any::<bool>(), any::<[u16; 3]>());
    let frames = kinds.prop_map(|(kind, last, by_ap, [a, b, c])| {
        let kind_of = |bit| match bit {
            0 => RequestKind::Association,
            _ => RequestKind::Reassociation,
        };
        let (station, by) = match (last, by_ap && kind != 0) {
            (0, true) => (BROADCAST, Side::Ap),
            (last, true) => (station(last), Side::Ap),
            (last, false) => (station(last), Side::Client),
        };
        let body = match kind {
            0 => request((a % 2 == 0).then_some(AP)),
            1 => answer(kind_of(a % 2), b % 3, c),
            2 => authentication(a % 4, b % 4, c),
            3 => Body::Disassociation { reason: a },
            4 => Body::Deauthentication { reason: a },
            _ => Body::ProbeRequest,
        };
        frame(by, station, &body)
    });
    let time = prop::option::of(0..9u64).prop_map(|ms| ms.map(at).unwrap_or_default());
    (frames, time)
}

proptest! {
    #[test]
    fn frames_in_any_order(frames in prop::collection::vec(any_frame(), 0..64), octets in prop::collection::vec(any::<u8>(), 0..64)) {
        let limits = Limits { clients: 3, requests: 4, all_requests: 8, ..Limits::default() };
        let mut clients = Clients::new(limits);
        clients.hear(LinkType::Ieee80211, &octets, Capture::default());
        for (packet, capture) in &frames {
            take(&mut clients, packet, *capture);
        }
        let exchanges = &clients.exchanges;
        prop_assert!(exchanges.latest.len() <= limits.all_requests);
        prop_assert!(exchanges.stations.values().map(Vec::len).sum::<usize>() <= limits.all_requests);
        for client in clients.all() {
            for request in &client.requests {
                let times = [request.answer.map(|answer| answer.after), request.ended.map(|ended| ended.after)];
                prop_assert!(times.into_iter().flatten().flatten().all(|after| request.time.is_some() && after < 9000));
                prop_assert!(request.answer.is_none_or(|answer| answer.aid != Some(0)));
            }
            // No answer is told twice.
            let requests = || client.requests.iter().filter(|request| request.bssid == AP);
            let accepted = requests().filter(|request| request.answer.is_some()).count() as u64;
            let answers = frames.iter().filter(|(packet, _)| matches!(packet[0], 0x10 | 0x30)).count() as u64;
            prop_assert!(accepted <= answers);
        }
    }
}
