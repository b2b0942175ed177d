//! Counters of the data programs: packets and octets by interface, direction and protocol.

use crate::{Count, flow::FlowCounter};

/// Protocol classes, the `protocol` label of the packet counters. Each packet is in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Protocol {
    /// TCP over IPv4 or IPv6.
    Tcp = 0,
    /// UDP over IPv4 or IPv6.
    Udp = 1,
    /// SCTP over IPv4 or IPv6.
    Sctp = 2,
    /// ICMP.
    Icmp = 3,
    /// ICMPv6.
    Icmpv6 = 4,
    /// Generic routing encapsulation.
    Gre = 5,
    /// Another protocol over IPv4.
    Ipv4Other = 6,
    /// Another protocol over IPv6, or extension headers nested deeper than [`crate::ethernet::MAX_EXTENSION_HEADERS`].
    Ipv6Other = 7,
    /// ARP.
    Arp = 8,
    /// Another EtherType, or an 802.3 length field.
    Other = 9,
    /// Malformed: cut short in the link layer, tags and labels included.
    EthernetShort = 10,
    /// Malformed: ARP cut short.
    ArpShort = 11,
    /// Malformed: cut short in an IP header or its extensions.
    IpShort = 12,
    /// Malformed: another IP version than announced, or an IPv4 header of less than 20 octets.
    IpHeader = 13,
    /// Malformed: a total length less than the header's.
    IpLength = 14,
    /// Malformed: cut short in the transport header.
    TransportShort = 15,
    /// Malformed: a transport header with a length less than its own.
    TransportHeader = 16,
}

impl Protocol {
    /// Every class, in the order of its numbers.
    pub const ALL: [Self; 17] = [
        Self::Tcp,
        Self::Udp,
        Self::Sctp,
        Self::Icmp,
        Self::Icmpv6,
        Self::Gre,
        Self::Ipv4Other,
        Self::Ipv6Other,
        Self::Arp,
        Self::Other,
        Self::EthernetShort,
        Self::ArpShort,
        Self::IpShort,
        Self::IpHeader,
        Self::IpLength,
        Self::TransportShort,
        Self::TransportHeader,
    ];

    /// IPv4 and IPv6 with whole headers: the packet has a place in a flow.
    #[must_use]
    #[inline(always)]
    pub fn belongs_to_flow(self) -> bool {
        (self as u8) < Self::Arp as u8
    }

    /// The packet ends before its headers do.
    #[must_use]
    #[inline(always)]
    pub fn is_short(self) -> bool {
        matches!(
            self,
            Self::EthernetShort | Self::ArpShort | Self::IpShort | Self::TransportShort
        )
    }

    /// A header is cut short or contradicts itself.
    #[must_use]
    pub fn is_malformed(self) -> bool {
        self as u8 >= Self::EthernetShort as u8
    }

    /// The label's value.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
            Self::Gre => "gre",
            Self::Ipv4Other => "ipv4-other",
            Self::Ipv6Other => "ipv6-other",
            Self::Arp => "arp",
            Self::Other => "other",
            Self::EthernetShort => "malformed-ethernet-short",
            Self::ArpShort => "malformed-arp-short",
            Self::IpShort => "malformed-ip-short",
            Self::IpHeader => "malformed-ip-header",
            Self::IpLength => "malformed-ip-length",
            Self::TransportShort => "malformed-transport-short",
            Self::TransportHeader => "malformed-transport-header",
        }
    }
}

/// From the network to this host.
pub const RECEIVE: u8 = 0;
/// From this host to the network.
pub const TRANSMIT: u8 = 1;

/// Interfaces that have counters of their own.
pub const INTERFACES: u32 = 256;
/// Places in which an interface's counters may be.
pub const INTERFACE_PROBES: u32 = 8;
/// Where packets of an interface count that has none: of one that user space did not announce.
pub const UNLISTED: u32 = INTERFACES;

/// Counters of an interface, on one CPU. User space writes `ifindex` before it attaches a program there.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceCounts {
    /// Interface index, 0 free.
    pub ifindex: u32,
    /// Always 0.
    pub reserved: u32,
    /// By direction ([`RECEIVE`], [`TRANSMIT`]) and [`Protocol`]. Those of flows are the sum of `flows`.
    pub classes: [[Count; Protocol::ALL.len()]; 2],
    /// By [`FlowCounter`].
    pub flows: [Count; FlowCounter::ALL.len()],
}

impl InterfaceCounts {
    /// Nothing counted.
    #[must_use]
    pub fn of(ifindex: u32) -> Self {
        Self {
            ifindex,
            ..Self::default()
        }
    }

    /// Place number `probe` of those in which the counters of an interface may be; the first that is theirs, or else free.
    #[inline(always)]
    pub fn place(ifindex: u32, probe: u32) -> u32 {
        ifindex.wrapping_add(probe) % INTERFACES
    }
}

impl Default for InterfaceCounts {
    fn default() -> Self {
        Self {
            ifindex: 0,
            reserved: 0,
            classes: [[Count::default(); Protocol::ALL.len()]; 2],
            flows: [Count::default(); FlowCounter::ALL.len()],
        }
    }
}

impl core::ops::AddAssign for InterfaceCounts {
    fn add_assign(&mut self, other: Self) {
        self.ifindex = other.ifindex;
        let ours = self.classes.as_flattened_mut().iter_mut().chain(&mut self.flows);
        let theirs = other.classes.as_flattened().iter().chain(&other.flows);
        for (count, more) in ours.zip(theirs) {
            *count += *more;
        }
    }
}

#[cfg(feature = "user")]
// SAFETY: repr(C) of integers without padding, any bit pattern is valid.
unsafe impl aya::Pod for InterfaceCounts {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positions() {
        for (index, protocol) in Protocol::ALL.into_iter().enumerate() {
            assert_eq!(protocol as usize, index);
        }
        assert_eq!(size_of::<InterfaceCounts>(), 8 + 16 * (2 * 17 + 3));
    }
}
