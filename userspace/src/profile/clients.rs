//! Clients put together from their requests: several frames, bands and links make one.

use std::collections::HashMap;

use super::{Band, OtherLink, Profile, Ssid};
use crate::dot11::{Address, frame::RequestKind};

/// How much is kept. Addresses are free to whoever sends frames; memory is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Clients; those that come first are kept.
    pub clients: usize,
    /// Profiles of a client that differ.
    pub profiles: usize,
    /// Requests of a client that are listed; all are counted.
    pub requests: usize,
    /// Requests of all clients that are listed.
    pub all_requests: usize,
    /// Octets of the packets that the profiles are made from: a profile takes some ten times its packet.
    pub octets: usize,
}

impl Default for Limits {
    /// Some 200 MiB where frames are made to fill it, and a few of what is on the air.
    fn default() -> Self {
        Self {
            clients: 8192,
            profiles: 16,
            requests: 256,
            all_requests: 1 << 17,
            octets: 16 << 20,
        }
    }
}

/// What the limits left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// Requests of clients beyond those kept.
    pub requests_of_further_clients: u64,
    /// Requests of clients that are kept which are counted, but not listed.
    pub further_requests: u64,
    /// Requests that say something else than every profile that is kept of their client.
    pub further_profiles: u64,
}

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

/// Addresses of a client that are remembered: each of its links has one.
const MOST_ADDRESSES: usize = 16;

/// Puts requests together, as they come.
#[derive(Debug, Default)]
pub struct Clients {
    limits: Limits,
    clients: Vec<Client>,
    /// The client of each address.
    known: HashMap<Address, usize>,
    listed: usize,
    octets: usize,
    left_out: LeftOut,
}

impl Clients {
    /// With these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// The clients, in the order in which they were first seen.
    #[must_use]
    pub fn all(&self) -> &[Client] {
        &self.clients
    }

    /// What was left out.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Takes a request. It belongs to the client that has its MLD address, its own address or that of one of its links.
    pub fn add(&mut self, origin: Origin, profile: &Profile) {
        let addresses = addresses(profile);
        let index = match addresses.iter().find_map(|address| self.known.get(address)) {
            Some(&index) => index,
            None if self.clients.len() < self.limits.clients => {
                self.clients.push(Client::default());
                self.clients.len() - 1
            }
            None => {
                self.left_out.requests_of_further_clients += 1;
                return;
            }
        };
        let Some(client) = self.clients.get_mut(index) else {
            return;
        };
        client.mld = client.mld.or(profile.mld);
        for address in addresses {
            let is_new = !client.addresses.contains(&address);
            if is_new && client.addresses.len() < MOST_ADDRESSES {
                client.addresses.push(address);
                self.known.entry(address).or_insert(index);
            }
        }
        client.request_count += 1;
        see(profile.time, &mut client.first_seen, &mut client.last_seen);

        let room =
            client.profiles.len() < self.limits.profiles && self.octets + profile.packet.len() <= self.limits.octets;
        let said = client.profile_of(profile, room);
        match said {
            Some((_, true)) => self.octets += profile.packet.len(),
            Some((_, false)) => {}
            None => self.left_out.further_profiles += 1,
        }
        if client.requests.len() < self.limits.requests && self.listed < self.limits.all_requests {
            self.listed += 1;
            let request = Request::of(profile, origin, said.map(|(profile, _)| profile));
            client.requests.push(request);
        } else {
            self.left_out.further_requests += 1;
        }
    }
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

    /// The place of the profile that says the same, and whether it is new; `None` where there is none and no room.
    fn profile_of(&mut self, profile: &Profile, room: bool) -> Option<(usize, bool)> {
        let same = |known: &Known| known.profile.is_capable_of_the_same(profile);
        if let Some(place) = self.profiles.iter().position(same) {
            let known = &mut self.profiles[place];
            known.requests += 1;
            see(profile.time, &mut known.first_seen, &mut known.last_seen);
            if known.profile.signature.probe.is_none() {
                known.profile.signature.probe.clone_from(&profile.signature.probe);
                known.profile.device.clone_from(&profile.device);
            }
            if profile.links.len() > known.profile.links.len() && room {
                known.profile.links.clone_from(&profile.links);
                known.profile.mld = profile.mld;
            }
            return Some((place, false));
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
    fn of(profile: &Profile, origin: Origin, known: Option<usize>) -> Self {
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
        }
    }
}

/// Of the device first, then of the request, then of its links.
fn addresses(profile: &Profile) -> Vec<Address> {
    let links = profile.links.iter().filter_map(|link: &OtherLink| link.mac);
    let mut addresses = Vec::new();
    for address in profile.mld.into_iter().chain([profile.mac]).chain(links) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

fn see(time: Option<u64>, first: &mut Option<u64>, last: &mut Option<u64>) {
    *first = [*first, time].into_iter().flatten().min();
    *last = (*last).max(time);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::profile;

    fn add(clients: &mut Clients, frame: u64, profile: &Profile) {
        clients.add(Origin { input: 0, frame }, profile);
    }

    fn on(mut profile: Profile, band: Band, time: u64) -> Profile {
        (profile.band, profile.time) = (band, Some(time));
        profile
    }

    #[test]
    fn a_profile_for_each_band_and_each_change() {
        let (old, new) = (profile(&[0, 1, b'a']), profile(&[0, 1, b'b', 54, 0]));
        let mut clients = Clients::default();
        for (frame, (profile, band)) in [
            (&old, Band::Ghz5),
            (&profile(&[0, 1, b'b']), Band::Ghz5),
            (&old, Band::Ghz2),
            (&new, Band::Ghz5),
        ]
        .into_iter()
        .enumerate()
        {
            add(
                &mut clients,
                frame as u64,
                &on(profile.clone(), band, 10 + frame as u64),
            );
        }
        let [client] = clients.all() else {
            panic!("{clients:#?}")
        };
        assert_eq!(client.address(), Some(old.mac));
        assert_eq!((client.first_seen, client.last_seen), (Some(10), Some(13)));
        let of: Vec<_> = client.requests.iter().map(|request| request.profile).collect();
        assert_eq!(of, [Some(0), Some(0), Some(1), Some(2)]);
        let counts: Vec<_> = client.profiles.iter().map(|known| known.requests).collect();
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(client.successions().collect::<Vec<_>>(), [(0, 2)]);
        let newest: Vec<_> = client.newest().iter().map(|known| known.first_seen).collect();
        assert_eq!(newest, [Some(12), Some(13)]);
        assert_eq!(clients.left_out(), LeftOut::default());
    }

    #[test]
    fn the_stations_of_a_multi_link_device_are_one_client() {
        let station = |last| Address([2, 0, 0, 0, 0, last]);
        let mut one = profile(&[]);
        (one.mac, one.mld) = (station(3), Some(station(9)));
        one.links = vec![OtherLink {
            id: 1,
            mac: Some(station(4)),
            band: Band::Ghz6,
            features: one.features.clone(),
            radio: one.radio.clone(),
        }];
        let mut two = profile(&[]);
        two.mac = station(4);
        let mut three = profile(&[]);
        three.mac = station(5);
        let mut clients = Clients::default();
        for profile in [&one, &two, &three] {
            add(&mut clients, 1, profile);
        }
        let found: Vec<_> = clients
            .all()
            .iter()
            .map(|client| (client.address(), client.request_count))
            .collect();
        assert_eq!(found, [(Some(station(9)), 2), (Some(station(5)), 1)]);
        assert_eq!(clients.all()[0].addresses, [station(9), station(3), station(4)]);
    }

    #[test]
    fn what_is_beyond_the_limits_is_counted() {
        let limits = Limits {
            clients: 1,
            profiles: 2,
            requests: 3,
            all_requests: 9,
            octets: 1 << 20,
        };
        let mut clients = Clients::new(limits);
        for id in [54, 70, 70, 71] {
            add(&mut clients, 1, &profile(&[id, 0]));
        }
        let mut other = profile(&[]);
        other.mac = Address([2, 0, 0, 0, 0, 99]);
        add(&mut clients, 1, &other);
        assert_eq!(
            clients.left_out(),
            LeftOut {
                requests_of_further_clients: 1,
                further_requests: 1,
                further_profiles: 1
            }
        );
        let client = &clients.all()[0];
        assert_eq!((client.request_count, client.requests.len()), (4, 3));
        let mut clients = Clients::new(Limits { octets: 10, ..limits });
        add(&mut clients, 1, &other);
        assert_eq!(clients.all()[0].requests[0].profile, None);
    }
}
