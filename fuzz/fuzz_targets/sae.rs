//! SAE as the AP's side: whatever comes, only who knows the passphrase is accepted, and with the same keys.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use airlens::{
    ap::sae::{
        Admission, Entropy, Exchange, GROUP, Parties, PasswordElement, PasswordToken, PeerCommit, SaeMethod,
        SaeOutcome, SaeServer, Secrets, Session,
    },
    dot11::Address,
};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

const PARTIES: Parties = Parties {
    own: Address([2, 0, 0, 0, 0, 1]),
    peer: Address([2, 0, 0, 0, 0, 2]),
};

/// A change to a message: where, to what, and whether it ends there.
#[derive(Arbitrary, Debug)]
struct Edit(u8, u8, bool);

#[derive(Arbitrary, Debug)]
enum Message {
    /// The station's own commit, or what became of it.
    Commit {
        looping: bool,
        load: bool,
        token: bool,
        edit: Option<Edit>,
        more: Vec<u8>,
    },
    /// What the station answers the AP's last commit.
    Confirm {
        counter: u16,
        edit: Option<Edit>,
        more: Vec<u8>,
    },
    /// Anything.
    Any { commit: bool, status: u16, rest: Vec<u8> },
}

/// The station's side, by method: made once, as it takes a millisecond.
static STATION: LazyLock<[Exchange; 2]> = LazyLock::new(|| {
    let looped = PasswordElement::by_looping(b"profiler", PARTIES.own, PARTIES.peer).expect("there is one");
    let hashed = PasswordToken::new(b"fuzz", b"profiler").element(PARTIES.own, PARTIES.peer);
    let mut entropy = Entropy::new([2; 32]);
    [looped, hashed].map(|element| Exchange::new(element, Secrets::draw(&mut entropy)))
});

static SERVER: LazyLock<SaeServer> =
    LazyLock::new(|| SaeServer::new(b"fuzz", b"profiler", true, Entropy::new([1; 32])));

/// Whether the octets changed.
fn change(octets: &mut Vec<u8>, edit: Option<Edit>) -> bool {
    let Some(Edit(at, value, cut)) = edit else { return false };
    let at = usize::from(at) % octets.len();
    let before = octets.clone();
    octets[at] = value;
    if cut {
        octets.truncate(at);
    }
    *octets != before
}

#[derive(Default)]
struct Conversation {
    session: Option<Session>,
    /// The AP's commit that answers the station's own, and the station's method.
    answer: Option<(Vec<u8>, usize)>,
    token: Vec<u8>,
}

impl Conversation {
    fn commit(&mut self, server: &mut SaeServer, status: u16, rest: &[u8], load: bool) -> SaeOutcome {
        let admit = |proven: bool| {
            if load && !proven {
                Admission::TokenFirst
            } else {
                Admission::Compute
            }
        };
        let (answer, outcome) = server.commit(&mut self.session, PARTIES, (status, rest), Duration::ZERO, admit);
        let answer = answer.map(|answer| answer.fields).unwrap_or_default();
        match outcome {
            SaeOutcome::TokenRequired => {
                // In front of a token in a container are its ids and its length.
                self.token = answer[answer.len() - 32..].to_vec();
            }
            SaeOutcome::Committed => {
                let method = usize::from(status != 0);
                let own = STATION[method].octets();
                let peer = self.session.as_ref().expect("it has begun").peer();
                self.answer = (peer == own).then_some((answer, method));
            }
            _ => {}
        }
        outcome
    }

    /// The station's confirm, and its keys.
    fn confirm(&self, counter: u16) -> Option<(Vec<u8>, airlens::ap::sae::Keys)> {
        let (answer, method) = self.answer.as_ref()?;
        let own = &STATION[*method];
        let peer = PeerCommit::new(&answer[2..34], &answer[34..]).expect("the AP's own commit is valid");
        let keys = own.keys(&peer, &[0; 32]).ok()?;
        let proof = keys.confirm(counter, own.octets(), peer.octets());
        Some(([&counter.to_le_bytes()[..], &proof].concat(), keys))
    }

    fn step(&mut self, server: &mut SaeServer, message: Message) {
        match message {
            Message::Commit {
                looping,
                load,
                token,
                edit,
                more,
            } => {
                let method = if looping {
                    SaeMethod::Looping
                } else {
                    SaeMethod::HashToElement
                };
                let mut rest = GROUP.to_le_bytes().to_vec();
                let token = if token { &self.token[..] } else { &[] };
                if looping {
                    rest.extend(token);
                }
                rest.extend(STATION[usize::from(!looping)].octets());
                if !looping && !token.is_empty() {
                    rest.extend([255, 33, 93]);
                    rest.extend(token);
                }
                change(&mut rest, edit);
                rest.extend(more);
                self.commit(server, method.status(), &rest, load);
            }
            Message::Confirm { counter, edit, more } => {
                let Some((mut rest, keys)) = self.confirm(counter) else {
                    return;
                };
                let before = self.session.as_ref().is_some_and(Session::accepted);
                let changed = change(&mut rest, edit);
                rest.extend(more);
                let (_, outcome) = server.confirm(&mut self.session, (0, &rest));
                assert!(
                    outcome != SaeOutcome::Accepted || !changed,
                    "a changed proof was accepted"
                );
                if let Some(session) = &self.session {
                    // Rejected Groups would salt the keys: then the station's are others, and it isn't accepted.
                    assert!(!session.accepted() || before || *session.keys() == keys);
                }
            }
            Message::Any {
                commit: true,
                status,
                rest,
            } => {
                self.commit(server, status, &rest, false);
            }
            Message::Any { status, rest, .. } => {
                let (_, outcome) = server.confirm(&mut self.session, (status, &rest));
                assert_ne!(outcome, SaeOutcome::Accepted, "a proof was guessed");
            }
        }
    }
}

fuzz_target!(|messages: Vec<Message>| {
    let mut server = SERVER.clone();
    let mut conversation = Conversation::default();
    for message in messages.into_iter().take(12) {
        conversation.step(&mut server, message);
    }
});
