//! Fast BSS transition over the distribution system, and SA Query.

use crate::dot11::{Address, cursor::Cursor};

/// An FT action (9.6.8): codes 1 request, 2 response, 3 confirm, 4 ack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FastTransition<'a> {
    /// The action code, 1 to 4.
    pub code: u8,
    /// STA Address.
    pub station: Address,
    /// Target AP Address.
    pub target: Address,
    /// Status Code (9.4.1.9), in response and ack.
    pub status: Option<u16>,
    /// The elements: RSN, Mobility Domain, Fast BSS Transition, resources.
    pub elements: &'a [u8],
}

impl<'a> FastTransition<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        let (station, target) = (cursor.address()?, cursor.address()?);
        let status = match code {
            1 | 3 => None,
            2 | 4 => Some(cursor.u16()?),
            _ => return None,
        };
        Some(Self {
            code,
            station,
            target,
            status,
            elements: cursor.0,
        })
    }
}

/// An SA Query (9.6.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaQuery<'a> {
    /// The answer, code 1; else the question, code 0.
    pub response: bool,
    /// Transaction Identifier (9.4.1.29), of the asker's choice.
    pub transaction: u16,
    /// The elements: Operating Channel Information, where there is any.
    pub elements: &'a [u8],
}

impl<'a> SaQuery<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        if code > 1 {
            return None;
        }
        Some(Self {
            response: code == 1,
            transaction: cursor.u16()?,
            elements: cursor.0,
        })
    }
}
