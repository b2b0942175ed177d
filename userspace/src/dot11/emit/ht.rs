//! HT Capabilities.

use super::{Field, Fields, Payload};
use crate::dot11::element::ElementId;

/// HT Capabilities (9.4.2.55), 802.11n; without transmit beamforming, extended capabilities and antenna selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ht {
    /// HT Capability Information (9.4.2.55.2).
    pub information: Fields<2>,
    /// Maximum A-MPDU Length Exponent: 2^(13 + exponent) - 1 octets (9.4.2.55.3), 0 to 3.
    pub max_ampdu: u8,
    /// Spatial streams that are received with each MCS, 1 to 4.
    pub streams: u8,
}

/// Fields of [`Ht::information`].
impl Ht {
    /// LDPC Coding Capability.
    pub const LDPC: Field = Field::bit(0);
    /// Supported Channel Width Set: 40 MHz.
    pub const WIDTH_40: Field = Field::bit(1);
    /// SM Power Save: 0 static, 1 dynamic, 3 disabled.
    pub const SM_POWER_SAVE: Field = Field::number(2, 2);
    /// Short GI For 20 MHz.
    pub const SHORT_GI_20: Field = Field::bit(5);
    /// Short GI For 40 MHz.
    pub const SHORT_GI_40: Field = Field::bit(6);
    /// Tx STBC.
    pub const TX_STBC: Field = Field::bit(7);
    /// Rx STBC, in streams.
    pub const RX_STBC: Field = Field::number(8, 2);
    /// Maximum A-MSDU Length: 7,935 octets.
    pub const LONG_A_MSDU: Field = Field::bit(11);
    /// DSSS/CCK Mode In 40 MHz, of 2.4 GHz.
    pub const DSSS_CCK_40: Field = Field::bit(12);
}

impl Payload for Ht {
    const ID: ElementId = ElementId::HT_CAPABILITIES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.information.0);
        out.push(self.max_ampdu & 3);
        // Supported MCS Set (9.4.2.55.4): an octet a stream; bit 96, the Tx MCS Set is defined, and is that of Rx.
        let mut set = [0; 16];
        let streams = usize::from(self.streams.min(4));
        set[..streams].fill(0xff);
        set[12] = 1;
        out.extend(set);
        out.extend([0; 7]);
    }
}
