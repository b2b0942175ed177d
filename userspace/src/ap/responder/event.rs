//! What happened to stations.

use std::collections::VecDeque;

use crate::{
    ap::sae::SaeCause,
    dot11::{Address, frame::RequestKind},
};

/// Events that wait to be taken.
const WAITING: usize = 1024;

/// Something that happened to a station; its address is that on the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderEvent {
    /// It is authenticated: an association request should follow.
    Authenticated {
        /// The station.
        address: Address,
        /// Authentication Algorithm Number: 0 open system, 3 SAE.
        algorithm: u16,
        /// Its MLD's address, where it is a multi-link device.
        mld: Option<Address>,
    },
    /// It tried an algorithm that is not offered.
    AuthenticationRefused {
        /// The station.
        address: Address,
        /// Authentication Algorithm Number.
        algorithm: u16,
    },
    /// Its SAE handshake failed. It may come again, as most do with [`SaeCause::UnsupportedGroup`].
    SaeFailed {
        /// The station.
        address: Address,
        /// Why.
        cause: SaeCause,
    },
    /// It asked for association, and was answered.
    AssociationRequested {
        /// The station.
        address: Address,
        /// Association or reassociation.
        kind: RequestKind,
        /// It was authenticated before; otherwise it was told to do that first.
        authenticated: bool,
    },
    /// It left: deauthentication or disassociation.
    Left {
        /// The station.
        address: Address,
        /// Reason Code; [`crate::dot11::frame::reason_name`] names it.
        reason: u16,
    },
}

/// A queue whose length is bounded.
#[derive(Debug, Default)]
pub(super) struct Events {
    waiting: VecDeque<ResponderEvent>,
    lost: u64,
}

impl Events {
    pub(super) fn push(&mut self, event: ResponderEvent) {
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(event);
    }

    pub(super) fn take(&mut self) -> impl Iterator<Item = ResponderEvent> + '_ {
        self.waiting.drain(..)
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }
}
