//! The AP's side of the handshake: what each message is answered with (12.4.8).

use std::time::Duration;

use p256::elliptic_curve::subtle::ConstantTimeEq;

use super::{
    Entropy, Exchange, GROUP, Keys, PasswordElement, PasswordToken, PeerCommit, SaeCause, SaeMethod, Secrets,
    message::StationCommit, token::Tokens,
};
use crate::dot11::{
    Address,
    element::ElementId,
    emit::ElementWriter,
    frame::{SaeCommit, SaeConfirm},
};

/// Who shakes hands: addresses of the link, or of the multi-link devices where the station is one (IEEE Std 802.11be-2024
/// 12.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The AP.
    pub own: Address,
    /// The station.
    pub peer: Address,
}

/// An authentication frame to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaeAnswer {
    /// Authentication Transaction Sequence Number: 1 commit, 2 confirm.
    pub transaction: u16,
    /// Status Code.
    pub status: u16,
    /// What follows it.
    pub fields: Vec<u8>,
}

/// Whether a new commit is answered with one: some three multiplications on the curve, and hunting and pecking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Compute.
    Compute,
    /// The station has to return a token first.
    TokenFirst,
    /// No answer.
    Drop,
}

/// What a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaeOutcome {
    /// A new commit: both sides have committed.
    Committed,
    /// A message that was answered before.
    Repeated,
    /// A token was asked for.
    TokenRequired,
    /// There was no answer: [`Admission::Drop`].
    Dropped,
    /// The station proved that it knows the passphrase.
    Accepted,
    /// The handshake failed.
    Failed(SaeCause),
}

/// One station's handshake.
#[derive(Clone, Debug)]
pub struct Session {
    method: SaeMethod,
    parties: Parties,
    password_element: PasswordElement,
    own: [u8; 96],
    peer: [u8; 96],
    keys: Keys,
    /// The station's last valid confirm: its counter and its proof.
    confirmed: Option<(u16, [u8; 32])>,
}

impl Session {
    /// The station proved that it knows the passphrase.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.confirmed.is_some()
    }

    /// What both sides agreed on, if the station is accepted.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The station's scalar and element.
    #[must_use]
    pub fn peer(&self) -> &[u8; 96] {
        &self.peer
    }

    fn commit(&self) -> SaeAnswer {
        SaeAnswer {
            transaction: 1,
            status: self.method.status(),
            fields: [&GROUP.to_le_bytes()[..], &self.own].concat(),
        }
    }

    fn confirm(&self, send_confirm: u16) -> SaeAnswer {
        let proof = self.keys.confirm(send_confirm, &self.own, &self.peer);
        SaeAnswer {
            transaction: 2,
            status: 0,
            fields: [&send_confirm.to_le_bytes()[..], &proof].concat(),
        }
    }
}

type Answered = (Option<SaeAnswer>, SaeOutcome);

/// An AP with one passphrase.
#[derive(Clone, Debug)]
pub struct SaeServer {
    passphrase: Vec<u8>,
    token: PasswordToken,
    looping: bool,
    tokens: Tokens,
    entropy: Entropy,
}

impl SaeServer {
    /// `looping`: hunting and pecking is answered too, not in 6 GHz (12.12.2).
    #[must_use]
    pub fn new(ssid: &[u8], passphrase: &[u8], looping: bool, mut entropy: Entropy) -> Self {
        Self {
            passphrase: passphrase.to_vec(),
            token: PasswordToken::new(ssid, passphrase),
            looping,
            tokens: Tokens::new(&mut entropy),
            entropy,
        }
    }

    /// Answers a commit message: `status`, and the fields behind it. `admit` is asked before anything is computed, with
    /// whether the message has a token of ours.
    pub fn commit(
        &mut self,
        session: &mut Option<Session>,
        parties: Parties,
        (status, rest): (u16, &[u8]),
        now: Duration,
        admit: impl FnOnce(bool) -> Admission,
    ) -> Answered {
        match self.try_commit(session, parties, (status, rest), now, admit) {
            Ok(answered) => answered,
            Err(cause) => (refusal(1, cause), SaeOutcome::Failed(cause)),
        }
    }

    fn try_commit(
        &mut self,
        session: &mut Option<Session>,
        parties: Parties,
        (status, rest): (u16, &[u8]),
        now: Duration,
        admit: impl FnOnce(bool) -> Admission,
    ) -> Result<Answered, SaeCause> {
        let method = match status {
            0 if self.looping => SaeMethod::Looping,
            SaeCommit::HASH_TO_ELEMENT => SaeMethod::HashToElement,
            0 | SaeCommit::SAE_PK => return Err(SaeCause::UnsupportedMethod(status)),
            other => {
                *session = None;
                return Err(SaeCause::GivenUp(other));
            }
        };
        let issued = |token: &[u8]| self.tokens.holds(token, parties.peer, now);
        let commit = StationCommit::new(method, rest, issued)?;
        if let Some(known) = session.as_ref() {
            let is = |octets: &[u8; 96]| octets[..32] == *commit.scalar && octets[32..] == *commit.element;
            if is(&known.own) {
                return Err(SaeCause::Reflected);
            }
            if is(&known.peer) && known.method == method && known.parties == parties {
                // Once it is accepted a commit of the same scalar is a late copy (12.4.8.6.6).
                let answer = (!known.accepted()).then(|| known.commit());
                return Ok((answer, SaeOutcome::Repeated));
            }
        }
        match admit(commit.token.is_some_and(|token| issued(&token))) {
            Admission::Compute => {}
            Admission::TokenFirst => {
                let answer = self.demand(method, parties.peer, now);
                return Ok((Some(answer), SaeOutcome::TokenRequired));
            }
            Admission::Drop => return Ok((None, SaeOutcome::Dropped)),
        }
        let peer = PeerCommit::new(commit.scalar, commit.element)?;
        let known = session
            .as_ref()
            .filter(|known| known.method == method && known.parties == parties)
            .map(|known| known.password_element);
        let password_element = known
            .or_else(|| self.password_element(method, parties))
            .ok_or(SaeCause::Malformed)?;
        let own = Exchange::new(password_element, Secrets::draw(&mut self.entropy));
        let salt = match &commit.rejected_groups[..] {
            [] => &[0; 32],
            rejected => rejected,
        };
        let session = session.insert(Session {
            method,
            parties,
            password_element,
            own: *own.octets(),
            peer: *peer.octets(),
            keys: own.keys(&peer, salt)?,
            confirmed: None,
        });
        Ok((Some(session.commit()), SaeOutcome::Committed))
    }

    fn password_element(&self, method: SaeMethod, Parties { own, peer }: Parties) -> Option<PasswordElement> {
        match method {
            SaeMethod::HashToElement => Some(self.token.element(own, peer)),
            SaeMethod::Looping => PasswordElement::by_looping(&self.passphrase, own, peer),
        }
    }

    /// Asks for a token (12.4.6): in a container where the password element is hashed.
    fn demand(&self, method: SaeMethod, peer: Address, now: Duration) -> SaeAnswer {
        let token = self.tokens.issue(peer, now);
        let mut fields = GROUP.to_le_bytes().to_vec();
        match method {
            SaeMethod::Looping => fields.extend(token),
            SaeMethod::HashToElement => {
                let mut writer = ElementWriter::new();
                fields.extend(writer.raw(ElementId::ANTI_CLOGGING_TOKEN, &token).octets());
            }
        }
        SaeAnswer {
            transaction: 1,
            status: SaeCommit::TOKEN_REQUIRED,
            fields,
        }
    }

    /// Answers a confirm message: `status`, and the fields behind it.
    pub fn confirm(&self, session: &mut Option<Session>, (status, rest): (u16, &[u8])) -> Answered {
        match try_confirm(session, status, rest) {
            Ok(answered) => answered,
            Err(cause) => {
                // One guess for each commit.
                *session = None;
                (refusal(2, cause), SaeOutcome::Failed(cause))
            }
        }
    }
}

fn try_confirm(session: &mut Option<Session>, status: u16, rest: &[u8]) -> Result<Answered, SaeCause> {
    let known = session.as_mut().ok_or(SaeCause::NoCommit)?;
    let message = SaeConfirm::new(rest).ok_or(SaeCause::Malformed)?;
    let counter = message.send_confirm;
    // Elements may follow: Multi-Link.
    let proof: [u8; 32] = *message.confirm.first_chunk().ok_or(SaeCause::Malformed)?;
    let accepted = known.confirmed;
    if let Some((last, proven)) = accepted {
        // What was proven is not lost by what comes later (12.4.8.6.6): copies get the same answer, old ones none.
        if status != 0 || counter <= last || counter == u16::MAX {
            let copy = status == 0 && counter == last && bool::from(proof.ct_eq(&proven));
            return Ok((copy.then(|| known.confirm(1)), SaeOutcome::Repeated));
        }
    } else if status != 0 {
        return Err(SaeCause::GivenUp(status));
    }
    let right = known.keys.confirmed(&proof, counter, &known.own, &known.peer);
    match (right, accepted) {
        (true, None) => {
            known.confirmed = Some((counter, proof));
            Ok((Some(known.confirm(1)), SaeOutcome::Accepted))
        }
        (true, Some(_)) => {
            known.confirmed = Some((counter, proof));
            // Accepted already: the highest counter says so.
            Ok((Some(known.confirm(u16::MAX)), SaeOutcome::Repeated))
        }
        (false, None) => Err(SaeCause::WrongPassphrase),
        (false, Some(_)) => Ok((None, SaeOutcome::Repeated)),
    }
}

/// The frame that tells the station, where one does; a group is refused by its number (12.4.7.4).
fn refusal(transaction: u16, cause: SaeCause) -> Option<SaeAnswer> {
    let fields = match cause {
        SaeCause::UnsupportedGroup(group) => group.to_le_bytes().to_vec(),
        _ => Vec::new(),
    };
    let status = cause.status()?;
    Some(SaeAnswer {
        transaction,
        status,
        fields,
    })
}
