//! Authentication, and what its body holds by algorithm.

use super::{FrameError, Management, SaeCommit, SaeConfirm};

/// An authentication frame (9.3.3.11).
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    /// The header.
    pub header: Management<'a>,
    /// Authentication Algorithm Number (9.4.1.1); [`super::algorithm_name`] names it.
    pub algorithm: u16,
    /// Authentication Transaction Sequence Number (9.4.1.2).
    pub transaction: u16,
    /// Status Code (9.4.1.9), 0 success; reserved in some frames.
    pub status: u16,
    /// What follows: fields of the algorithm, then elements; [`Self::details`] reads it.
    pub rest: &'a [u8],
}

/// What follows the fixed part (Table 9-41), by algorithm and transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationDetails<'a> {
    /// Elements alone: open system, shared key, fast BSS transition.
    Elements(&'a [u8]),
    /// SAE's first message, or its refusal.
    SaeCommit(SaeCommit<'a>),
    /// SAE's second message.
    SaeConfirm(SaeConfirm<'a>),
    /// FILS, PASN, vendors' algorithms, and what is too short for its own: not read.
    Other(&'a [u8]),
}

impl<'a> Authentication<'a> {
    /// Subtype of an authentication frame.
    pub const SUBTYPE: u8 = 11;
    /// Open System.
    pub const OPEN: u16 = 0;
    /// Shared Key (WEP).
    pub const SHARED_KEY: u16 = 1;
    /// Fast BSS Transition.
    pub const FAST_TRANSITION: u16 = 2;
    /// Simultaneous Authentication of Equals.
    pub const SAE: u16 = 3;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted (the third of a WEP handshake), or a body shorter than 6 octets.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[a0, a1, t0, t1, s0, s1], rest) = header.fixed(&[Self::SUBTYPE])?;
        Ok(Self {
            header,
            algorithm: u16::from_le_bytes([a0, a1]),
            transaction: u16::from_le_bytes([t0, t1]),
            status: u16::from_le_bytes([s0, s1]),
            rest,
        })
    }

    /// Reads what follows the fixed part.
    pub fn details(self) -> AuthenticationDetails<'a> {
        let details = match (self.algorithm, self.transaction) {
            (Self::OPEN | Self::SHARED_KEY | Self::FAST_TRANSITION, _) => {
                Some(AuthenticationDetails::Elements(self.rest))
            }
            (Self::SAE, 1) => SaeCommit::new(self.status, self.rest).map(AuthenticationDetails::SaeCommit),
            (Self::SAE, 2) => SaeConfirm::new(self.rest).map(AuthenticationDetails::SaeConfirm),
            _ => None,
        };
        details.unwrap_or(AuthenticationDetails::Other(self.rest))
    }
}
