//! What the radio of one link can do, in the numbers of the standard: what wlanpi-profiler's keys leave out.

use serde::{Serialize, Serializer};

use super::phy::{EhtPhy, HePhy};
use crate::dot11::element::{
    EhtCapabilities, ElementId, Elements, HeCapabilities, HtCapabilities, McsMap, VendorElement, VhtCapabilities,
};

/// Capabilities by generation; of an absent element there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Radio {
    /// Supported rates in units of 500 kb/s (9.4.2.3, 9.4.2.12), as the elements list them; in JSON in Mb/s.
    #[serde(serialize_with = "in_mbps")]
    pub rates: Vec<u8>,
    /// BSS membership selectors among them (Table 9-129): 127 HT, 126 VHT, 123 SAE hash-to-element only, 122 HE.
    pub membership_selectors: Vec<u8>,
    /// A WMM element is there (Wi-Fi Alliance, OUI 00-50-F2 type 2).
    pub wmm: bool,
    /// HT, 802.11n.
    pub ht: Option<Ht>,
    /// VHT, 802.11ac.
    pub vht: Option<Vht>,
    /// HE, 802.11ax, by width.
    pub he: Vec<Width>,
    /// EHT, 802.11be, by width.
    pub eht: Vec<Width>,
    /// HE PHY capabilities.
    pub he_phy: Option<HePhy>,
    /// EHT PHY capabilities.
    pub eht_phy: Option<EhtPhy>,
    /// Supported Operating Classes (9.4.2.53): the current one, then the others, as the element lists them.
    pub operating_classes: Vec<u8>,
}

/// HT Capabilities (9.4.2.55); what the element is too short for is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ht {
    /// 40 MHz beside 20 MHz.
    pub width_40_mhz: Option<bool>,
    /// Receives with short guard interval at 20 MHz.
    pub short_gi_20_mhz: Option<bool>,
    /// And at 40 MHz.
    pub short_gi_40_mhz: Option<bool>,
    /// Receives LDPC.
    pub ldpc: Option<bool>,
    /// Sends STBC.
    pub tx_stbc: Option<bool>,
    /// Streams of STBC that it receives, 0 to 3.
    pub rx_stbc: Option<u8>,
    /// MCS that it receives, of 0 to 76.
    pub mcs: Vec<u8>,
}

/// VHT Capabilities (9.4.2.157); what the element is too short for is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Vht {
    /// Supported Channel Width Set, as transmitted: 1 is 160 MHz, 2 is 80+80 MHz too.
    pub width_set: Option<u8>,
    /// Extended NSS BW Support, as transmitted (Table 9-271).
    pub extended_nss_bw: Option<u8>,
    /// Receives with short guard interval at 80 MHz.
    pub short_gi_80_mhz: Option<bool>,
    /// And at 160 and 80+80 MHz.
    pub short_gi_160_mhz: Option<bool>,
    /// Receives LDPC.
    pub ldpc: Option<bool>,
    /// Sends STBC.
    pub tx_stbc: Option<bool>,
    /// Streams of STBC that it receives, 0 to 4.
    pub rx_stbc: Option<u8>,
    /// Reception, at every width.
    pub rx: Highest,
    /// Transmission, at every width.
    pub tx: Highest,
}

/// The highest MCS with one spatial stream, with two, and so on.
pub type Highest = Vec<Option<u8>>;

/// One width's set of MCS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Width {
    /// In MHz; `80` is up to 80, but `20` where the station is no wider than that.
    pub width: &'static str,
    /// Reception.
    pub rx: Highest,
    /// Transmission.
    pub tx: Highest,
}

impl Radio {
    /// Reads the elements of a request or of a link.
    pub fn of(elements: &Elements<'_>) -> Self {
        let listed = [ElementId::SUPPORTED_RATES, ElementId::EXTENDED_RATES]
            .into_iter()
            .filter_map(|id| elements.first(id))
            .flatten();
        // The highest bit says basic, 108 is 54 Mb/s: selectors are beyond.
        let (rates, membership_selectors) = listed.map(|rate| rate & 0x7f).partition(|&rate| rate <= 108);
        let he = elements.first(ElementId::HE_CAPABILITIES).map(HeCapabilities::new);
        let eht = elements.first(ElementId::EHT_CAPABILITIES).map(EhtCapabilities::new);
        Self {
            rates,
            membership_selectors,
            wmm: elements.vendors().any(VendorElement::is_wmm),
            ht: elements
                .first(ElementId::HT_CAPABILITIES)
                .map(|payload| Ht::of(HtCapabilities::new(payload))),
            vht: elements
                .first(ElementId::VHT_CAPABILITIES)
                .map(|payload| Vht::of(VhtCapabilities::new(payload))),
            he: he.map(he_widths).unwrap_or_default(),
            eht: eht.map(|eht| eht_widths(eht, he)).unwrap_or_default(),
            he_phy: he.map(HePhy::of),
            eht_phy: eht.map(EhtPhy::of),
            operating_classes: elements
                .first(ElementId::OPERATING_CLASSES)
                .map(operating_classes)
                .unwrap_or_default(),
        }
    }
}

/// Up to a Zero delimiter, behind which classes come with channels (9.4.2.53). Octet 130 would be a delimiter too, of classes
/// in pairs, but it is a class (80+80 MHz) as well, and clients that can do it list it among the others, with classes
/// behind it: it ends nothing here. tshark takes it for the delimiter.
fn operating_classes(payload: &[u8]) -> Vec<u8> {
    payload.iter().copied().take_while(|&class| class != 0).collect()
}

impl Ht {
    fn of(ht: HtCapabilities<'_>) -> Self {
        let bits = ht.information();
        Self {
            width_40_mhz: bits.get(1),
            short_gi_20_mhz: bits.get(5),
            short_gi_40_mhz: bits.get(6),
            ldpc: bits.get(0),
            tx_stbc: bits.get(7),
            rx_stbc: bits.field(8, 2).map(|streams| streams as u8),
            mcs: ht.mcs().collect(),
        }
    }
}

impl Vht {
    fn of(vht: VhtCapabilities<'_>) -> Self {
        let bits = vht.information();
        let field = |n, width| bits.field(n, width).map(|value| value as u8);
        let highest = |map: Option<McsMap>| map.map(|map| map.highest(VhtCapabilities::HIGHEST)).unwrap_or_default();
        Self {
            width_set: field(2, 2),
            extended_nss_bw: field(30, 2),
            short_gi_80_mhz: bits.get(5),
            short_gi_160_mhz: bits.get(6),
            ldpc: bits.get(4),
            tx_stbc: bits.get(7),
            rx_stbc: field(8, 3),
            rx: highest(vht.rx_mcs()),
            tx: highest(vht.tx_mcs()),
        }
    }
}

fn he_widths(he: HeCapabilities<'_>) -> Vec<Width> {
    he.maps()
        .map(|(width, rx, tx)| Width {
            width,
            rx: rx.highest(HeCapabilities::HIGHEST),
            tx: tx.highest(HeCapabilities::HIGHEST),
        })
        .collect()
}

fn eht_widths(eht: EhtCapabilities<'_>, he: Option<HeCapabilities<'_>>) -> Vec<Width> {
    eht.maps(he)
        .map(|(width, rx, tx)| Width {
            width,
            rx: rx.highest(),
            tx: tx.highest(),
        })
        .collect()
}

/// `[6, 5.5]` for 12 and 11.
fn in_mbps<S: Serializer>(rates: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rates.iter().map(|&rate| match rate % 2 {
        0 => serde_json::Value::from(rate / 2),
        _ => serde_json::Value::from(f64::from(rate) / 2.0),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(elements: &[u8]) -> Radio {
        Radio::of(&Elements::parse(elements))
    }

    #[test]
    fn rates_and_wmm() {
        let radio = of(&[
            1, 4, 0x82, 0x84, 0x8b, 0x96, 50, 3, 12, 108, 0xff, 221, 7, 0, 0x50, 0xf2, 2, 0, 1, 0,
        ]);
        let json = serde_json::to_value(&radio).unwrap();
        assert_eq!(json["rates"], json!([1, 2, 5.5, 11, 6, 54]));
        assert_eq!((&radio.membership_selectors[..], radio.wmm), (&[127][..], true));
        assert_eq!(of(&[221, 4, 0, 0x50, 0xf2, 1]), Radio::default());
    }

    #[test]
    fn class_130_is_one_of_the_classes() {
        let radio = of(&[59, 7, 128, 81, 130, 131, 0, 1, 36]);
        assert_eq!(radio.operating_classes, [128, 81, 130, 131]);
    }

    #[test]
    fn ht() {
        // LDPC, 40 MHz, short GI at 20, Rx STBC of one stream; MCS 0 to 7 and 32.
        let mut elements = vec![45, 26, 0x23, 0x01, 0x17, 0xff, 0, 0, 0, 1];
        elements.resize(28, 0);
        let expected = Ht {
            width_40_mhz: Some(true),
            short_gi_20_mhz: Some(true),
            short_gi_40_mhz: Some(false),
            ldpc: Some(true),
            tx_stbc: Some(false),
            rx_stbc: Some(1),
            mcs: vec![0, 1, 2, 3, 4, 5, 6, 7, 32],
        };
        assert_eq!(of(&elements).ht, Some(expected));
        assert_eq!(of(&[45, 0]).ht, Some(Ht::default()));
    }

    #[test]
    fn vht() {
        // 160 MHz, LDPC, short GI at 80, Rx STBC of one stream; receives two streams and sends one.
        let vht = [191, 12, 0x34, 0x01, 0, 0x40, 0xfa, 0xff, 0, 0, 0xfd, 0xff, 0, 0];
        let expected = Vht {
            width_set: Some(1),
            extended_nss_bw: Some(1),
            short_gi_80_mhz: Some(true),
            short_gi_160_mhz: Some(false),
            ldpc: Some(true),
            tx_stbc: Some(false),
            rx_stbc: Some(1),
            rx: vec![Some(9), Some(9)],
            tx: vec![Some(8)],
        };
        assert_eq!(of(&vht).vht, Some(expected));
        assert_eq!(of(&[191, 0]).vht, Some(Vht::default()));
    }

    #[test]
    fn he_and_eht_by_width() {
        let mut elements = vec![255, 1 + 6 + 11 + 8, 35];
        elements.extend([0; 17]);
        elements[3 + 6] = 1 << 2 | 1 << 3;
        elements.extend([0xfa, 0xff, 0xfe, 0xff, 0xf5, 0xff, 0xff, 0xff]);
        elements.extend([255, 1 + 11 + 9, 108]);
        let at = elements.len();
        elements.extend([0; 11]);
        elements[at + 2] = 1 << 1;
        elements.extend([0x12, 0x12, 0x01, 0x22, 0x22, 0x22, 0x11, 0x00, 0x00]);
        let width = |width, rx: &[u8], tx: &[u8]| Width {
            width,
            rx: rx.iter().copied().map(Some).collect(),
            tx: tx.iter().copied().map(Some).collect(),
        };
        let radio = of(&elements);
        assert_eq!(radio.he, [width("80", &[11, 11], &[11]), width("160", &[9, 9], &[])]);
        assert_eq!(
            radio.eht,
            [
                width("80", &[13, 11], &[11]),
                width("160", &[13, 13], &[13, 13]),
                width("320", &[9], &[9])
            ]
        );
    }

    proptest! {
        #[test]
        fn any_octets(octets: Vec<u8>, ids in prop::collection::vec(prop::sample::select(vec![1, 45, 50, 191, 221, 255]), 4)) {
            let mut elements = Vec::new();
            for (id, payload) in ids.into_iter().zip(octets.chunks(40)) {
                elements.extend([id, payload.len() as u8]);
                elements.extend(payload);
            }
            let radio = of(&elements);
            prop_assert!(radio.he.len() <= 3 && radio.eht.len() <= 3);
        }
    }
}
