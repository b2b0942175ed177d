//! Link types of captures that carry IP, each shown to the one parser as Ethernet.

use airlens_common::{
    Octets,
    ethernet::{
        Fragments, Layers, Summary, VXLAN,
        ethertype::{self, BRIDGED, IPV4, IPV6},
        parse_with,
        protocol::{GRE, UDP},
    },
    flow::FlowKey,
    ieee80211::FrameControl,
};

use super::features::Transport;
use crate::dot11::link::LinkType;

/// Octets of an Ethernet header without tags.
const ETHERNET: usize = 14;

/// How a link type (tcpdump.org/linktypes.html) wraps its packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapping {
    /// An Ethernet header.
    Ethernet,
    /// Nothing: an IP header comes first.
    Raw,
    /// An address family in four octets, of the capturing machine's order or the network's.
    Family,
    /// Linux cooked, version 1: 16 octets, the EtherType last.
    Cooked,
    /// Linux cooked, version 2: 20 octets, the EtherType first.
    Cooked2,
    /// 802.11, behind what this link type says.
    Wireless(LinkType),
}

impl Wrapping {
    fn of(link_type: u32) -> Option<Self> {
        Some(match link_type {
            1 => Self::Ethernet,
            0 | 108 => Self::Family,
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            113 => Self::Cooked,
            276 => Self::Cooked2,
            other => Self::Wireless(LinkType::from_number(other).ok()?),
        })
    }
}

/// Whether its packets are read.
#[must_use]
pub(super) fn is_known(link_type: u32) -> bool {
    Wrapping::of(link_type).is_some()
}

/// A packet as the parser sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parsed {
    pub(super) summary: Summary,
    /// Where the link-layer header begins, behind what the capture put before it.
    pub(super) frame_at: usize,
    /// The EtherType of what begins at `network_at`.
    ethertype: u16,
    network_at: usize,
    /// What tunnels carry was asked for.
    inner: bool,
}

impl Parsed {
    /// The packet from its IP header on, behind VLAN tags and MPLS labels (RFC 3032 2.1); of tunnels, where they are looked into,
    /// the packet in them.
    pub(super) fn network<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        let outer = octets.get(self.network_at..).unwrap_or_default();
        let outer = behind(self.ethertype, outer).unwrap_or_default();
        match tunnelled(outer).filter(|_| self.inner) {
            Some(inner) => inner,
            None => outer,
        }
    }
}

/// What is behind VLAN tags and MPLS labels.
fn behind(ethertype: u16, octets: &[u8]) -> Option<&[u8]> {
    let (mut ethertype, mut at) = (ethertype, 0);
    while ethertype::is_tag(ethertype) {
        (ethertype, at) = (octets.u16_be(at + 2)?, at + 4);
    }
    if ethertype::is_mpls(ethertype) {
        while octets.u8(at + 2)? & 1 == 0 {
            at += 4;
        }
        at += 4;
    }
    octets.get(at..)
}

/// The packet in a tunnel of those that [`parse_with`] looks into: GRE (RFC 2784 2.1, RFC 2890 2), VXLAN (RFC 7348 5).
fn tunnelled(network: &[u8]) -> Option<&[u8]> {
    let Transport { protocol, octets, .. } = Transport::of(network)?;
    let (ethertype, at) = match protocol {
        UDP if octets.u16_be(2)? == VXLAN => (BRIDGED, 16),
        GRE => {
            let (flags, version) = (octets.u8(0)?, octets.u8(1)?);
            let options = [0x80, 0x20, 0x10].iter().filter(|bit| flags & **bit != 0).count();
            let ethertype = octets.u16_be(2).filter(|_| version & 7 == 0)?;
            (ethertype, 4 + 4 * options)
        }
        _ => return None,
    };
    let carried = octets.get(at..)?;
    match ethertype {
        BRIDGED => behind(carried.u16_be(12)?, carried.get(ETHERNET..)?),
        IPV4 | IPV6 => Some(carried),
        _ => None,
    }
}

/// A packet of a flow.
#[derive(Clone, Copy, Debug)]
pub struct FlowOf<'a> {
    /// Its flow, of no interface unless the capture names one.
    pub key: FlowKey,
    /// 0 from end A to end B, 1 back.
    pub way: usize,
    /// Its TCP flags, 0 for other protocols.
    pub tcp_flags: u8,
    /// The packet from its IP header on.
    pub network: &'a [u8],
}

/// The flow of a packet of a capture; none of packets of no flow, and of link types that are not read.
#[must_use]
pub fn flow_of<'a>(
    link_type: u32,
    octets: &'a [u8],
    layers: Layers,
    fragments: &mut impl Fragments,
) -> Option<FlowOf<'a>> {
    let parsed = read(link_type, octets, layers, fragments)?;
    let flow = parsed.summary.flow()?;
    Some(FlowOf {
        key: flow.key,
        way: usize::from(!flow.from_a),
        tcp_flags: flow.tcp_flags,
        network: parsed.network(octets),
    })
}

/// Reads a packet of a capture; none where its link type is not read.
#[inline]
pub(super) fn read(link_type: u32, octets: &[u8], layers: Layers, fragments: &mut impl Fragments) -> Option<Parsed> {
    let wrapping = Wrapping::of(link_type)?;
    if wrapping == Wrapping::Ethernet {
        return Some(Parsed {
            summary: parse_with(octets, 0, 0, layers, fragments),
            frame_at: 0,
            ethertype: octets.u16_be(12).unwrap_or(0),
            network_at: ETHERNET,
            inner: layers.inner,
        });
    }
    Some(unwrap(wrapping, octets, layers, fragments))
}

fn unwrap(wrapping: Wrapping, octets: &[u8], layers: Layers, fragments: &mut impl Fragments) -> Parsed {
    // Too short: of any type, and cut.
    let cut = (IPV4, octets.len());
    let (mut frame_at, mut interface) = (0, 0);
    let (ethertype, network_at) = match wrapping {
        Wrapping::Ethernet | Wrapping::Raw => (version(octets.u8(0)), 0),
        Wrapping::Family => octets.u32_ne(0).map_or(cut, |family| (of_family(family), 4)),
        Wrapping::Cooked => octets.u16_be(14).map_or(cut, |ethertype| (ethertype, 16)),
        Wrapping::Cooked2 => {
            interface = octets.u32_ne(4).map_or(0, u32::from_be);
            octets.u16_be(0).map_or(cut, |ethertype| (ethertype, 20))
        }
        Wrapping::Wireless(link_type) => match link_type.parse(octets) {
            Ok(link) => {
                frame_at = link.frame_at;
                data(octets, frame_at).unwrap_or((0, octets.len()))
            }
            Err(_) => cut,
        },
    };
    let framed = Framed {
        ethertype,
        network: octets.get(network_at..).unwrap_or_default(),
    };
    Parsed {
        summary: parse_with(&framed, interface, 0, layers, fragments),
        frame_at,
        ethertype,
        network_at,
        inner: layers.inner,
    }
}

/// The EtherType of a packet that begins with an IP header.
fn version(first: Option<u8>) -> u16 {
    match first.map(|first| first >> 4) {
        Some(6) => IPV6,
        _ => IPV4,
    }
}

/// AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 or 30 on the BSDs.
fn of_family(family: u32) -> u16 {
    match (family, family.swap_bytes()) {
        (2, _) | (_, 2) => IPV4,
        (10 | 24 | 28 | 30, _) | (_, 10 | 24 | 28 | 30) => IPV6,
        _ => 0,
    }
}

/// EtherType and place of what an 802.11 data frame carries (IEEE Std 802.11-2020 9.3.2.1, and SNAP, IEEE Std 802-2014 9.4);
/// none of one that is encrypted, a fragment, an aggregate, empty or no data frame.
fn data(octets: &[u8], at: usize) -> Option<(u16, usize)> {
    const TO_AND_FROM_DS: u16 = 0x0300;
    const MORE_FRAGMENTS: u16 = 1 << 10;
    const PROTECTED: u16 = 1 << 14;
    const HT_CONTROL: u16 = 1 << 15;
    const A_MSDU: u16 = 1 << 7;
    const DATA: u8 = 2;
    const QOS: u8 = 8;
    const NULL: u8 = 4;
    let control = FrameControl::parse(octets, at)?;
    let fragment = octets.u16_le(at + 22)? & 15;
    if control.kind() != DATA
        || control.subtype() & NULL != 0
        || control.0 & (PROTECTED | MORE_FRAGMENTS) != 0
        || fragment != 0
    {
        return None;
    }
    let mut body = at + 24;
    if control.0 & TO_AND_FROM_DS == TO_AND_FROM_DS {
        body += 6;
    }
    if control.subtype() & QOS != 0 {
        if octets.u16_le(body)? & A_MSDU != 0 {
            return None;
        }
        body += if control.0 & HT_CONTROL != 0 { 6 } else { 2 };
    }
    let snap = octets.u64_ne(body)?.to_ne_bytes();
    match snap {
        [0xaa, 0xaa, 3, 0, 0, 0, high, low] => Some((u16::from_be_bytes([high, low]), body + 8)),
        _ => None,
    }
}

/// A network packet behind an Ethernet header that is not there.
#[derive(Clone, Copy, Debug)]
struct Framed<'a> {
    ethertype: u16,
    network: &'a [u8],
}

impl Framed<'_> {
    /// Across the end of the header.
    #[cold]
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut value = [0; N];
        for (step, octet) in value.iter_mut().enumerate() {
            *octet = self.u8(at + step)?;
        }
        Some(value)
    }
}

impl Octets for Framed<'_> {
    fn u8(&self, at: usize) -> Option<u8> {
        match at {
            0..12 => Some(0),
            12 | 13 => Some(self.ethertype.to_be_bytes()[at - 12]),
            _ => self.network.u8(at - ETHERNET),
        }
    }

    fn u16_ne(&self, at: usize) -> Option<u16> {
        match at.checked_sub(ETHERNET) {
            Some(at) => self.network.u16_ne(at),
            None => self.array(at).map(u16::from_ne_bytes),
        }
    }

    fn u32_ne(&self, at: usize) -> Option<u32> {
        match at.checked_sub(ETHERNET) {
            Some(at) => self.network.u32_ne(at),
            None => self.array(at).map(u32::from_ne_bytes),
        }
    }

    fn u64_ne(&self, at: usize) -> Option<u64> {
        match at.checked_sub(ETHERNET) {
            Some(at) => self.network.u64_ne(at),
            None => self.array(at).map(u64::from_ne_bytes),
        }
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
