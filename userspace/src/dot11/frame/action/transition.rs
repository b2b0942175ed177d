//! Wireless network management: BSS transition management and notifications.

use super::Dialog;
use crate::dot11::{Address, cursor::Cursor};

/// WNM actions (9.6.13) that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wnm<'a> {
    /// Code 6.
    TransitionQuery(TransitionQuery<'a>),
    /// Code 7.
    TransitionRequest(TransitionRequest<'a>),
    /// Code 8.
    TransitionResponse(TransitionResponse<'a>),
    /// Code 26.
    NotificationRequest {
        /// Type (Table 9-431).
        kind: u8,
        /// The token, and subelements.
        dialog: Dialog<'a>,
    },
}

impl<'a> Wnm<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        match code {
            6 => TransitionQuery::read(cursor).map(Self::TransitionQuery),
            7 => TransitionRequest::read(cursor).map(Self::TransitionRequest),
            8 => TransitionResponse::read(cursor).map(Self::TransitionResponse),
            26 => {
                let (token, kind) = (cursor.u8()?, cursor.u8()?);
                let elements = cursor.0;
                let dialog = Dialog { token, elements };
                Some(Self::NotificationRequest { kind, dialog })
            }
            _ => None,
        }
    }

    pub(super) fn elements(self) -> &'a [u8] {
        match self {
            Self::TransitionQuery(query) => query.candidates,
            Self::TransitionRequest(request) => request.candidates,
            Self::TransitionResponse(response) => response.candidates,
            Self::NotificationRequest { .. } => &[],
        }
    }
}

/// A BSS transition management query (9.6.13.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransitionQuery<'a> {
    /// Dialog Token.
    pub token: u8,
    /// BSS Transition Query Reason (Table 9-198).
    pub reason: u8,
    /// Neighbor Report elements (52) of the station's candidates.
    pub candidates: &'a [u8],
}

impl<'a> TransitionQuery<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        Some(Self {
            token: cursor.u8()?,
            reason: cursor.u8()?,
            candidates: cursor.0,
        })
    }
}

/// A BSS transition management request (9.6.13.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransitionRequest<'a> {
    /// Dialog Token.
    pub token: u8,
    /// Request Mode: bit 0 candidates included, 1 abridged, 2 disassociation imminent, 3 BSS termination
    /// included, 4 ESS disassociation imminent, 5 link removal imminent (IEEE Std 802.11be-2024).
    pub mode: u8,
    /// Disassociation Timer, in beacon intervals.
    pub disassociation_timer: u16,
    /// Validity Interval, in beacon intervals.
    pub validity: u8,
    /// BSS Termination TSF, in µs, and Duration, in minutes, where bit 3 of the mode is set.
    pub termination: Option<(u64, u16)>,
    /// Session Information URL, where bit 4 of the mode is set.
    pub url: Option<&'a [u8]>,
    /// Neighbor Report elements (52).
    pub candidates: &'a [u8],
}

impl<'a> TransitionRequest<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        let (token, mode) = (cursor.u8()?, cursor.u8()?);
        let (disassociation_timer, validity) = (cursor.u16()?, cursor.u8()?);
        let termination = if mode & 8 == 0 {
            None
        } else {
            // A subelement: id 4, length 10.
            let [4, 10] = cursor.array()? else { return None };
            Some((cursor.u64()?, cursor.u16()?))
        };
        let url = if mode & 16 == 0 {
            None
        } else {
            Some(cursor.behind_length()?)
        };
        Some(Self {
            token,
            mode,
            disassociation_timer,
            validity,
            termination,
            url,
            candidates: cursor.0,
        })
    }
}

/// A BSS transition management response (9.6.13.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransitionResponse<'a> {
    /// Dialog Token of the request.
    pub token: u8,
    /// BTM Status Code (Table 9-428), 0 accepted.
    pub status: u8,
    /// BSS Termination Delay, in minutes.
    pub termination_delay: u8,
    /// Target BSSID, where the station accepts.
    pub target: Option<Address>,
    /// Neighbor Report elements (52) of the station's candidates.
    pub candidates: &'a [u8],
}

impl<'a> TransitionResponse<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        let (token, status, termination_delay) = (cursor.u8()?, cursor.u8()?, cursor.u8()?);
        let target = if status == 0 { Some(cursor.address()?) } else { None };
        Some(Self {
            token,
            status,
            termination_delay,
            target,
            candidates: cursor.0,
        })
    }
}
