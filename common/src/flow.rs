//! Flow keys and values: one entry a bidirectional flow.

mod index;

use crate::Count;

pub use index::{FLOW_BUCKET, FLOW_RUN, FlowBucket, FlowCursor, FlowIndex, flow_hash};

/// A bidirectional flow: the two ends in a canonical order, so that both directions have one key.
///
/// Addresses are in the network's order, IPv4 in the first word. Ports are host numbers, 0 for protocols without ports and
/// for fragments behind the first.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// Address of end A, the smaller of the two by raw comparison of address words, then port.
    pub address_a: [u32; 4],
    /// Address of end B.
    pub address_b: [u32; 4],
    /// Port of end A.
    pub port_a: u16,
    /// Port of end B.
    pub port_b: u16,
    /// Outer VLAN identifier, 0 untagged.
    pub vlan: u16,
    /// IP protocol number (IANA).
    pub protocol: u8,
    /// 4 or 6.
    pub ip_version: u8,
    /// Interface index.
    pub ifindex: u32,
}

impl FlowKey {
    /// Puts the ends in canonical order; true where the packet's source became end A.
    #[inline(always)]
    pub fn canonicalize(&mut self) -> bool {
        let mut source_is_a = self.port_a <= self.port_b;
        let mut word = 3;
        // From the last word to the first, so that the first difference decides.
        loop {
            if self.address_a[word] != self.address_b[word] {
                source_is_a = self.address_a[word] < self.address_b[word];
            }
            if word == 0 {
                break;
            }
            word -= 1;
        }
        if !source_is_a {
            core::mem::swap(&mut self.address_a, &mut self.address_b);
            core::mem::swap(&mut self.port_a, &mut self.port_b);
        }
        source_is_a
    }
}

/// A packet's place in a flow. The key comes first and on a boundary of 8: it is read in words of that size.
#[repr(C, align(8))]
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
    /// of a segmentation-offload packet repeats on the wire. Of GRE, to its header.
    pub header_length: u16,
}

/// What happened on a flow since it entered the table. Index 0: from A to B, index 1: from B to A.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowValue {
    /// Packets each way.
    pub packets: [u64; 2],
    /// Octets each way, link-layer header included.
    pub bytes: [u64; 2],
    /// First packet, `CLOCK_MONOTONIC` in ns.
    pub first: u64,
    /// Last packet, likewise, but of a coarse clock (a tick's resolution).
    pub last: u64,
    /// Each way, see [`marks`].
    pub marks: [u32; 2],
    /// Each way: the shortest packet in the low half, the longest in the high half, in octets up to 65,535; 0 none yet.
    pub lengths: [u32; 2],
}

/// The bits of [`FlowValue::marks`]. Bits 0 to 7 are TCP flags, OR-ed.
pub mod marks {
    /// Where the type of service, or traffic class, of the way's first packet begins.
    pub const TOS_SHIFT: u32 = 8;
    /// The type of service is known: the way had a packet.
    pub const TOS_KNOWN: u32 = 1 << 16;
    /// The way of the end that opened the flow: of the first packet seen, or against it if that is a SYN-ACK.
    pub const OPENER: u32 = 1 << 31;
    /// Type of service and whether it is known.
    pub const TOS: u32 = 0xff << TOS_SHIFT | TOS_KNOWN;
}

impl FlowValue {
    /// A flow of the `size.packets` packets that came at once, each `length` octets long, in direction `way` (0 or 1) at `now`.
    #[inline(always)]
    pub fn of_packet(way: usize, size: Count, tcp_flags: u8, tos: u8, length: u32, now: u64) -> Self {
        // Selected word by word: at an index that is not known, the verifier would not let a program write to its stack.
        let (there, back) = (u64::from(way & 1 == 0), u64::from(way & 1 == 1));
        let (marks, lengths) = (marks_of(tcp_flags, tos), lengths_of(length));
        let opener = opener(way & 1, tcp_flags) as u32;
        Self {
            packets: [size.packets * there, size.packets * back],
            bytes: [size.bytes * there, size.bytes * back],
            first: now,
            last: now,
            marks: [
                (marks * there as u32) | ((opener ^ 1) << 31),
                (marks * back as u32) | (opener << 31),
            ],
            lengths: [lengths * there as u32, lengths * back as u32],
        }
    }

    /// Adds what else is known of the same flow: a later packet, another drain, another CPU's share.
    #[inline]
    pub fn merge(&mut self, share: &Self) {
        let earlier = share.first < self.first;
        for way in 0..2 {
            self.packets[way] += share.packets[way];
            self.bytes[way] += share.bytes[way];
            let (ours, theirs) = (self.marks[way], share.marks[way]);
            let (first, second) = if earlier { (theirs, ours) } else { (ours, theirs) };
            let tos = if first & marks::TOS_KNOWN != 0 { first } else { second } & marks::TOS;
            self.marks[way] = (ours | theirs) & 0xff | tos | first & marks::OPENER;
            self.lengths[way] = merge_lengths(self.lengths[way], share.lengths[way]);
        }
        self.first = self.first.min(share.first);
        self.last = self.last.max(share.last);
    }

    /// TCP flags seen in direction `way` (0 or 1), OR-ed.
    #[must_use]
    pub fn tcp_flags(&self, way: usize) -> u8 {
        self.marks[way & 1] as u8
    }

    /// Type of service (RFC 791 3.1) or traffic class (RFC 8200 3) of that way's first packet; none without a packet.
    #[must_use]
    pub fn tos(&self, way: usize) -> Option<u8> {
        let marks = self.marks[way & 1];
        (marks & marks::TOS_KNOWN != 0).then_some((marks >> marks::TOS_SHIFT) as u8)
    }

    /// The shortest packet of that way, octets.
    #[must_use]
    pub fn shortest(&self, way: usize) -> Option<u16> {
        let lengths = self.lengths[way & 1];
        (lengths != 0).then_some(lengths as u16)
    }

    /// The longest packet of that way, octets.
    #[must_use]
    pub fn longest(&self, way: usize) -> Option<u16> {
        let lengths = self.lengths[way & 1];
        (lengths != 0).then_some((lengths >> 16) as u16)
    }

    /// The way of the end that opened the flow: 0 if that is A, 1 if B.
    #[must_use]
    pub fn opener(&self) -> usize {
        usize::from(self.marks[1] & marks::OPENER != 0 && self.marks[0] & marks::OPENER == 0)
    }
}

/// A packet's marks, but for who opened the flow.
#[inline(always)]
pub fn marks_of(tcp_flags: u8, tos: u8) -> u32 {
    u32::from(tcp_flags) | u32::from(tos) << marks::TOS_SHIFT | marks::TOS_KNOWN
}

/// [`FlowValue::lengths`] of packets of one length.
#[inline(always)]
pub fn lengths_of(length: u32) -> u32 {
    let length = if length > 0xffff { 0xffff } else { length };
    length << 16 | length
}

/// [`FlowValue::lengths`] of both together.
#[inline(always)]
pub fn merge_lengths(one: u32, other: u32) -> u32 {
    if one == 0 || other == 0 {
        return one | other;
    }
    (one & 0xffff).min(other & 0xffff) | (one >> 16).max(other >> 16) << 16
}

/// The way that opened the flow of which this is the first packet.
#[inline(always)]
pub fn opener(way: usize, tcp_flags: u8) -> usize {
    const SYN_ACK: u8 = tcp_flags::SYN | tcp_flags::ACK;
    if tcp_flags & SYN_ACK == SYN_ACK { way ^ 1 } else { way }
}

/// A slot of the table, or one packet that found none, on the ring.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowRecord {
    /// The flow.
    pub key: FlowKey,
    /// In the table: the CPU whose share of the flow this is, and 1; 0 free. On the ring 0.
    pub owner: u32,
    /// What came of it, to that CPU.
    pub value: FlowValue,
}

/// TCP flags (RFC 9293 3.1) as [`FlowValue::tcp_flags`] gives them.
pub mod tcp_flags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 0x10;
}

/// What became of a flow's packet; index in [`crate::data::InterfaceCounts::flows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FlowCounter {
    /// Counted in the table.
    InTable = 0,
    /// No slot free: handed over as a record of its own.
    Exported = 1,
    /// No slot free, and the ring full too.
    LostRingFull = 2,
}

impl FlowCounter {
    /// Every counter, in the order of the indices.
    pub const ALL: [Self; 3] = [Self::InTable, Self::Exported, Self::LostRingFull];
}

#[cfg(feature = "user")]
mod pod {
    // SAFETY: repr(C) of integers without padding (44 octets of alignment 4), any bit pattern is valid.
    unsafe impl aya::Pod for super::FlowKey {}
    // SAFETY: as above, 64 octets of alignment 8.
    unsafe impl aya::Pod for super::FlowValue {}
    // SAFETY: as above; `owner` fills the hole between key and value.
    unsafe impl aya::Pod for super::FlowRecord {}
    // SAFETY: as above, 128 octets.
    unsafe impl aya::Pod for super::FlowBucket {}
    // SAFETY: as above, 64 octets.
    unsafe impl aya::Pod for super::FlowCursor {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_has_no_padding() {
        assert_eq!(size_of::<FlowKey>(), 44);
        assert_eq!(size_of::<FlowValue>(), 64);
        assert_eq!(size_of::<FlowRecord>(), 44 + 4 + 64);
        assert_eq!((size_of::<FlowBucket>(), size_of::<FlowCursor>()), (128, 64));
    }

    #[test]
    fn both_directions_have_one_key() {
        let there = FlowKey {
            address_a: [9, 0, 0, 0],
            address_b: [5, 0, 0, 0],
            port_a: 1,
            port_b: 2,
            protocol: 6,
            ..FlowKey::default()
        };
        let back = FlowKey {
            address_a: there.address_b,
            address_b: there.address_a,
            port_a: 2,
            port_b: 1,
            ..there
        };
        let (mut one, mut two) = (there, back);
        assert!(!one.canonicalize());
        assert!(two.canonicalize());
        assert_eq!(one, two);
        assert_eq!(one.address_a[0], 5);

        let (mut same, mut reversed) = (
            FlowKey {
                port_a: 7,
                port_b: 3,
                ..there
            },
            FlowKey {
                port_a: 3,
                port_b: 7,
                ..there
            },
        );
        same.address_b = same.address_a;
        reversed.address_b = reversed.address_a;
        assert_ne!(same.canonicalize(), reversed.canonicalize());
        assert_eq!(same, reversed);
    }

    #[test]
    fn shares_add_up_in_either_order() {
        let one = |way, packets, flags, tos, length, now| {
            let size = Count {
                packets,
                bytes: packets * u64::from(length),
            };
            FlowValue::of_packet(way, size, flags, tos, length, now)
        };
        let syn = one(1, 1, tcp_flags::SYN, 0x10, 74, 5);
        let answer = one(0, 1, tcp_flags::SYN | tcp_flags::ACK, 0x20, 78, 6);
        let data = one(1, 2, tcp_flags::ACK, 0x30, 1500, 9);
        assert_eq!(answer.opener(), 1);
        assert_eq!((data.tos(0), data.shortest(0)), (None, None));
        for order in [[syn, answer, data], [data, answer, syn], [answer, data, syn]] {
            let mut sum = order[0];
            sum.merge(&order[1]);
            sum.merge(&order[2]);
            assert_eq!((sum.packets, sum.bytes), ([1, 3], [78, 3074]));
            assert_eq!((sum.first, sum.last, sum.opener()), (5, 9, 1));
            assert_eq!((sum.tcp_flags(0), sum.tcp_flags(1)), (0x12, 0x12));
            assert_eq!((sum.tos(0), sum.tos(1)), (Some(0x20), Some(0x10)));
            assert_eq!((sum.shortest(1), sum.longest(1)), (Some(74), Some(1500)));
            assert_eq!((sum.shortest(0), sum.longest(0)), (Some(78), Some(78)));
        }
        assert_eq!(one(0, 1, 0, 0, 100_000, 1).longest(0), Some(65_535));
    }
}
