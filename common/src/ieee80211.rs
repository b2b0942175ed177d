//! The frame control field (IEEE Std 802.11-2020 9.2.4.1), as far as the kernel programs need it.

use crate::Octets;

/// Kinds of frame: `type << 4 | subtype`, 0 to 63, the index of every per-kind table.
pub const KINDS: u32 = 64;

/// The frame control field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameControl(pub u16);

impl FrameControl {
    /// Type 0, Management.
    pub const MANAGEMENT: u8 = 0;

    /// Reads the field at offset `at`, where the 802.11 frame starts.
    #[inline(always)]
    pub fn parse<P: Octets + ?Sized>(packet: &P, at: usize) -> Option<Self> {
        packet.u16_le(at).map(Self)
    }

    /// 0 Management, 1 Control, 2 Data, 3 Extension.
    #[inline(always)]
    pub fn kind(self) -> u8 {
        (self.0 >> 2 & 3) as u8
    }

    /// 0 to 15, its meaning depends on the type (Table 9-1).
    #[inline(always)]
    pub fn subtype(self) -> u8 {
        (self.0 >> 4 & 15) as u8
    }

    /// The field of a kind of frame, all flags 0: the inverse of [`FrameControl::index`].
    pub fn from_index(index: u32) -> Self {
        Self(((index >> 4 & 3) << 2 | (index & 15) << 4) as u16)
    }

    /// `type << 4 | subtype`.
    #[inline(always)]
    pub fn index(self) -> u32 {
        u32::from(self.kind()) << 4 | u32::from(self.subtype())
    }

    /// The frame is sent again.
    #[inline(always)]
    pub fn retry(self) -> bool {
        self.0 & 1 << 11 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_and_back() {
        for index in 0..KINDS {
            assert_eq!(FrameControl::from_index(index).index(), index);
        }
        let control = FrameControl(0x08b0);
        assert_eq!((control.kind(), control.subtype(), control.retry()), (0, 11, true));
    }
}
