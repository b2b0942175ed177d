//! EHT Capabilities (IEEE Std 802.11be-2024 9.4.2.323), 802.11be.

use super::{EhtMcsMap, HeCapabilities};
use crate::dot11::Bits;

/// EHT MAC Capabilities 2 octets, EHT PHY Capabilities 9, Supported EHT-MCS and NSS Set (by width), PPE thresholds.
#[derive(Clone, Copy, Debug)]
pub struct EhtCapabilities<'a> {
    mac: Bits<'a>,
    phy: Bits<'a>,
    sets: &'a [u8],
}

impl<'a> EhtCapabilities<'a> {
    /// A view of the element's payload, behind the extension id.
    pub fn new(payload: &'a [u8]) -> Self {
        let (mac, rest) = payload.split_at(payload.len().min(2));
        let (phy, sets) = rest.split_at(rest.len().min(9));
        Self {
            mac: Bits(mac),
            phy: Bits(phy),
            sets,
        }
    }

    /// EHT PHY Capabilities Information (9.4.2.322.3).
    pub fn phy(self) -> Bits<'a> {
        self.phy
    }

    /// The set of every width, joined to the highest of each range. The HE element of the same frame says which widths
    /// are there; a station that sends none is taken to be 80 MHz wide.
    pub fn rx_mcs(self, he: Option<HeCapabilities<'_>>) -> EhtMcsMap {
        self.maps(he)
            .map(|(_, rx, _)| rx)
            .fold(EhtMcsMap::default(), EhtMcsMap::max)
    }

    /// Width in MHz, streams of reception and streams of transmission, as far as they are there: `20` alone of a station
    /// that is no wider; else `80` (and less), `160` and `320`, by the HE element of the same frame as in
    /// [`Self::rx_mcs`].
    pub fn maps(self, he: Option<HeCapabilities<'_>>) -> impl Iterator<Item = (&'static str, EhtMcsMap, EhtMcsMap)> {
        let told = [
            ("80", he.is_none_or(HeCapabilities::wider_than_20_mhz)),
            ("160", he.and_then(HeCapabilities::width_160_mhz) == Some(true)),
            ("320", self.width_320_mhz() == Some(true)),
        ];
        let narrow = told.iter().all(|(_, told)| !told);
        let told = told.into_iter().filter_map(|(width, told)| told.then_some(width));
        let widths = narrow.then_some("20").into_iter().chain(told);
        let read = if narrow {
            EhtMcsMap::read_20_mhz_only
        } else {
            EhtMcsMap::read
        };
        let sets = self.sets.chunks_exact(if narrow { 4 } else { 3 });
        widths.zip(sets).filter_map(move |(width, set)| {
            let mut tx = [0; 4];
            tx.iter_mut().zip(set).for_each(|(tx, octet)| *tx = octet >> 4);
            Some((width, read(set)?, read(&tx)?))
        })
    }

    /// EPCS Priority Access Support, MAC bit 0.
    pub fn epcs(self) -> Option<bool> {
        self.mac.get(0)
    }

    /// EHT OM Control Support, MAC bit 1.
    pub fn om_control(self) -> Option<bool> {
        self.mac.get(1)
    }

    /// Restricted TWT Support, MAC bit 4.
    pub fn restricted_twt(self) -> Option<bool> {
        self.mac.get(4)
    }

    /// SCS Traffic Description Support, MAC bit 5.
    pub fn scs_traffic_description(self) -> Option<bool> {
        self.mac.get(5)
    }

    /// Support For 320 MHz In 6 GHz, PHY bit 1.
    pub fn width_320_mhz(self) -> Option<bool> {
        self.phy.get(1)
    }

    /// SU Beamformee, PHY bit 6.
    pub fn su_beamformee(self) -> Option<bool> {
        self.phy.get(6)
    }

    /// Support Of MCS 15, PHY bits 51 to 54, as transmitted.
    pub fn mcs_15(self) -> Option<u8> {
        self.phy.field(51, 4).map(|value| value as u8)
    }

    /// Support Of EHT DUP (MCS 14) In 6 GHz, PHY bit 55.
    pub fn mcs_14(self) -> Option<bool> {
        self.phy.get(55)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn he(widths: u8) -> [u8; 21] {
        let mut payload = [0; 21];
        payload[6] = widths << 1;
        payload
    }

    #[test]
    fn bits() {
        let payload = [0x33, 0, 0x42, 0, 0, 0, 0, 0, 0x80 | 9 << 3, 0, 0];
        let eht = EhtCapabilities::new(&payload);
        assert_eq!((eht.epcs(), eht.om_control()), (Some(true), Some(true)));
        assert_eq!(
            (eht.restricted_twt(), eht.scs_traffic_description()),
            (Some(true), Some(true))
        );
        assert_eq!((eht.width_320_mhz(), eht.su_beamformee()), (Some(true), Some(true)));
        assert_eq!((eht.mcs_15(), eht.mcs_14()), (Some(9), Some(true)));
        assert_eq!(EhtCapabilities::new(&payload[..8]).mcs_14(), None);
    }

    #[test]
    fn sets_by_width() {
        let mut payload = vec![0; 11];
        payload.extend([0x11, 0x11, 0x00, 0x22, 0x22, 0x22, 0x33, 0x33, 0x33]);
        let streams = |payload: &[u8], widths| {
            let map = EhtCapabilities::new(payload).rx_mcs(Some(HeCapabilities::new(&he(widths))));
            (map.streams(), map.ranges())
        };
        assert_eq!(
            streams(&payload, 0b0010),
            (1, "0-9, 10-11".into()),
            "80 MHz: the first set alone"
        );
        assert_eq!(
            streams(&payload, 0b0110),
            (2, "0-9, 10-11, 12-13".into()),
            "and that of 160 MHz"
        );
        payload[2] |= 1 << 1;
        assert_eq!(
            streams(&payload, 0b0110),
            (3, "0-9, 10-11, 12-13".into()),
            "and that of 320 MHz"
        );
        payload[2] = 0;
        payload[11..15].copy_from_slice(&[0x22, 0x22, 0x00, 0x00]);
        assert_eq!(streams(&payload, 0), (2, "0-9".into()), "20 MHz only: four octets");
        assert_eq!(EhtCapabilities::new(&[]).rx_mcs(None), EhtMcsMap::default());
    }
}
