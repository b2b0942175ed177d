//! PHY capabilities of HE and EHT beyond wlanpi-profiler's keys; what an element is too short for is not there.

use serde::Serialize;

use crate::dot11::element::{EhtCapabilities, HeCapabilities};

/// HE PHY Capabilities Information (IEEE Std 802.11ax-2021 9.4.2.248.3), by bit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HePhy {
    /// Bit 1: 40 MHz in 2.4 GHz.
    pub width_40_mhz_in_2_4_ghz: Option<bool>,
    /// Bit 2: 40 and 80 MHz in 5 and 6 GHz.
    pub width_80_mhz: Option<bool>,
    /// Bit 3: 160 MHz.
    pub width_160_mhz: Option<bool>,
    /// Bit 4: 160 and 80+80 MHz.
    pub width_80_80_mhz: Option<bool>,
    /// Bit 13: LDPC.
    pub ldpc: Option<bool>,
    /// Bit 18: sends STBC at 80 MHz and less.
    pub tx_stbc: Option<bool>,
    /// Bit 19: receives STBC at 80 MHz and less.
    pub rx_stbc: Option<bool>,
    /// Bit 22: uplink MU-MIMO over the whole bandwidth.
    pub ul_mu_mimo: Option<bool>,
    /// Bit 31: SU beamformer.
    pub su_beamformer: Option<bool>,
    /// Bit 33: MU beamformer.
    pub mu_beamformer: Option<bool>,
    /// Bit 56: spatial reuse by parameterised spatial reuse (PSR).
    pub psr_spatial_reuse: Option<bool>,
    /// Bit 75: receives 1024-QAM on resource units of less than 242 tones.
    pub rx_1024_qam_small_ru: Option<bool>,
}

impl HePhy {
    pub(super) fn of(he: HeCapabilities<'_>) -> Self {
        let bit = |n| he.phy().get(n);
        Self {
            width_40_mhz_in_2_4_ghz: bit(1),
            width_80_mhz: bit(2),
            width_160_mhz: bit(3),
            width_80_80_mhz: bit(4),
            ldpc: bit(13),
            tx_stbc: bit(18),
            rx_stbc: bit(19),
            ul_mu_mimo: bit(22),
            su_beamformer: bit(31),
            mu_beamformer: bit(33),
            psr_spatial_reuse: bit(56),
            rx_1024_qam_small_ru: bit(75),
        }
    }
}

/// EHT PHY Capabilities Information (IEEE Std 802.11be-2024 9.4.2.322.3), by bit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EhtPhy {
    /// Bit 5: SU beamformer.
    pub su_beamformer: Option<bool>,
    /// Bit 4: uplink MU-MIMO over a part of the bandwidth.
    pub partial_bandwidth_ul_mu_mimo: Option<bool>,
    /// Bit 32: downlink MU-MIMO over a part of the bandwidth.
    pub partial_bandwidth_dl_mu_mimo: Option<bool>,
    /// Bit 33: spatial reuse by parameterised spatial reuse (PSR).
    pub psr_spatial_reuse: Option<bool>,
    /// Bit 42: receives 1024-QAM and 4096-QAM on resource units of less than 242 tones.
    pub rx_4096_qam_small_ru: Option<bool>,
}

impl EhtPhy {
    pub(super) fn of(eht: EhtCapabilities<'_>) -> Self {
        let bit = |n| eht.phy().get(n);
        Self {
            su_beamformer: bit(5),
            partial_bandwidth_ul_mu_mimo: bit(4),
            partial_bandwidth_dl_mu_mimo: bit(32),
            psr_spatial_reuse: bit(33),
            rx_4096_qam_small_ru: bit(42),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_in_its_place() {
        let mut payload = [0; 17];
        payload[6] = 0b1_1110;
        payload[6 + 1] = 1 << 5;
        payload[6 + 2] = 1 << 2 | 1 << 3 | 1 << 6;
        payload[6 + 3] = 1 << 7;
        payload[6 + 4] = 1 << 1;
        payload[6 + 7] = 1;
        payload[6 + 9] = 1 << 3;
        let json = serde_json::to_value(HePhy::of(HeCapabilities::new(&payload))).unwrap();
        for (key, value) in json.as_object().unwrap() {
            assert_eq!(value, true, "{key}");
        }
        assert_eq!(HePhy::of(HeCapabilities::new(&[0; 6])), HePhy::default());

        let mut payload = [0; 11];
        payload[2] = 1 << 4 | 1 << 5;
        payload[2 + 4] = 0b11;
        payload[2 + 5] = 1 << 2;
        let json = serde_json::to_value(EhtPhy::of(EhtCapabilities::new(&payload))).unwrap();
        for (key, value) in json.as_object().unwrap() {
            assert_eq!(value, true, "{key}");
        }
        assert_eq!(EhtPhy::of(EhtCapabilities::new(&[0; 2])), EhtPhy::default());
    }
}
