//! The capabilities of a request by the keys of wlanpi-profiler's client JSON (schema 2), in its order and types.

use serde::Serialize;

use crate::dot11::Bits;
use crate::dot11::element::{
    EhtCapabilities, ElementId, Elements, HeCapabilities, HtCapabilities, McsMap, MultiLink, RsnElement, Suite,
    VhtCapabilities, expand_channels, has_operating_class,
};

/// Operating classes of the 6 GHz band (Table E-4).
const SIX_GHZ_CLASSES: std::ops::RangeInclusive<u8> = 131..=137;

/// −1 not reported (the element is absent, or too short for the bit), 0 no, 1 yes; or a field's value as transmitted.
type Report = i8;

/// What a client says that it can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Features {
    /// RM Enabled Capabilities (70) are there: radio measurement.
    pub dot11k: Report,
    /// Mobility Domain (54) is there: fast BSS transition.
    pub dot11r: Report,
    /// Extended Capabilities (127) bit 19: BSS transition management.
    pub dot11v: Report,
    /// Extended Capabilities bit 54: stream classification service.
    pub dot11aa_scs_support: Report,
    /// Extended Capabilities bit 85: mirrored stream classification service.
    pub qos_r1_mscs_support: Report,
    /// RSN (48): type of the group cipher suite of OUI 00-0F-AC, 0 where absent.
    pub group_cipher: u8,
    /// RSN: type of the first such pairwise cipher suite, 0 where absent.
    pub pairwise_cipher: u8,
    /// RSN: type of the first such AKM suite, 0 where absent.
    pub akm: u8,
    /// RSN capabilities bit 7 (MFPC), 0 where absent.
    pub dot11w: Report,
    /// RSN Extension (244) bit 5: SAE hash-to-element.
    pub rsnx_sae_h2e: Report,
    /// HT Capabilities (45) are there; 0 where not.
    pub dot11n: Report,
    /// HT spatial streams with any MCS, 0 where absent.
    pub dot11n_nss: u8,
    /// VHT Capabilities (191) are there; 0 where not.
    pub dot11ac: Report,
    /// VHT spatial streams received, 0 where absent.
    pub dot11ac_nss: u8,
    /// VHT: 160 MHz or 80+80 MHz in any form.
    pub dot11ac_160_mhz: Report,
    /// VHT: ranges of MCS received (0-7, 0-8, 0-9).
    pub dot11ac_mcs: String,
    /// VHT bit 12: SU beamformee.
    pub dot11ac_su_bf: Report,
    /// VHT bit 20: MU beamformee.
    pub dot11ac_mu_bf: Report,
    /// VHT bits 13 to 15: beamformee STS, 0 where absent.
    pub dot11ac_bf_sts: u8,
    /// HE Capabilities (255/35) are there; 0 where not.
    pub dot11ax: Report,
    /// HE spatial streams received at 80 MHz and less, 0 where absent.
    pub dot11ax_nss: u8,
    /// HE: ranges of MCS received (0-7, 0-9, 0-11).
    pub dot11ax_mcs: String,
    /// HE MAC bit 1: TWT requester.
    pub dot11ax_twt: Report,
    /// HE MAC bit 26: uplink OFDMA-based random access.
    pub dot11ax_uora: Report,
    /// HE MAC bit 19: buffer status report.
    pub dot11ax_bsr: Report,
    /// HE PHY bits 8 to 11: any form of punctured preamble reception.
    pub dot11ax_punctured_preamble: Report,
    /// HE PHY bit 32: SU beamformee.
    pub dot11ax_he_su_beamformee: Report,
    /// HE PHY bits 34 to 36: beamformee STS, 0 where absent.
    pub dot11ax_he_beamformee_sts: u8,
    /// HE PHY bit 64: HE ER SU PPDU with 4x HE-LTF and 0.8 µs guard interval (the key's name says less than the bit).
    pub dot11ax_he_er_su_ppdu: Report,
    /// HE 6 GHz Band Capabilities (255/59) are there; 0 where not.
    pub dot11ax_six_ghz: Report,
    /// HE PHY bits 3 and 4: 160 MHz, or 160 and 80+80 MHz.
    pub dot11ax_160_mhz: Report,
    /// EHT Capabilities (255/108) are there; 0 where not.
    pub dot11be: Report,
    /// EHT: highest count of spatial streams received at any width, 0 where absent.
    pub dot11be_nss: u8,
    /// EHT: ranges of MCS received at any width (0-9, 10-11, 12-13).
    pub dot11be_mcs: String,
    /// EHT PHY bit 1: 320 MHz in 6 GHz.
    pub dot11be_320_mhz: Report,
    /// EHT PHY bit 6: SU beamformee.
    pub dot11be_su_beamformee: Report,
    /// EHT MAC bit 0: EPCS priority access.
    pub dot11be_epcs_support: Report,
    /// EHT MAC bit 1: operating mode control.
    pub dot11be_om_support: Report,
    /// EHT MAC bit 4: restricted TWT.
    pub dot11be_rtwt_support: Report,
    /// EHT MAC bit 5: SCS traffic description.
    pub dot11be_scs_traffic_description_support: Report,
    /// EHT PHY bits 51 to 54: MCS 15, as transmitted.
    pub dot11be_mcs15_support: Report,
    /// EHT PHY bit 55: EHT DUP (MCS 14) in 6 GHz.
    pub dot11be_mcs14_support: Report,
    /// Multi-Link (255/107) is there.
    pub dot11be_mle: Report,
    /// Multi-Link: type.
    pub dot11be_mle_mlc_type: Report,
    /// Multi-Link: EML capabilities bit 0, EMLSR.
    pub dot11be_mle_emlsr_support: Report,
    /// Multi-Link: EML capabilities bits 1 to 3.
    pub dot11be_mle_emlsr_padding_delay: Report,
    /// Multi-Link: EML capabilities bits 4 to 6.
    pub dot11be_mle_emlsr_transition_delay: Report,
    /// Multi-Link: EML capabilities bit 7, EMLMR.
    pub dot11be_mle_emlmr_support: Report,
    /// Multi-Link: MLD capabilities bits 0 to 3, simultaneous links less one.
    pub dot11be_mle_max_simultaneous_links: Report,
    /// Multi-Link: MLD capabilities bits 5 and 6.
    pub dot11be_mle_t2lm_negotiation_support: Report,
    /// Multi-Link: MLD capabilities bit 13.
    pub dot11be_mle_link_reconfig_support: Report,
    /// Supported Operating Classes (59) name one of 6 GHz (131 to 137); 0 where not.
    pub six_ghz_operating_class_supported: Report,
    /// Power Capability (33): maximum transmit power in dBm, 0 where absent.
    pub max_power: i8,
    /// Power Capability: minimum transmit power in dBm, 0 where absent.
    pub min_power: i8,
    /// Supported Channels (36), expanded.
    pub supported_channels: Vec<u8>,
}

impl Features {
    /// The newest generation of Wi-Fi (4 to 7) that the client announces, and its spatial streams; `None` for older ones.
    #[must_use]
    pub fn generation(&self) -> Option<(u8, u8)> {
        [
            (self.dot11be, 7, self.dot11be_nss),
            (self.dot11ax, 6, self.dot11ax_nss),
            (self.dot11ac, 5, self.dot11ac_nss),
            (self.dot11n, 4, self.dot11n_nss),
        ]
        .into_iter()
        .find(|(report, ..)| *report == 1)
        .map(|(_, generation, streams)| (generation, streams))
    }

    /// Reads every key from a request's elements.
    pub fn of(elements: &Elements<'_>) -> Self {
        let mut features = Self::default();
        features.read_elements_of_old(elements);
        features.read_rsn(elements);
        features.read_ht_and_vht(elements);
        features.read_he(elements);
        features.read_eht(elements);
        features.read_multi_link(elements);
        features
    }

    fn read_elements_of_old(&mut self, elements: &Elements<'_>) {
        let bit = |id, n| report(elements.first(id).and_then(|payload| Bits(payload).get(n)));
        self.dot11k = report(elements.first(ElementId::RM_CAPABILITIES).map(|_| true));
        self.dot11r = report(elements.first(ElementId::MOBILITY_DOMAIN).map(|_| true));
        self.dot11v = bit(ElementId::EXTENDED_CAPABILITIES, 19);
        self.dot11aa_scs_support = bit(ElementId::EXTENDED_CAPABILITIES, 54);
        self.qos_r1_mscs_support = bit(ElementId::EXTENDED_CAPABILITIES, 85);
        self.rsnx_sae_h2e = bit(ElementId::RSNX, 5);
        self.six_ghz_operating_class_supported = elements
            .first(ElementId::OPERATING_CLASSES)
            .is_some_and(|payload| has_operating_class(payload, SIX_GHZ_CLASSES))
            .into();
        if let Some(&[min, max, ..]) = elements.first(ElementId::POWER_CAPABILITY) {
            (self.min_power, self.max_power) = (min.cast_signed(), max.cast_signed());
        }
        if let Some(payload) = elements.first(ElementId::SUPPORTED_CHANNELS) {
            self.supported_channels = expand_channels(payload);
        }
    }

    fn read_rsn(&mut self, elements: &Elements<'_>) {
        let Some(payload) = elements.first(ElementId::RSN) else {
            return;
        };
        let rsn = RsnElement::new(payload);
        self.group_cipher = rsn.group().and_then(Suite::ieee).unwrap_or(0);
        self.pairwise_cipher = rsn.pairwise().find_map(Suite::ieee).unwrap_or(0);
        self.akm = rsn.akms().find_map(Suite::ieee).unwrap_or(0);
        self.dot11w = rsn.protection_capable().unwrap_or(false).into();
    }

    fn read_ht_and_vht(&mut self, elements: &Elements<'_>) {
        let ht = elements.first(ElementId::HT_CAPABILITIES).map(HtCapabilities::new);
        self.dot11n = ht.is_some().into();
        self.dot11n_nss = ht.map_or(0, HtCapabilities::streams);

        let vht = elements.first(ElementId::VHT_CAPABILITIES).map(VhtCapabilities::new);
        let map = vht.and_then(VhtCapabilities::rx_mcs);
        self.dot11ac = vht.is_some().into();
        self.dot11ac_nss = map.map_or(0, McsMap::streams);
        self.dot11ac_160_mhz = report(vht.and_then(VhtCapabilities::width_160_mhz));
        self.dot11ac_mcs = map.map_or_else(String::new, |map| map.ranges(VhtCapabilities::MCS));
        self.dot11ac_su_bf = report(vht.and_then(VhtCapabilities::su_beamformee));
        self.dot11ac_mu_bf = report(vht.and_then(VhtCapabilities::mu_beamformee));
        self.dot11ac_bf_sts = vht.and_then(VhtCapabilities::beamformee_sts).unwrap_or(0);
    }

    fn read_he(&mut self, elements: &Elements<'_>) {
        let he = elements.first(ElementId::HE_CAPABILITIES).map(HeCapabilities::new);
        let map = he.and_then(HeCapabilities::rx_mcs_80_mhz);
        self.dot11ax = he.is_some().into();
        self.dot11ax_nss = map.map_or(0, McsMap::streams);
        self.dot11ax_mcs = map.map_or_else(String::new, |map| map.ranges(HeCapabilities::MCS));
        self.dot11ax_twt = report(he.and_then(HeCapabilities::twt_requester));
        self.dot11ax_uora = report(he.and_then(HeCapabilities::uora));
        self.dot11ax_bsr = report(he.and_then(HeCapabilities::bsr));
        self.dot11ax_punctured_preamble = report(he.and_then(HeCapabilities::punctured_preamble));
        self.dot11ax_he_su_beamformee = report(he.and_then(HeCapabilities::su_beamformee));
        self.dot11ax_he_beamformee_sts = he.and_then(HeCapabilities::beamformee_sts).unwrap_or(0);
        self.dot11ax_he_er_su_ppdu = report(he.and_then(HeCapabilities::er_su_ppdu_4x_ltf));
        self.dot11ax_six_ghz = elements.first(ElementId::HE_6_GHZ).is_some().into();
        self.dot11ax_160_mhz = report(he.and_then(HeCapabilities::width_160_mhz));
    }

    fn read_eht(&mut self, elements: &Elements<'_>) {
        let he = elements.first(ElementId::HE_CAPABILITIES).map(HeCapabilities::new);
        let eht = elements.first(ElementId::EHT_CAPABILITIES).map(EhtCapabilities::new);
        let map = eht.map(|eht| eht.rx_mcs(he)).unwrap_or_default();
        self.dot11be = eht.is_some().into();
        self.dot11be_nss = map.streams();
        self.dot11be_mcs = map.ranges();
        self.dot11be_320_mhz = report(eht.and_then(EhtCapabilities::width_320_mhz));
        self.dot11be_su_beamformee = report(eht.and_then(EhtCapabilities::su_beamformee));
        self.dot11be_epcs_support = report(eht.and_then(EhtCapabilities::epcs));
        self.dot11be_om_support = report(eht.and_then(EhtCapabilities::om_control));
        self.dot11be_rtwt_support = report(eht.and_then(EhtCapabilities::restricted_twt));
        self.dot11be_scs_traffic_description_support = report(eht.and_then(EhtCapabilities::scs_traffic_description));
        self.dot11be_mcs15_support = value(eht.and_then(EhtCapabilities::mcs_15));
        self.dot11be_mcs14_support = report(eht.and_then(EhtCapabilities::mcs_14));
    }

    fn read_multi_link(&mut self, elements: &Elements<'_>) {
        let link = elements.multi_link();
        self.dot11be_mle = report(link.map(|_| true));
        self.dot11be_mle_mlc_type = value(link.and_then(MultiLink::kind));
        self.dot11be_mle_emlsr_support = report(link.and_then(MultiLink::emlsr));
        self.dot11be_mle_emlsr_padding_delay = value(link.and_then(MultiLink::emlsr_padding_delay));
        self.dot11be_mle_emlsr_transition_delay = value(link.and_then(MultiLink::emlsr_transition_delay));
        self.dot11be_mle_emlmr_support = report(link.and_then(MultiLink::emlmr));
        self.dot11be_mle_max_simultaneous_links = value(link.and_then(MultiLink::simultaneous_links));
        self.dot11be_mle_t2lm_negotiation_support = value(link.and_then(MultiLink::t2lm_negotiation));
        self.dot11be_mle_link_reconfig_support = report(link.and_then(MultiLink::link_reconfiguration));
    }
}

fn report(bit: Option<bool>) -> Report {
    bit.map_or(-1, Report::from)
}

/// A field of four bits at the most.
fn value(field: Option<u8>) -> Report {
    field.map_or(-1, u8::cast_signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reported() {
        let features = Features::of(&Elements::default());
        let json = serde_json::to_value(&features).unwrap();
        let object = json.as_object().unwrap();
        assert_eq!(object.len(), 55);
        for key in [
            "dot11k",
            "dot11r",
            "dot11ac_160_mhz",
            "dot11ax_twt",
            "dot11be_mle",
            "rsnx_sae_h2e",
        ] {
            assert_eq!(object[key], -1, "{key}");
        }
        for key in [
            "akm",
            "dot11w",
            "dot11n",
            "dot11ac_bf_sts",
            "dot11ax_six_ghz",
            "max_power",
        ] {
            assert_eq!(object[key], 0, "{key}");
        }
        assert_eq!(object["dot11be_mcs"], "");
        assert_eq!(object["supported_channels"], serde_json::json!([]));
    }

    #[test]
    fn bits_that_the_element_is_too_short_for() {
        let of = |octets: &[u8]| Features::of(&Elements::parse(octets));
        let two = of(&[127, 2, 0xff, 0xff]);
        assert_eq!((two.dot11v, two.dot11aa_scs_support), (-1, -1));
        let seven = of(&[127, 7, 0, 0, 8, 0, 0, 0, 0x40]);
        assert_eq!(
            (seven.dot11v, seven.dot11aa_scs_support, seven.qos_r1_mscs_support),
            (1, 1, -1)
        );
        let eleven = of(&[127, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20]);
        assert_eq!((eleven.dot11v, eleven.qos_r1_mscs_support), (0, 1));
        assert_eq!(of(&[244, 1, 0x20]).rsnx_sae_h2e, 1);
        assert_eq!(of(&[244, 0]).rsnx_sae_h2e, -1);
        assert_eq!(of(&[33, 2, 0xf7, 0xfe]).max_power, -2);
        assert_eq!(of(&[33, 1, 0xf7]).min_power, 0);
        assert_eq!(of(&[48, 2, 1, 0]).dot11w, 0);
        assert_eq!(of(&[255, 1, 35]).dot11ax, 1);
        assert_eq!(of(&[59, 1, 137]).six_ghz_operating_class_supported, 1);
    }
}
