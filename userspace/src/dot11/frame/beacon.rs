//! What an AP says of its network: beacons, probe responses and timing advertisements.

use super::{FrameError, Management};

/// A beacon (9.3.3.2) or a probe response (9.3.3.10).
#[derive(Clone, Copy, Debug)]
pub struct Beacon<'a> {
    /// The header, whose subtype tells both apart.
    pub header: Management<'a>,
    /// Timestamp (9.4.1.10): the TSF timer, in µs.
    pub timestamp: u64,
    /// Beacon Interval (9.4.1.3), in TU of 1,024 µs.
    pub interval: u16,
    /// Capability Information (9.4.1.4).
    pub capability: u16,
    /// The elements.
    pub elements: &'a [u8],
}

impl<'a> Beacon<'a> {
    /// Subtype of a probe response.
    pub const PROBE_RESPONSE: u8 = 5;
    /// Subtype of a beacon.
    pub const SUBTYPE: u8 = 8;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted, or a body shorter than 12 octets.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[ref timestamp @ .., i0, i1, c0, c1], elements) =
            header.fixed::<12>(&[Self::PROBE_RESPONSE, Self::SUBTYPE])?;
        Ok(Self {
            header,
            timestamp: u64::from_le_bytes(*timestamp),
            interval: u16::from_le_bytes([i0, i1]),
            capability: u16::from_le_bytes([c0, c1]),
            elements,
        })
    }
}

/// A timing advertisement (9.3.3.15).
#[derive(Clone, Copy, Debug)]
pub struct TimingAdvertisement<'a> {
    /// The header.
    pub header: Management<'a>,
    /// Timestamp (9.4.1.10): the TSF timer, in µs.
    pub timestamp: u64,
    /// Capability Information (9.4.1.4).
    pub capability: u16,
    /// The elements.
    pub elements: &'a [u8],
}

impl<'a> TimingAdvertisement<'a> {
    /// Subtype of a timing advertisement.
    pub const SUBTYPE: u8 = 6;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted, or a body shorter than 10 octets.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[ref timestamp @ .., c0, c1], elements) = header.fixed::<10>(&[Self::SUBTYPE])?;
        Ok(Self {
            header,
            timestamp: u64::from_le_bytes(*timestamp),
            capability: u16::from_le_bytes([c0, c1]),
            elements,
        })
    }
}
