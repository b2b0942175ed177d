//! Clients put together from their requests: several frames, bands and links make one.

mod client;
mod outcome;

use std::collections::HashMap;

use super::{OtherLink, Profile};
use crate::dot11::Address;
use client::see;
pub use client::{Client, Known, Origin, Request};
use outcome::Exchanges;
pub use outcome::{Answer, Authenticated, Ending, Leave, Side};

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
    /// Octets that the profiles are made from, of packets and of what is kept of probe requests: a usual profile takes some
    /// ten times as much, one of a packet that is made for it up to 96 times.
    pub octets: usize,
}

impl Default for Limits {
    /// Some 200 MiB where frames are made to fill it (180 MiB resident, measured with 18,000 profiles of 15 links), and a
    /// few of what is on the air: 2 MiB are 10,000 usual requests that differ.
    fn default() -> Self {
        Self {
            clients: 8192,
            profiles: 16,
            requests: 256,
            all_requests: 1 << 17,
            octets: 2 << 20,
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
    /// Authentications that gave way to those of later pairs of stations before a request came: of 4,096 pairs the last is kept.
    pub forgotten_authentications: u64,
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
    exchanges: Exchanges,
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
        LeftOut {
            forgotten_authentications: self.exchanges.forgotten(),
            ..self.left_out
        }
    }

    /// Takes a request. It belongs to the client that has its MLD address, its own address or that of one of its links.
    pub fn add(&mut self, origin: Origin, profile: &Profile) {
        // What is heard now is no answer to an earlier one.
        self.exchanges.forget(profile);
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
        let mut further = 0;
        for address in addresses {
            if client.addresses.contains(&address) {
            } else if client.addresses.len() < MOST_ADDRESSES {
                client.addresses.push(address);
                self.known.entry(address).or_insert(index);
            } else {
                further += 1;
            }
        }
        client.further_addresses = client.further_addresses.max(further);
        client.request_count += 1;
        see(profile.time, &mut client.first_seen, &mut client.last_seen);

        let room = client.profiles.len() < self.limits.profiles && self.octets + weight(profile) <= self.limits.octets;
        let said = client.profile_of(profile, room);
        match said {
            Some((_, true)) => self.octets += weight(profile),
            Some((_, false)) => {}
            None => self.left_out.further_profiles += 1,
        }
        if client.requests.len() < self.limits.requests && self.listed < self.limits.all_requests {
            self.listed += 1;
            let mut request = Request::of(profile, origin, said.map(|(profile, _)| profile));
            self.exchanges.follow(&mut request, (index, client.requests.len()));
            client.requests.push(request);
        } else {
            self.left_out.further_requests += 1;
        }
    }
}

/// Octets that a profile is made from.
fn weight(profile: &Profile) -> usize {
    let probe = profile.signature.probe.as_ref().map_or(0, String::len);
    profile.packet.len() + probe + profile.probe_vendors.as_ref().map_or(0, Vec::len)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Band, tests::profile};

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
    fn addresses_beyond_those_that_are_remembered_are_counted() {
        let station = |last| Address([2, 0, 0, 0, 0, last]);
        let mut one = profile(&[]);
        (one.mac, one.mld) = (station(100), Some(station(101)));
        let (features, radio) = (one.features.clone(), one.radio.clone());
        let links = |first: u8, count: u8| {
            let link = |id| OtherLink {
                id,
                mac: Some(station(first + id)),
                band: Band::Ghz6,
                features: features.clone(),
                radio: radio.clone(),
            };
            (0..count).map(link).collect::<Vec<_>>()
        };
        let mut clients = Clients::default();
        for (first, count, further) in [(0, 14, 0), (0, 15, 1), (0, 15, 1), (20, 3, 3), (0, 15, 3)] {
            one.links = links(first, count);
            add(&mut clients, 1, &one);
            let client = &clients.all()[0];
            assert_eq!((client.addresses.len(), client.further_addresses), (16, further));
        }
    }

    #[test]
    fn authentications_that_give_way_are_counted() {
        let mut clients = Clients::default();
        for number in 0..4096 + 7u16 {
            let [high, low] = number.to_be_bytes();
            let mut packet = vec![
                0xb0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, high, low, 2, 0, 0, 0, 0, 1, 0, 0,
            ];
            packet.extend([0, 0, 1, 0, 0, 0]);
            clients.hear(
                crate::dot11::link::LinkType::Ieee80211,
                &packet,
                crate::profile::Capture::default(),
            );
        }
        assert_eq!(clients.left_out().forgotten_authentications, 7);
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
                further_profiles: 1,
                forgotten_authentications: 0
            }
        );
        let client = &clients.all()[0];
        assert_eq!((client.request_count, client.requests.len()), (4, 3));
        let mut clients = Clients::new(Limits { octets: 10, ..limits });
        add(&mut clients, 1, &other);
        assert_eq!(clients.all()[0].requests[0].profile, None);
    }

    #[test]
    fn what_is_kept_beside_the_packet_counts_too() {
        let one = profile(&[]);
        let octets = one.packet.len() + 4;
        let mut probed = one.clone();
        (probed.signature.probe, probed.probe_vendors) = (Some("0,1".to_owned()), Some(vec![221, 0]));
        let mut clients = Clients::new(Limits {
            octets,
            ..Limits::default()
        });
        add(&mut clients, 1, &probed);
        assert_eq!((clients.octets, clients.all()[0].profiles.len()), (0, 0));
        // Nor is there room for it with a profile that is kept.
        add(&mut clients, 2, &one);
        add(&mut clients, 3, &probed);
        let known = &clients.all()[0].profiles[0];
        assert_eq!((known.requests, &known.profile.signature.probe), (2, &None));
        assert_eq!(clients.octets, one.packet.len());
    }
}
