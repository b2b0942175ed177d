//! Public actions: generic advertisement service (GAS), channel switches, vendors'.

use super::VendorContent;
use crate::dot11::{cursor::Cursor, element::ExtendedChannelSwitch};

/// Public actions (9.6.7, Table 9-364) that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Public<'a> {
    /// Code 4 (9.6.7.7): fields of an Extended Channel Switch Announcement element, and elements.
    ExtendedChannelSwitch(ExtendedChannelSwitch, &'a [u8]),
    /// Code 9.
    Vendor(VendorContent<'a>),
    /// Codes 10 to 13.
    Gas(Gas<'a>),
    /// Any other: the code, and what is behind it.
    Other(u8, &'a [u8]),
}

impl<'a> Public<'a> {
    pub(super) fn read(code: u8, cursor: Cursor<'a>) -> Option<Self> {
        match code {
            4 => Some(Self::ExtendedChannelSwitch(
                ExtendedChannelSwitch::read(cursor.0)?,
                &cursor.0[4..],
            )),
            9 => VendorContent::read(cursor).map(Self::Vendor),
            10..=13 => Gas::read(code, cursor).map(Self::Gas),
            code => Some(Self::Other(code, cursor.0)),
        }
    }
}

/// A GAS request or response (9.6.7.12 to 9.6.7.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gas<'a> {
    /// The action code: 10 initial request, 11 initial response, 12 comeback request, 13 comeback response.
    pub code: u8,
    /// Dialog Token.
    pub token: u8,
    /// Status Code (9.4.1.9), in responses.
    pub status: Option<u16>,
    /// GAS Query Response Fragment ID, in comeback responses: the number, bit 7 where more follow.
    pub fragment: Option<u8>,
    /// GAS Comeback Delay, in TU, in responses.
    pub comeback_delay: Option<u16>,
    /// Advertisement Protocol element's payload (9.4.2.92), in all but comeback requests.
    pub protocol: &'a [u8],
    /// Query Request or Query Response.
    pub query: &'a [u8],
}

impl<'a> Gas<'a> {
    fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        let mut gas = Self {
            code,
            token: cursor.u8()?,
            status: None,
            fragment: None,
            comeback_delay: None,
            protocol: &[],
            query: &[],
        };
        if code == 12 {
            return Some(gas);
        }
        if code != 10 {
            gas.status = Some(cursor.u16()?);
            if code == 13 {
                gas.fragment = Some(cursor.u8()?);
            }
            gas.comeback_delay = Some(cursor.u16()?);
        }
        let [108] = cursor.array()? else { return None };
        gas.protocol = cursor.behind_length()?;
        let length = cursor.u16()?;
        gas.query = cursor.take(length.into())?;
        Some(gas)
    }

    /// The advertisement protocol's id (Table 9-237), behind the query response info: 0 is ANQP.
    pub fn protocol_id(self) -> Option<u8> {
        self.protocol.get(1).copied()
    }
}

/// Info ID and information of each ANQP-element (9.4.5.1) of a query, until one is cut off.
pub fn anqp_elements(query: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut cursor = Cursor(query);
    std::iter::from_fn(move || {
        let (id, length) = (cursor.u16()?, cursor.u16()?);
        Some((id, cursor.take(length.into())?))
    })
}
