//! EHT Capabilities.

use super::{Field, Fields, Payload};
use crate::dot11::element::ElementId;

/// EHT Capabilities (IEEE Std 802.11be-2024 9.4.2.323), 802.11be, without PPE thresholds, of a station that is wider than
/// 20 MHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eht {
    /// EHT MAC Capabilities Information.
    pub mac: Fields<2>,
    /// EHT PHY Capabilities Information. The bits of 320 MHz and of PPE thresholds are left at 0: the fields tell.
    pub phy: Fields<9>,
    /// Supported EHT-MCS And NSS Set for 80 MHz and less: streams with MCS 0 to 9, 10 and 11, 12 and 13; Rx in the low
    /// nibble, Tx in the high one.
    pub mcs_80: [u8; 3],
    /// That for 160 MHz, where HE Capabilities have this width.
    pub mcs_160: Option<[u8; 3]>,
    /// That for 320 MHz.
    pub mcs_320: Option<[u8; 3]>,
}

/// Fields of [`Eht::mac`].
impl Eht {
    /// EPCS Priority Access Support.
    pub const EPCS: Field = Field::bit(0);
    /// EHT OM Control Support.
    pub const OM_CONTROL: Field = Field::bit(1);
    /// Restricted TWT Support.
    pub const RESTRICTED_TWT: Field = Field::bit(4);
    /// SCS Traffic Description Support.
    pub const SCS_TRAFFIC: Field = Field::bit(5);
    /// Maximum MPDU Length, of 2.4 GHz: 0 for 3,895 octets, 1 for 7,991, 2 for 11,454.
    pub const MAX_MPDU: Field = Field::number(6, 2);
    /// Maximum A-MPDU Length Exponent Extension.
    pub const MAX_AMPDU: Field = Field::bit(8);
}

/// Fields of [`Eht::phy`].
impl Eht {
    const WIDTH_320: Field = Field::bit(1);
    /// NDP With 4x EHT-LTF And 3.2 µs GI.
    pub const NDP_4X_LTF: Field = Field::bit(3);
    /// SU Beamformer.
    pub const SU_BEAMFORMER: Field = Field::bit(5);
    /// SU Beamformee.
    pub const SU_BEAMFORMEE: Field = Field::bit(6);
    /// Beamformee SS at 80 MHz and less, less one.
    pub const BEAMFORMEE_SS_80: Field = Field::number(7, 3);
    /// Beamformee SS at 160 MHz, less one.
    pub const BEAMFORMEE_SS_160: Field = Field::number(10, 3);
    /// Beamformee SS at 320 MHz, less one.
    pub const BEAMFORMEE_SS_320: Field = Field::number(13, 3);
    /// Number Of Sounding Dimensions at 80 MHz and less, less one.
    pub const SOUNDING_DIMENSIONS_80: Field = Field::number(16, 3);
    /// Number Of Sounding Dimensions at 160 MHz, less one.
    pub const SOUNDING_DIMENSIONS_160: Field = Field::number(19, 3);
    /// Number Of Sounding Dimensions at 320 MHz, less one.
    pub const SOUNDING_DIMENSIONS_320: Field = Field::number(22, 3);
    /// Ng = 16 SU Feedback.
    pub const NG_16_SU: Field = Field::bit(25);
    /// Ng = 16 MU Feedback.
    pub const NG_16_MU: Field = Field::bit(26);
    /// Triggered SU Beamforming Feedback.
    pub const TRIGGERED_SU_FEEDBACK: Field = Field::bit(29);
    /// Triggered CQI Feedback.
    pub const TRIGGERED_CQI: Field = Field::bit(31);
    /// EHT MU PPDU With 4x EHT-LTF And 0.8 µs GI.
    pub const MU_4X_LTF: Field = Field::bit(35);
    /// Max Nc, less one.
    pub const MAX_NC: Field = Field::number(36, 4);
    /// Tx 1024-QAM And 4096-QAM Less Than 242-tone RU.
    pub const TX_4096_QAM: Field = Field::bit(41);
    /// Rx 1024-QAM And 4096-QAM Less Than 242-tone RU.
    pub const RX_4096_QAM: Field = Field::bit(42);
    const PPE_THRESHOLDS: Field = Field::bit(43);
    /// Common Nominal Packet Padding: 0 none, 1 for 8 µs, 2 for 16 µs, 3 for 20 µs.
    pub const PACKET_PADDING: Field = Field::number(44, 2);
    /// Support Of MCS 15: 52+26 and 106+26 tones; 80 MHz; 160 MHz; 320 MHz.
    pub const MCS_15: Field = Field::number(51, 4);
    /// Support Of EHT DUP (MCS 14) In 6 GHz.
    pub const MCS_14: Field = Field::bit(55);
    /// MU Beamformer at 80 MHz and less, at 160 MHz, at 320 MHz.
    pub const MU_BEAMFORMER: Field = Field::number(60, 3);
}

impl Payload for Eht {
    const ID: ElementId = ElementId::EHT_CAPABILITIES;

    fn write(&self, out: &mut Vec<u8>) {
        let phy = self
            .phy
            .with(Self::WIDTH_320, self.mcs_320.is_some().into())
            .with(Self::PPE_THRESHOLDS, 0);
        out.extend(self.mac.0);
        out.extend(phy.0);
        let sets = [Some(self.mcs_80), self.mcs_160, self.mcs_320];
        out.extend(sets.into_iter().flatten().flatten());
    }
}
