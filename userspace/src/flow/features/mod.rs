//! What is read of a flow's packets beyond counts, by sets that somebody asked for.
//!
//! A pure engine: whoever has the packets, a capture file or a capture ring, hands them over one by one. Memory is bounded
//! whatever they hold.

mod stats;

use serde::Serialize;

pub use stats::{Stats, Summary};

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sets {
    /// Lengths of packets.
    pub lengths: bool,
    /// Times between packets.
    pub times: bool,
}

impl Sets {
    /// The names of the sets, as [`Sets::add`] takes them.
    pub const NAMES: [&'static str; 2] = ["lengths", "times"];

    /// Asks for a set by its name; false where there is none of that name.
    #[must_use]
    pub fn add(&mut self, name: &str) -> bool {
        match name {
            "lengths" => self.lengths = true,
            "times" => self.times = true,
            _ => return false,
        }
        true
    }
}

/// A packet of a flow.
#[derive(Clone, Copy, Debug)]
pub struct PacketView<'a> {
    /// ns, of the flow's clock.
    pub time: u64,
    /// Octets on the wire, link-layer header included.
    pub length: u32,
    /// What there is of it from the network header on.
    pub network: &'a [u8],
}

/// What the packets of a flow, or of a piece of it, told. Index 0: from A to B, index 1: from B to A.
#[derive(Clone, Debug)]
pub struct Features {
    sets: Sets,
    lengths: [Stats; 2],
    /// ns.
    times: [Stats; 2],
    last: [Option<u64>; 2],
}

impl Features {
    /// Of a flow without packets.
    #[must_use]
    pub fn new(sets: Sets) -> Self {
        Self {
            sets,
            lengths: Default::default(),
            times: Default::default(),
            last: [None; 2],
        }
    }

    /// Takes the flow's next packet, which goes `way` (0 or 1).
    pub fn packet(&mut self, way: usize, packet: &PacketView<'_>) {
        let way = way & 1;
        if self.sets.lengths {
            self.lengths[way].add(packet.length.into());
        }
        if self.sets.times {
            if let Some(last) = self.last[way] {
                self.times[way].add(packet.time.saturating_sub(last));
            }
            self.last[way] = Some(packet.time.max(self.last[way].unwrap_or(0)));
        }
    }

    /// What the flow's next piece begins with.
    pub(super) fn next_piece(&self) -> Self {
        Self {
            last: self.last,
            ..Self::new(self.sets)
        }
    }

    /// As it is shown, for a flow that end A (0) or B (1) opened.
    #[must_use]
    pub fn report(&self, opener: usize) -> Report {
        Report {
            lengths: self
                .sets
                .lengths
                .then(|| Ways::of(&self.lengths, opener, |stats| stats.summary(1.0))),
            inter_arrival_ms: self
                .sets
                .times
                .then(|| Ways::of(&self.times, opener, |stats| stats.summary(1e-6))),
        }
    }
}

/// What is shown of features; a set that nobody asked for is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Octets of packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Ways<Option<Summary>>>,
    /// Times between packets of one way, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inter_arrival_ms: Option<Ways<Option<Summary>>>,
}

/// Something of both ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ways<T> {
    /// From the end that opened the flow.
    pub forward: T,
    /// To it.
    pub reverse: T,
}

impl<T> Ways<T> {
    fn of<S>(both: &[S; 2], opener: usize, show: impl Fn(&S) -> T) -> Self {
        Self {
            forward: show(&both[opener & 1]),
            reverse: show(&both[(opener & 1) ^ 1]),
        }
    }
}
