//! The monitor program's maps: configuration, counters and the record in front of each frame on the ring.

use crate::{
    Octets,
    ieee80211::FrameControl,
    radiotap::{Radiotap, flags},
};

/// The largest packet (radiotap header and frame) that is handed over, in octets. The largest MMPDU is 11,454
/// (IEEE Std 802.11-2020 Table 9-34); a longer packet is counted as [`Counter::LostOversize`].
pub const MAX_PACKET: usize = 12 * 1024;

/// What the program is told, one entry, set before it is attached.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Management subtypes to hand over: bit n = subtype n.
    pub subtypes: u16,
    /// Subtypes that wake the reader at once: bit n = subtype n. The others wait for `wakeup_bytes` or the reader's clock.
    pub urgent: u16,
    /// The record that brings the octets waiting in the ring to a multiple of this wakes the reader. Not 0.
    pub wakeup_bytes: u32,
    /// Beacons and probe responses: ns from one that is handed over to the next of the same transmitter; 0 hands over all.
    pub network_interval: u64,
    /// The same of probe requests.
    pub request_interval: u64,
    /// See [`config_flags`].
    pub flags: u32,
    /// Always 0.
    pub reserved: u32,
}

/// Bits of [`Config::flags`].
pub mod config_flags {
    /// Count transmitters.
    pub const STATIONS: u32 = 1 << 0;
    /// Count by channel.
    pub const CHANNELS: u32 = 1 << 1;
}

impl Config {
    /// What limits this management subtype, in ns.
    #[inline(always)]
    pub fn interval(&self, subtype: u8) -> u64 {
        match subtype {
            5 | 8 => self.network_interval,
            4 => self.request_interval,
            _ => 0,
        }
    }
}

/// In front of each frame on the ring; the packet (radiotap header and frame) follows, `length` octets.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameHeader {
    /// `CLOCK_MONOTONIC` in ns when the program saw the frame.
    pub time: u64,
    /// Interface index.
    pub ifindex: u32,
    /// Octets of the packet that follow.
    pub length: u32,
    /// Octets of the radiotap header, at the packet's start.
    pub radiotap_length: u16,
    /// Channel frequency in MHz, 0 unknown.
    pub frequency: u16,
    /// See [`frame_flags`].
    pub flags: u16,
    /// Antenna signal in dBm where [`frame_flags::SIGNAL`] is set.
    pub signal: i8,
    /// Always 0.
    pub reserved: u8,
}

/// Bits of [`FrameHeader::flags`].
pub mod frame_flags {
    /// The frame ends with its FCS.
    pub const FCS_AT_END: u16 = 1 << 0;
    /// The copy of a frame that this host sent.
    pub const TRANSMITTED: u16 = 1 << 1;
    /// `signal` is known.
    pub const SIGNAL: u16 = 1 << 2;
}

/// Counts of one kind of frame (type and subtype). Octets are those of the 802.11 frame, its FCS included where captured,
/// without the radiotap header.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindCount {
    /// Frames, those with a bad FCS included.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// Frames whose FCS is wrong: their type and subtype are as read.
    pub bad_fcs: u64,
}

impl core::ops::AddAssign for KindCount {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.retries += other.retries;
        self.bad_fcs += other.bad_fcs;
    }
}

/// Index in the program's counter map of [`crate::Count`]. `Seen` is the sum of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Counter {
    /// Every packet that reached the hook.
    Seen = 0,
    /// On the ring.
    HandedOver = 1,
    /// Left out on purpose: wrong FCS.
    FilteredBadFcs = 2,
    /// Left out on purpose: not a selected management subtype.
    FilteredKind = 3,
    /// Lost: the ring had no room.
    LostRingFull = 4,
    /// Lost: no radiotap header or no frame control field could be read.
    LostMalformed = 5,
    /// Lost: longer than [`MAX_PACKET`].
    LostOversize = 6,
    /// Lost: the kernel refused to copy the packet.
    LostCopy = 7,
    /// Left out on purpose: one of this kind and transmitter was handed over a moment ago.
    FilteredLimited = 8,
}

impl Counter {
    /// Every counter, in the map's order.
    pub const ALL: [Self; 9] = [
        Self::Seen,
        Self::HandedOver,
        Self::FilteredBadFcs,
        Self::FilteredKind,
        Self::LostRingFull,
        Self::LostMalformed,
        Self::LostOversize,
        Self::LostCopy,
        Self::FilteredLimited,
    ];
}

/// What a packet on a monitor interface is, and whether user space wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The radiotap header.
    pub radiotap: Radiotap,
    /// The frame control field.
    pub control: FrameControl,
    /// [`Counter::HandedOver`] where the configuration asks for it, else the filter that holds it back.
    pub counter: Counter,
}

impl Verdict {
    /// Reads a packet's headers and holds them against the configuration's selected subtypes.
    ///
    /// `None` where they can't be read: [`Counter::LostMalformed`].
    #[inline(always)]
    pub fn of<P: Octets + ?Sized>(packet: &P, subtypes: u16) -> Option<Self> {
        let radiotap = Radiotap::parse(packet).ok()?;
        let control = FrameControl::parse(packet, usize::from(radiotap.length))?;
        Some(Self::on(radiotap, control, subtypes))
    }

    /// The same of headers that were read.
    #[inline(always)]
    pub fn on(radiotap: Radiotap, control: FrameControl, subtypes: u16) -> Self {
        let counter = if radiotap.flags & flags::BAD_FCS != 0 {
            Counter::FilteredBadFcs
        } else if control.kind() != FrameControl::MANAGEMENT || subtypes >> control.subtype() & 1 == 0 {
            Counter::FilteredKind
        } else {
            Counter::HandedOver
        };
        Self {
            radiotap,
            control,
            counter,
        }
    }

    /// [`FrameHeader::flags`] of this packet.
    #[inline(always)]
    pub fn frame_flags(&self) -> u16 {
        let mut bits = 0;
        if self.radiotap.flags & flags::FCS_AT_END != 0 {
            bits |= frame_flags::FCS_AT_END;
        }
        if self.radiotap.transmitted {
            bits |= frame_flags::TRANSMITTED;
        }
        if self.radiotap.has_signal {
            bits |= frame_flags::SIGNAL;
        }
        bits
    }
}

#[cfg(feature = "user")]
mod pod {
    // SAFETY: repr(C) of integers, no padding between or behind them, any bit pattern is valid.
    unsafe impl aya::Pod for super::Config {}
    // SAFETY: as above; `reserved` fills the last octet.
    unsafe impl aya::Pod for super::FrameHeader {}
    // SAFETY: as above.
    unsafe impl aya::Pod for super::KindCount {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_the_kernels() {
        assert_eq!(size_of::<FrameHeader>(), 24);
        assert_eq!(size_of::<Config>(), 32);
        for (index, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, index);
        }
    }

    #[test]
    fn verdicts() {
        let mut packet = [0u8, 0, 9, 0, 2, 0, 0, 0, 0, 0xb0, 0x08];
        let verdict = Verdict::of(&packet[..], 1 << 11).unwrap();
        assert_eq!(verdict.counter, Counter::HandedOver);
        assert_eq!((verdict.control.index(), verdict.control.retry()), (11, true));
        assert_eq!(Verdict::of(&packet[..], 1).unwrap().counter, Counter::FilteredKind);
        packet[8] = flags::BAD_FCS;
        assert_eq!(
            Verdict::of(&packet[..], 1 << 11).unwrap().counter,
            Counter::FilteredBadFcs
        );
        packet[9] = 0x08; // data, subtype 0
        packet[8] = 0;
        assert_eq!(
            Verdict::of(&packet[..], u16::MAX).unwrap().counter,
            Counter::FilteredKind
        );
        assert_eq!(Verdict::of(&packet[..10], u16::MAX), None);
    }
}
