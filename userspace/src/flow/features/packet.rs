//! A packet as features see it: from its network header on.

use airlens_common::{
    Octets as _,
    ethernet::{
        MAX_EXTENSION_HEADERS,
        protocol::{AUTHENTICATION, DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, ROUTING},
    },
};

/// A packet of a flow.
#[derive(Clone, Copy, Debug)]
pub struct PacketView<'a> {
    /// ns, of the flow's clock.
    pub time: u64,
    /// Octets on the wire, link-layer header included.
    pub length: u32,
    /// What there is of it from the IP header on.
    pub network: &'a [u8],
}

/// A transport header and what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Transport<'a> {
    pub(in crate::flow) protocol: u8,
    /// What there is of it, without what pads a short frame.
    pub(in crate::flow) octets: &'a [u8],
    /// Its length on the wire.
    pub(super) length: usize,
}

impl<'a> Transport<'a> {
    /// Of a packet that begins with its IP header; none of later fragments, or where a header is cut short.
    pub(in crate::flow) fn of(network: &'a [u8]) -> Option<Self> {
        let (protocol, at, end) = match network.first()? >> 4 {
            4 => ipv4(network)?,
            6 => ipv6(network)?,
            _ => return None,
        };
        let there = network.len().min(end);
        Some(Self {
            protocol,
            octets: network.get(at..there)?,
            length: end.checked_sub(at)?,
        })
    }
}

/// Protocol, and where its header begins and the packet ends (RFC 791 3.1).
fn ipv4(packet: &[u8]) -> Option<(u8, usize, usize)> {
    let at = usize::from(packet.u8(0)? & 15) * 4;
    if packet.u16_be(6)? & 0x1fff != 0 {
        return None;
    }
    let end = match usize::from(packet.u16_be(2)?) {
        // Left to the network card.
        0 => packet.len(),
        length => length,
    };
    Some((packet.u8(9)?, at, end))
}

/// The same (RFC 8200 3 and 4).
fn ipv6(packet: &[u8]) -> Option<(u8, usize, usize)> {
    let end = match usize::from(packet.u16_be(4)?) {
        0 => packet.len(),
        length => 40 + length,
    };
    let (mut next, mut at) = (packet.u8(6)?, 40);
    for _ in 0..MAX_EXTENSION_HEADERS {
        let length = match next {
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => 8 + 8 * usize::from(packet.u8(at + 1)?),
            AUTHENTICATION => 8 + 4 * usize::from(packet.u8(at + 1)?),
            FRAGMENT if packet.u16_be(at + 2)? & 0xfff8 == 0 => 8,
            FRAGMENT => return None,
            _ => break,
        };
        next = packet.u8(at)?;
        at += length;
    }
    Some((next, at, end))
}

/// A TCP header (RFC 9293 3.1) and its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) sequence: u32,
    pub(super) acknowledgement: u32,
    pub(super) flags: u8,
    pub(super) window: u16,
    /// What there is of the payload.
    pub(super) payload: &'a [u8],
    /// Octets of the payload on the wire.
    pub(super) length: u32,
}

impl<'a> Transport<'a> {
    /// Ports and payload of a UDP datagram (RFC 768).
    pub(super) fn datagram(&self) -> Option<([u16; 2], &'a [u8])> {
        Some(([self.octets.u16_be(0)?, self.octets.u16_be(2)?], self.octets.get(8..)?))
    }

    pub(super) fn segment(&self) -> Option<Segment<'a>> {
        let header = usize::from(self.octets.u8(12)? >> 4) * 4;
        Some(Segment {
            sequence: self.octets.u32_ne(4).map(u32::from_be)?,
            acknowledgement: self.octets.u32_ne(8).map(u32::from_be)?,
            flags: self.octets.u8(13)?,
            window: self.octets.u16_be(14)?,
            payload: self.octets.get(header..).unwrap_or_default(),
            length: u32::try_from(self.length.checked_sub(header)?).ok()?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An IPv4 packet of TCP from port 40000 to 443, or back.
    pub(in crate::flow) fn tcp(sequence: u32, acknowledgement: u32, flags: u8, window: u16, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 40];
        packet[0] = 0x45;
        packet[2..4].copy_from_slice(&(40 + payload.len() as u16).to_be_bytes());
        packet[9] = 6;
        packet[24..28].copy_from_slice(&sequence.to_be_bytes());
        packet[28..32].copy_from_slice(&acknowledgement.to_be_bytes());
        packet[32] = 0x50;
        packet[33] = flags;
        packet[34..36].copy_from_slice(&window.to_be_bytes());
        packet.extend(payload);
        packet
    }

    pub(in crate::flow) fn udp(payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 28];
        packet[0] = 0x45;
        packet[2..4].copy_from_slice(&(28 + payload.len() as u16).to_be_bytes());
        packet[9] = 17;
        packet.extend(payload);
        packet
    }

    pub(in crate::flow) fn view(time: u64, network: &[u8]) -> PacketView<'_> {
        PacketView {
            time,
            length: network.len() as u32 + 14,
            network,
        }
    }

    #[test]
    fn padding_is_no_payload_and_what_was_not_captured_is() {
        let mut packet = tcp(7, 9, 0x18, 512, b"ab");
        packet.extend([0; 6]);
        let segment = Transport::of(&packet).unwrap().segment().unwrap();
        assert_eq!((segment.payload, segment.length), (&b"ab"[..], 2));
        assert_eq!((segment.sequence, segment.acknowledgement, segment.window), (7, 9, 512));
        let snapped = Transport::of(&packet[..40]).unwrap().segment().unwrap();
        assert_eq!((snapped.payload, snapped.length), (&b""[..], 2));
        packet[7] = 1;
        assert_eq!(Transport::of(&packet), None);
    }
}
