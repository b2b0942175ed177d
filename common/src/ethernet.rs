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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The class that it is counted in.
    pub protocol: Protocol,
    /// The packet's place in a flow, for IPv4 and IPv6 with whole headers.
    pub flow: Option<FlowPacket>,
}

/// A packet's place in a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Reads an Ethernet frame received or sent on `ifindex`; `stripped_vlan` is the VLAN identifier that the kernel keeps beside
/// the packet (0 none).
#[inline(always)]
pub fn parse<P: Octets + ?Sized>(packet: &P, ifindex: u32, stripped_vlan: u16) -> Summary {
    match read(packet, ifindex, stripped_vlan) {
        Some(summary) => summary,
        None => Summary {
            protocol: Protocol::Malformed,
            flow: None,
        },
    }
}

/// `None`: malformed.
#[inline(always)]
fn read<P: Octets + ?Sized>(packet: &P, ifindex: u32, stripped_vlan: u16) -> Option<Summary> {
    let mut vlan = stripped_vlan;
    let mut ethertype = packet.u16_be(12)?;
    let mut at = 14;
    // 802.1Q and 802.1ad: two tags at the most; the outer one names the flow.
    for _ in 0..2 {
        if ethertype != ETHERTYPE_VLAN && ethertype != ETHERTYPE_SERVICE_VLAN {
            break;
        }
        if vlan == 0 {
            vlan = packet.u16_be(at)? & 0x0fff;
        }
        ethertype = packet.u16_be(at + 2)?;
        at += 4;
    }
    let mut key = FlowKey {
        vlan,
        ifindex,
        ..FlowKey::default()
    };
    let transport = match ethertype {
        ETHERTYPE_IPV4 => ipv4(packet, at, &mut key)?,
        ETHERTYPE_IPV6 => ipv6(packet, at, &mut key)?,
        ETHERTYPE_ARP => {
            packet.u8(at + 27)?; // hardware type to target address: 28 octets for Ethernet and IPv4 (RFC 826)
            return Some(plain(Protocol::Arp));
        }
        _ => return Some(plain(Protocol::Other)),
    };
    finish(packet, key, &transport)
}

/// Where the transport header starts, and whether it is there (fragments behind the first have none).
struct Transport {
    at: usize,
    present: bool,
}

/// RFC 791 3.1.
#[inline(always)]
fn ipv4<P: Octets + ?Sized>(packet: &P, at: usize, key: &mut FlowKey) -> Option<Transport> {
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
    Some(Transport {
        at: at + header,
        present: fragment_offset == 0,
    })
}

/// RFC 8200 3 and 4.
#[inline(always)]
fn ipv6<P: Octets + ?Sized>(packet: &P, at: usize, key: &mut FlowKey) -> Option<Transport> {
    if packet.u8(at)? >> 4 != 6 {
        return None;
    }
    key.ip_version = 6;
    for word in 0..4 {
        key.address_a[word] = packet.u32_ne(at + 8 + 4 * word)?;
        key.address_b[word] = packet.u32_ne(at + 24 + 4 * word)?;
    }
    let mut next = packet.u8(at + 6)?;
    let mut transport = Transport {
        at: at + 40,
        present: true,
    };
    for _ in 0..MAX_EXTENSION_HEADERS {
        let length = match next {
            // Hop-by-hop options, routing, destination options: in units of 8 octets beyond the first 8.
            0 | 43 | 60 => 8 + 8 * usize::from(packet.u8(transport.at + 1)?),
            // Authentication header (RFC 4302 2.2): in units of 4 octets, minus 2.
            51 => 8 + 4 * usize::from(packet.u8(transport.at + 1)?),
            44 => {
                transport.present &= packet.u16_be(transport.at + 2)? & 0xfff8 == 0;
                8
            }
            _ => break,
        };
        next = packet.u8(transport.at)?;
        transport.at += length;
        if !transport.present {
            break;
        }
    }
    key.protocol = next;
    Some(transport)
}

#[inline(always)]
fn finish<P: Octets + ?Sized>(packet: &P, mut key: FlowKey, transport: &Transport) -> Option<Summary> {
    let protocol = class(key.ip_version, key.protocol);
    let mut tcp_flags = 0;
    let mut header_length = 0;
    if transport.present && matches!(protocol, Protocol::Tcp | Protocol::Udp | Protocol::Sctp) {
        key.port_a = packet.u16_be(transport.at)?;
        key.port_b = packet.u16_be(transport.at + 2)?;
        if key.protocol == TCP {
            let data_offset = usize::from(packet.u8(transport.at + 12)? >> 4) * 4;
            if data_offset < 20 {
                return None;
            }
            tcp_flags = packet.u8(transport.at + 13)?;
            header_length = transport.at + data_offset;
        } else if key.protocol == UDP {
            packet.u16_ne(transport.at + 6)?;
            header_length = transport.at + 8;
        }
    }
    let from_a = key.canonicalize();
    Some(Summary {
        protocol,
        flow: Some(FlowPacket {
            key,
            from_a,
            tcp_flags,
            header_length: header_length as u16,
        }),
    })
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

#[inline(always)]
fn plain(protocol: Protocol) -> Summary {
    Summary { protocol, flow: None }
}

#[cfg(test)]
#[path = "ethernet_tests.rs"]
mod tests;
