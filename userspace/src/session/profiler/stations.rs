//! The stations of a run, and what became of their last requests.

use std::{borrow::Cow, collections::HashMap};

use jiff::Timestamp;

use super::{
    MOST_WAITING, Profiler, SAME_ATTEMPT,
    attempts::{FailedAttempt, FailureCause, Pair},
    summary::Summary,
};
use crate::{
    dot11::{
        Address,
        frame::{AssociationResponse, RequestKind},
    },
    profile::{Ending, Leave, Side},
};

/// Stations that a run remembers. Addresses are free to an attacker; memory is not.
pub(super) const MAX_STATIONS: usize = 65_536;

/// Of these, kept free for those that turn to this run's own AP.
pub(super) const OWN_RESERVE: usize = 4096;

/// A station that was seen.
#[derive(Clone, Debug)]
pub struct Station {
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it last authenticated or asked.
    pub last_seen: Timestamp,
    /// Its last request, once it was profiled.
    pub summary: Option<Box<Summary>>,
    /// Its maker, once it was profiled.
    pub maker: Option<Cow<'static, str>>,
    /// It turned to this run's own AP last.
    pub own: bool,
    /// The answer to its last request, where heard.
    pub answered: Option<Answered>,
    /// Why it failed to ask, if it did so last.
    pub failed: Option<FailureCause>,
    /// Its last request.
    pub(super) asked: Option<Asked>,
}

/// An AP's answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The AP.
    pub bssid: Address,
    /// Status Code (9.4.1.9): 0 is success.
    pub status: u16,
    /// Time after the request in µs.
    pub after: u64,
    /// Time after the client's first authentication frame in µs, where that was heard.
    pub joined: Option<u64>,
    /// The association identifier, where the AP accepts and gives one.
    pub aid: Option<u16>,
    /// How the association was ended afterwards.
    pub ended: Option<Ending>,
}

/// A request, as far as it takes to tell it from its repetition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) bssid: Address,
    /// MHz, 0 where unknown.
    pub(super) frequency: u16,
    pub(super) kind: RequestKind,
    pub(super) sequence: Option<u16>,
    pub(super) content: u64,
    /// `CLOCK_MONOTONIC` in ns.
    pub(super) time: u64,
    /// When its authentication began, on the same clock.
    pub(super) begun: Option<u64>,
}

impl Asked {
    /// Whether it is `last` sent again: by the radio, with its number, or by the station, with its content soon after.
    pub(super) fn repeats(self, last: Self, retry: bool) -> bool {
        let retransmitted = retry && self.sequence.is_some() && self.sequence == last.sequence;
        let soon = u128::from(self.time.saturating_sub(last.time)) < SAME_ATTEMPT.as_nanos();
        let same = (self.bssid, self.frequency, self.kind, self.content)
            == (last.bssid, last.frequency, last.kind, last.content);
        retransmitted || (soon && same)
    }
}

impl Station {
    /// Its AP has accepted it, and neither was heard to leave.
    fn is_established(&self) -> bool {
        self.answered
            .is_some_and(|answered| answered.status == 0 && answered.ended.is_none())
    }
}

#[derive(Debug, Default)]
pub(super) struct Stations {
    all: HashMap<Address, Station>,
    established: u64,
}

impl Profiler {
    /// Other stations of the client's kind of device, where one of both has a randomised address and may thus be the other: at the
    /// most `most`, the one seen last first, and how many there are.
    #[must_use]
    pub fn alike(&self, client: Address, most: usize) -> (Vec<Address>, usize) {
        self.stations.alike(client, most)
    }
}

impl Stations {
    /// Stations that are associated, as far as was heard.
    pub(super) fn established(&self) -> u64 {
        self.established
    }

    /// A station asks anew: what was before is over.
    pub(super) fn asks(&mut self, address: Address, asked: Asked) {
        if let Some(station) = self.all.get_mut(&address) {
            self.established -= u64::from(station.is_established());
            station.asked = Some(asked);
            station.answered = None;
            station.failed = None;
        }
    }

    /// The station, seen now; `None` where there is no room for one more. A new one is counted.
    pub(super) fn see(
        &mut self,
        address: Address,
        own: bool,
        time: Timestamp,
        clients: &mut u64,
    ) -> Option<&mut Station> {
        let most = if own { MAX_STATIONS } else { MAX_STATIONS - OWN_RESERVE };
        if !self.all.contains_key(&address) {
            if self.all.len() >= most {
                return None;
            }
            *clients += 1;
        }
        let station = self.all.entry(address).or_insert(Station {
            first_seen: time,
            last_seen: time,
            summary: None,
            maker: None,
            own,
            answered: None,
            failed: None,
            asked: None,
        });
        station.last_seen = time;
        Some(station)
    }

    fn alike(&self, address: Address, most: usize) -> (Vec<Address>, usize) {
        let kinds = |station: &Station| station.summary.as_ref().map(|summary| summary.kinds.clone());
        let Some(kinds) = self.all.get(&address).and_then(kinds) else {
            return (Vec::new(), 0);
        };
        let is_alike = |&(other, station): &(&Address, &Station)| {
            let theirs = station.summary.as_ref().map(|summary| &summary.kinds);
            *other != address
                && (other.is_local() || address.is_local())
                && theirs.is_some_and(|theirs| !theirs.is_disjoint(&kinds))
        };
        let mut alike: Vec<_> = self.all.iter().filter(is_alike).collect();
        alike.sort_unstable_by_key(|(other, station)| (std::cmp::Reverse(station.last_seen), **other));
        let addresses = alike.iter().take(most).map(|(other, _)| **other);
        (addresses.collect(), alike.len())
    }

    /// An answer, if it is the first to the pair's last request and of its kind.
    pub(super) fn answer(&mut self, pair: Pair, response: AssociationResponse<'_>, now: u64) -> Option<Answered> {
        let station = self.all.get_mut(&pair.0)?;
        let asked = station
            .asked
            .filter(|asked| asked.bssid == pair.1 && asked.kind == response.kind)?;
        let after = now.checked_sub(asked.time)?;
        if station.answered.is_some() || u128::from(after) > MOST_WAITING.as_nanos() {
            return None;
        }
        let answered = Answered {
            bssid: pair.1,
            status: response.status,
            after: after / 1000,
            joined: asked.begun.and_then(|begun| Some(now.checked_sub(begun)? / 1000)),
            aid: Some(response.aid()).filter(|aid| response.status == 0 && *aid != 0),
            ended: None,
        };
        station.answered = Some(answered);
        self.established += u64::from(station.is_established());
        Some(answered)
    }

    /// A deauthentication or disassociation at `now`: the first after an answer counts. Whether it ends an association, not only a
    /// refusal; `None` where there is nothing to tell.
    pub(super) fn left(
        &mut self,
        pair: Pair,
        by: Side,
        (kind, reason): (Leave, Option<u16>),
        now: u64,
    ) -> Option<bool> {
        let station = self.all.get_mut(&pair.0)?;
        let established = station.is_established();
        let after = station.asked.and_then(|asked| now.checked_sub(asked.time));
        let answered = station.answered.as_mut()?;
        if answered.bssid != pair.1 || answered.ended.is_some() {
            return None;
        }
        answered.ended = Some(Ending {
            kind,
            by,
            reason,
            after: after.map(|after| after / 1000),
        });
        self.established -= u64::from(established);
        Some(established)
    }

    pub(super) fn failed(&mut self, failure: &FailedAttempt) {
        if let Some(station) = self.all.get_mut(&failure.client) {
            station.failed = Some(failure.cause);
            station.own = failure.own;
        }
    }

    pub(super) fn get(&self, address: Address) -> Option<&Station> {
        self.all.get(&address)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&Address, &Station)> {
        self.all.iter()
    }
}
