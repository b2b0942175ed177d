//! HE Capabilities (IEEE Std 802.11ax-2021 9.4.2.248), 802.11ax.

use super::McsMap;
use crate::dot11::Bits;

/// HE MAC Capabilities 6 octets, HE PHY Capabilities 11, Supported HE-MCS and NSS Set 4, 8 or 12, PPE thresholds.
#[derive(Clone, Copy, Debug)]
pub struct HeCapabilities<'a> {
    mac: Bits<'a>,
    phy: Bits<'a>,
    sets: &'a [u8],
}

impl<'a> HeCapabilities<'a> {
    /// Names of the codes 0, 1 and 2 of the map.
    pub const MCS: [&'static str; 3] = ["0-7", "0-9", "0-11"];

    /// The highest MCS of these codes.
    pub const HIGHEST: [u8; 3] = [7, 9, 11];

    /// A view of the element's payload, behind the extension id.
    pub fn new(payload: &'a [u8]) -> Self {
        let (mac, rest) = payload.split_at(payload.len().min(6));
        let (phy, sets) = rest.split_at(rest.len().min(11));
        Self {
            mac: Bits(mac),
            phy: Bits(phy),
            sets,
        }
    }

    /// HE PHY Capabilities Information (9.4.2.248.3).
    pub fn phy(self) -> Bits<'a> {
        self.phy
    }

    /// Rx HE-MCS Map for 80 MHz and less.
    pub fn rx_mcs_80_mhz(self) -> Option<McsMap> {
        McsMap::read(self.sets)
    }

    /// Width in MHz and its Rx and Tx HE-MCS Maps, as far as they are there: `80` is 80 MHz and less, `160` and `80+80`
    /// follow where PHY bits 3 and 4 say so.
    pub fn maps(self) -> impl Iterator<Item = (&'static str, McsMap, McsMap)> {
        let told = [
            ("80", true),
            ("160", self.phy.get(3) == Some(true)),
            ("80+80", self.phy.get(4) == Some(true)),
        ];
        let widths = told.into_iter().filter_map(|(width, told)| told.then_some(width));
        let maps = self.sets.chunks_exact(4);
        widths.zip(maps).filter_map(|(width, maps)| {
            let (rx, tx) = maps.split_at(2);
            Some((width, McsMap::read(rx)?, McsMap::read(tx)?))
        })
    }

    /// TWT Requester Support, MAC bit 1.
    pub fn twt_requester(self) -> Option<bool> {
        self.mac.get(1)
    }

    /// BSR Support, MAC bit 19.
    pub fn bsr(self) -> Option<bool> {
        self.mac.get(19)
    }

    /// OFDMA RA Support, MAC bit 26: uplink OFDMA-based random access (UORA).
    pub fn uora(self) -> Option<bool> {
        self.mac.get(26)
    }

    /// Any of the widths beyond 20 MHz that the Supported Channel Width Set names: PHY bits 1 to 4.
    pub fn wider_than_20_mhz(self) -> bool {
        self.phy.field(1, 4).is_some_and(|widths| widths != 0)
    }

    /// 160 MHz, PHY bit 3, or 160 and 80+80 MHz, bit 4.
    pub fn width_160_mhz(self) -> Option<bool> {
        self.phy.field(3, 2).map(|widths| widths != 0)
    }

    /// Punctured Preamble Rx, PHY bits 8 to 11: any of its four forms.
    pub fn punctured_preamble(self) -> Option<bool> {
        self.phy.field(8, 4).map(|forms| forms != 0)
    }

    /// SU Beamformee, PHY bit 32.
    pub fn su_beamformee(self) -> Option<bool> {
        self.phy.get(32)
    }

    /// Beamformee STS at 80 MHz and less, PHY bits 34 to 36, as transmitted (streams less one).
    pub fn beamformee_sts(self) -> Option<u8> {
        self.phy.field(34, 3).map(|value| value as u8)
    }

    /// HE ER SU PPDU with 4x HE-LTF and 0.8 µs guard interval, PHY bit 64.
    pub fn er_su_ppdu_4x_ltf(self) -> Option<bool> {
        self.phy.get(64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_in_its_place() {
        let mut payload = [0; 21];
        payload[0] = 1 << 1;
        payload[2] = 1 << 3;
        payload[3] = 1 << 2;
        payload[6] = 1 << 4;
        payload[7] = 1 << 3;
        payload[10] = 1 | 5 << 2;
        payload[14] = 1;
        payload[17..19].copy_from_slice(&[0xfa, 0xff]);
        let he = HeCapabilities::new(&payload);
        assert_eq!(
            (he.twt_requester(), he.bsr(), he.uora()),
            (Some(true), Some(true), Some(true))
        );
        assert_eq!((he.width_160_mhz(), he.wider_than_20_mhz()), (Some(true), true));
        assert_eq!(he.punctured_preamble(), Some(true));
        assert_eq!((he.su_beamformee(), he.beamformee_sts()), (Some(true), Some(5)));
        assert_eq!(he.er_su_ppdu_4x_ltf(), Some(true));
        assert_eq!(he.rx_mcs_80_mhz().unwrap().ranges(HeCapabilities::MCS), "0-11");
    }

    #[test]
    fn a_short_element_tells_what_it_has() {
        let he = HeCapabilities::new(&[0x02, 0, 0, 0, 0, 0, 0x08]);
        assert_eq!(he.twt_requester(), Some(true));
        assert_eq!(he.width_160_mhz(), Some(true));
        assert_eq!(he.su_beamformee(), None);
        assert_eq!(he.rx_mcs_80_mhz(), None);
        assert_eq!(HeCapabilities::new(&[]).twt_requester(), None);
    }
}
