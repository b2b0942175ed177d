//! An access point's elements, in the standard's order (Tables 9-32, 9-35 and 9-39; of HE and EHT: IEEE Std 802.11ax-2021
//! and 802.11be-2024).

use super::{ApOptions, capabilities, operation};
use crate::dot11::{
    Band,
    element::{
        DsssParameterSet, ElementId, MobilityDomain, MuEdca, PowerConstraint, Rate, SpatialReuse, Suite, VendorElement,
    },
    emit::{BasicMultiLink, ElementWriter, Rsn},
};

/// OUI of the version element (wlanpi-profiler).
const VERSION_OUI: [u8; 3] = [0x31, 0x41, 0x59];

/// QoS Info of an access point (9.4.1.17): U-APSD, so that stations tell theirs; the first set of EDCA parameters.
const QOS_INFO: u8 = 0x81;

/// A WMM parameter element without its OUI (WMM Specification 1.2.0, 2.2.2), with the parameters that 9.4.2.28 has for
/// stations: best effort, background, video, voice.
const WMM: [u8; 21] = [
    2, 1, 1, QOS_INFO, 0, 0x03, 0xa4, 0, 0, 0x27, 0xa4, 0, 0, 0x42, 0x43, 94, 0, 0x62, 0x32, 47, 0,
];

/// MU EDCA in the order best effort, background, video, voice: who was triggered defers, for 40 times 8 TU.
const MU_EDCA: MuEdca = MuEdca {
    qos_info: QOS_INFO,
    records: [[0x03, 0xa4, 40], [0x27, 0xa4, 40], [0x42, 0x73, 40], [0x62, 0x72, 40]],
};

/// Nobody reuses the channel over this network: what is heard of it is to be heard by all.
const SPATIAL_REUSE: SpatialReuse = SpatialReuse {
    control: 0b11,
    non_srg_max_offset: None,
    group: None,
};

/// In which frames the elements stand that several have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Beacon and probe response.
    Network,
    /// (Re)association response that accepts.
    Association {
        /// The request had a Multi-Link element.
        multi_link: bool,
    },
}

/// Capability Information (9.4.1.4).
pub(super) fn capability(options: &ApOptions) -> u16 {
    // ESS, privacy, radio measurement.
    let capability = 1 | 1 << 4 | 1 << 12;
    // Spectrum management: stations tell their powers and channels.
    let spectrum = u16::from(options.has_country()) << 8;
    // Short preamble, short slot time.
    let short = if options.band() == Band::Ghz2 {
        1 << 5 | 1 << 10
    } else {
        0
    };
    capability | spectrum | short
}

/// The rates of a band: DSSS and OFDM in 2.4 GHz, else OFDM. Those of the basic set are what every station has. In 6 GHz
/// behind them the selector of SAE by hash-to-element alone, as looping is not used there (12.12.2).
pub(super) fn rates(band: Band) -> Vec<Rate> {
    let octets: &[u8] = match band {
        Band::Ghz2 => &[0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 48, 72, 96, 108],
        Band::Ghz5 | Band::Unknown => &[0x8c, 18, 0x98, 36, 0xb0, 72, 96, 108],
        Band::Ghz6 => &[0x8c, 18, 0x98, 36, 0xb0, 72, 96, 108, 0xfb],
    };
    Rate::all(octets).collect()
}

/// What stands in front of a TIM.
pub(super) fn head(options: &ApOptions) -> ElementWriter {
    let (mut out, rates) = (ElementWriter::new(), rates(options.band()));
    out.raw(ElementId::SSID, &options.ssid);
    out.rates(&rates[..8]);
    if options.band() == Band::Ghz2 {
        let channel = options.tuning.channel().number();
        out.put(&DsssParameterSet { channel });
    }
    out
}

/// What stands behind a TIM.
pub(super) fn tail(options: &ApOptions) -> ElementWriter {
    let (mut out, band) = (ElementWriter::new(), options.band());
    if options.has_country() {
        out.put(&operation::country(options));
        out.put(&PowerConstraint {
            decibels: operation::power_constraint(options),
        });
    }
    if band == Band::Ghz2 {
        // No station of 802.11b is there, as far as it matters.
        out.raw(ElementId::ERP, &[0]);
    }
    let more: Vec<u8> = rates(band).iter().skip(8).map(|rate| rate.octet()).collect();
    if !more.is_empty() {
        out.raw(ElementId::EXTENDED_RATES, &more);
    }
    let ieee = |kind| Suite([0x00, 0x0f, 0xac, kind]);
    out.put(&Rsn {
        group: ieee(4),
        // Who can GCMP-256 says so by choosing it.
        pairwise: &[ieee(4), ieee(9)][..if options.security.sae(band) { 2 } else { 1 }],
        akms: &options.security.akms(band),
        capabilities: rsn_capabilities(band),
        pmkids: &[],
        group_management: Some(ieee(6)),
    });
    out.put(&capabilities::radio_measurement());
    if options.security.fast_transition() {
        out.put(&mobility_domain(options));
    }
    out.raw(ElementId::OPERATING_CLASSES, &operation::classes(options.tuning));
    common(options, Place::Network, &mut out);
    out
}

/// RSN Capabilities (9.4.2.24.4): 16 replay counters, and management frame protection, which 6 GHz requires (12.12.2).
fn rsn_capabilities(band: Band) -> u16 {
    0b1100 | u16::from(band == Band::Ghz6) << 6 | 1 << 7
}

/// The mobility domain (9.4.2.46), of this access point alone.
pub(super) fn mobility_domain(options: &ApOptions) -> MobilityDomain {
    let [.., high, low] = options.bssid.0;
    MobilityDomain {
        id: u16::from_be_bytes([high, low]),
        capability: 0,
    }
}

/// From HT Capabilities to the end, which beacons, probe responses and association responses have in one order.
pub(super) fn common(options: &ApOptions, place: Place, out: &mut ElementWriter) {
    let (band, tuning) = (options.band(), options.tuning);
    let network = place == Place::Network;
    if band != Band::Ghz6 {
        out.put(&capabilities::ht(band));
        out.put(&operation::ht(tuning));
    }
    out.put(&capabilities::extended(options));
    if band == Band::Ghz5 {
        out.put(&capabilities::vht());
        out.put(&operation::vht(tuning));
    }
    if network && options.has_country() {
        for envelope in operation::power_envelopes(options) {
            out.put(&envelope);
        }
    }
    if options.security.sae(band) {
        out.put(&capabilities::rsn_extension());
    }
    if options.ax {
        out.put(&capabilities::he(band));
        out.put(&operation::he(options));
        out.put(&SPATIAL_REUSE);
        out.put(&MU_EDCA);
    }
    if band == Band::Ghz6 {
        out.put(&capabilities::six_ghz());
    }
    if options.eht() {
        if options.multi_link && place != (Place::Association { multi_link: false }) {
            out.put(&multi_link(options));
        }
        out.put(&capabilities::eht(band));
        out.put(&operation::eht(tuning));
    }
    out.raw(ElementId::VENDOR, &[&VendorElement::MICROSOFT, &WMM[..]].concat());
    if let Some(version) = options.version_element.as_ref().filter(|_| network) {
        out.raw(ElementId::VENDOR, &version_element(version));
    }
}

/// Basic Multi-Link of an AP MLD of one link, whose address is the MLD's too (IEEE Std 802.11be-2024 35.3.3). EMLSR is
/// supported, so that stations tell theirs.
fn multi_link(options: &ApOptions) -> BasicMultiLink<'static> {
    BasicMultiLink {
        address: options.bssid,
        link: Some(0),
        change_count: Some(0),
        eml: Some(1),
        // One simultaneous link, no negotiation of TIDs to links.
        mld: Some(0),
        ..BasicMultiLink::default()
    }
}

/// The payload of the element by which wlanpi-profiler's users tell a profiler's network from others: its OUI, type 0, then
/// attributes of type, length and value. Attribute 0 is the profiler's version, here with its name; attribute 1, the version
/// of a WLAN Pi's system, is not there.
pub(crate) fn version_element(version: &str) -> Vec<u8> {
    let head = [0, 0, version.len() as u8];
    [&VERSION_OUI, &head[..], version.as_bytes()].concat()
}
