//! Ethernet to the transport header, as far as counters and flow keys need it.

mod network;
mod numbers;
mod transport;

pub use numbers::{VXLAN, ethertype, protocol};

use crate::{
    Octets,
    data::Protocol,
    flow::{FlowKey, FlowPacket},
};

/// IPv6 extension headers that are stepped over; a packet with more is [`Protocol::Ipv6Other`] with the protocol reached.
pub const MAX_EXTENSION_HEADERS: usize = 6;
/// 802.1Q and 802.1ad tags that are stepped over; a frame with more is [`Protocol::Other`].
pub const MAX_TAGS: usize = 4;
/// MPLS labels that are stepped over, likewise.
pub const MAX_LABELS: usize = 8;

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

impl Summary {
    /// The packet's place in a flow, for IPv4 and IPv6 with whole headers.
    #[inline(always)]
    pub fn flow(&self) -> Option<&FlowPacket> {
        self.protocol.belongs_to_flow().then_some(&self.flow)
    }
}

/// What a first fragment says of the later ones, which have no transport header.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    /// As in [`FlowKey`], before its ends are put in order.
    pub source_port: u16,
    /// Likewise.
    pub destination_port: u16,
    /// IP protocol number.
    pub protocol: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

/// Where what first fragments say is kept, some thousand of them. The key is that of a flow from source to destination with the
/// packet's identification in place of the ports.
pub trait Fragments {
    /// Keeps it; the oldest may be forgotten for it.
    fn remember(&mut self, packet: &FlowKey, transport: Transport);
    /// What the first fragment of this packet said, if it was seen.
    fn recall(&mut self, packet: &FlowKey) -> Option<Transport>;
}

/// Remembers nothing: later fragments are flows without ports.
impl Fragments for () {
    fn remember(&mut self, _: &FlowKey, _: Transport) {}

    fn recall(&mut self, _: &FlowKey) -> Option<Transport> {
        None
    }
}

/// How packets are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// What GRE and VXLAN carry names class and flow, not the tunnel (of tunnels in tunnels, the second).
    pub inner: bool,
}

/// Reads an Ethernet frame received or sent on `ifindex`; `stripped_vlan` is the VLAN identifier that the kernel keeps beside
/// the packet (0 none). Later fragments have no ports: [`parse_with`] knows them.
#[inline(always)]
pub fn parse<P: Octets + ?Sized>(packet: &P, ifindex: u32, stripped_vlan: u16) -> Summary {
    parse_with(packet, ifindex, stripped_vlan, Layers::default(), &mut ())
}

/// As [`parse`], with the choice of layers, and later fragments in the flow of the first.
#[inline(always)]
pub fn parse_with<P: Octets + ?Sized, F: Fragments>(
    packet: &P,
    ifindex: u32,
    stripped_vlan: u16,
    layers: Layers,
    fragments: &mut F,
) -> Summary {
    let mut flow = FlowPacket::default();
    let protocol = parse_into(packet, ifindex, stripped_vlan, layers, fragments, &mut flow);
    Summary { protocol, flow }
}

/// As [`parse_with`], for a flow of which the caller keeps the place; it must be a default one. Hidden from the compiler, that
/// place stays in memory: else each of its fields would be carried along to each of the many ways out.
///
/// Whether there is a flow: [`Protocol::belongs_to_flow`].
#[inline(always)]
pub fn parse_into<P: Octets + ?Sized, F: Fragments>(
    packet: &P,
    ifindex: u32,
    stripped_vlan: u16,
    layers: Layers,
    fragments: &mut F,
    flow: &mut FlowPacket,
) -> Protocol {
    flow.key.ifindex = ifindex;
    flow.key.vlan = stripped_vlan;
    let outer = match frame(packet, 0, flow, fragments) {
        Ok(protocol) | Err(protocol) => protocol,
    };
    if !layers.inner || !matches!(outer, Protocol::Gre | Protocol::Udp) {
        return outer;
    }
    match transport::tunnel(packet, flow) {
        Ok(Some((ethertype, at))) => inner(packet, ethertype, at, flow, fragments),
        Ok(None) => outer,
        Err(malformed) => malformed,
    }
}

/// What is in a tunnel.
#[inline(always)]
fn inner<P: Octets + ?Sized, F: Fragments>(
    packet: &P,
    ethertype: u16,
    at: usize,
    flow: &mut FlowPacket,
    fragments: &mut F,
) -> Protocol {
    *flow = FlowPacket {
        key: FlowKey {
            ifindex: flow.key.ifindex,
            vlan: flow.key.vlan,
            ..FlowKey::default()
        },
        ..FlowPacket::default()
    };
    let read = if ethertype == ethertype::BRIDGED {
        frame(packet, at, flow, fragments)
    } else {
        payload(packet, ethertype, at, flow, fragments)
    };
    match read {
        Ok(protocol) | Err(protocol) => protocol,
    }
}

/// An Ethernet frame at `at`; `Err` is a class of malformed packets.
#[inline(always)]
fn frame<P: Octets + ?Sized, F: Fragments>(
    packet: &P,
    at: usize,
    flow: &mut FlowPacket,
    fragments: &mut F,
) -> Result<Protocol, Protocol> {
    let mut ethertype = packet.u16_be(at + 12).ok_or(Protocol::EthernetShort)?;
    let mut at = at + 14;
    for _ in 0..MAX_TAGS {
        if !ethertype::is_tag(ethertype) {
            break;
        }
        // The outer tag names the flow.
        if flow.key.vlan == 0 {
            flow.key.vlan = packet.u16_be(at).ok_or(Protocol::EthernetShort)? & 0x0fff;
        }
        ethertype = packet.u16_be(at + 2).ok_or(Protocol::EthernetShort)?;
        at = packet.forget(at + 4);
    }
    if ethertype::is_mpls(ethertype) {
        (ethertype, at) = labels(packet, at)?;
    }
    payload(packet, ethertype, at, flow, fragments)
}

/// Steps over MPLS labels (RFC 3032 2.1). What follows does not say what it is: IP is known by its version, as routers do.
#[inline(always)]
fn labels<P: Octets + ?Sized>(packet: &P, at: usize) -> Result<(u16, usize), Protocol> {
    let mut at = at;
    for _ in 0..MAX_LABELS {
        let bottom = packet.u8(at + 2).ok_or(Protocol::EthernetShort)? & 1 != 0;
        at = packet.forget(at + 4);
        if bottom {
            let version = packet.u8(at).ok_or(Protocol::EthernetShort)? >> 4;
            let ethertype = match version {
                4 => ethertype::IPV4,
                6 => ethertype::IPV6,
                _ => ethertype::MPLS,
            };
            return Ok((ethertype, at));
        }
    }
    Ok((ethertype::MPLS, at))
}

#[inline(always)]
fn payload<P: Octets + ?Sized, F: Fragments>(
    packet: &P,
    ethertype: u16,
    at: usize,
    flow: &mut FlowPacket,
    fragments: &mut F,
) -> Result<Protocol, Protocol> {
    let ip = match ethertype {
        ethertype::IPV4 => network::ipv4(packet, at, flow)?,
        ethertype::IPV6 => network::ipv6(packet, at, flow)?,
        ethertype::ARP => {
            // Hardware type to target address: 28 octets for Ethernet and IPv4 (RFC 826).
            packet.u8(at + 27).ok_or(Protocol::ArpShort)?;
            return Ok(Protocol::Arp);
        }
        _ => return Ok(Protocol::Other),
    };
    let protocol = if ip.fragmented {
        network::fragment(packet, &ip, flow, fragments)?
    } else {
        transport::read(packet, ip.at, flow)?
    };
    flow.from_a = flow.key.canonicalize();
    Ok(protocol)
}

#[cfg(test)]
#[path = "ethernet_tests.rs"]
mod tests;
