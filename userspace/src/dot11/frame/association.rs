//! Association and reassociation, requests and responses.

use std::fmt;

use serde::Serialize;

use super::{FrameError, Management};
use crate::dot11::Address;

/// Association or reassociation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// Subtypes 0 and 1.
    Association,
    /// Subtypes 2 and 3: the station comes from another AP of the same network.
    Reassociation,
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Association => "association",
            Self::Reassociation => "reassociation",
        })
    }
}

/// An association request (9.3.3.5) or a reassociation request (9.3.3.7).
#[derive(Clone, Copy, Debug)]
pub struct AssociationRequest<'a> {
    /// The header.
    pub header: Management<'a>,
    /// Which of both.
    pub kind: RequestKind,
    /// Capability Information (9.4.1.4).
    pub capability: u16,
    /// Listen Interval (9.4.1.6), in beacon intervals.
    pub listen_interval: u16,
    /// The AP that the station comes from, in a reassociation request.
    pub current_ap: Option<Address>,
    /// The elements; [`crate::dot11::element::Elements::parse`] reads them.
    pub elements: &'a [u8],
}

impl<'a> AssociationRequest<'a> {
    /// Subtype of an association request.
    pub const ASSOCIATION: u8 = 0;
    /// Subtype of a reassociation request.
    pub const REASSOCIATION: u8 = 2;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted, or a body shorter than the fixed part: 4 octets, or 10 where it is a reassociation
    /// request.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[c0, c1, l0, l1], rest) = header.fixed(&[Self::ASSOCIATION, Self::REASSOCIATION])?;
        let (kind, current_ap, elements) = if header.subtype() == Self::ASSOCIATION {
            (RequestKind::Association, None, rest)
        } else {
            let (&[_, _, _, _, ref current_ap @ ..], rest) = header.fixed::<10>(&[Self::REASSOCIATION])?;
            (RequestKind::Reassociation, Some(Address(*current_ap)), rest)
        };
        Ok(Self {
            header,
            kind,
            capability: u16::from_le_bytes([c0, c1]),
            listen_interval: u16::from_le_bytes([l0, l1]),
            current_ap,
            elements,
        })
    }
}

/// An association response (9.3.3.6) or a reassociation response (9.3.3.8).
#[derive(Clone, Copy, Debug)]
pub struct AssociationResponse<'a> {
    /// The header.
    pub header: Management<'a>,
    /// Which of both.
    pub kind: RequestKind,
    /// Capability Information (9.4.1.4).
    pub capability: u16,
    /// Status Code (9.4.1.9); [`super::status_name`] names it.
    pub status: u16,
    /// The AID field (9.4.1.8), as transmitted.
    aid: u16,
    /// The elements.
    pub elements: &'a [u8],
}

impl<'a> AssociationResponse<'a> {
    /// Subtype of an association response.
    pub const ASSOCIATION: u8 = 1;
    /// Subtype of a reassociation response.
    pub const REASSOCIATION: u8 = 3;

    /// Reads the fixed part.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted, or a body shorter than 6 octets.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[c0, c1, s0, s1, a0, a1], elements) = header.fixed(&[Self::ASSOCIATION, Self::REASSOCIATION])?;
        Ok(Self {
            header,
            kind: if header.subtype() == Self::ASSOCIATION {
                RequestKind::Association
            } else {
                RequestKind::Reassociation
            },
            capability: u16::from_le_bytes([c0, c1]),
            status: u16::from_le_bytes([s0, s1]),
            aid: u16::from_le_bytes([a0, a1]),
            elements,
        })
    }

    /// The association identifier, 1 to 2007, whose two most significant bits are sent as 1 (9.4.1.8); 0 means none.
    pub fn aid(self) -> u16 {
        self.aid & 0x3fff
    }
}
