//! The radiotap header: what a capture says about a frame beside the frame (radiotap.org; Linux `net/wireless/radiotap.c`).

use crate::Octets;

/// Present words that are followed; drivers use two or three (one more an antenna).
pub const MAX_PRESENT_WORDS: usize = 32;

/// Bits of the Flags field.
pub mod flags {
    /// The frame ends with its FCS.
    pub const FCS_AT_END: u8 = 0x10;
    /// Padding between the 802.11 header and the body, to 32 bits.
    pub const DATA_PAD: u8 = 0x20;
    /// The frame's FCS is wrong.
    pub const BAD_FCS: u8 = 0x40;
}

mod present {
    pub(super) const TSFT: u32 = 1 << 0;
    pub(super) const FLAGS: u32 = 1 << 1;
    pub(super) const RATE: u32 = 1 << 2;
    pub(super) const CHANNEL: u32 = 1 << 3;
    pub(super) const FHSS: u32 = 1 << 4;
    pub(super) const DBM_ANTENNA_SIGNAL: u32 = 1 << 5;
    pub(super) const TX_FLAGS: u32 = 1 << 15;
    pub(super) const ANOTHER_WORD: u32 = 1 << 31;
}

/// Why a packet has no usable radiotap header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The packet ends within the header, or the header within a field that it announces.
    Truncated,
    /// Version other than 0.
    Version,
    /// More than [`MAX_PRESENT_WORDS`] present words.
    PresentWords,
}

/// The fields of the first radiotap namespace that airlens uses; the rest is stepped over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Radiotap {
    /// Octets of the whole header: the 802.11 frame starts here.
    pub length: u16,
    /// The Flags field (see [`flags`]), 0 where absent.
    pub flags: u8,
    /// Channel frequency in MHz, 0 where absent.
    pub frequency: u16,
    /// Antenna signal in dBm where [`Radiotap::has_signal`].
    pub signal: i8,
    /// The antenna signal is there.
    pub has_signal: bool,
    /// TX flags are there: the copy of a frame that this host sent.
    pub transmitted: bool,
    /// MAC time at the frame's first bit in µs, 0 where absent.
    pub tsft: u64,
}

impl Radiotap {
    /// Reads the header at the packet's start.
    ///
    /// # Errors
    ///
    /// [`Malformed`] says what is wrong; nothing of such a packet can be located.
    #[inline(always)]
    pub fn parse<P: Octets + ?Sized>(packet: &P) -> Result<Self, Malformed> {
        let (Some(version), Some(length)) = (packet.u8(0), packet.u16_le(2)) else {
            return Err(Malformed::Truncated);
        };
        if version != 0 {
            return Err(Malformed::Version);
        }
        let Some(first) = packet.u32_le(4) else {
            return Err(Malformed::Truncated);
        };
        let fields = 4 + 4 * present_words(packet, first)?;
        let mut header = Self {
            length,
            transmitted: first & present::TX_FLAGS != 0,
            ..Self::default()
        };
        let end = header.read_fields(packet, first, fields).ok_or(Malformed::Truncated)?;
        // The last octet of the header must be there too, and every field inside the header.
        if end > usize::from(length) || packet.u8(usize::from(length) - 1).is_none() {
            return Err(Malformed::Truncated);
        }
        Ok(header)
    }

    /// All fields but [`Radiotap::tsft`] in two words, for [`Radiotap::from_words`].
    #[inline(always)]
    pub fn to_words(self) -> [u64; 2] {
        let [length, frequency] = [self.length, self.frequency].map(u64::from);
        let signal = u64::from(self.signal.cast_unsigned());
        let bits = u64::from(self.has_signal) | u64::from(self.transmitted) << 1;
        [
            length | frequency << 16,
            u64::from(self.flags) | signal << 8 | bits << 16,
        ]
    }

    /// The header of [`Radiotap::to_words`], with a time of 0.
    #[inline(always)]
    pub fn from_words([first, second]: [u64; 2]) -> Self {
        Self {
            length: first as u16,
            frequency: (first >> 16) as u16,
            flags: second as u8,
            signal: ((second >> 8) as u8).cast_signed(),
            has_signal: second >> 16 & 1 != 0,
            transmitted: second >> 17 & 1 != 0,
            tsft: 0,
        }
    }

    /// Reads the fields up to the antenna signal from offset `at` and gives the offset behind the last.
    #[inline(always)]
    fn read_fields<P: Octets + ?Sized>(&mut self, packet: &P, first: u32, mut at: usize) -> Option<usize> {
        if first & present::TSFT != 0 {
            at = (at + 7) & !7;
            self.tsft = packet.u64_le(at)?;
            at += 8;
        }
        if first & present::FLAGS != 0 {
            self.flags = packet.u8(at)?;
            at += 1;
        }
        if first & present::RATE != 0 {
            at += 1;
        }
        if first & present::CHANNEL != 0 {
            at = (at + 1) & !1;
            self.frequency = packet.u16_le(at)?;
            at += 4;
        }
        if first & present::FHSS != 0 {
            at = ((at + 1) & !1) + 2;
        }
        if first & present::DBM_ANTENNA_SIGNAL != 0 {
            self.signal = packet.u8(at)?.cast_signed();
            self.has_signal = true;
            at += 1;
        }
        Some(at)
    }
}

#[inline(always)]
fn present_words<P: Octets + ?Sized>(packet: &P, first: u32) -> Result<usize, Malformed> {
    let mut word = first;
    for words in 1..=MAX_PRESENT_WORDS {
        if word & present::ANOTHER_WORD == 0 {
            return Ok(words);
        }
        match packet.u32_le(4 + 4 * words) {
            Some(next) => word = next,
            None => return Err(Malformed::Truncated),
        }
    }
    Err(Malformed::PresentWords)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// mac80211_hwsim's header of a received frame: TSFT, flags, rate, channel, signal, antenna, RX flags, MCS or rate.
    const HWSIM: [u8; 26] = [
        0, 0, 26, 0, 0x2f, 0x48, 0, 0, 0xfb, 0x90, 0x6f, 0x7e, 0xc8, 0x60, 6, 0, 0, 0x0c, 0x3c, 0x14, 0x40, 1, 0xe5, 0,
        0, 0,
    ];

    #[test]
    fn reads_a_received_frame() {
        let header = Radiotap::parse(&HWSIM[..]).unwrap();
        assert_eq!(header.length, 26);
        assert_eq!(header.frequency, 5180);
        assert_eq!((header.has_signal, header.signal), (true, -27));
        assert_eq!(header.tsft, 0x0006_60c8_7e6f_90fb);
        assert!(!header.transmitted);
    }

    #[test]
    fn words_hold_all_but_the_time() {
        for (flags, signal, has_signal, transmitted) in
            [(0x50, -27, true, false), (0, 0, false, true), (0xff, 127, true, true)]
        {
            let header = Radiotap {
                length: 0xfedc,
                frequency: 0xabcd,
                flags,
                signal,
                has_signal,
                transmitted,
                tsft: 0,
            };
            let timed = Radiotap { tsft: 7, ..header };
            assert_eq!(Radiotap::from_words(timed.to_words()), header);
        }
    }

    #[test]
    fn every_truncation_is_told() {
        for length in 0..HWSIM.len() {
            assert_eq!(Radiotap::parse(&HWSIM[..length]), Err(Malformed::Truncated), "{length}");
        }
    }

    #[test]
    fn fields_must_lie_within_the_header() {
        let mut packet = HWSIM;
        packet[2] = 20;
        assert_eq!(Radiotap::parse(&packet[..]), Err(Malformed::Truncated));
        packet[2] = 0;
        assert_eq!(Radiotap::parse(&packet[..]), Err(Malformed::Truncated));
        packet[0] = 1;
        assert_eq!(Radiotap::parse(&packet[..]), Err(Malformed::Version));
    }

    #[test]
    fn follows_present_words() {
        // Three words (two antennas more), then flags and signal of the first namespace.
        let mut packet = [0u8; 20];
        packet[2] = 20;
        packet[4..8].copy_from_slice(&(1u32 << 31 | 1 << 29 | 1 << 5 | 1 << 1).to_le_bytes());
        packet[8..12].copy_from_slice(&(1u32 << 31 | 1 << 5).to_le_bytes());
        packet[12..16].copy_from_slice(&(1u32 << 5).to_le_bytes());
        packet[16] = flags::FCS_AT_END;
        packet[17] = 0xce;
        let header = Radiotap::parse(&packet[..]).unwrap();
        assert_eq!((header.flags, header.signal), (flags::FCS_AT_END, -50));

        let mut endless = [0xff; 256];
        endless[..4].copy_from_slice(&[0, 0, 255, 0]);
        assert_eq!(Radiotap::parse(&endless[..]), Err(Malformed::PresentWords));
    }
}
