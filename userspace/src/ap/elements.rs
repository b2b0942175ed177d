//! An access point's elements, in the standard's order (Tables 9-32, 9-35 and 9-39).

use super::ApOptions;
use crate::dot11::{
    Band,
    element::{
        Country, CountryTriplet, DsssParameterSet, ElementId, MobilityDomain, PowerConstraint, Rate, Suite,
        VendorElement,
    },
    emit::{ElementWriter, Rsn},
};

/// RM Enabled Capabilities (9.4.2.44): link measurement, neighbor reports, and beacon measurement of every kind.
pub(super) const RADIO_MEASUREMENT: [u8; 5] = [0x73, 0, 0, 0, 0];

/// OUI of the version element, and its type (wlanpi-profiler).
const VERSION_OUI: [u8; 3] = [0x31, 0x41, 0x59];

/// WMM parameters (WMM Specification 1.2.0, 2.2.2): U-APSD, and what the specification has for access points to announce.
const WMM: [u8; 24] = [
    0x00, 0x50, 0xf2, 2, 1, 1, 0x81, 0, 0x03, 0xa4, 0, 0, 0x27, 0xa4, 0, 0, 0x42, 0x43, 0x5e, 0, 0x62, 0x32, 0x2f, 0,
];

/// In which frame elements stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Beacon and probe response.
    Beacon,
    /// (Re)association response that accepts.
    Association {
        /// With Multi-Link.
        multi_link: bool,
    },
}

/// Capability Information (9.4.1.4).
pub(super) fn capability(options: &ApOptions) -> u16 {
    // ESS, privacy and radio measurement.
    let mut capability = 1 | 1 << 4 | 1 << 12;
    if has_country(options) {
        // Spectrum management: stations tell their power and channels.
        capability |= 1 << 8;
    }
    if options.band() == Band::Ghz2 {
        // Short preamble, short slot time.
        capability |= 1 << 5 | 1 << 10;
    }
    capability
}

fn has_country(options: &ApOptions) -> bool {
    options.country != *b"00"
}

/// The rates of a band: DSSS and OFDM in 2.4 GHz, else OFDM.
pub(super) fn rates(band: Band) -> Vec<Rate> {
    let octets: &[u8] = if band == Band::Ghz2 {
        &[0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 48, 72, 96, 108]
    } else {
        &[0x8c, 18, 0x98, 36, 0xb0, 72, 96, 108]
    };
    Rate::all(octets).collect()
}

/// What stands in front of a TIM.
pub(super) fn head(options: &ApOptions) -> ElementWriter {
    let (mut out, band) = (ElementWriter::new(), options.band());
    let rates = rates(band);
    out.raw(ElementId::SSID, &options.ssid);
    out.rates(&rates[..rates.len().min(8)]);
    if band == Band::Ghz2 {
        out.put(&DsssParameterSet {
            channel: options.tuning.channel().number(),
        });
    }
    out
}

/// What stands behind a TIM.
pub(super) fn tail(options: &ApOptions) -> ElementWriter {
    let (mut out, band) = (ElementWriter::new(), options.band());
    if has_country(options) {
        out.put(&country(options));
        out.put(&PowerConstraint { decibels: 0 });
    }
    if band == Band::Ghz2 {
        out.raw(ElementId::ERP, &[0]);
        let more: Vec<u8> = rates(band)[8..].iter().map(|rate| rate.octet()).collect();
        out.raw(ElementId::EXTENDED_RATES, &more);
    }
    let ccmp = Suite([0x00, 0x0f, 0xac, 4]);
    out.put(&Rsn {
        group: ccmp,
        pairwise: &[ccmp],
        akms: &options.security.akms(band),
        capabilities: rsn_capabilities(options),
        pmkids: &[],
        group_management: Some(Suite([0x00, 0x0f, 0xac, 6])),
    });
    out.raw(ElementId::RM_CAPABILITIES, &RADIO_MEASUREMENT);
    if options.security.fast_transition() {
        out.put(&mobility_domain(options));
    }
    capabilities(options, Place::Beacon, &mut out);
    out
}

/// RSN Capabilities (9.4.2.24.4): 16 replay counters, management frame protection, required in 6 GHz (12.12.2).
fn rsn_capabilities(options: &ApOptions) -> u16 {
    let required = u16::from(options.band() == Band::Ghz6) << 6;
    0x0c | required | 1 << 7
}

/// The mobility domain (9.4.2.46), one that is only this access point's.
pub(super) fn mobility_domain(options: &ApOptions) -> MobilityDomain {
    let [.., high, low] = options.bssid.0;
    MobilityDomain {
        id: u16::from_be_bytes([high, low]),
        capability: 0,
    }
}

/// Country (9.4.2.8).
fn country(options: &ApOptions) -> Country {
    let [first, second] = options.country;
    let subbands = &options.subbands;
    Country {
        string: [first, second, if options.band() == Band::Ghz6 { 4 } else { b' ' }],
        triplets: if subbands.is_empty() {
            vec![CountryTriplet::Subband {
                first: options.tuning.channel().number(),
                channels: 1,
                max_power: options.max_power,
            }]
        } else {
            subbands.clone()
        },
    }
}

/// From HT Capabilities to the end.
pub(super) fn capabilities(options: &ApOptions, place: Place, out: &mut ElementWriter) {
    if options.security.sae(options.band()) {
        // SAE hash-to-element.
        out.raw(ElementId::RSNX, &[0x20]);
    }
    out.raw(ElementId::VENDOR, &WMM);
    if place == Place::Beacon
        && let Some(version) = &options.version_element
    {
        out.raw(ElementId::VENDOR, &version_element(version));
    }
}

/// The element by which wlanpi-profiler's users tell a profiler's network from others: type 0, then attributes of type,
/// length and value. Attribute 0 is the profiler's version; attribute 1, the version of that system, has no counterpart here.
pub(crate) fn version_element(version: &str) -> Vec<u8> {
    let mut payload = VERSION_OUI.to_vec();
    payload.extend([0, 0, version.len() as u8]);
    payload.extend(version.as_bytes());
    debug_assert!(VendorElement::new(&payload).is_some());
    payload
}
