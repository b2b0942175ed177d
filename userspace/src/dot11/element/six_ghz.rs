//! What a station says about the 6 GHz band: HE 6 GHz Band Capabilities and Non-AP STA Regulatory Connectivity.

use crate::dot11::Bits;

/// HE 6 GHz Band Capabilities (IEEE Std 802.11ax-2021 9.4.2.263): 2 octets.
#[derive(Clone, Copy, Debug)]
pub struct SixGhzCapabilities<'a>(Bits<'a>);

impl<'a> SixGhzCapabilities<'a> {
    /// A view of the element's payload, behind the extension id.
    pub fn new(payload: &'a [u8]) -> Self {
        Self(Bits(payload))
    }

    fn field(self, n: usize, width: usize) -> Option<u32> {
        self.0.field(n, width)
    }

    /// Minimum MPDU Start Spacing within an A-MPDU, bits 0 to 2, in µs; 0 is no restriction (Table 9-185).
    pub fn mpdu_start_spacing_us(self) -> Option<f32> {
        let spacing = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
        self.field(0, 3).map(|value| spacing[value as usize])
    }

    /// Maximum A-MPDU Length Exponent, bits 3 to 5: the length in octets, 2^(13 + exponent) − 1.
    pub fn max_ampdu_octets(self) -> Option<u32> {
        self.field(3, 3).map(|exponent| (1 << (13 + exponent)) - 1)
    }

    /// Maximum MPDU Length, bits 6 and 7, in octets; `None` where the value is reserved too.
    pub fn max_mpdu_octets(self) -> Option<u16> {
        [3895, 7991, 11_454].get(self.field(6, 2)? as usize).copied()
    }

    /// SM Power Save, bits 9 and 10, as transmitted: 0 static, 1 dynamic, 3 disabled.
    pub fn sm_power_save(self) -> Option<u8> {
        self.field(9, 2).map(|value| value as u8)
    }

    /// RD Responder, bit 11.
    pub fn rd_responder(self) -> Option<bool> {
        self.0.get(11)
    }

    /// Rx Antenna Pattern Consistency, bit 12.
    pub fn rx_antenna_pattern_consistency(self) -> Option<bool> {
        self.0.get(12)
    }

    /// Tx Antenna Pattern Consistency, bit 13.
    pub fn tx_antenna_pattern_consistency(self) -> Option<bool> {
        self.0.get(13)
    }
}

/// Non-AP STA Regulatory Connectivity (IEEE Std 802.11-2024 E.2.7; Linux 6.17, `enum ieee80211_reg_conn_bits`): with which
/// kinds of 6 GHz AP the station can associate.
#[derive(Clone, Copy, Debug)]
pub struct RegulatoryConnectivity<'a>(Bits<'a>);

impl<'a> RegulatoryConnectivity<'a> {
    /// A view of the element's payload, behind the extension id.
    pub fn new(payload: &'a [u8]) -> Self {
        Self(Bits(payload))
    }

    /// A bit that counts only where the bit in front of it says that it is valid.
    fn valid(self, n: usize) -> Option<bool> {
        self.0.get(n).filter(|&valid| valid).and_then(|_| self.0.get(n + 1))
    }

    /// With indoor APs (low power indoor, LPI), bits 0 and 1.
    pub fn indoor(self) -> Option<bool> {
        self.valid(0)
    }

    /// With standard power APs (SP, under automated frequency coordination), bits 2 and 3.
    pub fn standard_power(self) -> Option<bool> {
        self.valid(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn band_capabilities() {
        // 0x36bc: an adapter with Qualcomm's FastConnect 7800.
        let six = SixGhzCapabilities::new(&[0xbc, 0x36]);
        assert_eq!(
            (six.mpdu_start_spacing_us(), six.max_ampdu_octets()),
            (Some(2.0), Some(1_048_575))
        );
        assert_eq!((six.max_mpdu_octets(), six.sm_power_save()), (Some(11_454), Some(3)));
        assert_eq!(
            (
                six.rd_responder(),
                six.rx_antenna_pattern_consistency(),
                six.tx_antenna_pattern_consistency()
            ),
            (Some(false), Some(true), Some(true))
        );
        let short = SixGhzCapabilities::new(&[0xc0]);
        assert_eq!(
            (short.max_ampdu_octets(), short.max_mpdu_octets(), short.sm_power_save()),
            (Some(8191), None, None)
        );
        assert_eq!(SixGhzCapabilities::new(&[]).mpdu_start_spacing_us(), None);
    }

    #[test]
    fn connectivity_counts_where_it_is_valid() {
        let read = |octets: &'static [u8]| {
            let connectivity = RegulatoryConnectivity::new(octets);
            (connectivity.indoor(), connectivity.standard_power())
        };
        assert_eq!(read(&[0x0f]), (Some(true), Some(true)));
        assert_eq!(read(&[0x07]), (Some(true), Some(false)));
        assert_eq!(read(&[0x0a]), (None, None));
        assert_eq!(read(&[]), (None, None));
    }
}
