//! VHT Capabilities (9.4.2.157), 802.11ac.

use super::McsMap;
use crate::dot11::Bits;

/// VHT Capabilities Information 4 octets, Supported VHT-MCS and NSS Set 8.
#[derive(Clone, Copy, Debug)]
pub struct VhtCapabilities<'a>(&'a [u8]);

impl<'a> VhtCapabilities<'a> {
    /// Names of the codes 0, 1 and 2 of the map.
    pub const MCS: [&'static str; 3] = ["0-7", "0-8", "0-9"];

    /// The highest MCS of these codes.
    pub const HIGHEST: [u8; 3] = [7, 8, 9];

    /// A view of the element's payload.
    pub fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// VHT Capabilities Information (9.4.2.157.2).
    pub fn information(self) -> Bits<'a> {
        Bits(&self.0[..self.0.len().min(4)])
    }

    /// Rx VHT-MCS Map.
    pub fn rx_mcs(self) -> Option<McsMap> {
        McsMap::read(self.0.get(4..)?)
    }

    /// Tx VHT-MCS Map.
    pub fn tx_mcs(self) -> Option<McsMap> {
        McsMap::read(self.0.get(8..)?)
    }

    /// 160 MHz or 80+80 MHz in any form: Supported Channel Width Set 1 or 2, or 0 with Extended NSS BW Support
    /// (Table 9-271: 160 MHz with fewer streams).
    pub fn width_160_mhz(self) -> Option<bool> {
        let width = self.information().field(2, 2)?;
        let extended = self.information().field(30, 2);
        Some(match width {
            0 => extended.is_some_and(|support| support != 0),
            1 | 2 => true,
            _ => false,
        })
    }

    /// SU Beamformee Capable.
    pub fn su_beamformee(self) -> Option<bool> {
        self.information().get(12)
    }

    /// MU Beamformee Capable.
    pub fn mu_beamformee(self) -> Option<bool> {
        self.information().get(20)
    }

    /// Beamformee STS Capability, as transmitted (streams less one).
    pub fn beamformee_sts(self) -> Option<u8> {
        self.information().field(13, 3).map(|value| value as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(information: u32) -> [u8; 12] {
        let mut payload = [0; 12];
        payload[..4].copy_from_slice(&information.to_le_bytes());
        payload[4..6].copy_from_slice(&[0xea, 0xff]);
        payload
    }

    #[test]
    fn reads_bits_and_map() {
        let payload = with(1 << 12 | 3 << 13 | 1 << 20);
        let vht = VhtCapabilities::new(&payload);
        assert_eq!(vht.su_beamformee(), Some(true));
        assert_eq!(vht.mu_beamformee(), Some(true));
        assert_eq!(vht.beamformee_sts(), Some(3));
        assert_eq!(vht.rx_mcs().unwrap().streams(), 3);
        assert_eq!(VhtCapabilities::new(&payload[..5]).rx_mcs(), None);
        assert_eq!(VhtCapabilities::new(&payload[..1]).su_beamformee(), None);
    }

    #[test]
    fn every_form_of_160_mhz() {
        for (width, extended, wide) in [
            (0, 0, false),
            (1, 0, true),
            (2, 0, true),
            (0, 1, true),
            (0, 3, true),
            (3, 0, false),
        ] {
            let payload = with(width << 2 | extended << 30);
            assert_eq!(
                VhtCapabilities::new(&payload).width_160_mhz(),
                Some(wide),
                "{width} {extended}"
            );
        }
        assert_eq!(VhtCapabilities::new(&[]).width_160_mhz(), None);
        assert_eq!(VhtCapabilities::new(&[4]).width_160_mhz(), Some(true));
    }
}
