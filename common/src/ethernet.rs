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
    /// Type of service or traffic class.
    pub tos: u8,
    /// Octets from the frame's start to the transport payload where TCP or UDP says so, else 0: what each segment
    /// of a segmentation-offload packet repeats on the wire.
    pub header_length: u16,
}

impl Summary {
    /// The packet's place in a flow, for IPv4 and IPv6 with whole headers.
    #[inline(always)]
    pub fn flow(&self) -> Option<&FlowPacket> {
        belongs_to_flow(self.protocol).then_some(&self.flow)
    }
}

/// Reads an Ethernet frame received or sent on `ifindex`; `stripped_vlan` is the VLAN identifier that the kernel keeps beside
/// the packet (0 none).
#[inline(always)]
pub fn parse<P: Octets + ?Sized>(packet: &P, ifindex: u32, stripped_vlan: u16) -> Summary {
    let mut flow = FlowPacket::default();
    let protocol = parse_into(packet, ifindex, stripped_vlan, &mut flow);
    Summary { protocol, flow }
}

/// As [`parse`], for a flow of which the caller keeps the place; it must be a default one. Hidden from the compiler, that place
/// stays in memory: else each of its fields would be carried along to each of the many ways out.
///
/// Whether there is a flow: [`belongs_to_flow`].
#[inline(always)]
pub fn parse_into<P: Octets + ?Sized>(packet: &P, ifindex: u32, stripped_vlan: u16, flow: &mut FlowPacket) -> Protocol {
    flow.key.ifindex = ifindex;
    flow.key.vlan = stripped_vlan;
    read(packet, flow).unwrap_or(Protocol::Malformed)
}

/// IPv4 and IPv6 with whole headers.
#[inline(always)]
pub fn belongs_to_flow(protocol: Protocol) -> bool {
    !matches!(protocol, Protocol::Arp | Protocol::Other | Protocol::Malformed)
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
            let at = ipv4(packet, at, flow)?;
            transport(packet, at, flow)
        }
        ETHERTYPE_IPV6 => {
            let at = ipv6(packet, at, flow)?;
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
fn ipv4<P: Octets + ?Sized>(packet: &P, at: usize, flow: &mut FlowPacket) -> Option<usize> {
    // Whole words: every read is a check of the packet's end.
    let [version, tos, .., fragment, fragment_low] = packet.u64_ne(at)?.to_ne_bytes();
    let second = packet.u64_ne(at + 8)?;
    let [_, protocol, ..] = second.to_ne_bytes();
    let [_, source] = words(second);
    let header = usize::from(version & 15) * 4;
    if version >> 4 != 4 || header < 20 {
        return None;
    }
    let fragment_offset = u16::from_be_bytes([fragment & 0x1f, fragment_low]);
    flow.tos = tos;
    let key = &mut flow.key;
    key.ip_version = 4;
    key.protocol = protocol;
    key.address_a[0] = source;
    key.address_b[0] = packet.u32_ne(at + 16)?;
    if header > 20 {
        packet.u8(at + header - 1)?;
    }
    Some(if fragment_offset == 0 { at + header } else { ABSENT })
}

/// The words of eight octets, in the order of the packet.
#[inline(always)]
fn words(octets: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = octets.to_ne_bytes();
    [u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])]
}

/// RFC 8200 3 and 4. Gives the transport header's offset, or [`ABSENT`].
#[inline(always)]
fn ipv6<P: Octets + ?Sized>(packet: &P, at: usize, flow: &mut FlowPacket) -> Option<usize> {
    let [version, class_low, .., next, _] = packet.u64_ne(at)?.to_ne_bytes();
    if version >> 4 != 6 {
        return None;
    }
    flow.tos = version << 4 | class_low >> 4;
    let key = &mut flow.key;
    key.ip_version = 6;
    [key.address_a[0], key.address_a[1]] = words(packet.u64_ne(at + 8)?);
    [key.address_a[2], key.address_a[3]] = words(packet.u64_ne(at + 16)?);
    [key.address_b[0], key.address_b[1]] = words(packet.u64_ne(at + 24)?);
    [key.address_b[2], key.address_b[3]] = words(packet.u64_ne(at + 32)?);
    let mut next = next;
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
        let [a, b, c, d] = packet.u32_ne(at)?.to_ne_bytes();
        flow.key.port_a = u16::from_be_bytes([a, b]);
        flow.key.port_b = u16::from_be_bytes([c, d]);
        if protocol == Protocol::Tcp {
            let [offset, tcp_flags] = packet.u16_ne(at + 12)?.to_ne_bytes();
            let data_offset = usize::from(offset >> 4) * 4;
            if data_offset < 20 {
                return None;
            }
            flow.tcp_flags = tcp_flags;
            flow.header_length = (at + data_offset) as u16;
        } else if protocol == Protocol::Udp {
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
