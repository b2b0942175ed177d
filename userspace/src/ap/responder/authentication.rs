//! Authentication (11.3.4): open system and SAE are accepted, so that the station goes on to association.

use std::time::Duration;

use super::{FrameOutcome, Handled, Responder, ResponderEvent};
use crate::{
    ap::{
        AuthenticationReply,
        sae::{Admission, Parties, SaeAnswer, SaeCause, SaeOutcome},
    },
    dot11::{
        Address,
        element::{Elements, MultiLink},
        frame::{Authentication, AuthenticationDetails},
    },
};

/// Unfinished handshakes from which on a station has to prove its address first, as in hostapd
/// (`sae_anti_clogging_threshold`).
const ANTI_CLOGGING: usize = 5;

/// Octets of group, token, scalar and element.
const LOOPING_WITH_TOKEN: usize = 2 + 32 + 96;

/// Status: the algorithm is not supported.
const NOT_SUPPORTED: u16 = 13;
/// Status: not the transaction sequence number that was expected.
const OUT_OF_SEQUENCE: u16 = 14;

impl Responder {
    pub(super) fn authentication(&mut self, frame: Authentication<'_>, now: Duration) -> Handled {
        let address = frame.header.source();
        if !self.limits.answer(address, now) {
            return (FrameOutcome::Limited, None);
        }
        match (frame.algorithm, frame.transaction) {
            (Authentication::OPEN, 1) => self.open(frame, now),
            (Authentication::SAE, 1 | 2) if self.sae.is_some() => self.sae(frame, now),
            (Authentication::OPEN, transaction) => {
                let answer = self.reply(frame, transaction.wrapping_add(1), OUT_OF_SEQUENCE, &[], false);
                (FrameOutcome::OutOfSequence, Some(answer))
            }
            (Authentication::SAE, transaction) if self.sae.is_some() => {
                let answer = self.reply(frame, transaction, OUT_OF_SEQUENCE, &[], false);
                (FrameOutcome::OutOfSequence, Some(answer))
            }
            (algorithm, transaction) => {
                self.events
                    .push(ResponderEvent::AuthenticationRefused { address, algorithm });
                // Both sides of SAE use the same numbers.
                let answers = u16::from(algorithm != Authentication::SAE);
                let answer = self.reply(frame, transaction.wrapping_add(answers), NOT_SUPPORTED, &[], false);
                (FrameOutcome::AlgorithmRefused, Some(answer))
            }
        }
    }

    fn open(&mut self, frame: Authentication<'_>, now: Duration) -> Handled {
        let (address, mld) = (frame.header.source(), self.mld_of(frame));
        let station = self.stations.remember(address, now);
        (station.authenticated, station.mld, station.sae) = (true, mld, None);
        self.authenticated(address, frame.algorithm, mld);
        let answer = self.reply(frame, 2, 0, &[], mld.is_some());
        (FrameOutcome::OpenAccepted, Some(answer))
    }

    fn sae(&mut self, frame: Authentication<'_>, now: Duration) -> Handled {
        let (address, message) = (frame.header.source(), (frame.status, frame.rest));
        let known = self.stations.get(address);
        let (mut mld, mut session) = known.map_or((None, None), |station| (station.mld, station.sae.take()));
        if frame.transaction == 1 {
            mld = self.mld_of(frame);
        }
        // An AP MLD has its link's address.
        let parties = Parties {
            own: self.announcement.options().bssid,
            peer: mld.unwrap_or(address),
        };
        let clogged = self.stations.open_handshakes(now) >= ANTI_CLOGGING;
        let limits = &mut self.limits;
        let admit = |proven: bool| {
            if clogged && !proven {
                Admission::TokenFirst
            } else if limits.commit(address, now) {
                Admission::Compute
            } else {
                Admission::Drop
            }
        };
        let (answer, outcome) = match (&mut self.sae, frame.transaction) {
            (Some(server), 1) => server.commit(&mut session, parties, message, now, admit),
            (Some(server), _) => server.confirm(&mut session, message),
            (None, _) => return (FrameOutcome::Ignored, None),
        };
        // Who only asked, and got a token or a refusal, is not remembered.
        if session.is_some() {
            let station = self.stations.remember(address, now);
            station.sae = session;
            match outcome {
                SaeOutcome::Committed => (station.committed, station.mld) = (now, mld),
                SaeOutcome::Accepted => station.authenticated = true,
                _ => {}
            }
        }
        match outcome {
            SaeOutcome::Accepted => self.authenticated(address, frame.algorithm, mld),
            SaeOutcome::Failed(cause) => self.sae_failed(address, cause),
            _ => {}
        }
        let answer = answer.map(|answer| {
            let SaeAnswer {
                transaction,
                status,
                fields,
            } = answer;
            self.reply(frame, transaction, status, &fields, mld.is_some())
        });
        (outcome_of(outcome), answer)
    }

    fn authenticated(&mut self, address: Address, algorithm: u16, mld: Option<Address>) {
        self.events.push(ResponderEvent::Authenticated {
            address,
            algorithm,
            mld,
        });
    }

    pub(super) fn sae_failed(&mut self, address: Address, cause: SaeCause) {
        *self.counts.sae_failures.entry(cause.name()).or_default() += 1;
        self.events.push(ResponderEvent::SaeFailed { address, cause });
    }

    /// The station's MLD address, where both sides are multi-link devices (IEEE Std 802.11be-2024 35.3.5.1).
    fn mld_of(&self, frame: Authentication<'_>) -> Option<Address> {
        if !self.announcement.options().multi_link {
            return None;
        }
        let elements = match frame.details() {
            AuthenticationDetails::Elements(elements) => elements,
            AuthenticationDetails::SaeCommit(commit) => commit.elements,
            AuthenticationDetails::SaeConfirm(_) | AuthenticationDetails::Other(_) => return None,
        };
        // A token without a container hides the elements; whether it is one depends on the address that they name.
        let behind_token = || {
            (frame.status == 0)
                .then(|| frame.rest.get(LOOPING_WITH_TOKEN..))
                .flatten()
        };
        mld_named(elements).or_else(|| mld_named(behind_token()?))
    }

    fn reply(
        &mut self,
        frame: Authentication<'_>,
        transaction: u16,
        status: u16,
        fields: &[u8],
        multi_link: bool,
    ) -> Vec<u8> {
        let reply = AuthenticationReply {
            algorithm: frame.algorithm,
            transaction,
            status,
            fields,
            elements: &[],
            multi_link,
        };
        let sequence = self.next_sequence();
        self.announcement
            .authentication(frame.header.source(), sequence, &reply)
    }
}

/// The address in the Basic Multi-Link element.
fn mld_named(elements: &[u8]) -> Option<Address> {
    let elements = Elements::parse(elements);
    let multi_link = elements.multi_link()?;
    let basic = multi_link.kind() == Some(MultiLink::BASIC);
    multi_link.address().filter(|address| basic && !address.is_group())
}

fn outcome_of(outcome: SaeOutcome) -> FrameOutcome {
    match outcome {
        SaeOutcome::Committed => FrameOutcome::SaeCommitted,
        SaeOutcome::Repeated => FrameOutcome::SaeRepeated,
        SaeOutcome::TokenRequired => FrameOutcome::SaeTokenRequired,
        SaeOutcome::Dropped => FrameOutcome::Limited,
        SaeOutcome::Accepted => FrameOutcome::SaeAccepted,
        SaeOutcome::Failed(_) => FrameOutcome::SaeFailed,
    }
}
