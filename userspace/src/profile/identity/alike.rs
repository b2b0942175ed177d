//! Clients of one kind.

use std::collections::HashMap;

use super::DeviceKind;
use crate::{
    dot11::Address,
    profile::{Client, Clients},
};

/// Others that are told of a client, at the most.
const MOST: usize = 16;

/// Which clients are the same kind of device. They need not be the same device.
#[derive(Debug)]
pub struct Alike<'a> {
    clients: &'a [Client],
    /// Clients by their kinds.
    kinds: HashMap<DeviceKind, Vec<usize>>,
}

impl<'a> Alike<'a> {
    /// Among these clients.
    #[must_use]
    pub fn among(clients: &'a Clients) -> Self {
        let clients = clients.all();
        let mut kinds = HashMap::<_, Vec<_>>::new();
        for (index, client) in clients.iter().enumerate() {
            for kind in kinds_of(client) {
                let alike = kinds.entry(kind).or_default();
                if alike.last() != Some(&index) {
                    alike.push(index);
                }
            }
        }
        Self { clients, kinds }
    }

    /// The addresses of clients of the same kind as the client in this place, where one of both has a randomised address and
    /// may thus be the other: 16 at the most.
    #[must_use]
    pub fn to(&self, index: usize) -> Vec<Address> {
        let Some(client) = self.clients.get(index) else {
            return Vec::new();
        };
        let random = |client: &Client| client.addresses.iter().any(|address| address.is_local());
        let mut alike = Vec::new();
        for kind in kinds_of(client) {
            let others = self
                .kinds
                .get(&kind)
                .into_iter()
                .flatten()
                .filter(|&&other| other != index);
            let others = others.filter_map(|&other| self.clients.get(other));
            let others = others
                .filter(|other| random(client) || random(other))
                .filter_map(Client::address);
            for other in others.take(MOST) {
                if alike.len() < MOST && !alike.contains(&other) {
                    alike.push(other);
                }
            }
        }
        alike
    }
}

fn kinds_of(client: &Client) -> impl Iterator<Item = DeviceKind> + '_ {
    client.profiles.iter().filter_map(|known| known.profile.device_kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Limits, Origin, Profile, tests::profile};

    #[test]
    fn others_of_the_kind_where_one_is_random() {
        let mut clients = Clients::new(Limits::default());
        let of = |last: u8, first: u8, streams: u8| Profile {
            mac: Address([first, 0, 0, 0, 0, last]),
            ..profile(&[45, 7, 0, 0, 0x17, streams, 0, 0, 0])
        };
        for (frame, profile) in [of(1, 2, 1), of(2, 0, 1), of(3, 0, 1), of(4, 2, 3)]
            .into_iter()
            .enumerate()
        {
            let frame = frame as u64;
            clients.add(Origin { input: 0, frame }, &profile);
        }
        let alike = Alike::among(&clients);
        let last = |index| alike.to(index).iter().map(|other| other.0[5]).collect::<Vec<_>>();
        assert_eq!(
            (last(0), last(1), last(2), last(3)),
            (vec![2, 3], vec![1], vec![1], vec![])
        );
        assert!(last(4).is_empty());
    }
}
