//! Nothing that differs from a station's own messages is accepted, and nothing panics.

use std::time::Duration;

use proptest::prelude::*;

use super::{super::*, station::*};

const NOW: Duration = Duration::from_secs(5);

fn method(looping: bool) -> SaeMethod {
    if looping {
        SaeMethod::Looping
    } else {
        SaeMethod::HashToElement
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_changed_octet_is_refused(looping: bool, at: prop::sample::Index, bits in 1_u8.., in_confirm: bool) {
        let method = method(looping);
        let (mut server, mut session) = (server(), None);
        let mut station = Station::new(method, b"profiler", 9);
        let mut commit = station.commit(None);
        if !in_confirm {
            let at = at.index(commit.len());
            commit[at] ^= bits;
        }
        let (answer, outcome) = server.commit(&mut session, PARTIES, (method.status(), &commit), NOW, admit);
        if outcome != SaeOutcome::Committed {
            prop_assert!(matches!(outcome, SaeOutcome::Failed(_)) && session.is_none());
            return Ok(());
        }
        let mut confirm = station.confirm(&answer.unwrap(), 1);
        if in_confirm {
            let at = at.index(confirm.len());
            confirm[at] ^= bits;
        }
        // Another scalar is a valid commit, but of somebody who can't prove it.
        let (_, outcome) = server.confirm(&mut session, (0, &confirm));
        prop_assert_eq!(outcome, SaeOutcome::Failed(SaeCause::WrongPassphrase));
    }

    #[test]
    fn any_octets(
        messages in prop::collection::vec((any::<bool>(), 0_u16..130, any::<Vec<u8>>(), any::<bool>()), 0..20),
    ) {
        let (mut server, mut session) = (server(), None);
        for (commit, status, rest, load) in messages {
            let rest = [&GROUP.to_le_bytes()[..], &rest].concat();
            let (answer, _) = if commit {
                server.commit(&mut session, PARTIES, (status, &rest), NOW, if load { under_load } else { admit })
            } else {
                server.confirm(&mut session, (status, &rest))
            };
            prop_assert!(answer.is_none_or(|answer| answer.fields.len() <= 98));
            prop_assert!(session.as_ref().is_none_or(|session| !session.accepted()));
        }
    }
}
