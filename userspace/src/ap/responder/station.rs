//! The stations that are remembered.

use std::{collections::HashMap, time::Duration};

use crate::{
    ap::sae::{SaeCause, Session},
    dot11::{Address, frame::Management},
};

/// A handshake that takes longer was left by the station: it has three tries of some 2 s each (hostapd waits as long).
const HANDSHAKE: Duration = Duration::from_secs(10);

/// One station.
#[derive(Debug, Default)]
pub(super) struct Station {
    /// When it was last heard.
    seen: Duration,
    /// Authenticated, and not gone since.
    pub(super) authenticated: bool,
    /// Its MLD's address, where its authentication named one.
    pub(super) mld: Option<Address>,
    /// Its SAE handshake.
    pub(super) sae: Option<Session>,
    /// When that began.
    pub(super) committed: Duration,
    last: Option<Answered>,
}

impl Station {
    /// A handshake that isn't finished.
    fn open(&self) -> bool {
        self.sae.as_ref().is_some_and(|session| !session.accepted())
    }
}

/// The last answer, for when the same frame comes again.
#[derive(Debug)]
struct Answered {
    subtype: u8,
    sequence: u16,
    answer: Option<Vec<u8>>,
}

/// A bounded number of them.
#[derive(Debug)]
pub(super) struct Stations {
    by_address: HashMap<Address, Station>,
    most: usize,
    evicted: u64,
}

impl Stations {
    pub(super) fn new(most: usize) -> Self {
        Self {
            by_address: HashMap::new(),
            most: most.max(1),
            evicted: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_address.len()
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn get(&mut self, address: Address) -> Option<&mut Station> {
        self.by_address.get_mut(&address)
    }

    /// A station, remembered from now on.
    pub(super) fn remember(&mut self, address: Address, now: Duration) -> &mut Station {
        if !self.by_address.contains_key(&address) && self.by_address.len() >= self.most {
            let quietest = self
                .by_address
                .iter()
                .min_by_key(|(address, station)| (station.seen, **address));
            if let Some(quietest) = quietest.map(|(address, _)| *address) {
                self.by_address.remove(&quietest);
                self.evicted += 1;
            }
        }
        let station = self.by_address.entry(address).or_default();
        station.seen = now;
        station
    }

    /// Whether it was known.
    pub(super) fn forget(&mut self, address: Address) -> bool {
        self.by_address.remove(&address).is_some()
    }

    /// Forgets those that were not heard since `limit`; how many.
    pub(super) fn expire(&mut self, limit: Duration) -> u64 {
        let before = self.by_address.len();
        self.by_address.retain(|_, station| station.seen >= limit);
        (before - self.by_address.len()) as u64
    }

    /// Handshakes that were begun lately and aren't finished.
    pub(super) fn open_handshakes(&self, now: Duration) -> usize {
        let open = |station: &&Station| station.open() && station.committed + HANDSHAKE > now;
        self.by_address.values().filter(open).count()
    }

    /// Ends those that were begun too long ago: whose.
    pub(super) fn end_handshakes(&mut self, now: Duration) -> Vec<(Address, SaeCause)> {
        let stations = self.by_address.iter_mut();
        let left = stations.filter(|(_, station)| station.open() && station.committed + HANDSHAKE <= now);
        left.map(|(address, station)| {
            station.sae = None;
            (*address, SaeCause::TimedOut)
        })
        .collect()
    }

    /// The answer that this very frame got when it was first sent (10.3.2.14: retry bit, address and sequence number), to
    /// be sent again; nothing where the frame is new.
    pub(super) fn copy_of_answer(&self, header: Management<'_>) -> Option<Option<Vec<u8>>> {
        let last = self.by_address.get(&header.source())?.last.as_ref()?;
        let same = (last.subtype, last.sequence) == (header.subtype(), header.sequence());
        (same && header.control().retry()).then(|| {
            let mut answer = last.answer.clone();
            // Who got the first one drops this.
            if let Some(flags) = answer.as_mut().and_then(|frame| frame.get_mut(1)) {
                *flags |= 8;
            }
            answer
        })
    }

    /// Takes note of a frame and its answer.
    pub(super) fn answered(&mut self, header: Management<'_>, answer: Option<&[u8]>, now: Duration) {
        if let Some(station) = self.by_address.get_mut(&header.source()) {
            station.seen = now;
            station.last = Some(Answered {
                subtype: header.subtype(),
                sequence: header.sequence(),
                answer: answer.map(<[u8]>::to_vec),
            });
        }
    }
}
