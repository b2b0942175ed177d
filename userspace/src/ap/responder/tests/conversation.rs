use super::*;
use crate::ap::sae::{SaeCause, SaeMethod, tests::station::Station};

#[test]
fn open_authentication_then_refused_association() {
    let mut responder = responder(&options("36"));
    let mut client = Client::new(STATION);
    let probe = client.frame(&Body::ProbeRequest, &[0, 0]);
    let answer = only(responder.frame(&probe, NOW));
    assert!(matches!(Frame::new(&answer), Ok(Frame::ProbeResponse(response)) if response.timestamp == 100_000_000));
    let first = Frame::new(&answer).unwrap().header().sequence();

    let answer = only(responder.frame(&client.authentication(0, 1, 0, &[]), NOW));
    let read = authentication(&answer);
    assert_eq!((read.algorithm, read.transaction, read.status), (0, 2, 0));
    assert_eq!(
        (read.header.destination(), read.header.sequence()),
        (STATION, first + 1)
    );

    for (current_ap, kind) in [
        (None, RequestKind::Association),
        (Some(Address([2, 0, 0, 0, 0, 3])), RequestKind::Reassociation),
    ] {
        let answer = only(responder.frame(&client.association(current_ap), NOW));
        let read = association_response(&answer);
        assert_eq!((read.kind, read.status, read.aid()), (kind, 17, 0));
    }
    let deauthentication = client.frame(&Body::Deauthentication { reason: 3 }, &[]);
    assert_eq!(responder.frame(&deauthentication, NOW), []);

    let address = STATION;
    let requested = |kind| ResponderEvent::AssociationRequested {
        address,
        kind,
        authenticated: true,
    };
    assert_eq!(
        responder.events().collect::<Vec<_>>(),
        [
            ResponderEvent::Authenticated {
                address,
                algorithm: 0,
                mld: None
            },
            requested(RequestKind::Association),
            requested(RequestKind::Reassociation),
            ResponderEvent::Left { address, reason: 3 }
        ]
    );
    let counts = responder.counts();
    assert_eq!((counts.frames(), counts.reassociations, counts.stations), (5, 1, 0));
    for (outcome, count) in [
        (FrameOutcome::ProbeAnswered, 1),
        (FrameOutcome::OpenAccepted, 1),
        (FrameOutcome::AssociationRefused, 2),
        (FrameOutcome::Left, 1),
    ] {
        assert_eq!(counts.of(outcome), count, "{outcome:?}");
    }
}

#[test]
fn sae_then_refused_association() {
    for method in [SaeMethod::Looping, SaeMethod::HashToElement] {
        let mut responder = responder(&options("36"));
        let mut client = Client::new(STATION);
        let mut station = Station::new(method, b"profiler", 9);
        let commit = client.authentication(3, 1, method.status(), &station.commit(None));
        let answer = sae_answer(&only(responder.frame(&commit, NOW)));
        // Not before it proved that it knows the passphrase.
        let early = client.association(None);
        assert_eq!(deauthentication(&only(responder.frame(&early, NOW))).reason, 9);
        let confirm = client.authentication(3, 2, 0, &station.confirm(&answer, 1));
        let answer = sae_answer(&only(responder.frame(&confirm, NOW)));
        let session = responder.stations.get(STATION).unwrap().sae.clone().unwrap();
        assert!(station.agrees(&answer, &session));
        let answer = only(responder.frame(&client.association(None), NOW));
        assert_eq!(association_response(&answer).status, 17);
        let counts = responder.counts();
        let [committed, accepted] = [FrameOutcome::SaeCommitted, FrameOutcome::SaeAccepted];
        assert_eq!((counts.of(committed), counts.of(accepted)), (1, 1));
    }
}

#[test]
fn a_wrong_passphrase_is_told_and_counted() {
    let mut responder = responder(&options("36"));
    let mut client = Client::new(STATION);
    let mut station = Station::new(SaeMethod::HashToElement, b"what is it?", 9);
    let commit = client.authentication(3, 1, 126, &station.commit(None));
    let answer = sae_answer(&only(responder.frame(&commit, NOW)));
    let confirm = client.authentication(3, 2, 0, &station.confirm(&answer, 1));
    assert_eq!(sae_answer(&only(responder.frame(&confirm, NOW))).status, 15);
    let failed = ResponderEvent::SaeFailed {
        address: STATION,
        cause: SaeCause::WrongPassphrase,
    };
    assert_eq!(responder.events().collect::<Vec<_>>(), [failed]);
    assert_eq!(responder.counts().sae_failures[SaeCause::WrongPassphrase.name()], 1);
}

#[test]
fn retransmissions_change_nothing() {
    let mut responder = responder(&options("36"));
    let mut client = Client::new(STATION);
    let mut first = client.authentication(0, 1, 0, &[]);
    let mut answer = only(responder.frame(&first, NOW));
    first[1] |= 8;
    let again = only(responder.frame(&first, NOW));
    answer[1] |= 8;
    assert_eq!(again, answer);
    assert_eq!(responder.events().count(), 1);
    assert_eq!(responder.counts().of(FrameOutcome::Repeated), 1);
    // The retry bit alone makes no retransmission.
    let mut other = client.authentication(0, 1, 0, &[]);
    other[1] |= 8;
    assert_ne!(only(responder.frame(&other, NOW)), answer);
    assert_eq!(responder.counts().of(FrameOutcome::OpenAccepted), 2);
}

#[test]
fn handshakes_and_stations_expire() {
    let mut responder = responder(&options("36"));
    let mut client = Client::new(STATION);
    let commit = Station::new(SaeMethod::HashToElement, b"profiler", 9).commit(None);
    only(responder.frame(&client.authentication(3, 1, 126, &commit), NOW));
    responder.expire(NOW + Duration::from_secs(9));
    assert_eq!(responder.events().count(), 0);
    responder.expire(NOW + Duration::from_secs(10));
    let failed = ResponderEvent::SaeFailed {
        address: STATION,
        cause: SaeCause::TimedOut,
    };
    assert_eq!(responder.events().collect::<Vec<_>>(), [failed]);
    responder.expire(NOW + Duration::from_secs(300));
    assert_eq!(responder.counts().stations, 1);
    responder.expire(NOW + Duration::from_secs(301));
    let counts = responder.counts();
    assert_eq!((counts.stations, counts.stations_expired), (0, 1));
}
