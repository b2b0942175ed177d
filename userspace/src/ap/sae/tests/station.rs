//! The other side of the handshake, as a station does it.

use super::super::*;
use crate::dot11::{Address, element::ElementId, emit::ElementWriter};

pub(in crate::ap) const AP: Address = Address([2, 0, 0, 0, 0, 1]);
pub(in crate::ap) const STATION: Address = Address([2, 0, 0, 0, 0, 2]);
pub(in crate::ap) const PARTIES: Parties = Parties { own: AP, peer: STATION };
pub(in crate::ap) const SSID: &[u8] = b"profiler";

/// A station's commit and what it makes of the answers.
pub(in crate::ap) struct Station {
    pub(in crate::ap) method: SaeMethod,
    exchange: Exchange,
    rejected_groups: Vec<u8>,
    keys: Option<(Keys, [u8; 96])>,
}

impl Station {
    pub(in crate::ap) fn new(method: SaeMethod, passphrase: &[u8], seed: u8) -> Self {
        Self::of(PARTIES, method, passphrase, seed)
    }

    pub(in crate::ap) fn of(Parties { own, peer }: Parties, method: SaeMethod, passphrase: &[u8], seed: u8) -> Self {
        let element = match method {
            SaeMethod::Looping => PasswordElement::by_looping(passphrase, own, peer).unwrap(),
            SaeMethod::HashToElement => PasswordToken::new(SSID, passphrase).element(own, peer),
        };
        Self {
            method,
            exchange: Exchange::new(element, Secrets::draw(&mut Entropy::new([seed; 32]))),
            rejected_groups: Vec::new(),
            keys: None,
        }
    }

    pub(in crate::ap) fn having_rejected(mut self, groups: &[u16]) -> Self {
        self.rejected_groups = groups.iter().flat_map(|group| group.to_le_bytes()).collect();
        self
    }

    /// Fields of the commit, with the token that was asked for.
    pub(in crate::ap) fn commit(&self, token: Option<&[u8]>) -> Vec<u8> {
        let mut fields = GROUP.to_le_bytes().to_vec();
        let mut elements = ElementWriter::new();
        if !self.rejected_groups.is_empty() {
            elements.raw(ElementId::REJECTED_GROUPS, &self.rejected_groups);
        }
        match (token, self.method) {
            (Some(token), SaeMethod::HashToElement) => {
                elements.raw(ElementId::ANTI_CLOGGING_TOKEN, token);
            }
            (Some(token), SaeMethod::Looping) => fields.extend(token),
            (None, _) => {}
        }
        fields.extend(self.exchange.octets());
        fields.extend(elements.octets());
        fields
    }

    /// Reads the AP's commit and gives the fields of the confirm.
    pub(in crate::ap) fn confirm(&mut self, answer: &SaeAnswer, send_confirm: u16) -> Vec<u8> {
        assert_eq!((answer.transaction, answer.status), (1, self.method.status()));
        let (group, key) = answer.fields.split_at(2);
        assert_eq!(group, GROUP.to_le_bytes());
        let peer = PeerCommit::new(&key[..32], &key[32..]).unwrap();
        let salt = match &self.rejected_groups[..] {
            [] => &[0; 32],
            rejected => rejected,
        };
        let keys = self.exchange.keys(&peer, salt).unwrap();
        let proof = keys.confirm(send_confirm, self.exchange.octets(), peer.octets());
        self.keys = Some((keys, *peer.octets()));
        [&send_confirm.to_le_bytes()[..], &proof].concat()
    }

    /// Another confirm, with a counter of its own.
    pub(in crate::ap) fn confirm_again(&self, send_confirm: u16) -> Vec<u8> {
        let (keys, peer) = self.keys.as_ref().unwrap();
        let proof = keys.confirm(send_confirm, self.exchange.octets(), peer);
        [&send_confirm.to_le_bytes()[..], &proof].concat()
    }

    /// Whether the AP's confirm is right, and the keys are the session's.
    pub(in crate::ap) fn agrees(&self, answer: &SaeAnswer, session: &Session) -> bool {
        let (keys, peer) = self.keys.as_ref().unwrap();
        let (counter, proof) = answer.fields.split_first_chunk().unwrap();
        (answer.transaction, answer.status) == (2, 0)
            && keys.confirmed(proof, u16::from_le_bytes(*counter), self.exchange.octets(), peer)
            && keys == session.keys()
    }
}

pub(in crate::ap) fn server() -> SaeServer {
    SaeServer::new(SSID, b"profiler", true, Entropy::new([1; 32]))
}

pub(in crate::ap) fn admit(_: bool) -> Admission {
    Admission::Compute
}

pub(in crate::ap) fn under_load(proven: bool) -> Admission {
    if proven {
        Admission::Compute
    } else {
        Admission::TokenFirst
    }
}
