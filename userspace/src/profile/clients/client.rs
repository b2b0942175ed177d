//! One client: its requests and its profiles.

use crate::{
    dot11::{Address, frame::RequestKind},
    profile::{Band, Profile, Ssid},
};

use super::outcome::{Answer, Authenticated, Ending};

/// Where a request was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file's place among those read.
    pub input: usize,
    /// Its number in the file.
    pub frame: u64,
}

/// One request of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where it was found.
    pub origin: Origin,
    /// Time of capture in ns since 1970-01-01 UTC.
    pub time: Option<u64>,
    /// Association or reassociation.
    pub kind: RequestKind,
    /// The address that it was sent from.
    pub mac: Address,
    /// The network that it asks to join.
    pub ssid: Ssid,
    /// The AP's BSSID.
    pub bssid: Address,
    /// The band.
    pub band: Band,
    /// Channel number, 0 where unknown.
    pub channel: u8,
    /// Signal in dBm.
    pub signal: Option<i8>,
    /// Which of the client's profiles it gives; `None` where that one is not kept.
    pub profile: Option<usize>,
    /// The authentication with this AP before it, where heard.
    pub authentication: Option<Authenticated>,
    /// The AP's response, where heard.
    pub answer: Option<Answer>,
    /// The deauthentication or disassociation that came after it first, where heard.
    pub ended: Option<Ending>,
}

/// A profile of a client, of all requests on a band that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The first of them; of those that ask for several links, the one with the most.
    pub profile: Profile,
    /// Time of the first in ns.
    pub first_seen: Option<u64>,
    /// Time of the last.
    pub last_seen: Option<u64>,
    /// How many they are.
    pub requests: u64,
}

/// A client: a station, or a multi-link device with all its stations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its MLD MAC address.
    pub mld: Option<Address>,
    /// The addresses of its requests and links, in the order in which they were seen.
    pub addresses: Vec<Address>,
    /// How many more one of its requests named at the most, which found no place there.
    pub further_addresses: usize,
    /// Its requests, as many as are listed, in order.
    pub requests: Vec<Request>,
    /// How many requests there are.
    pub request_count: u64,
    /// Its profiles, in the order in which they were first seen.
    pub profiles: Vec<Known>,
    /// Time of its first request in ns.
    pub first_seen: Option<u64>,
    /// Time of its last.
    pub last_seen: Option<u64>,
}

impl Client {
    /// What it is called by: its MLD address, or else that of its first request.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.mld.or_else(|| self.addresses.first().copied())
    }

    /// The profile seen last on each band, by band.
    #[must_use]
    pub fn newest(&self) -> Vec<&Known> {
        [Band::Ghz2, Band::Ghz5, Band::Ghz6, Band::Unknown]
            .into_iter()
            .filter_map(|band| {
                let on_band = self.profiles.iter().filter(|known| known.profile.band == band);
                on_band.max_by_key(|known| known.last_seen)
            })
            .collect()
    }

    /// The profiles that follow one another on a band, by their places: what changed in between is a change of the device.
    pub fn successions(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.profiles.iter().enumerate().filter_map(|(later, known)| {
            let before = self.profiles.iter().take(later);
            let same = |other: &Known| other.profile.band == known.profile.band;
            before.rev().position(same).map(|back| (later - 1 - back, later))
        })
    }

    /// The place of the profile that says the same, and whether something is kept of this one; `None` where there is none and no room.
    pub(super) fn profile_of(&mut self, profile: &Profile, room: bool) -> Option<(usize, bool)> {
        let same = |known: &Known| known.profile.is_capable_of_the_same(profile);
        if let Some(place) = self.profiles.iter().position(same) {
            let known = &mut self.profiles[place];
            known.requests += 1;
            see(profile.time, &mut known.first_seen, &mut known.last_seen);
            let mut kept = false;
            if known.profile.signature.probe.is_none() && profile.signature.probe.is_some() && room {
                kept = true;
                known.profile.signature.probe.clone_from(&profile.signature.probe);
                known.profile.device.clone_from(&profile.device);
            }
            if profile.links.len() > known.profile.links.len() && room {
                kept = true;
                known.profile.links.clone_from(&profile.links);
                known.profile.mld = profile.mld;
            }
            return Some((place, kept));
        }
        if !room {
            return None;
        }
        self.profiles.push(Known {
            profile: profile.clone(),
            first_seen: profile.time,
            last_seen: profile.time,
            requests: 1,
        });
        Some((self.profiles.len() - 1, true))
    }
}

impl Profile {
    /// Whether two requests on the same band tell the same capabilities. Networks, access points, and which links were
    /// asked for may differ.
    #[must_use]
    pub fn is_capable_of_the_same(&self, other: &Self) -> bool {
        self.band == other.band
            && self.signature.assoc == other.signature.assoc
            && self.features == other.features
            && self.security == other.security
            && self.radio == other.radio
            && self.vendors == other.vendors
    }
}

impl Request {
    pub(super) fn of(profile: &Profile, origin: Origin, known: Option<usize>) -> Self {
        Self {
            origin,
            time: profile.time,
            kind: profile.kind,
            mac: profile.mac,
            ssid: profile.ssid.clone(),
            bssid: profile.bssid,
            band: profile.band,
            channel: profile.channel,
            signal: profile.signal,
            profile: known,
            authentication: None,
            answer: None,
            ended: None,
        }
    }
}

pub(super) fn see(time: Option<u64>, first: &mut Option<u64>, last: &mut Option<u64>) {
    *first = [*first, time].into_iter().flatten().min();
    *last = (*last).max(time);
}
