//! HE Capabilities and HE 6 GHz Band Capabilities.

use super::{Field, Fields, Payload};
use crate::dot11::element::{ElementId, McsMap};

/// HE Capabilities (IEEE Std 802.11ax-2021 9.4.2.248), 802.11ax, without PPE thresholds: Nominal Packet Padding says what
/// holds for every constellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct He {
    /// HE MAC Capabilities Information (9.4.2.248.2).
    pub mac: Fields<6>,
    /// HE PHY Capabilities Information (9.4.2.248.3). The bits of 160 MHz and of PPE thresholds are left at 0: the fields
    /// tell.
    pub phy: Fields<11>,
    /// Rx and Tx HE-MCS Map for 80 MHz and less.
    pub mcs_80: [McsMap; 2],
    /// Those for 160 MHz.
    pub mcs_160: Option<[McsMap; 2]>,
}

/// Fields of [`He::mac`].
impl He {
    /// +HTC-HE Support.
    pub const HTC: Field = Field::bit(0);
    /// TWT Responder Support.
    pub const TWT_RESPONDER: Field = Field::bit(2);
    /// BSR Support.
    pub const BSR: Field = Field::bit(19);
    /// Broadcast TWT Support.
    pub const BROADCAST_TWT: Field = Field::bit(20);
    /// OM Control Support.
    pub const OM_CONTROL: Field = Field::bit(25);
    /// Maximum A-MPDU Length Exponent Extension.
    pub const MAX_AMPDU: Field = Field::number(27, 2);
}

/// Fields of [`He::phy`].
impl He {
    /// Supported Channel Width Set: 40 MHz in 2.4 GHz.
    pub const WIDTH_40_GHZ_2: Field = Field::bit(1);
    /// Supported Channel Width Set: 40 and 80 MHz in 5 and 6 GHz.
    pub const WIDTH_80: Field = Field::bit(2);
    const WIDTH_160: Field = Field::bit(3);
    /// Punctured Preamble Rx, four forms.
    pub const PUNCTURED_PREAMBLE: Field = Field::number(8, 4);
    /// LDPC Coding In Payload.
    pub const LDPC: Field = Field::bit(13);
    /// HE SU PPDU With 1x HE-LTF And 0.8 µs GI.
    pub const SU_1X_LTF: Field = Field::bit(14);
    /// NDP With 4x HE-LTF And 3.2 µs GI.
    pub const NDP_4X_LTF: Field = Field::bit(17);
    /// STBC Tx at 80 MHz and less.
    pub const TX_STBC: Field = Field::bit(18);
    /// STBC Rx at 80 MHz and less.
    pub const RX_STBC: Field = Field::bit(19);
    /// Full Bandwidth UL MU-MIMO.
    pub const UL_MU_MIMO: Field = Field::bit(22);
    /// SU Beamformer.
    pub const SU_BEAMFORMER: Field = Field::bit(31);
    /// SU Beamformee.
    pub const SU_BEAMFORMEE: Field = Field::bit(32);
    /// MU Beamformer.
    pub const MU_BEAMFORMER: Field = Field::bit(33);
    /// Beamformee STS at 80 MHz and less, less one.
    pub const BEAMFORMEE_STS_80: Field = Field::number(34, 3);
    /// Beamformee STS above 80 MHz, less one.
    pub const BEAMFORMEE_STS_160: Field = Field::number(37, 3);
    /// Number Of Sounding Dimensions at 80 MHz and less, less one.
    pub const SOUNDING_DIMENSIONS_80: Field = Field::number(40, 3);
    /// Number Of Sounding Dimensions above 80 MHz, less one.
    pub const SOUNDING_DIMENSIONS_160: Field = Field::number(43, 3);
    /// Ng = 16 SU Feedback.
    pub const NG_16_SU: Field = Field::bit(46);
    /// Ng = 16 MU Feedback.
    pub const NG_16_MU: Field = Field::bit(47);
    /// Triggered SU Beamforming Feedback.
    pub const TRIGGERED_SU_FEEDBACK: Field = Field::bit(50);
    /// Triggered CQI Feedback.
    pub const TRIGGERED_CQI: Field = Field::bit(52);
    /// Partial Bandwidth Extended Range.
    pub const PARTIAL_EXTENDED_RANGE: Field = Field::bit(53);
    const PPE_THRESHOLDS: Field = Field::bit(55);
    /// HE SU PPDU And HE MU PPDU With 4x HE-LTF And 0.8 µs GI.
    pub const SU_MU_4X_LTF: Field = Field::bit(58);
    /// Max Nc, less one.
    pub const MAX_NC: Field = Field::number(59, 3);
    /// HE ER SU PPDU With 4x HE-LTF And 0.8 µs GI.
    pub const ER_SU_4X_LTF: Field = Field::bit(64);
    /// Tx 1024-QAM With Less Than 242-tone RU.
    pub const TX_1024_QAM: Field = Field::bit(74);
    /// Rx 1024-QAM With Less Than 242-tone RU.
    pub const RX_1024_QAM: Field = Field::bit(75);
    /// Nominal Packet Padding: 0 none, 1 for 8 µs, 2 for 16 µs.
    pub const PACKET_PADDING: Field = Field::number(78, 2);
}

impl Payload for He {
    const ID: ElementId = ElementId::HE_CAPABILITIES;

    fn write(&self, out: &mut Vec<u8>) {
        let phy = self
            .phy
            .with(Self::WIDTH_160, self.mcs_160.is_some().into())
            .with(Self::PPE_THRESHOLDS, 0);
        out.extend(self.mac.0);
        out.extend(phy.0);
        let maps = [Some(self.mcs_80), self.mcs_160].into_iter().flatten().flatten();
        out.extend(maps.flat_map(|map| map.0.to_le_bytes()));
    }
}

/// HE 6 GHz Band Capabilities (IEEE Std 802.11ax-2021 9.4.2.263): what HT and VHT capabilities say in other bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeSixGhz(pub Fields<2>);

impl HeSixGhz {
    /// Minimum MPDU Start Spacing: 0 no restriction, 7 for 16 µs.
    pub const START_SPACING: Field = Field::number(0, 3);
    /// Maximum A-MPDU Length Exponent, 0 to 7.
    pub const MAX_AMPDU: Field = Field::number(3, 3);
    /// Maximum MPDU Length: 0 for 3,895 octets, 1 for 7,991, 2 for 11,454.
    pub const MAX_MPDU: Field = Field::number(6, 2);
    /// SM Power Save: 0 static, 1 dynamic, 3 disabled.
    pub const SM_POWER_SAVE: Field = Field::number(9, 2);
    /// Rx Antenna Pattern Consistency.
    pub const RX_PATTERN: Field = Field::bit(12);
    /// Tx Antenna Pattern Consistency.
    pub const TX_PATTERN: Field = Field::bit(13);
}

impl Payload for HeSixGhz {
    const ID: ElementId = ElementId::HE_6_GHZ;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0.0);
    }
}
