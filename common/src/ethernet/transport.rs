//! Transport headers, and the tunnels that look like one.

use super::{
    VXLAN, ethertype,
    protocol::{GRE, ICMP, ICMPV6, SCTP, TCP, UDP},
};
use crate::{Octets, data::Protocol, flow::FlowPacket};

/// Ports and flags of the header at `at`. A key has its ends not yet in order here: A is the source.
#[inline(always)]
pub(super) fn read<P: Octets + ?Sized>(packet: &P, at: usize, flow: &mut FlowPacket) -> Result<Protocol, Protocol> {
    const SHORT: Protocol = Protocol::TransportShort;
    let protocol = class(flow.key.ip_version, flow.key.protocol);
    match protocol {
        Protocol::Tcp => {
            ports(packet.u32_ne(at).ok_or(SHORT)?, flow);
            let [offset, tcp_flags, ..] = packet.u64_ne(at + 12).ok_or(SHORT)?.to_ne_bytes();
            let data_offset = usize::from(offset >> 4) * 4;
            if data_offset < 20 {
                return Err(Protocol::TransportHeader);
            }
            flow.tcp_flags = tcp_flags;
            flow.header_length = (at + data_offset) as u16;
        }
        Protocol::Udp => {
            let [a, b, c, d, long, length, ..] = packet.u64_ne(at).ok_or(SHORT)?.to_ne_bytes();
            ports(u32::from_ne_bytes([a, b, c, d]), flow);
            // 0: longer than the field can say (RFC 2675 4).
            if long == 0 && matches!(length, 1..8) {
                return Err(Protocol::TransportHeader);
            }
            flow.header_length = (at + 8) as u16;
        }
        Protocol::Sctp => {
            packet.u32_ne(at + 8).ok_or(SHORT)?;
            ports(packet.u32_ne(at).ok_or(SHORT)?, flow);
        }
        Protocol::Icmp | Protocol::Icmpv6 => {
            packet.u32_ne(at).ok_or(SHORT)?;
            icmp(packet.u16_be(at).ok_or(SHORT)?, flow);
        }
        Protocol::Gre => {
            packet.u32_ne(at).ok_or(SHORT)?;
            flow.header_length = at as u16;
        }
        _ => {}
    }
    Ok(protocol)
}

#[inline(always)]
fn ports(word: u32, flow: &mut FlowPacket) {
    let [a, b, c, d] = word.to_ne_bytes();
    flow.key.port_a = u16::from_be_bytes([a, b]);
    flow.key.port_b = u16::from_be_bytes([c, d]);
}

/// Type and code stand in the destination's port, as in NetFlow and IPFIX. An answer (RFC 792, RFC 950, RFC 4443 4.2) belongs to
/// the flow of its question, the other way.
#[inline(always)]
fn icmp(type_and_code: u16, flow: &mut FlowPacket) {
    let answer = if flow.key.ip_version == 4 {
        // Echo reply answers 8; 14, 16 and 18 answer the number before.
        matches!(type_and_code, 0x0000 | 0x0e00 | 0x1000 | 0x1200)
    } else {
        type_and_code == 0x8100
    };
    if !answer {
        flow.key.port_b = type_and_code;
    } else if type_and_code == 0 {
        flow.key.port_a = 0x0800;
    } else {
        flow.key.port_a = type_and_code - 0x0100;
    }
}

#[inline(always)]
pub(super) fn class(ip_version: u8, protocol: u8) -> Protocol {
    match (protocol, ip_version) {
        (TCP, _) => Protocol::Tcp,
        (UDP, _) => Protocol::Udp,
        (SCTP, _) => Protocol::Sctp,
        (GRE, _) => Protocol::Gre,
        (ICMP, 4) => Protocol::Icmp,
        (ICMPV6, 6) => Protocol::Icmpv6,
        (_, 4) => Protocol::Ipv4Other,
        _ => Protocol::Ipv6Other,
    }
}

/// EtherType and offset of what is in the tunnel that the flow's packet is, if it is one. `header_length` is 0 in later
/// fragments: nothing is known there.
#[inline(always)]
pub(super) fn tunnel<P: Octets + ?Sized>(packet: &P, flow: &FlowPacket) -> Result<Option<(u16, usize)>, Protocol> {
    let at = usize::from(flow.header_length);
    if at == 0 {
        return Ok(None);
    }
    if flow.key.protocol == UDP {
        let destination = if flow.from_a { flow.key.port_b } else { flow.key.port_a };
        if destination != VXLAN {
            return Ok(None);
        }
        packet.u64_ne(at).ok_or(Protocol::TransportShort)?;
        return Ok(Some((ethertype::BRIDGED, at + 8)));
    }
    // RFC 2784 2.1, RFC 2890 2: checksum, key and sequence number are there where their bit is set.
    let [flags, version, high, low] = packet.u32_ne(at).ok_or(Protocol::TransportShort)?.to_ne_bytes();
    let ethertype = u16::from_be_bytes([high, low]);
    if version & 7 != 0 || !matches!(ethertype, ethertype::IPV4 | ethertype::IPV6 | ethertype::BRIDGED) {
        return Ok(None);
    }
    let options = usize::from(flags >> 7) + usize::from(flags >> 5 & 1) + usize::from(flags >> 4 & 1);
    Ok(Some((ethertype, at + 4 + 4 * options)))
}
