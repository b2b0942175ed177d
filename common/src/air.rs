//! What the monitor program counts by channel and by transmitter, and how it limits what is repeated.

use crate::{Octets, ieee80211::FrameControl};

/// Slots of the channel map: [`channel_slot`] gives less.
pub const CHANNEL_SLOTS: u32 = 467;

/// Transmitters that are remembered, the least recently heard ones go first.
pub const MAX_STATIONS: u32 = 4096;

/// Where a channel frequency in MHz is counted: steps of 5 MHz of 2.4 GHz, then of 4.9 to 7.1 GHz; 0 is for all others, and for
/// frames whose header names none.
#[inline(always)]
pub const fn channel_slot(frequency: u16) -> u32 {
    match frequency {
        2400..=2499 => 1 + (frequency as u32 - 2400) / 5,
        4900..=7129 => 21 + (frequency as u32 - 4900) / 5,
        _ => 0,
    }
}

/// The lowest frequency in MHz that is counted in a slot; 0 for slot 0.
pub const fn slot_frequency(slot: u32) -> u16 {
    match slot {
        0 => 0,
        1..=20 => 2400 + (slot as u16 - 1) * 5,
        _ => 4900 + (slot as u16 - 21) * 5,
    }
}

/// Counts of one channel. Octets are those of the 802.11 frames, as in [`crate::monitor::KindCount`].
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelCount {
    /// Frames, those with a bad FCS included.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Management frames among them.
    pub management: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// Frames whose FCS is wrong.
    pub bad_fcs: u64,
    /// The frequency in MHz of the last of them.
    pub frequency: u64,
}

impl core::ops::AddAssign for ChannelCount {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.management += other.management;
        self.retries += other.retries;
        self.bad_fcs += other.bad_fcs;
        if other.frequency != 0 {
            self.frequency = other.frequency;
        }
    }
}

/// An address in the lower 48 bits, its first octet lowest.
pub type PackedAddress = u64;

/// Who sent a frame, and in which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The transmitter (address 2).
    pub address: PackedAddress,
    /// The BSSID of a data frame within a network, or of an AP's own management frame; 0 where the frame is neither.
    pub bssid: PackedAddress,
}

impl Sender {
    /// Of a frame that names no transmitter: no station has the address 0.
    pub const NAMELESS: Self = Self { address: 0, bssid: 0 };
}

/// Control frames that name their transmitter (IEEE Std 802.11-2020 9.3.1), bit n = subtype n: Trigger, Beamforming Report
/// Poll, NDP Announcement, BlockAckReq, BlockAck, PS-Poll, RTS, CF-End and CF-End +CF-Ack.
const CONTROL_WITH_SENDER: u16 = 1 << 2 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15;

/// The bit of a group address.
const GROUP: u64 = 1;

impl Sender {
    /// Reads the addresses of the frame at `at`; `None` where it names no transmitter, or ends before it.
    #[inline(always)]
    pub fn of<P: Octets + ?Sized>(packet: &P, at: usize, control: FrameControl) -> Option<Self> {
        match control.kind() {
            0 => {
                let (address, third) = (individual(packet, at + 10)?, packed(packet, at + 16)?);
                let bssid = if address == third { third } else { 0 };
                Some(Self { address, bssid })
            }
            1 if CONTROL_WITH_SENDER >> control.subtype() & 1 != 0 => {
                // An RTS with the group bit tells its bandwidth so (9.3.1.2).
                let address = packed(packet, at + 10)? & !GROUP;
                Some(Self { address, bssid: 0 })
            }
            2 => {
                let address = individual(packet, at + 10)?;
                // To DS and From DS (Table 9-30).
                let bssid = match control.0 >> 8 & 3 {
                    0 => packed(packet, at + 16)?,
                    1 => packed(packet, at + 4)?,
                    2 => address,
                    _ => 0,
                };
                let bssid = if bssid & GROUP == 0 { bssid } else { 0 };
                Some(Self { address, bssid })
            }
            _ => None,
        }
    }
}

#[inline(always)]
fn packed<P: Octets + ?Sized>(packet: &P, at: usize) -> Option<PackedAddress> {
    Some(u64::from(packet.u32_le(at)?) | u64::from(packet.u16_le(at + 4)?) << 32)
}

#[inline(always)]
fn individual<P: Octets + ?Sized>(packet: &P, at: usize) -> Option<PackedAddress> {
    packed(packet, at).filter(|address| address & GROUP == 0)
}

/// Counts of one transmitter. Frames with a bad FCS are left out: their address may be wrong.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StationCount {
    /// Frames.
    pub frames: u64,
    /// Octets of those frames.
    pub bytes: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// `CLOCK_MONOTONIC_COARSE` in ns of the last of them.
    pub last: u64,
    /// The last [`Sender::bssid`] that is not 0.
    pub bssid: PackedAddress,
    /// Frequency in MHz of the last frame whose header names one.
    pub frequency: u16,
    /// Signal in dBm of the last frame whose header names it, where [`station_flags::SIGNAL`] is set.
    pub signal: i8,
    /// See [`station_flags`].
    pub flags: u8,
    /// Always 0.
    pub reserved: u32,
}

/// Bits of [`StationCount::flags`].
pub mod station_flags {
    /// `signal` is known.
    pub const SIGNAL: u8 = 1 << 0;
    /// The last frame was this host's own.
    pub const TRANSMITTED: u8 = 1 << 1;
}

impl core::ops::AddAssign for StationCount {
    /// Of the two, what is known of the later one stands.
    fn add_assign(&mut self, other: Self) {
        let (late, early) = if other.last >= self.last {
            (other, *self)
        } else {
            (*self, other)
        };
        *self = Self {
            frames: late.frames + early.frames,
            bytes: late.bytes + early.bytes,
            retries: late.retries + early.retries,
            bssid: if late.bssid == 0 { early.bssid } else { late.bssid },
            frequency: if late.frequency == 0 {
                early.frequency
            } else {
                late.frequency
            },
            signal: if late.flags & station_flags::SIGNAL == 0 {
                early.signal
            } else {
                late.signal
            },
            flags: late.flags | early.flags & station_flags::SIGNAL,
            ..late
        };
    }
}

/// Index in the program's map of [`crate::Count`] about the station map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum StationCounter {
    /// Frames of transmitters that are new, or were forgotten: entries made.
    Added = 0,
    /// Frames of transmitters for which no entry could be made.
    NoRoom = 1,
    /// Frames that name no transmitter, those with a bad FCS included.
    Nameless = 2,
}

impl StationCounter {
    /// Every counter, in the map's order.
    pub const ALL: [Self; 3] = [Self::Added, Self::NoRoom, Self::Nameless];
}

/// The key of the map that remembers when a kind of frame of a transmitter was handed over last.
#[inline(always)]
pub const fn limit_key(address: PackedAddress, subtype: u8) -> u64 {
    address | (subtype as u64) << 48
}

#[cfg(feature = "user")]
mod pod {
    // SAFETY: repr(C) of integers, no padding between or behind them, any bit pattern is valid.
    unsafe impl aya::Pod for super::ChannelCount {}
    // SAFETY: as above; `reserved` fills the last octets.
    unsafe impl aya::Pod for super::StationCount {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_its_frequency() {
        for slot in 0..CHANNEL_SLOTS {
            assert_eq!(channel_slot(slot_frequency(slot)), slot);
        }
        for frequency in 0..=u16::MAX {
            assert!(channel_slot(frequency) < CHANNEL_SLOTS, "{frequency}");
        }
        assert_eq!((channel_slot(2484), channel_slot(900)), (17, 0));
        assert_eq!(channel_slot(7125), 466);
    }

    /// Addresses 1 to 3 end in 1, 2 and 3.
    fn frame(control: u16) -> [u8; 24] {
        let mut frame = [0; 24];
        frame[..2].copy_from_slice(&control.to_le_bytes());
        for (index, at) in [4, 10, 16].into_iter().enumerate() {
            frame[at] = 2;
            frame[at + 5] = index as u8 + 1;
        }
        frame
    }

    fn address(last: u64) -> u64 {
        2 | last << 40
    }

    #[test]
    fn senders_and_their_networks() {
        for (control, sender) in [
            (0x0088, Some((2, 3))),
            (0x0188, Some((2, 1))),
            (0x0288, Some((2, 2))),
            (0x0388, Some((2, 0))),
            (0x00b0, Some((2, 0))),
            (0x00b4, Some((2, 0))),
            (0x00d4, None),
            (0x00c4, None),
            (0x000c, None),
        ] {
            let found = Sender::of(&frame(control)[..], 0, FrameControl(control));
            let expected = sender.map(|(sender, bssid)| Sender {
                address: address(sender),
                bssid: if bssid == 0 { 0 } else { address(bssid) },
            });
            assert_eq!(found, expected, "{control:#06x}");
            assert_eq!(Sender::of(&frame(control)[..15], 0, FrameControl(control)), None);
        }
        let mut beacon = frame(0x0080);
        beacon[21] = 2;
        let sender = Sender::of(&beacon[..], 0, FrameControl(0x0080)).unwrap();
        assert_eq!(sender.bssid, sender.address);
        beacon[10] |= 1;
        assert_eq!(
            Sender::of(&beacon[..], 0, FrameControl(0x0080)),
            None,
            "a group does not send"
        );
        let mut rts = frame(0x00b4);
        rts[10] |= 1;
        let sender = Sender::of(&rts[..], 0, FrameControl(0x00b4)).unwrap();
        assert_eq!(sender.address, address(2));
    }

    #[test]
    fn the_later_of_two_stands() {
        let mut early = StationCount {
            frames: 2,
            last: 5,
            bssid: 9,
            signal: -40,
            flags: station_flags::SIGNAL,
            ..StationCount::default()
        };
        let late = StationCount {
            frames: 1,
            last: 7,
            frequency: 5180,
            ..StationCount::default()
        };
        early += late;
        let sum = StationCount {
            frames: 3,
            last: 7,
            bssid: 9,
            signal: -40,
            frequency: 5180,
            flags: station_flags::SIGNAL,
            ..StationCount::default()
        };
        assert_eq!(early, sum);
        assert_eq!((size_of::<StationCount>(), size_of::<ChannelCount>()), (48, 48));
    }
}
