use std::time::Duration;

use proptest::prelude::*;

use super::{super::*, station::*};

const NOW: Duration = Duration::from_secs(5);
const METHODS: [SaeMethod; 2] = [SaeMethod::Looping, SaeMethod::HashToElement];

fn status_of((answer, outcome): (Option<SaeAnswer>, SaeOutcome)) -> (Option<(u16, u16)>, SaeOutcome) {
    (answer.map(|answer| (answer.transaction, answer.status)), outcome)
}

#[test]
fn both_methods_reach_acceptance() {
    for method in METHODS {
        let (mut server, mut session) = (server(), None);
        let mut station = Station::new(method, b"profiler", 9);
        let commit = station.commit(None);
        let (answer, outcome) = server.commit(&mut session, PARTIES, (method.status(), &commit), NOW, admit);
        assert_eq!(outcome, SaeOutcome::Committed);
        let confirm = station.confirm(&answer.unwrap(), 1);
        // Multi-Link and other elements may follow.
        let with_elements = [&confirm[..], &[255, 3, 107, 0, 0]].concat();
        let (answer, outcome) = server.confirm(&mut session, (0, &with_elements));
        assert_eq!(outcome, SaeOutcome::Accepted);
        let session = session.unwrap();
        assert!(session.accepted() && station.agrees(&answer.unwrap(), &session));
    }
}

#[test]
fn copies_get_the_same_answer() {
    let (mut server, mut session) = (server(), None);
    let mut station = Station::new(SaeMethod::HashToElement, b"profiler", 9);
    let commit = station.commit(None);
    let (first, _) = server.commit(&mut session, PARTIES, (126, &commit), NOW, admit);
    // Even under load: nothing is computed for it.
    let again = server.commit(&mut session, PARTIES, (126, &commit), NOW, under_load);
    assert_eq!(again, (first.clone(), SaeOutcome::Repeated));

    let confirm = station.confirm(&first.unwrap(), 1);
    let (first, _) = server.confirm(&mut session, (0, &confirm));
    let again = server.confirm(&mut session, (0, &confirm));
    assert_eq!(again, (first, SaeOutcome::Repeated));
    // A later counter gets a new proof, an older one and a wrong one nothing; the station stays accepted.
    let later = station.confirm_again(2);
    let (answer, _) = server.confirm(&mut session, (0, &later));
    assert!(station.agrees(&answer.clone().unwrap(), session.as_ref().unwrap()));
    assert_eq!(answer.unwrap().fields[..2], [0xff, 0xff]);
    for fields in [&confirm[..], &[3, 0, 1, 2], &[&[3, 0][..], &[0; 32]].concat()] {
        let (answer, _) = server.confirm(&mut session.clone(), (0, fields));
        assert!(answer.is_none() || fields.len() < 34);
    }
    assert!(session.as_ref().unwrap().accepted());
    // A late copy of the commit changes nothing.
    let late = server.commit(&mut session, PARTIES, (126, &commit), NOW, admit);
    assert_eq!(late, (None, SaeOutcome::Repeated));
    // A new commit starts again.
    let commit = Station::new(SaeMethod::HashToElement, b"profiler", 10).commit(None);
    let (_, outcome) = server.commit(&mut session, PARTIES, (126, &commit), NOW, admit);
    assert_eq!((outcome, session.unwrap().accepted()), (SaeOutcome::Committed, false));
}

#[test]
fn tokens_under_load() {
    for method in METHODS {
        let (mut server, mut session) = (server(), None);
        let station = Station::new(method, b"profiler", 9);
        let status = method.status();
        let demand = server.commit(&mut session, PARTIES, (status, &station.commit(None)), NOW, under_load);
        assert_eq!(demand.1, SaeOutcome::TokenRequired);
        assert!(session.is_none());
        let demand = demand.0.unwrap();
        assert_eq!((demand.transaction, demand.status), (1, 76));
        let token = match method {
            SaeMethod::Looping => demand.fields[2..].to_vec(),
            SaeMethod::HashToElement => {
                assert_eq!(demand.fields[2..5], [255, 33, 93]);
                demand.fields[5..].to_vec()
            }
        };
        assert_eq!(token.len(), 32);
        let mut wrong = token.clone();
        wrong[31] ^= 1;
        for (token, outcome) in [
            (&wrong, SaeOutcome::TokenRequired),
            (&token, SaeOutcome::Committed),
            (&token, SaeOutcome::Repeated),
        ] {
            let mut commit = station.commit(Some(token));
            if method == SaeMethod::HashToElement || outcome != SaeOutcome::TokenRequired {
                // Elements behind it, as a multi-link station has them.
                commit.extend([255, 10, 107, 0, 0, 7, 2, 0, 0, 0, 0, 9]);
            }
            let (_, found) = server.commit(&mut session, PARTIES, (status, &commit), NOW, under_load);
            assert_eq!(found, outcome, "{method:?}");
        }
    }
}

#[test]
fn refusals() {
    let fields = |method| Station::new(method, b"profiler", 9).commit(None);
    let looping = fields(SaeMethod::Looping);
    let hashed = fields(SaeMethod::HashToElement);
    let with = |at: usize, octets: &[u8]| {
        let mut fields = hashed.clone();
        fields[at..at + octets.len()].copy_from_slice(octets);
        fields
    };
    let and = |elements: &[u8]| [&hashed[..], elements].concat();
    let order = super::hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let one = [&[0; 31][..], &[1]].concat();
    use SaeCause::*;
    for (status, fields, cause, answer) in [
        (126, with(0, &[20, 0]), UnsupportedGroup(20), Some(77)),
        (0, vec![21, 0], UnsupportedGroup(21), Some(77)),
        (127, hashed.clone(), UnsupportedMethod(127), Some(1)),
        (126, vec![], Malformed, Some(1)),
        (126, vec![19], Malformed, Some(1)),
        (126, hashed[..97].to_vec(), Malformed, Some(1)),
        (0, looping[..97].to_vec(), Malformed, Some(1)),
        (126, with(2, &[0; 32]), InvalidScalar, Some(1)),
        (126, with(2, &one), InvalidScalar, Some(1)),
        (126, with(2, &order), InvalidScalar, Some(1)),
        (126, with(2, &[0xff; 32]), InvalidScalar, Some(1)),
        (126, with(34, &[0; 64]), InvalidElement, Some(1)),
        (126, with(34, &[0xff; 64]), InvalidElement, Some(1)),
        (126, with(66, &one), InvalidElement, Some(1)),
        (126, and(&[255, 2, 33, 1]), PasswordIdentifier, Some(123)),
        (126, and(&[255, 5, 92, 20, 0, 19, 0]), Downgraded, Some(1)),
        (126, and(&[255, 2, 92, 20]), Malformed, Some(1)),
        (1, vec![], GivenUp(1), None),
    ] {
        let mut session = None;
        let answered = server().commit(&mut session, PARTIES, (status, &fields), NOW, admit);
        let group = fields.get(..2).unwrap_or_default().to_vec();
        if let UnsupportedGroup(_) = cause {
            assert_eq!(answered.0.as_ref().unwrap().fields, group);
        }
        let expected = (answer.map(|status| (1, status)), SaeOutcome::Failed(cause));
        assert_eq!(status_of(answered), expected);
        assert!(session.is_none());
    }
    // 6 GHz.
    let mut server = SaeServer::new(SSID, b"profiler", false, Entropy::new([1; 32]));
    let answered = server.commit(&mut None, PARTIES, (0, &looping), NOW, admit);
    assert_eq!(
        status_of(answered),
        (Some((1, 1)), SaeOutcome::Failed(UnsupportedMethod(0)))
    );
}

#[test]
fn reflection_wrong_passphrases_and_order() {
    let (mut server, mut session) = (server(), None);
    let mut station = Station::new(SaeMethod::HashToElement, b"not that one", 9);
    let (answer, _) = server.commit(&mut session, PARTIES, (126, &station.commit(None)), NOW, admit);
    let answer = answer.unwrap();
    let reflected = server.commit(&mut session, PARTIES, (126, &answer.fields), NOW, admit);
    assert_eq!(reflected, (None, SaeOutcome::Failed(SaeCause::Reflected)));
    let confirm = station.confirm(&answer, 1);
    let wrong = server.confirm(&mut session, (0, &confirm));
    assert_eq!(
        status_of(wrong),
        (Some((2, 15)), SaeOutcome::Failed(SaeCause::WrongPassphrase))
    );
    // One guess a commit.
    let again = server.confirm(&mut session, (0, &confirm));
    assert_eq!(status_of(again), (Some((2, 1)), SaeOutcome::Failed(SaeCause::NoCommit)));
    assert!(session.is_none());
}

#[test]
fn rejected_groups_salt_the_keys() {
    let (mut server, mut session) = (server(), None);
    let mut station = Station::new(SaeMethod::HashToElement, b"profiler", 9).having_rejected(&[20, 21]);
    let (answer, _) = server.commit(&mut session, PARTIES, (126, &station.commit(None)), NOW, admit);
    let confirm = station.confirm(&answer.unwrap(), 1);
    let (_, outcome) = server.confirm(&mut session, (0, &confirm));
    assert_eq!(outcome, SaeOutcome::Accepted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn agree_if_and_only_if_the_passphrases_do(seed: u8, same: bool, looping: bool, passphrase in "[ -~]{8,63}") {
        let method = METHODS[usize::from(!looping)];
        let mut server = SaeServer::new(SSID, passphrase.as_bytes(), true, Entropy::new([seed; 32]));
        let own = if same { passphrase } else { passphrase + "x" };
        let (mut station, mut session) = (Station::new(method, own.as_bytes(), seed ^ 1), None);
        let (answer, _) = server.commit(&mut session, PARTIES, (method.status(), &station.commit(None)), NOW, admit);
        let confirm = station.confirm(&answer.unwrap(), 7);
        let (answer, outcome) = server.confirm(&mut session, (0, &confirm));
        prop_assert_eq!(outcome == SaeOutcome::Accepted, same);
        if let Some(session) = session {
            prop_assert!(station.agrees(&answer.unwrap(), &session));
        }
    }
}
