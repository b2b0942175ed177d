//! The capture program's maps: configuration, counters and the record in front of each packet on the ring.

use crate::data::{RECEIVE, TRANSMIT};

/// Interfaces that are captured at once.
pub const MAX_INTERFACES: usize = 16;

/// The most that is taken of a packet, in octets: the kernel's helpers copy no more at once (`bpf_xdp_pointer`, Linux
/// `net/core/filter.c`).
pub const MAX_SNAP_LENGTH: u32 = 0xffff;

/// Octets between two records of [`SIZES`] and their headers: [`PacketHeader`], and that of the ring.
const HEADERS: usize = size_of::<PacketHeader>() + 8;

/// A record has room for one of these many octets of a packet: the verifier asks for a constant.
pub const SIZES: [usize; 11] = [
    128 - HEADERS,
    256 - HEADERS,
    512 - HEADERS,
    1024 - HEADERS,
    1600 - HEADERS,
    2048 - HEADERS,
    4096 - HEADERS,
    9216 - HEADERS,
    16384 - HEADERS,
    32768 - HEADERS,
    65536,
];

/// What the program is told, one entry, set before it is attached.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Octets that are taken of a packet at the most, 1 to [`MAX_SNAP_LENGTH`].
    pub snap_length: u32,
    /// The record that brings the octets waiting in the ring to a multiple of this wakes the reader. Not 0.
    pub wakeup_bytes: u32,
    /// Indices of the interfaces, at their slots; 0 for none.
    pub interfaces: [u32; MAX_INTERFACES],
}

/// In front of each packet on the ring; `captured` octets of the packet follow, then what fills the record.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketHeader {
    /// `CLOCK_TAI` in ns when the program saw the packet: Unix time and the leap seconds since 1972, with every setting of the
    /// clock.
    pub time: u64,
    /// Slot of the interface.
    pub slot: u32,
    /// Octets of the packet that follow.
    pub captured: u32,
    /// Octets of the packet.
    pub length: u32,
    /// [`RECEIVE`] or [`TRANSMIT`].
    pub direction: u8,
    /// Always 0.
    pub reserved: [u8; 3],
}

/// What became of a packet. `Seen` is the sum of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Counter {
    /// Every packet that reached the hook.
    Seen = 0,
    /// On the ring.
    Captured = 1,
    /// Left out by the filter.
    Filtered = 2,
    /// Lost: the ring had no room.
    LostRingFull = 3,
    /// Lost: the kernel refused to copy the packet.
    LostCopy = 4,
}

impl Counter {
    /// Every counter, in the map's order.
    pub const ALL: [Self; 5] = [
        Self::Seen,
        Self::Captured,
        Self::Filtered,
        Self::LostRingFull,
        Self::LostCopy,
    ];

    /// Index in the counter map of an interface's counter.
    #[inline(always)]
    #[must_use]
    pub fn index(self, slot: u32) -> u32 {
        slot * Self::ALL.len() as u32 + self as u32
    }
}

/// Entries of the counter map.
pub const COUNTERS: u32 = (MAX_INTERFACES * Counter::ALL.len()) as u32;

/// Indices in the maps of programs that are called in turn: first the filter of an interface, then what takes the packet.
pub mod programs {
    use super::{MAX_INTERFACES, TRANSMIT};

    /// The filter for packets of a slot and direction.
    #[inline(always)]
    #[must_use]
    pub fn filter(slot: u32, direction: u8) -> u32 {
        if direction == TRANSMIT {
            slot + MAX_INTERFACES as u32
        } else {
            slot
        }
    }

    /// The program that takes packets of a direction.
    #[inline(always)]
    #[must_use]
    pub fn take(direction: u8) -> u32 {
        2 * MAX_INTERFACES as u32 + u32::from(direction)
    }

    /// Entries of such a map.
    pub const ENTRIES: u32 = 2 * MAX_INTERFACES as u32 + 2;
}

const _: () = assert!(RECEIVE == 0 && TRANSMIT == 1);

#[cfg(feature = "user")]
mod pod {
    // SAFETY: repr(C) of u32 alone, any bit pattern is valid.
    unsafe impl aya::Pod for super::Config {}
    // SAFETY: repr(C) of integers, `reserved` fills the last octets, any bit pattern is valid.
    unsafe impl aya::Pod for super::PacketHeader {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_the_kernels() {
        assert_eq!(size_of::<PacketHeader>(), 24);
        for (index, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, index);
        }
        assert!(SIZES.is_sorted());
        assert!(SIZES[SIZES.len() - 1] >= MAX_SNAP_LENGTH as usize);
    }

    #[test]
    fn each_program_has_its_place() {
        let mut places: [u32; programs::ENTRIES as usize] = core::array::from_fn(|_| 0);
        for direction in [RECEIVE, TRANSMIT] {
            for slot in 0..MAX_INTERFACES as u32 {
                places[programs::filter(slot, direction) as usize] += 1;
            }
            places[programs::take(direction) as usize] += 1;
        }
        assert!(places.iter().all(|count| *count == 1));
    }
}
