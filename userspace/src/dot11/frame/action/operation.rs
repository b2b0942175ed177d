//! Actions about how a link is used: block ack, HT and VHT notifications, target wake time, EHT's links.

use super::{Answer, Dialog};
use crate::dot11::cursor::Cursor;

/// Block ack actions (9.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockAck<'a> {
    /// Code 0, ADDBA request.
    AddRequest {
        /// Block Ack Parameter Set (9.4.1.13): bits 2 to 5 are the TID, 6 to 15 the buffer size.
        parameters: u16,
        /// Block Ack Timeout (9.4.1.14), in TU; 0 means none.
        timeout: u16,
        /// Block Ack Starting Sequence Control.
        start: u16,
        /// The token, and elements.
        dialog: Dialog<'a>,
    },
    /// Code 1, ADDBA response.
    AddResponse {
        /// Block Ack Parameter Set, as in the request.
        parameters: u16,
        /// Block Ack Timeout, in TU.
        timeout: u16,
        /// Token, status and elements.
        answer: Answer<'a>,
    },
    /// Code 2, DELBA.
    Delete {
        /// DELBA Parameter Set (9.4.1.15): bit 11 the initiator, 12 to 15 the TID.
        parameters: u16,
        /// Reason Code (9.4.1.7).
        reason: u16,
    },
}

impl<'a> BlockAck<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        match code {
            0 => {
                let token = cursor.u8()?;
                let (parameters, timeout, start) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
                let elements = cursor.0;
                Some(Self::AddRequest {
                    parameters,
                    timeout,
                    start,
                    dialog: Dialog { token, elements },
                })
            }
            1 => {
                let (token, status) = (cursor.u8()?, cursor.u16()?);
                let (parameters, timeout) = (cursor.u16()?, cursor.u16()?);
                let elements = cursor.0;
                Some(Self::AddResponse {
                    parameters,
                    timeout,
                    answer: Answer {
                        token,
                        status,
                        elements,
                    },
                })
            }
            2 => Some(Self::Delete {
                parameters: cursor.u16()?,
                reason: cursor.u16()?,
            }),
            _ => None,
        }
    }

    pub(super) fn elements(self) -> &'a [u8] {
        match self {
            Self::AddRequest { dialog, .. } => dialog.elements,
            Self::AddResponse { answer, .. } => answer.elements,
            Self::Delete { .. } => &[],
        }
    }
}

/// HT actions (9.6.11) that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ht {
    /// Code 0, Notify Channel Width (9.4.1.20): 0 is 20 MHz, 1 any width of the station.
    ChannelWidth(u8),
    /// Code 1, SM Power Save (9.4.1.21): bit 0 enabled, bit 1 dynamic.
    SmPowerSave(u8),
}

impl Ht {
    pub(super) fn read(code: u8, mut cursor: Cursor<'_>) -> Option<Self> {
        match code {
            0 => cursor.u8().map(Self::ChannelWidth),
            1 => cursor.u8().map(Self::SmPowerSave),
            _ => None,
        }
    }
}

/// VHT actions (9.6.22) that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vht {
    /// Code 1, Group ID Management: membership status (9.4.1.51) and user position arrays (9.4.1.52).
    GroupId([u8; 8], [u8; 16]),
    /// Code 2, Operating Mode Notification (9.4.1.53): bits 0 and 1 the width, 2 160 or 80+80 MHz, 4 to 6 streams less
    /// one, 7 the type of streams.
    OperatingMode(u8),
}

impl Vht {
    pub(super) fn read(code: u8, mut cursor: Cursor<'_>) -> Option<Self> {
        match code {
            1 => Some(Self::GroupId(cursor.array()?, cursor.array()?)),
            2 => cursor.u8().map(Self::OperatingMode),
            _ => None,
        }
    }
}

/// Target wake time (9.6.24.8, 9.6.24.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twt<'a> {
    /// Code 6, a TWT element (216).
    Setup(Dialog<'a>),
    /// Code 7, TWT Flow (9.4.1.60): bits 0 to 2 the flow, 5 and 6 the negotiation type, 7 all of them.
    Teardown(u8),
}

impl<'a> Twt<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        match code {
            6 => Dialog::read(cursor).map(Self::Setup),
            7 => cursor.u8().map(Self::Teardown),
            _ => None,
        }
    }
}

/// Protected EHT actions (IEEE Std 802.11be-2024 9.6.35) by their heads; mostly seen decrypted alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eht<'a> {
    /// Code 0, TID-To-Link Mapping Request.
    MappingRequest(Dialog<'a>),
    /// Code 1, TID-To-Link Mapping Response.
    MappingResponse(Answer<'a>),
    /// Code 2, TID-To-Link Mapping Teardown.
    MappingTeardown,
    /// Code 3, EPCS Priority Access Enable Request.
    EpcsRequest(Dialog<'a>),
    /// Code 4, EPCS Priority Access Enable Response.
    EpcsResponse(Answer<'a>),
    /// Code 5, EPCS Priority Access Teardown.
    EpcsTeardown,
    /// Code 6, EML Operating Mode Notification: the token, and EML Control and what it announces.
    EmlOperatingMode(Dialog<'a>),
    /// Code 10, Link Reconfiguration Notify.
    ReconfigurationNotify(Dialog<'a>),
    /// Code 11, Link Reconfiguration Request: a Reconfiguration Multi-Link element.
    ReconfigurationRequest(Dialog<'a>),
    /// Code 12, Link Reconfiguration Response.
    ReconfigurationResponse {
        /// Dialog Token of the request.
        token: u8,
        /// Reconfiguration Status List: of each link its id (bits 0 to 3 of the first octet), and a status code.
        statuses: &'a [[u8; 3]],
        /// Group Key Data and elements.
        rest: &'a [u8],
    },
}

impl<'a> Eht<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        match code {
            0 => Dialog::read(cursor).map(Self::MappingRequest),
            1 => Answer::read(cursor).map(Self::MappingResponse),
            2 => Some(Self::MappingTeardown),
            3 => Dialog::read(cursor).map(Self::EpcsRequest),
            4 => Answer::read(cursor).map(Self::EpcsResponse),
            5 => Some(Self::EpcsTeardown),
            6 => Dialog::read(cursor).map(Self::EmlOperatingMode),
            10 => Dialog::read(cursor).map(Self::ReconfigurationNotify),
            11 => Dialog::read(cursor).map(Self::ReconfigurationRequest),
            12 => {
                let (token, count) = (cursor.u8()?, cursor.u8()?);
                let (statuses, _) = cursor.take(3 * usize::from(count))?.as_chunks();
                Some(Self::ReconfigurationResponse {
                    token,
                    statuses,
                    rest: cursor.0,
                })
            }
            _ => None,
        }
    }

    pub(super) fn elements(self) -> &'a [u8] {
        match self {
            Self::MappingRequest(dialog)
            | Self::EpcsRequest(dialog)
            | Self::ReconfigurationNotify(dialog)
            | Self::ReconfigurationRequest(dialog) => dialog.elements,
            Self::MappingResponse(answer) | Self::EpcsResponse(answer) => answer.elements,
            Self::MappingTeardown
            | Self::EpcsTeardown
            | Self::EmlOperatingMode(_)
            | Self::ReconfigurationResponse { .. } => &[],
        }
    }
}
