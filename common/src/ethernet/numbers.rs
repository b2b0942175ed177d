//! Numbers that headers name one another by.

/// EtherTypes (IANA, "IEEE 802 Numbers").
pub mod ethertype {
    /// IPv4.
    pub const IPV4: u16 = 0x0800;
    /// Address resolution.
    pub const ARP: u16 = 0x0806;
    /// An Ethernet frame in a tunnel.
    pub const BRIDGED: u16 = 0x6558;
    /// 802.1Q tag.
    pub const VLAN: u16 = 0x8100;
    /// IPv6.
    pub const IPV6: u16 = 0x86dd;
    /// MPLS labels.
    pub const MPLS: u16 = 0x8847;
    /// MPLS labels whose router the one before chose (RFC 5332).
    pub const MPLS_MULTICAST: u16 = 0x8848;
    /// 802.1ad tag.
    pub const SERVICE_VLAN: u16 = 0x88a8;
    /// The tag of a service before 802.1ad.
    pub const OLD_SERVICE_VLAN: u16 = 0x9100;

    /// A VLAN tag follows.
    #[inline(always)]
    #[must_use]
    pub fn is_tag(ethertype: u16) -> bool {
        matches!(ethertype, VLAN | SERVICE_VLAN | OLD_SERVICE_VLAN)
    }

    /// MPLS labels follow.
    #[inline(always)]
    #[must_use]
    pub fn is_mpls(ethertype: u16) -> bool {
        matches!(ethertype, MPLS | MPLS_MULTICAST)
    }
}

/// IP protocols (IANA, "Assigned Internet Protocol Numbers").
pub mod protocol {
    /// Hop-by-hop options of IPv6.
    pub const HOP_BY_HOP: u8 = 0;
    /// ICMP.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// Routing header of IPv6.
    pub const ROUTING: u8 = 43;
    /// Fragment header of IPv6.
    pub const FRAGMENT: u8 = 44;
    /// Generic routing encapsulation.
    pub const GRE: u8 = 47;
    /// Encapsulating security payload.
    pub const ESP: u8 = 50;
    /// Authentication header.
    pub const AUTHENTICATION: u8 = 51;
    /// ICMPv6.
    pub const ICMPV6: u8 = 58;
    /// Destination options of IPv6.
    pub const DESTINATION_OPTIONS: u8 = 60;
    /// SCTP.
    pub const SCTP: u8 = 132;

    /// Its header begins with two ports.
    #[inline(always)]
    #[must_use]
    pub fn has_ports(protocol: u8) -> bool {
        matches!(protocol, TCP | UDP | SCTP)
    }
}

/// IANA's port of VXLAN (RFC 7348 5).
pub const VXLAN: u16 = 4789;
