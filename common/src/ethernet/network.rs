//! IPv4 and IPv6 headers, and fragments.

use super::{
    Fragments, MAX_EXTENSION_HEADERS, Transport,
    protocol::{AUTHENTICATION, DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, ROUTING},
    transport,
};
use crate::{
    Octets,
    data::Protocol,
    flow::{FlowKey, FlowPacket},
};

/// What an IP header says of what follows.
pub(super) struct Ip {
    /// Offset of the transport header, or of what is there in a later fragment.
    pub at: usize,
    pub fragmented: bool,
    /// The first fragment has the transport header.
    first: bool,
    identification: u32,
}

/// RFC 791 3.1.
#[inline(always)]
pub(super) fn ipv4<P: Octets + ?Sized>(packet: &P, at: usize, flow: &mut FlowPacket) -> Result<Ip, Protocol> {
    // Whole words: every read is a check of the packet's end.
    let word = packet.u64_ne(at).ok_or(Protocol::IpShort)?;
    let [version, tos, long, length, id, id_low, fragment, fragment_low] = word.to_ne_bytes();
    let second = packet.u64_ne(at + 8).ok_or(Protocol::IpShort)?;
    let [_, protocol, ..] = second.to_ne_bytes();
    let [_, source] = words(second);
    let destination = packet.u32_ne(at + 16).ok_or(Protocol::IpShort)?;
    let header = usize::from(version & 15) * 4;
    if version >> 4 != 4 || header < 20 {
        return Err(Protocol::IpHeader);
    }
    // 0: longer than the field can say, before segmentation offload (Linux `include/net/ip.h`, `iph_set_totlen`).
    let total = usize::from(u16::from_be_bytes([long, length]));
    if total != 0 && total < header {
        return Err(Protocol::IpLength);
    }
    let mut next = at + 20;
    if header > 20 {
        packet.u8(at + header - 1).ok_or(Protocol::IpShort)?;
        next = packet.forget(at + header);
    }
    flow.tos = tos;
    let key = &mut flow.key;
    key.ip_version = 4;
    key.protocol = protocol;
    key.address_a[0] = source;
    key.address_b[0] = destination;
    // Without the bit "don't fragment".
    let fragment = u16::from_be_bytes([fragment & 0x3f, fragment_low]);
    Ok(Ip {
        at: next,
        fragmented: fragment != 0,
        first: fragment & 0x1fff == 0,
        identification: u32::from(u16::from_be_bytes([id, id_low])),
    })
}

/// The words of eight octets, in the order of the packet.
#[inline(always)]
fn words(octets: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = octets.to_ne_bytes();
    [u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])]
}

/// RFC 8200 3 and 4.
#[inline(always)]
pub(super) fn ipv6<P: Octets + ?Sized>(packet: &P, at: usize, flow: &mut FlowPacket) -> Result<Ip, Protocol> {
    let word = |at| packet.u64_ne(at).ok_or(Protocol::IpShort);
    let [version, class_low, .., next, _] = word(at)?.to_ne_bytes();
    if version >> 4 != 6 {
        return Err(Protocol::IpHeader);
    }
    flow.tos = version << 4 | class_low >> 4;
    let key = &mut flow.key;
    key.ip_version = 6;
    [key.address_a[0], key.address_a[1]] = words(word(at + 8)?);
    [key.address_a[2], key.address_a[3]] = words(word(at + 16)?);
    [key.address_b[0], key.address_b[1]] = words(word(at + 24)?);
    [key.address_b[2], key.address_b[3]] = words(word(at + 32)?);
    let mut next = next;
    let mut ip = Ip {
        at: at + 40,
        fragmented: false,
        first: true,
        identification: 0,
    };
    for _ in 0..MAX_EXTENSION_HEADERS {
        if !matches!(
            next,
            HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION_OPTIONS
        ) {
            break;
        }
        let [follows, units] = packet.u16_ne(ip.at).ok_or(Protocol::IpShort)?.to_ne_bytes();
        let length = match next {
            // RFC 4302 2.2: in units of 4 octets, minus 2.
            AUTHENTICATION => 8 + 4 * usize::from(units),
            FRAGMENT => 8,
            // In units of 8 octets beyond the first 8.
            _ => 8 + 8 * usize::from(units),
        };
        if next == FRAGMENT {
            let [_, _, offset, low, id @ ..] = word(ip.at)?.to_ne_bytes();
            let offset = u16::from_be_bytes([offset, low]);
            // Offset 0 and no more to come: a fragment that is the whole packet (RFC 6946).
            ip.fragmented = offset & 0xfff9 != 0;
            ip.first = offset & 0xfff8 == 0;
            ip.identification = u32::from_be_bytes(id);
        }
        next = follows;
        ip.at = packet.forget(ip.at + length);
        if !ip.first {
            break;
        }
    }
    key.protocol = next;
    Ok(ip)
}

/// A fragment: the first one is read and remembered, the others are what the first said.
#[inline(always)]
pub(super) fn fragment<P: Octets + ?Sized, F: Fragments>(
    packet: &P,
    ip: &Ip,
    flow: &mut FlowPacket,
    fragments: &mut F,
) -> Result<Protocol, Protocol> {
    let mut name = FlowKey {
        port_a: (ip.identification >> 16) as u16,
        port_b: ip.identification as u16,
        ..flow.key
    };
    if flow.key.ip_version == 6 {
        // Not part of the name there (RFC 8200 4.5), and the first fragment may have more extension headers.
        name.protocol = 0;
    }
    if ip.first {
        let protocol = transport::read(packet, ip.at, flow)?;
        let transport = Transport {
            source_port: flow.key.port_a,
            destination_port: flow.key.port_b,
            protocol: flow.key.protocol,
            reserved: [0; 3],
        };
        fragments.remember(&name, transport);
        return Ok(protocol);
    }
    if let Some(first) = fragments.recall(&name) {
        flow.key.port_a = first.source_port;
        flow.key.port_b = first.destination_port;
        flow.key.protocol = first.protocol;
    }
    Ok(transport::class(flow.key.ip_version, flow.key.protocol))
}
