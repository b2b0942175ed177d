//! The header of management frames (9.3.3.2).

use airlens_common::ieee80211::FrameControl;

use super::FrameError;
use crate::dot11::Address;

/// Octets of the header without HT Control (9.3.3.2).
const HEADER: usize = 24;

/// A management frame without its FCS.
#[derive(Clone, Copy, Debug)]
pub struct Management<'a> {
    octets: &'a [u8],
    control: FrameControl,
    body_at: usize,
}

impl<'a> Management<'a> {
    /// Checks the header of `frame`, which starts with frame control and has its FCS cut off.
    ///
    /// # Errors
    ///
    /// Not a management frame, a later fragment of one, or shorter than its header.
    pub fn new(frame: &'a [u8]) -> Result<Self, FrameError> {
        let too_short = |needed| FrameError::TooShort {
            needed,
            found: frame.len(),
        };
        let control = FrameControl::parse(frame, 0).ok_or(too_short(HEADER))?;
        if control.kind() != FrameControl::MANAGEMENT || control.0 & 3 != 0 {
            return Err(FrameError::OtherKind(control.kind(), control.subtype()));
        }
        // The order bit, called +HTC: HT Control follows the header (9.2.4.1.10).
        let body_at = if control.0 & 1 << 15 != 0 { HEADER + 4 } else { HEADER };
        if frame.len() < body_at {
            return Err(too_short(body_at));
        }
        match frame[22] & 15 {
            0 => Ok(Self {
                octets: frame,
                control,
                body_at,
            }),
            fragment => Err(FrameError::LaterFragment(fragment)),
        }
    }

    fn address(self, at: usize) -> Address {
        self.octets.get(at..).and_then(Address::read).unwrap_or_default()
    }

    /// The frame control field.
    pub fn control(self) -> FrameControl {
        self.control
    }

    /// Subtype, 0 to 15 (Table 9-1).
    pub fn subtype(self) -> u8 {
        self.control.subtype()
    }

    /// Protected Frame (9.2.4.1.9): the body is encrypted, and [`Self::body`] gives its cipher text.
    pub fn protected(self) -> bool {
        self.control.0 & 1 << 14 != 0
    }

    /// Duration/ID (9.2.4.2), in µs.
    pub fn duration(self) -> u16 {
        u16::from_le_bytes([self.octets[2], self.octets[3]])
    }

    /// Address 1, the receiver.
    pub fn destination(self) -> Address {
        self.address(4)
    }

    /// Address 2, the transmitter.
    pub fn source(self) -> Address {
        self.address(10)
    }

    /// Address 3.
    pub fn bssid(self) -> Address {
        self.address(16)
    }

    /// Sequence number, 0 to 4095 (9.2.4.4.2).
    pub fn sequence(self) -> u16 {
        u16::from_le_bytes([self.octets[22], self.octets[23]]) >> 4
    }

    /// What follows the header, cipher text where the frame is protected.
    pub fn body(self) -> &'a [u8] {
        &self.octets[self.body_at..]
    }

    /// What follows the header of a frame of this subtype that is not encrypted.
    pub(super) fn plain(self, subtypes: &[u8]) -> Result<&'a [u8], FrameError> {
        match self.subtype() {
            other if !subtypes.contains(&other) => Err(FrameError::OtherKind(0, other)),
            _ if self.protected() => Err(FrameError::Protected),
            _ => Ok(self.body()),
        }
    }

    /// The first octets of such a body, and the rest.
    pub(super) fn fixed<const N: usize>(self, subtypes: &[u8]) -> Result<(&'a [u8; N], &'a [u8]), FrameError> {
        self.plain(subtypes)?.split_first_chunk().ok_or(FrameError::TooShort {
            needed: self.body_at + N,
            found: self.octets.len(),
        })
    }
}
