//! Deauthentication and disassociation.

use super::{FrameError, Management};

/// A disassociation (9.3.3.4) or a deauthentication (9.3.3.12).
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    /// The header, whose subtype tells both apart.
    pub header: Management<'a>,
    /// Reason Code (9.4.1.7); [`super::reason_name`] names it.
    pub reason: u16,
    /// The elements: vendor specific ones, and Management MIC in a group addressed frame that is protected by one.
    pub elements: &'a [u8],
}

impl<'a> Leaving<'a> {
    /// Subtype of a disassociation.
    pub const DISASSOCIATION: u8 = 10;
    /// Subtype of a deauthentication.
    pub const DEAUTHENTICATION: u8 = 12;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted, or a body shorter than 2 octets.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&reason, elements) = header.fixed(&[Self::DISASSOCIATION, Self::DEAUTHENTICATION])?;
        Ok(Self {
            header,
            reason: u16::from_le_bytes(reason),
            elements,
        })
    }
}
