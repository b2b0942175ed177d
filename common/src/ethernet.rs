//! Ethernet to the transport header, as far as counters and flow keys need it.

use crate::{Octets, data::Protocol, flow::FlowKey};

/// IPv6 extension headers that are stepped over; a packet with more is [`Protocol::Ipv6Other`] with the protocol reached.
pub const MAX_EXTENSION_HEADERS: usize = 6;

const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_ARP: u16 = 0x0806;
const ETHERTYPE_VLAN: u16 = 0x8100;
const ETHERTYPE_IPV6: u16 = 0x86dd;
const ETHERTYPE_SERVICE_VLAN: u16 = 0x88a8;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SCTP: u8 = 132;

/// What one Ethernet frame is.
///
/// Plain fields throughout, no `Option` of a large value: its unset half would hold whatever was in a register, which the
/// verifier does not let a program spill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The class that it is counted in.
    pub protocol: Protocol,
    flow: FlowPacket,
}

/// A packet's place in a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowPacket {
    /// The flow.
    pub key: FlowKey,
    /// The packet went from end A to end B.
    pub from_a: bool,
    /// TCP flags, 0 for other protocols.
    pub tcp_flags: u8,
    /// Octets from the frame's start to the transport payload where TCP or UDP says so, else 0: what each segment
    /// of a segmentation-offload packet repeats on the wire.
    pub header_length: u16,
}

impl Summary {
    /// The packet's place in a flow, for IPv4 and IPv6 with whole headers.
    #[inline(always)]
    pub fn flow(&self) -> Option<&FlowPacket> {
        match self.protocol {
            Protocol::Arp | Protocol::Other | Protocol::Malformed => None,
            _ => Some(&self.flow),
        }
    }
}

/// Reads an Ethernet frame received or sent on `ifindex`; `stripped_vlan` is the VLAN identifier that the kernel keeps beside
/// the packet (0 none).
#[inline(always)]
pub fn parse<P: Octets + ?Sized>(packet: &P, ifindex: u32, stripped_vlan: u16) -> Summary {
    let mut flow = FlowPacket::default();
    flow.key.ifindex = ifindex;
    flow.key.vlan = stripped_vlan;
    let protocol = read(packet, &mut flow).unwrap_or(Protocol::Malformed);
    Summary { protocol, flow }
}

/// `None`: malformed.
#[inline(always)]
fn read<P: Octets + ?Sized>(packet: &P, flow: &mut FlowPacket) -> Option<Protocol> {
    let mut ethertype = packet.u16_be(12)?;
    let mut at = 14;
    // 802.1Q and 802.1ad: two tags at the most; the outer one names the flow.
    for _ in 0..2 {
        if ethertype != ETHERTYPE_VLAN && ethertype != ETHERTYPE_SERVICE_VLAN {
            break;
        }
        if flow.key.vlan == 0 {
            flow.key.vlan = packet.u16_be(at)? & 0x0fff;
        }
        ethertype = packet.u16_be(at + 2)?;
        at += 4;
    }
    match ethertype {
        ETHERTYPE_IPV4 => {
            let at = ipv4(packet, at, &mut flow.key)?;
            transport(packet, at, flow)
        }
        ETHERTYPE_IPV6 => {
            let at = ipv6(packet, at, &mut flow.key)?;
            transport(packet, at, flow)
        }
        ETHERTYPE_ARP => {
            packet.u8(at + 27)?; // hardware type to target address: 28 octets for Ethernet and IPv4 (RFC 826)
            Some(Protocol::Arp)
        }
        _ => Some(Protocol::Other),
    }
}

/// Where a fragment behind the first says that its transport header is: nowhere.
const ABSENT: usize = 0;

/// RFC 791 3.1. Gives the transport header's offset, or [`ABSENT`].
#[inline(always)]
fn ipv4<P: Octets + ?Sized>(packet: &P, at: usize, key: &mut FlowKey) -> Option<usize> {
    let version = packet.u8(at)?;
    let header = usize::from(version & 15) * 4;
    if version >> 4 != 4 || header < 20 {
        return None;
    }
    let fragment_offset = packet.u16_be(at + 6)? & 0x1fff;
    key.ip_version = 4;
    key.protocol = packet.u8(at + 9)?;
    key.address_a[0] = packet.u32_ne(at + 12)?;
    key.address_b[0] = packet.u32_ne(at + 16)?;
    packet.u8(at + header - 1)?;
    Some(if fragment_offset == 0 { at + header } else { ABSENT })
}

/// RFC 8200 3 and 4. Gives the transport header's offset, or [`ABSENT`].
#[inline(always)]
fn ipv6<P: Octets + ?Sized>(packet: &P, at: usize, key: &mut FlowKey) -> Option<usize> {
    if packet.u8(at)? >> 4 != 6 {
        return None;
    }
    key.ip_version = 6;
    for word in 0..4 {
        key.address_a[word] = packet.u32_ne(at + 8 + 4 * word)?;
        key.address_b[word] = packet.u32_ne(at + 24 + 4 * word)?;
    }
    let mut next = packet.u8(at + 6)?;
    let mut at = at + 40;
    for _ in 0..MAX_EXTENSION_HEADERS {
        let length = match next {
            // Hop-by-hop options, routing, destination options: in units of 8 octets beyond the first 8.
            0 | 43 | 60 => 8 + 8 * usize::from(packet.u8(at + 1)?),
            // Authentication header (RFC 4302 2.2): in units of 4 octets, minus 2.
            51 => 8 + 4 * usize::from(packet.u8(at + 1)?),
            44 => 8,
            _ => break,
        };
        let later_fragment = next == 44 && packet.u16_be(at + 2)? & 0xfff8 != 0;
        next = packet.u8(at)?;
        at += length;
        if later_fragment {
            at = ABSENT;
            break;
        }
    }
    key.protocol = next;
    Some(at)
}

#[inline(always)]
fn transport<P: Octets + ?Sized>(packet: &P, at: usize, flow: &mut FlowPacket) -> Option<Protocol> {
    let protocol = class(flow.key.ip_version, flow.key.protocol);
    if at != ABSENT && matches!(protocol, Protocol::Tcp | Protocol::Udp | Protocol::Sctp) {
        flow.key.port_a = packet.u16_be(at)?;
        flow.key.port_b = packet.u16_be(at + 2)?;
        if flow.key.protocol == TCP {
            let data_offset = usize::from(packet.u8(at + 12)? >> 4) * 4;
            if data_offset < 20 {
                return None;
            }
            flow.tcp_flags = packet.u8(at + 13)?;
            flow.header_length = (at + data_offset) as u16;
        } else if flow.key.protocol == UDP {
            packet.u16_ne(at + 6)?;
            flow.header_length = (at + 8) as u16;
        }
    }
    flow.from_a = flow.key.canonicalize();
    Some(protocol)
}

#[inline(always)]
fn class(ip_version: u8, protocol: u8) -> Protocol {
    match (protocol, ip_version) {
        (TCP, _) => Protocol::Tcp,
        (UDP, _) => Protocol::Udp,
        (SCTP, _) => Protocol::Sctp,
        (1, 4) => Protocol::Icmp,
        (58, 6) => Protocol::Icmpv6,
        (_, 4) => Protocol::Ipv4Other,
        _ => Protocol::Ipv6Other,
    }
}

#[cfg(test)]
#[path = "ethernet_tests.rs"]
mod tests;
