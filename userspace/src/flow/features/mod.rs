//! What is read of a flow's packets beyond counts, by sets that somebody asked for.
//!
//! A pure engine: whoever has the packets, a capture file or a capture ring, hands them over one by one. Memory is bounded
//! whatever they hold.

mod dns;
mod packet;
mod stats;
mod stream;
mod tcp;
mod tls;

use airlens_common::ethernet::protocol::{TCP, UDP};
use serde::Serialize;

pub use dns::Dns;
pub use packet::PacketView;
pub use stats::{Stats, Summary};
pub use tcp::{TcpReport, WayReport};
pub use tls::TlsReport;

pub(super) use packet::Transport;
use tcp::Tcp;
use tls::Tls;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sets {
    /// Lengths of packets.
    pub lengths: bool,
    /// Times between packets.
    pub times: bool,
    /// What TCP's headers tell.
    pub tcp: bool,
    /// What the hellos of TLS tell.
    pub tls: bool,
    /// What DNS messages tell.
    pub dns: bool,
}

impl Sets {
    /// The names of the sets, as [`Sets::add`] takes them.
    pub const NAMES: [&'static str; 5] = ["lengths", "times", "tcp", "tls", "dns"];

    /// Asks for a set by its name; false where there is none of that name.
    #[must_use]
    pub fn add(&mut self, name: &str) -> bool {
        match name {
            "lengths" => self.lengths = true,
            "times" => self.times = true,
            "tcp" => self.tcp = true,
            "tls" => self.tls = true,
            "dns" => self.dns = true,
            _ => return false,
        }
        true
    }
}

/// What the packets of a flow, or of a piece of it, told. Index 0: from A to B, index 1: from B to A.
#[derive(Clone, Debug)]
pub struct Features {
    sets: Sets,
    packets: u64,
    lengths: [Stats; 2],
    /// ns.
    times: [Stats; 2],
    last: [Option<u64>; 2],
    tcp: Option<Box<Tcp>>,
    tls: Option<Box<Tls>>,
    dns: Option<Box<Dns>>,
}

impl Features {
    /// Of a flow without packets.
    #[must_use]
    pub fn new(sets: Sets) -> Self {
        Self {
            sets,
            packets: 0,
            lengths: Default::default(),
            times: Default::default(),
            last: [None; 2],
            tcp: None,
            tls: None,
            dns: None,
        }
    }

    /// Takes the flow's next packet, which goes `way` (0 or 1).
    pub fn packet(&mut self, way: usize, packet: &PacketView<'_>) {
        let way = way & 1;
        self.packets += 1;
        if self.sets.lengths {
            self.lengths[way].add(packet.length.into());
        }
        if self.sets.times {
            if let Some(last) = self.last[way] {
                self.times[way].add(packet.time.saturating_sub(last));
            }
            self.last[way] = Some(packet.time.max(self.last[way].unwrap_or(0)));
        }
        if (self.sets.tcp || self.sets.tls || self.sets.dns)
            && let Some(transport) = Transport::of(packet.network)
        {
            self.transport(way, packet.time, &transport);
        }
    }

    fn transport(&mut self, way: usize, time: u64, transport: &Transport<'_>) {
        if transport.protocol == TCP
            && let Some(segment) = transport.segment()
        {
            if self.sets.tcp {
                self.tcp.get_or_insert_default().segment(way, time, &segment);
            }
            if self.sets.tls {
                self.tls.get_or_insert_default().segment(way, &segment);
            }
        }
        if self.sets.dns
            && transport.protocol == UDP
            && let Some((ports, message)) = transport.datagram()
            && ports.iter().any(|port| dns::PORTS.contains(port))
        {
            self.dns.get_or_insert_default().message(message);
        }
    }

    /// What the flow's next piece begins with.
    pub(crate) fn next_piece(&self) -> Self {
        Self {
            last: self.last,
            tcp: self.tcp.as_deref().map(|tcp| Box::new(tcp.next_piece())),
            tls: self.tls.clone(),
            dns: self.dns.clone(),
            ..Self::new(self.sets)
        }
    }

    /// Packets so far.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Octets of memory, to some hundred: streams of which a hello is awaited are the most of it.
    #[must_use]
    pub fn memory(&self) -> usize {
        let stats = self.lengths.iter().chain(&self.times);
        size_of::<Self>()
            + stats.map(Stats::memory).sum::<usize>()
            + self.tcp.as_ref().map_or(0, |_| size_of::<Tcp>())
            + self.tls.as_ref().map_or(0, |tls| tls.memory())
            + self.dns.as_ref().map_or(0, |_| size_of::<Dns>() + 256)
    }

    /// As it is shown, for a flow that end A (0) or B (1) opened.
    #[must_use]
    pub fn report(&self, opener: usize) -> Report {
        Report {
            packets: self.packets,
            lengths: self
                .sets
                .lengths
                .then(|| Ways::of(&self.lengths, opener, |stats| stats.summary(1.0))),
            inter_arrival_ms: self
                .sets
                .times
                .then(|| Ways::of(&self.times, opener, |stats| stats.summary(1e-6))),
            tcp: self.tcp.as_deref().map(|tcp| tcp.report(opener)),
            tls: self.tls.as_deref().and_then(Tls::report),
            dns: self.dns.as_deref().cloned(),
        }
    }
}

/// What is shown of features; a set that nobody asked for, or that the flow has nothing of, is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Packets that all of this is from: in a run, only the first of a flow are read.
    pub packets: u64,
    /// Octets of packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Ways<Option<Summary>>>,
    /// Times between packets of one way, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inter_arrival_ms: Option<Ways<Option<Summary>>>,
    /// What TCP's headers told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpReport>,
    /// What the hellos of TLS told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsReport>,
    /// What DNS messages told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
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

#[cfg(test)]
pub(super) mod tests {
    pub(in crate::flow) use super::packet::tests::tcp;

    use super::{
        packet::tests::{udp, view},
        *,
    };

    #[test]
    fn sets_are_kept_apart_and_pieces_go_on() {
        let mut sets = Sets::default();
        assert!(sets.add("times") && sets.add("tcp") && sets.add("dns"));
        let mut features = Features::new(sets);
        features.packet(1, &view(1_000_000, &tcp(10, 0, 2, 100, &[])));
        features.packet(1, &view(3_000_000, &tcp(11, 0, 16, 100, &[5; 7])));
        // Later fragments, and what is no packet, have nothing to tell.
        features.packet(0, &view(3_000_000, &[]));
        let report = features.report(1);
        assert_eq!((&report.lengths, &report.tls, &report.dns), (&None, &None, &None));
        let times = report.inter_arrival_ms.unwrap();
        assert_eq!((times.forward.unwrap().mean, times.reverse), (2.0, None));
        let mut next = features.next_piece();
        next.packet(1, &view(4_000_000, &tcp(11, 0, 16, 100, &[5; 7])));
        let report = next.report(1);
        assert_eq!(report.inter_arrival_ms.unwrap().forward.unwrap().count, 1);
        let forward = report.tcp.unwrap().ways.forward;
        assert_eq!((forward.syn, forward.payload_bytes, forward.retransmissions), (0, 7, 1));
    }

    #[test]
    fn messages_of_dns_are_told_by_their_port() {
        let mut sets = Sets::default();
        assert!(sets.add("dns"));
        for (port, messages) in [(53u16, Some(1)), (5353, Some(1)), (54, None)] {
            let mut packet = udp(&[0; 12]);
            packet[22..24].copy_from_slice(&port.to_be_bytes());
            let mut features = Features::new(sets);
            features.packet(0, &view(0, &packet));
            assert_eq!(features.report(0).dns.map(|dns| dns.queries), messages, "{port}");
        }
    }
}
