//! What the access point answers: frames in, frames out, no socket and no clock.
//!
//! Clients are led as far as their (re)association request, which says all that a profile needs, and then refused: why so
//! and with which status code is in docs/design/2026-11-21-refusal.md. State is bounded, and so is the work for each
//! station and for all of them.

mod association;
mod authentication;
mod counts;
mod event;
mod limit;
mod probe;
mod station;
#[cfg(test)]
mod tests;

use std::time::Duration;

use airlens_common::ieee80211::FrameControl;

pub use self::{
    counts::{FrameOutcome, ResponderCounts},
    event::ResponderEvent,
};
use self::{event::Events, limit::Limits, station::Stations};
use super::{
    Announcement,
    sae::{Entropy, SaeServer},
};
use crate::dot11::{
    Address, Band,
    frame::{Frame, FrameError},
};

/// What a responder does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponderSettings {
    /// Probe requests are answered.
    pub probe_responses: bool,
    /// The status code of association responses, Table 9-50: not 0.
    pub refusal: u16,
    /// Stations that are remembered; of more the one that was quiet the longest is forgotten.
    pub stations: usize,
    /// A station is forgotten when it was quiet for as long.
    pub idle: Duration,
}

impl Default for ResponderSettings {
    fn default() -> Self {
        Self {
            probe_responses: true,
            refusal: Self::UNABLE_TO_HANDLE_MORE,
            stations: 1024,
            idle: Duration::from_secs(300),
        }
    }
}

impl ResponderSettings {
    /// The AP can't handle more stations.
    pub const UNABLE_TO_HANDLE_MORE: u16 = 17;
}

/// A frame to send, without radiotap and FCS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The frame.
    pub frame: Vec<u8>,
}

/// The state of an access point's conversations.
#[derive(Debug)]
pub struct Responder {
    announcement: Announcement,
    settings: ResponderSettings,
    /// Where SAE is offered.
    sae: Option<SaeServer>,
    stations: Stations,
    limits: Limits,
    events: Events,
    counts: ResponderCounts,
    sequence: u16,
}

/// What a frame came to: its outcome, and the answer where there is one.
type Handled = (FrameOutcome, Option<Vec<u8>>);

impl Responder {
    /// The access point of `announcement`.
    #[must_use]
    pub fn new(announcement: Announcement, settings: ResponderSettings, mut entropy: Entropy) -> Self {
        let options = announcement.options();
        let band = options.band();
        let limits = Limits::new(entropy.draw());
        let sae = options.security.sae(band).then(|| {
            // Hash to element alone is allowed in 6 GHz (12.12.2).
            SaeServer::new(
                &options.ssid,
                options.passphrase.as_bytes(),
                band != Band::Ghz6,
                entropy,
            )
        });
        Self {
            stations: Stations::new(settings.stations),
            announcement,
            settings,
            sae,
            limits,
            events: Events::default(),
            counts: ResponderCounts::default(),
            sequence: 0,
        }
    }

    /// Answers a frame, without radiotap and FCS, that was received at `now`: the time since the access point started,
    /// which is its TSF too.
    pub fn frame(&mut self, frame: &[u8], now: Duration) -> Vec<Reply> {
        let (outcome, answer) = self.handle(frame, now);
        self.counts.count(outcome);
        answer.into_iter().map(|frame| Reply { frame }).collect()
    }

    /// Forgets who was quiet for too long, and ends handshakes that stations left.
    pub fn expire(&mut self, now: Duration) {
        let limit = now.saturating_sub(self.settings.idle);
        self.counts.stations_expired += self.stations.expire(limit);
        let ended = self.stations.end_handshakes(now);
        for (address, cause) in ended {
            self.sae_failed(address, cause);
        }
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counts(&self) -> ResponderCounts {
        let mut counts = self.counts.clone();
        counts.stations = self.stations.len() as u64;
        counts.stations_evicted = self.stations.evicted();
        counts.events_lost = self.events.lost();
        counts
    }

    /// Takes what happened since the last call, the oldest first. Of more than 1,024 the oldest are lost and counted.
    pub fn events(&mut self) -> impl Iterator<Item = ResponderEvent> + '_ {
        self.events.take()
    }

    /// The announcement that it answers for.
    #[must_use]
    pub fn announcement(&self) -> &Announcement {
        &self.announcement
    }

    fn handle(&mut self, frame: &[u8], now: Duration) -> Handled {
        let Some(control) = FrameControl::parse(frame, 0) else {
            return (FrameOutcome::Malformed, None);
        };
        match (control.kind(), control.0 & 3) {
            (FrameControl::MANAGEMENT, 0) => self.management(frame, now),
            (DATA, 0) => self.data(frame, now),
            _ => (FrameOutcome::Ignored, None),
        }
    }

    /// A frame of who is not associated, as nobody is (11.3.4.1): it is told so.
    fn data(&mut self, frame: &[u8], now: Duration) -> Handled {
        let address = |at: usize| frame.get(at..).and_then(Address::read);
        let (Some(receiver), Some(source)) = (address(4), address(10)) else {
            return (FrameOutcome::Malformed, None);
        };
        // To DS and not from DS: from a station to its AP.
        if frame[1] & 3 != 1 {
            return (FrameOutcome::Ignored, None);
        }
        match self.check_station(receiver, receiver, source) {
            Err(outcome) => (outcome, None),
            Ok(()) => self.deauthenticate(source, NOT_ASSOCIATED, FrameOutcome::NotAssociated, now),
        }
    }

    fn management(&mut self, octets: &[u8], now: Duration) -> Handled {
        let frame = match Frame::new(octets) {
            Ok(frame) => frame,
            Err(FrameError::LaterFragment(_)) => return (FrameOutcome::Ignored, None),
            Err(_) => return (FrameOutcome::Malformed, None),
        };
        let header = frame.header();
        let source = header.source();
        if let Frame::ProbeRequest(request) = frame {
            return self.probe(request, now);
        }
        if let Err(outcome) = self.check_station(header.destination(), header.bssid(), source) {
            return (outcome, None);
        }
        if let Some(copy) = self.stations.copy_of_answer(header) {
            let allowed = self.limits.answer(source, now);
            return if allowed {
                (FrameOutcome::Repeated, copy)
            } else {
                (FrameOutcome::Limited, None)
            };
        }
        let handled = match frame {
            Frame::Authentication(authentication) => self.authentication(authentication, now),
            Frame::AssociationRequest(request) => self.association(request, now),
            Frame::Deauthentication(leaving) | Frame::Disassociation(leaving) => {
                if self.stations.forget(source) {
                    let address = source;
                    let reason = leaving.reason;
                    self.events.push(ResponderEvent::Left { address, reason });
                }
                (FrameOutcome::Left, None)
            }
            _ => (FrameOutcome::Ignored, None),
        };
        if handled.0 != FrameOutcome::Limited {
            self.stations.answered(header, handled.1.as_deref(), now);
        }
        handled
    }

    /// Whether a frame is for this access point alone, and from a station that can be answered.
    fn check_station(&self, receiver: Address, bssid: Address, source: Address) -> Result<(), FrameOutcome> {
        let own = self.announcement.options().bssid;
        if source == own {
            Err(FrameOutcome::Own)
        } else if receiver != own || bssid != own {
            Err(FrameOutcome::Foreign)
        } else if source.is_group() || source == Address::default() {
            Err(FrameOutcome::BadSource)
        } else {
            Ok(())
        }
    }

    fn deauthenticate(&mut self, to: Address, reason: u16, outcome: FrameOutcome, now: Duration) -> Handled {
        if !self.limits.deauthentication(to, now) {
            return (FrameOutcome::Limited, None);
        }
        let sequence = self.next_sequence();
        let frame = self.announcement.deauthentication(to, sequence, reason);
        (outcome, Some(frame))
    }

    fn next_sequence(&mut self) -> u16 {
        self.sequence = (self.sequence + 1) & 0xfff;
        self.sequence
    }
}

/// Type of data frames.
const DATA: u8 = 2;
/// Reason: class 3 frame of a station that is not associated.
const NOT_ASSOCIATED: u16 = 7;
/// Reason: the station that asks for association is not authenticated.
const NOT_AUTHENTICATED: u16 = 9;
