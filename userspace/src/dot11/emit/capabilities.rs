//! Elements that are lists of capabilities: RM Enabled, Extended, RSN Extension.

use super::{Field, Fields, Payload};
use crate::dot11::element::ElementId;

/// RM Enabled Capabilities (9.4.2.44).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RadioMeasurement(pub Fields<5>);

impl RadioMeasurement {
    /// Link Measurement.
    pub const LINK: Field = Field::bit(0);
    /// Neighbor Report.
    pub const NEIGHBOR_REPORT: Field = Field::bit(1);
    /// Beacon Passive Measurement.
    pub const BEACON_PASSIVE: Field = Field::bit(4);
    /// Beacon Active Measurement.
    pub const BEACON_ACTIVE: Field = Field::bit(5);
    /// Beacon Table Measurement.
    pub const BEACON_TABLE: Field = Field::bit(6);
}

impl Payload for RadioMeasurement {
    const ID: ElementId = ElementId::RM_CAPABILITIES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0.0);
    }
}

/// Extended Capabilities (9.4.2.26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedCapabilities(pub Fields<16>);

impl ExtendedCapabilities {
    /// 20/40 BSS Coexistence Management Support.
    pub const COEXISTENCE: Field = Field::bit(0);
    /// Extended Channel Switching.
    pub const CHANNEL_SWITCHING: Field = Field::bit(2);
    /// BSS Transition.
    pub const BSS_TRANSITION: Field = Field::bit(19);
    /// UTF-8 SSID.
    pub const UTF_8_SSID: Field = Field::bit(48);
    /// Operating Mode Notification.
    pub const OPERATING_MODE_NOTIFICATION: Field = Field::bit(62);
    /// TWT Responder Support.
    pub const TWT_RESPONDER: Field = Field::bit(78);
}

impl Payload for ExtendedCapabilities {
    const ID: ElementId = ElementId::EXTENDED_CAPABILITIES;

    /// Up to the last octet that isn't 0, 8 at the least: some stations read so many without looking.
    fn write(&self, out: &mut Vec<u8>) {
        let last = self.0.0.iter().rposition(|&octet| octet != 0);
        out.extend(&self.0.0[..last.map_or(8, |last| 8.max(last + 1))]);
    }
}

/// RSN Extension (9.4.2.241) of one octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsnExtension(pub Fields<1>);

impl RsnExtension {
    /// SAE Hash-to-element.
    pub const SAE_HASH_TO_ELEMENT: Field = Field::bit(5);
}

impl Payload for RsnExtension {
    const ID: ElementId = ElementId::RSNX;

    fn write(&self, out: &mut Vec<u8>) {
        // The field's length less one, in bits 0 to 3.
        out.extend(self.0.with(Field::number(0, 4), 0).0);
    }
}
