//! Who is connected, and how often.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::rate::peer;

/// Where a connection comes from.
pub trait PeerAddress {
    /// Its address; `None` for a socket of this machine.
    fn ip(&self) -> Option<IpAddr>;
}

impl PeerAddress for SocketAddr {
    fn ip(&self) -> Option<IpAddr> {
        Some(Self::ip(self))
    }
}

impl PeerAddress for tokio::net::unix::SocketAddr {
    fn ip(&self) -> Option<IpAddr> {
        None
    }
}

/// The connections of each peer; there are no more peers than connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that is counted until this is gone.
pub(super) struct Counted {
    peers: Peers,
    peer: Option<IpAddr>,
}

impl Peers {
    /// Counts one more of `address`, unless it has `most` already.
    pub(super) fn enter(&self, address: Option<IpAddr>, most: usize) -> Option<Counted> {
        let peer = address.map(peer);
        if let Some(peer) = peer {
            let mut all = self.lock();
            let count = all.entry(peer).or_default();
            if *count >= most {
                return None;
            }
            *count += 1;
        }
        let peers = self.clone();
        Some(Counted { peers, peer })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some(peer) = self.peer else { return };
        let mut all = self.peers.lock();
        if let Some(count) = all.get_mut(&peer) {
            *count -= 1;
            if *count == 0 {
                all.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_peer_has_so_many() {
        let peers = Peers::default();
        let (one, two) = (Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
        let held = [peers.enter(one, 2), peers.enter(one, 2), peers.enter(two, 2)];
        assert!(held.iter().all(Option::is_some));
        assert!(peers.enter(one, 2).is_none());
        assert!(peers.enter(None, 0).is_some());
        drop(held);
        assert!(peers.lock().is_empty() && peers.enter(one, 2).is_some());
    }
}
