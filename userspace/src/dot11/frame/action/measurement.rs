//! Spectrum management and radio measurement.

use super::Dialog;
use crate::dot11::cursor::Cursor;

/// Spectrum management actions (9.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpectrumManagement<'a> {
    /// Code 0, Measurement Request elements (38).
    MeasurementRequest(Dialog<'a>),
    /// Code 1, Measurement Report elements (39).
    MeasurementReport(Dialog<'a>),
    /// Code 2, a TPC Request element (34).
    TpcRequest(Dialog<'a>),
    /// Code 3, a TPC Report element (35).
    TpcReport(Dialog<'a>),
    /// Code 4: the elements, Channel Switch Announcement (37) first.
    ChannelSwitch(&'a [u8]),
}

impl<'a> SpectrumManagement<'a> {
    pub(super) fn read(code: u8, cursor: Cursor<'a>) -> Option<Self> {
        let dialog = Dialog::read(cursor);
        match code {
            0 => dialog.map(Self::MeasurementRequest),
            1 => dialog.map(Self::MeasurementReport),
            2 => dialog.map(Self::TpcRequest),
            3 => dialog.map(Self::TpcReport),
            4 => Some(Self::ChannelSwitch(cursor.0)),
            _ => None,
        }
    }

    pub(super) fn elements(self) -> &'a [u8] {
        match self {
            Self::MeasurementRequest(dialog)
            | Self::MeasurementReport(dialog)
            | Self::TpcRequest(dialog)
            | Self::TpcReport(dialog) => dialog.elements,
            Self::ChannelSwitch(elements) => elements,
        }
    }
}

/// Radio measurement actions (9.6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RadioMeasurement<'a> {
    /// Code 0.
    Request {
        /// Number Of Repetitions; 65,535 means until it is cancelled.
        repetitions: u16,
        /// The token, and Measurement Request elements (38).
        dialog: Dialog<'a>,
    },
    /// Code 1, Measurement Report elements (39).
    Report(Dialog<'a>),
    /// Code 2.
    LinkRequest(LinkRequest<'a>),
    /// Code 3.
    LinkReport(LinkReport<'a>),
    /// Code 4, with an SSID element where another network is asked for.
    NeighborRequest(Dialog<'a>),
    /// Code 5, Neighbor Report elements (52).
    NeighborResponse(Dialog<'a>),
}

impl<'a> RadioMeasurement<'a> {
    pub(super) fn read(code: u8, mut cursor: Cursor<'a>) -> Option<Self> {
        let dialog = Dialog::read(cursor);
        match code {
            0 => {
                let (token, repetitions) = (cursor.u8()?, cursor.u16()?);
                let elements = cursor.0;
                let dialog = Dialog { token, elements };
                Some(Self::Request { repetitions, dialog })
            }
            1 => dialog.map(Self::Report),
            2 => LinkRequest::read(cursor).map(Self::LinkRequest),
            3 => LinkReport::read(cursor).map(Self::LinkReport),
            4 => dialog.map(Self::NeighborRequest),
            5 => dialog.map(Self::NeighborResponse),
            _ => None,
        }
    }

    pub(super) fn elements(self) -> &'a [u8] {
        match self {
            Self::Request { dialog, .. }
            | Self::Report(dialog)
            | Self::NeighborRequest(dialog)
            | Self::NeighborResponse(dialog) => dialog.elements,
            Self::LinkRequest(_) | Self::LinkReport(_) => &[],
        }
    }
}

/// A link measurement request (9.6.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRequest<'a> {
    /// Dialog Token.
    pub token: u8,
    /// Transmit Power Used, in dBm (9.4.1.19).
    pub power_used: i8,
    /// Max Transmit Power, in dBm (9.4.1.18).
    pub max_power: i8,
    /// Subelements.
    pub subelements: &'a [u8],
}

impl<'a> LinkRequest<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        Some(Self {
            token: cursor.u8()?,
            power_used: cursor.u8()?.cast_signed(),
            max_power: cursor.u8()?.cast_signed(),
            subelements: cursor.0,
        })
    }
}

/// A link measurement report (9.6.6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkReport<'a> {
    /// Dialog Token.
    pub token: u8,
    /// Transmit Power of the TPC Report element, in dBm.
    pub power: i8,
    /// Link Margin of the TPC Report element, in dB.
    pub margin: i8,
    /// Receive and Transmit Antenna ID (9.4.2.39).
    pub antennas: [u8; 2],
    /// RCPI (9.4.2.37): half dB above −110 dBm; 255 means none.
    pub rcpi: u8,
    /// RSNI (9.4.2.40): half dB above −10 dB; 255 means none.
    pub rsni: u8,
    /// Subelements.
    pub subelements: &'a [u8],
}

impl<'a> LinkReport<'a> {
    fn read(mut cursor: Cursor<'a>) -> Option<Self> {
        let token = cursor.u8()?;
        let [35, 2, power, margin] = cursor.array()? else {
            return None;
        };
        Some(Self {
            token,
            power: power.cast_signed(),
            margin: margin.cast_signed(),
            antennas: cursor.array()?,
            rcpi: cursor.u8()?,
            rsni: cursor.u8()?,
            subelements: cursor.0,
        })
    }
}
