//! What the kernel programs and user space share: event and map types, counter indices and the wire parsers.
//!
//! Parsers read a packet through [`Octets`] only, so the same code runs over packet memory in the kernel and over
//! `&[u8]` in user space. Types that cross the boundary are `#[repr(C)]`, padded by hand, without bool, enum or Option.
#![no_std]

pub mod air;
pub mod capture;
pub mod data;
pub mod ethernet;
pub mod flow;
pub mod ieee80211;
pub mod monitor;
mod octets;
pub mod radiotap;

pub use octets::Octets;

/// Packets and octets, the value of every counter map.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Packets or frames.
    pub packets: u64,
    /// Octets of those packets.
    pub bytes: u64,
}

impl core::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
    }
}

#[cfg(feature = "user")]
// SAFETY: repr(C), two u64, no padding, any bit pattern is valid.
unsafe impl aya::Pod for Count {}
