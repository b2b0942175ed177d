//! What an access point answers to one station.

use super::{ApOptions, capabilities, elements};
use crate::dot11::{
    element::{FastBssTransition, TimeoutInterval},
    emit::{BasicMultiLink, ElementWriter},
    frame::RequestKind,
};

/// An authentication frame's content (9.3.3.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthenticationReply<'a> {
    /// Authentication Algorithm Number: 0 open system, 2 FT, 3 SAE.
    pub algorithm: u16,
    /// Authentication Transaction Sequence Number.
    pub transaction: u16,
    /// Status Code.
    pub status: u16,
    /// Fields of the algorithm, in front of the elements.
    pub fields: &'a [u8],
    /// The algorithm's elements, as [`ElementWriter`] makes them.
    pub elements: &'a [u8],
    /// The station authenticates as an MLD: the answer names the AP's (IEEE Std 802.11be-2024 35.3.5.1).
    pub multi_link: bool,
}

/// A (re)association response's content (9.3.3.6, 9.3.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssociationReply {
    /// What is answered.
    pub kind: RequestKind,
    /// Status Code: 0 accepts.
    pub status: u16,
    /// Association identifier, 1 to 2007; 0 where it refuses.
    pub aid: u16,
    /// The station chose an AKM of FT: the answer names the holders of its keys (13.4.2).
    pub fast_transition: bool,
    /// The request had a Multi-Link element.
    pub multi_link: bool,
    /// With status 30: TU until the station may come back.
    pub comeback: Option<u32>,
}

impl AuthenticationReply<'_> {
    pub(super) fn elements(&self, options: &ApOptions) -> Vec<u8> {
        let mut multi_link = ElementWriter::new();
        if self.multi_link && options.multi_link {
            multi_link.put(&BasicMultiLink {
                address: options.bssid,
                ..BasicMultiLink::default()
            });
        }
        [self.elements, multi_link.octets()].concat()
    }
}

impl AssociationReply {
    /// The elements in the order of Table 9-35.
    pub(super) fn elements(&self, options: &ApOptions) -> ElementWriter {
        let mut out = ElementWriter::new();
        let rates = elements::rates(options.band());
        out.rates(&rates);
        if self.status != 0 {
            if let Some(value) = self.comeback {
                out.put(&TimeoutInterval {
                    kind: TimeoutInterval::COMEBACK,
                    value,
                });
            }
            return out;
        }
        out.put(&capabilities::radio_measurement());
        if self.fast_transition && options.security.fast_transition() {
            out.put(&elements::mobility_domain(options));
            out.put(&FastBssTransition {
                control: 0,
                mic: vec![0; 16],
                anonce: [0; 32],
                snonce: [0; 32],
                subelements: vec![
                    (FastBssTransition::R1KH_ID, options.bssid.0.to_vec()),
                    (FastBssTransition::R0KH_ID, options.bssid.0.to_vec()),
                ],
            });
        }
        let multi_link = self.multi_link;
        elements::common(options, elements::Place::Association { multi_link }, &mut out);
        out
    }
}
