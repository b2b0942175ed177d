//! VHT Capabilities.

use super::{Field, Fields, Payload};
use crate::dot11::element::{ElementId, McsMap};

/// VHT Capabilities (9.4.2.157), 802.11ac, without the highest long GI data rates, which the map tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vht {
    /// VHT Capabilities Information (9.4.2.157.2).
    pub information: Fields<4>,
    /// Rx VHT-MCS Map.
    pub rx_mcs: McsMap,
    /// Tx VHT-MCS Map.
    pub tx_mcs: McsMap,
}

/// Fields of [`Vht::information`].
impl Vht {
    /// Maximum MPDU Length: 0 for 3,895 octets, 1 for 7,991, 2 for 11,454.
    pub const MAX_MPDU: Field = Field::number(0, 2);
    /// Supported Channel Width Set: 1 for 160 MHz, 2 for 80+80 MHz too.
    pub const WIDTHS: Field = Field::number(2, 2);
    /// Rx LDPC.
    pub const RX_LDPC: Field = Field::bit(4);
    /// Short GI For 80 MHz.
    pub const SHORT_GI_80: Field = Field::bit(5);
    /// Short GI For 160 MHz And 80+80 MHz.
    pub const SHORT_GI_160: Field = Field::bit(6);
    /// Tx STBC.
    pub const TX_STBC: Field = Field::bit(7);
    /// Rx STBC, in streams.
    pub const RX_STBC: Field = Field::number(8, 3);
    /// SU Beamformer Capable.
    pub const SU_BEAMFORMER: Field = Field::bit(11);
    /// SU Beamformee Capable.
    pub const SU_BEAMFORMEE: Field = Field::bit(12);
    /// Beamformee STS Capability, less one.
    pub const BEAMFORMEE_STS: Field = Field::number(13, 3);
    /// Number Of Sounding Dimensions, less one.
    pub const SOUNDING_DIMENSIONS: Field = Field::number(16, 3);
    /// MU Beamformer Capable.
    pub const MU_BEAMFORMER: Field = Field::bit(19);
    /// +HTC-VHT Capable.
    pub const HTC: Field = Field::bit(22);
    /// Maximum A-MPDU Length Exponent, 0 to 7.
    pub const MAX_AMPDU: Field = Field::number(23, 3);
    /// Rx Antenna Pattern Consistency.
    pub const RX_PATTERN: Field = Field::bit(28);
    /// Tx Antenna Pattern Consistency.
    pub const TX_PATTERN: Field = Field::bit(29);
}

impl Payload for Vht {
    const ID: ElementId = ElementId::VHT_CAPABILITIES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.information.0);
        for map in [self.rx_mcs, self.tx_mcs] {
            out.extend(map.0.to_le_bytes());
            out.extend([0; 2]);
        }
    }
}
