//! Action frames (9.3.3.13, 9.3.3.14, 9.6).

mod measurement;
mod operation;
mod public;
mod security;
#[cfg(test)]
mod tests;
mod transition;

pub use measurement::{LinkReport, LinkRequest, RadioMeasurement, SpectrumManagement};
pub use operation::{BlockAck, Eht, Ht, Twt, Vht};
pub use public::{Gas, Public, anqp_elements};
pub use security::{FastTransition, SaQuery};
pub use transition::{TransitionQuery, TransitionRequest, TransitionResponse, Wnm};

use super::{FrameError, Management};
use crate::dot11::cursor::Cursor;

/// An action frame, or one that is not acknowledged: category, then what the category makes of it.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// The header, whose subtype tells both apart.
    pub header: Management<'a>,
    /// Category (9.4.1.11) with bit 7 off; [`super::category_name`] names it.
    pub category: u8,
    /// Bit 7 of the category: a frame that is sent back because it was not understood.
    pub returned: bool,
    /// What is behind the category: mostly an action code, then content.
    pub content: &'a [u8],
}

/// A dialog token (9.4.1.12) and elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialog<'a> {
    /// The token, which the answer repeats; 0 where the frame is no answer.
    pub token: u8,
    /// The elements.
    pub elements: &'a [u8],
}

/// A dialog token, a status and elements: an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The token of the request.
    pub token: u8,
    /// Status Code (9.4.1.9).
    pub status: u16,
    /// The elements.
    pub elements: &'a [u8],
}

/// An OUI and what its owner puts behind it (9.6.5, 9.6.7.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorContent<'a> {
    /// The owner's OUI.
    pub oui: [u8; 3],
    /// What follows.
    pub content: &'a [u8],
}

/// What an action frame says, by category and action code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionDetails<'a> {
    /// Spectrum management (9.6.2).
    SpectrumManagement(SpectrumManagement<'a>),
    /// Block ack (9.6.4).
    BlockAck(BlockAck<'a>),
    /// Public (9.6.7).
    Public(Public<'a>),
    /// Protected dual of a public action (9.6.10): the same content, sent protected.
    ProtectedDual(Public<'a>),
    /// Radio measurement (9.6.6).
    RadioMeasurement(RadioMeasurement<'a>),
    /// Fast BSS transition over the distribution system (9.6.8).
    FastTransition(FastTransition<'a>),
    /// HT (9.6.11).
    Ht(Ht),
    /// SA Query (9.6.9).
    SaQuery(SaQuery<'a>),
    /// Wireless network management (9.6.13).
    Wnm(Wnm<'a>),
    /// VHT (9.6.22).
    Vht(Vht),
    /// Target wake time, among the actions of S1G (9.6.24).
    Twt(Twt<'a>),
    /// Protected EHT (IEEE Std 802.11be-2024 9.6.35).
    Eht(Eht<'a>),
    /// Vendor-specific, or vendor-specific protected (9.6.5).
    Vendor(VendorContent<'a>),
    /// A category or code that is not read, or one that is too short for its fields: what is behind the category.
    Other(&'a [u8]),
}

impl<'a> Action<'a> {
    /// Subtype of an action frame.
    pub const SUBTYPE: u8 = 13;
    /// Subtype of an action frame that is not acknowledged.
    pub const NO_ACK: u8 = 14;

    /// Reads the category.
    ///
    /// # Errors
    ///
    /// Another subtype, encrypted, or no octet in the body.
    pub fn new(header: Management<'a>) -> Result<Self, FrameError> {
        let (&[category], content) = header.fixed(&[Self::SUBTYPE, Self::NO_ACK])?;
        Ok(Self {
            header,
            category: category & 0x7f,
            returned: category & 0x80 != 0,
            content,
        })
    }

    /// The action code; none of vendor-specific frames, which have an OUI there.
    pub fn code(self) -> Option<u8> {
        match self.category {
            126 | 127 => None,
            _ => self.content.first().copied(),
        }
    }

    /// Reads the content.
    pub fn details(self) -> ActionDetails<'a> {
        self.read().unwrap_or(ActionDetails::Other(self.content))
    }

    fn read(self) -> Option<ActionDetails<'a>> {
        let mut cursor = Cursor(self.content);
        if let 126 | 127 = self.category {
            return VendorContent::read(cursor).map(ActionDetails::Vendor);
        }
        let code = cursor.u8()?;
        match self.category {
            0 => SpectrumManagement::read(code, cursor).map(ActionDetails::SpectrumManagement),
            3 => BlockAck::read(code, cursor).map(ActionDetails::BlockAck),
            4 => Public::read(code, cursor).map(ActionDetails::Public),
            5 => RadioMeasurement::read(code, cursor).map(ActionDetails::RadioMeasurement),
            6 => FastTransition::read(code, cursor).map(ActionDetails::FastTransition),
            7 => Ht::read(code, cursor).map(ActionDetails::Ht),
            8 => SaQuery::read(code, cursor).map(ActionDetails::SaQuery),
            9 => Public::read(code, cursor).map(ActionDetails::ProtectedDual),
            10 => Wnm::read(code, cursor).map(ActionDetails::Wnm),
            21 => Vht::read(code, cursor).map(ActionDetails::Vht),
            22 | 23 => Twt::read(code, cursor).map(ActionDetails::Twt),
            37 => Eht::read(code, cursor).map(ActionDetails::Eht),
            _ => None,
        }
    }
}

impl<'a> ActionDetails<'a> {
    /// The elements at the end of the content; none of subelements and vendors' content.
    pub fn elements(self) -> &'a [u8] {
        match self {
            Self::SpectrumManagement(action) => action.elements(),
            Self::BlockAck(action) => action.elements(),
            Self::RadioMeasurement(action) => action.elements(),
            Self::Public(Public::ExtendedChannelSwitch(_, elements))
            | Self::ProtectedDual(Public::ExtendedChannelSwitch(_, elements)) => elements,
            Self::FastTransition(action) => action.elements,
            Self::SaQuery(action) => action.elements,
            Self::Wnm(action) => action.elements(),
            Self::Twt(Twt::Setup(dialog)) => dialog.elements,
            Self::Eht(action) => action.elements(),
            Self::Public(_)
            | Self::ProtectedDual(_)
            | Self::Ht(_)
            | Self::Vht(_)
            | Self::Twt(Twt::Teardown(_))
            | Self::Vendor(_)
            | Self::Other(_) => &[],
        }
    }
}

impl<'a> Dialog<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        let token = cursor.u8()?;
        Some(Self {
            token,
            elements: cursor.0,
        })
    }
}

impl<'a> Answer<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        Some(Self {
            token: cursor.u8()?,
            status: cursor.u16()?,
            elements: cursor.0,
        })
    }
}

impl<'a> VendorContent<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        let oui = cursor.array()?;
        Some(Self { oui, content: cursor.0 })
    }
}
