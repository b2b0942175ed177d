use super::*;
use crate::ap::sae::{SaeMethod, tests::station::Station};

#[test]
fn algorithms_and_orders() {
    use FrameOutcome::{AlgorithmRefused, OutOfSequence, SaeFailed};
    use SecurityMode::{FtWpa3Mixed, Wpa2, Wpa3Mixed};
    for (security, algorithm, transaction, status, outcome) in [
        (FtWpa3Mixed, Authentication::SHARED_KEY, 1, 13, AlgorithmRefused),
        (FtWpa3Mixed, Authentication::FAST_TRANSITION, 1, 13, AlgorithmRefused),
        (FtWpa3Mixed, 4, 1, 13, AlgorithmRefused),
        (FtWpa3Mixed, 0xffff, 0xffff, 13, AlgorithmRefused),
        (Wpa2, Authentication::SAE, 1, 13, AlgorithmRefused),
        (Wpa2, Authentication::SAE, 2, 13, AlgorithmRefused),
        (Wpa2, Authentication::OPEN, 2, 14, OutOfSequence),
        (Wpa2, Authentication::OPEN, 0, 14, OutOfSequence),
        (Wpa3Mixed, Authentication::SAE, 3, 14, OutOfSequence),
        (Wpa3Mixed, Authentication::SAE, 2, 1, SaeFailed),
    ] {
        let mut responder = responder(&ApOptions {
            security,
            ..options("36")
        });
        let frame = Client::new(STATION).authentication(algorithm, transaction, 0, &[19, 0]);
        let answer = only(responder.frame(&frame, NOW));
        let read = authentication(&answer);
        let next = u16::from(algorithm != Authentication::SAE);
        assert_eq!(
            (read.algorithm, read.transaction, read.status),
            (algorithm, transaction.wrapping_add(next), status)
        );
        let counts = responder.counts();
        assert_eq!(
            (counts.of(outcome), counts.stations),
            (1, 0),
            "{algorithm} {transaction}"
        );
    }
}

#[test]
fn in_6_ghz_sae_by_hash_alone() {
    for (method, status) in [(SaeMethod::Looping, 1), (SaeMethod::HashToElement, 126)] {
        let mut responder = responder(&ApOptions {
            security: SecurityMode::Wpa2,
            ..options("6g5")
        });
        let commit = Station::new(method, b"profiler", 9).commit(None);
        let frame = Client::new(STATION).authentication(3, 1, method.status(), &commit);
        assert_eq!(sae_answer(&only(responder.frame(&frame, NOW))).status, status);
    }
}

#[test]
fn who_is_not_authenticated_or_associated_is_told() {
    let mut responder = responder(&options("36"));
    let mut client = Client::new(STATION);
    let request = client.association(None);
    assert_eq!(deauthentication(&only(responder.frame(&request, NOW))).reason, 9);
    let event = responder.events().next();
    let authenticated = false;
    assert!(matches!(event, Some(ResponderEvent::AssociationRequested { authenticated: a, .. }) if a == authenticated));

    only(responder.frame(&client.authentication(0, 1, 0, &[]), NOW));
    let mut null = client.association(None)[..24].to_vec();
    null[..2].copy_from_slice(&[0x48, 0x01]);
    let later = NOW + Duration::from_secs(2);
    assert_eq!(deauthentication(&only(responder.frame(&null, later))).reason, 7);
    let told: usize = (0..100).map(|_| responder.frame(&null, later).len()).sum();
    assert_eq!(told, 1);
    // From an AP, and between stations.
    for flags in [0x02, 0x03, 0x00] {
        null[1] = flags;
        assert_eq!(responder.frame(&null, later * 2), []);
    }
}

#[test]
fn frames_of_others() {
    let mut responder = responder(&options("36"));
    let other = [2, 0, 0, 0, 0, 9];
    use FrameOutcome::{BadSource, Foreign, Own};
    for (at, address, outcome) in [
        (4, other, Foreign),
        (4, [0xff; 6], Foreign),
        (16, other, Foreign),
        (10, AP.0, Own),
        (10, [3, 0, 0, 0, 0, 2], BadSource),
        (10, [0; 6], BadSource),
    ] {
        for mut frame in [
            Client::new(STATION).authentication(0, 1, 0, &[]),
            Client::new(STATION).association(None),
            Client::new(STATION).frame(&Body::Deauthentication { reason: 1 }, &[]),
        ] {
            let before = responder.counts().of(outcome);
            frame[at..at + 6].copy_from_slice(&address);
            assert_eq!(responder.frame(&frame, NOW), []);
            assert_eq!(responder.counts().of(outcome), before + 1);
        }
    }
    assert_eq!((responder.counts().stations, responder.events().count()), (0, 0));
}
