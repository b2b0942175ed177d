//! Flow keys and values: one entry a bidirectional flow.

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

/// What happened on a flow since it entered the table. Index 0: from A to B, index 1: from B to A.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowValue {
    /// Packets each way.
    pub packets: [u64; 2],
    /// Octets each way, link-layer header included.
    pub bytes: [u64; 2],
    /// First packet, coarse `CLOCK_MONOTONIC` in ns (a tick's resolution).
    pub first: u64,
    /// Last packet, likewise.
    pub last: u64,
    /// TCP flags seen each way, OR-ed (the low octet).
    pub tcp_flags: [u32; 2],
}

/// One packet that found no place in the table, on the ring.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowRecord {
    /// The flow.
    pub key: FlowKey,
    /// Always 0.
    pub reserved: u32,
    /// The packet, as a flow of its own.
    pub value: FlowValue,
}

/// TCP flags (RFC 9293 3.1) as they stand in [`FlowValue::tcp_flags`].
pub mod tcp_flags {
    /// No more data from the sender.
    pub const FIN: u32 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u32 = 0x02;
    /// Reset the connection.
    pub const RST: u32 = 0x04;
}

/// Index in the flow counter map of [`crate::Count`]. `Seen` is the sum of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FlowCounter {
    /// Every packet that belongs to a flow (IPv4 and IPv6 with whole headers).
    Seen = 0,
    /// Counted in the table.
    InTable = 1,
    /// Table full or busy: handed over as a record of its own.
    Exported = 2,
    /// Table full or busy, and the ring full too.
    LostRingFull = 3,
}

impl FlowCounter {
    /// Every counter, in the map's order.
    pub const ALL: [Self; 4] = [Self::Seen, Self::InTable, Self::Exported, Self::LostRingFull];
}

#[cfg(feature = "user")]
mod pod {
    // SAFETY: repr(C) of integers without padding (44 octets of alignment 4), any bit pattern is valid.
    unsafe impl aya::Pod for super::FlowKey {}
    // SAFETY: as above, 56 octets of alignment 8.
    unsafe impl aya::Pod for super::FlowValue {}
    // SAFETY: as above; `reserved` fills the hole between key and value.
    unsafe impl aya::Pod for super::FlowRecord {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_has_no_padding() {
        assert_eq!(size_of::<FlowKey>(), 44);
        assert_eq!(size_of::<FlowValue>(), 56);
        assert_eq!(size_of::<FlowRecord>(), 44 + 4 + 56);
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
}
