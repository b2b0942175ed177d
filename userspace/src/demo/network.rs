//! The demonstration's network: a TAP in place of a monitor interface, and a veth pair with someone at the other end.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::DemoError;
use crate::lab::{LinkType, Namespace, Plan, Sent, Statistics, Tap, VethPair, exchange};

/// A step of the traffic: short, so that it ends soon after it is told to.
const STEP: Plan = Plan {
    exchanges: 20,
    size: 600,
    pause: Duration::from_millis(5),
};

/// The network; it goes away with this value.
pub struct Network {
    here: Arc<Namespace>,
    there: Arc<Namespace>,
    tap: Arc<Tap>,
    pair: VethPair,
}

impl Network {
    /// Name of the interface that frames come in on.
    pub const MONITOR: &str = "demo-mon";
    /// Name of the interface whose packets are counted.
    pub const DATA: &str = "demo-data";
    const PEER: &str = "demo-peer";

    /// Makes the network and moves the calling thread into it, and with it every thread that it starts from now on.
    ///
    /// # Errors
    ///
    /// CAP_SYS_ADMIN or CAP_NET_ADMIN is missing, or the kernel has no TAP or veth.
    pub fn enter() -> Result<Self, DemoError> {
        let here = Namespace::new()?;
        let there = Namespace::new()?;
        here.enter()?;
        let tap = Tap::new(Self::MONITOR, LinkType::Monitor)?;
        let pair = VethPair::new(&here, Self::DATA, &there, Self::PEER)?;
        // veth counts a packet of many segments as one, a network card as many; airlens counts segments.
        pair.offload_off(&here, &there)?;
        Ok(Self {
            here: Arc::new(here),
            there: Arc::new(there),
            tap: Arc::new(tap),
            pair,
        })
    }

    /// Where frames are written.
    #[must_use]
    pub fn tap(&self) -> Arc<Tap> {
        Arc::clone(&self.tap)
    }

    /// Packets on the data interface, both directions, as the kernel counts them.
    ///
    /// # Errors
    ///
    /// The interface is gone.
    pub fn packets(&self) -> Result<u64, DemoError> {
        let statistics = Statistics::read(Self::DATA)?;
        Ok(statistics.receive.packets + statistics.transmit.packets)
    }

    /// Lets TCP and UDP packets cross the pair until told to stop, over IPv4 and IPv6 in turn.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let (here, there) = (Arc::clone(&self.here), Arc::clone(&self.there));
        let addresses = [IpAddr::from(self.pair.there.ipv4), IpAddr::from(self.pair.there.ipv6)];
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut sent = Sent::default();
            for address in addresses.iter().cycle() {
                if stopping.load(Ordering::Relaxed) {
                    break;
                }
                sent += exchange(&here, &there, *address, STEP)?;
            }
            Ok(sent)
        });
        Traffic { stop, thread }
    }
}

/// Traffic in progress.
pub struct Traffic {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Sent, DemoError>>,
}

impl Traffic {
    /// Ends it, and says what the sockets sent.
    ///
    /// # Errors
    ///
    /// The exchange failed.
    pub fn stop(self) -> Result<Sent, DemoError> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| DemoError::Thread("traffic"))?
    }
}
