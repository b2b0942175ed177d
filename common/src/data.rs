//! Counters of the data programs: packets and octets by interface, direction and protocol.

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
    /// Another protocol over IPv4.
    Ipv4Other = 5,
    /// Another protocol over IPv6, or extension headers nested deeper than [`crate::ethernet::MAX_EXTENSION_HEADERS`].
    Ipv6Other = 6,
    /// ARP.
    Arp = 7,
    /// Another EtherType, or an 802.3 length field.
    Other = 8,
    /// A header is cut short or contradicts itself.
    Malformed = 9,
}

impl Protocol {
    /// Every class, in the order of its numbers.
    pub const ALL: [Self; 10] = [
        Self::Tcp,
        Self::Udp,
        Self::Sctp,
        Self::Icmp,
        Self::Icmpv6,
        Self::Ipv4Other,
        Self::Ipv6Other,
        Self::Arp,
        Self::Other,
        Self::Malformed,
    ];
}

/// From the network to this host.
pub const RECEIVE: u8 = 0;
/// From this host to the network.
pub const TRANSMIT: u8 = 1;

/// Key of the packet counters. User space inserts every key of an interface before it attaches a program there.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CounterKey {
    /// Interface index.
    pub ifindex: u32,
    /// [`RECEIVE`] or [`TRANSMIT`].
    pub direction: u8,
    /// A [`Protocol`] as its number.
    pub protocol: u8,
    /// Always 0.
    pub reserved: u16,
}

#[cfg(feature = "user")]
// SAFETY: repr(C) of integers without padding, any bit pattern is valid.
unsafe impl aya::Pod for CounterKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positions() {
        for (index, protocol) in Protocol::ALL.into_iter().enumerate() {
            assert_eq!(protocol as usize, index);
        }
        assert_eq!(size_of::<CounterKey>(), 8);
    }
}
