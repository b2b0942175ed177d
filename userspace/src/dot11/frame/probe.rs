//! Probe requests; [`super::Beacon`] reads their responses, whose fixed part is a beacon's.

use super::{FrameError, Management};

/// A probe request (9.3.3.9).
#[derive(Clone, Copy, Debug)]
pub struct ProbeRequest<'a> {
    /// The header.
    pub header: Management<'a>,
    /// The elements; there is no fixed part.
    pub elements: &'a [u8],
}

impl<'a> ProbeRequest<'a> {
    /// Subtype of a probe request.
    pub const SUBTYPE: u8 = 4;

    /// Takes the body.
    ///
    /// # Errors
    ///
    /// Another subtype, or encrypted.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let elements = header.plain(&[Self::SUBTYPE])?;
        Ok(Self { header, elements })
    }
}
