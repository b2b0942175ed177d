//! Probe requests heard before a client associates.

use super::{Profile, recent::Recent, signature::signature_of};
use crate::dot11::{
    Address,
    element::Parts,
    frame::{Management, ProbeRequest},
    link::LinkType,
};

/// Octets of vendor elements that are kept of a probe request.
const MOST_VENDORS: usize = 1024;

/// The last probe request of each station, for as many stations as fit; the one first heard gives way.
#[derive(Debug)]
pub struct Probes {
    heard: Recent<Address, Heard>,
}

/// What is kept of a probe request.
#[derive(Clone, Debug)]
struct Heard {
    signature: String,
    /// Its vendor elements, as many as fit.
    vendors: Vec<u8>,
}

impl Probes {
    /// Keeps the requests of `most` stations, some 5 KiB each at the most.
    pub fn new(most: usize) -> Self {
        Self {
            heard: Recent::new(most),
        }
    }

    /// Takes a packet, `original` octets long on the wire, if it is a whole and undamaged probe request.
    pub fn hear(&mut self, link_type: LinkType, packet: &[u8], original: usize) {
        let Ok(link) = link_type.parse(packet) else { return };
        if link.bad_fcs || original > packet.len() {
            return;
        }
        let header = Management::new(link.frame(packet, original));
        let Ok(request) = header.and_then(ProbeRequest::new) else {
            return;
        };
        let station = request.header.source();
        let heard = Heard {
            signature: signature_of(request.elements),
            vendors: vendors(request.elements),
        };
        self.heard.insert(station, heard);
    }

    /// Stations whose requests gave way to later ones.
    pub fn forgotten(&self) -> u64 {
        self.heard.forgotten()
    }

    /// Tells a profile what its station probed with.
    pub fn join(&self, profile: &mut Profile) {
        let heard = self.heard.get(profile.mac).cloned();
        (profile.signature.probe, profile.probe_vendors) = heard.map(|heard| (heard.signature, heard.vendors)).unzip();
    }
}

/// The vendor elements among these, as they stand there.
fn vendors(elements: &[u8]) -> Vec<u8> {
    let mut vendors = Vec::new();
    let mut parts = Parts::of_elements(elements);
    while let Some(Ok((id, payload))) = parts.next() {
        if id == 221 && vendors.len() + payload.len() + 2 <= MOST_VENDORS {
            vendors.extend([id, payload.len() as u8]);
            vendors.extend(payload);
        }
    }
    vendors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::{packet, profile};

    /// A probe request of 02:00:00:00:00:`station` with these elements.
    fn probe(station: u8, elements: &[u8]) -> Vec<u8> {
        let mut probe = packet(&[]);
        probe.truncate(15 + 24);
        probe[15] = 0x40;
        probe[15 + 15] = station;
        probe.extend(elements);
        probe
    }

    fn hear(probes: &mut Probes, packet: &[u8]) {
        probes.hear(LinkType::Radiotap, packet, packet.len());
    }

    #[test]
    fn the_last_of_the_same_station() {
        let mut probes = Probes::new(2);
        let mut profile = profile(&[0, 0]);
        hear(&mut probes, &probe(3, &[1, 0]));
        hear(&mut probes, &packet(&[1, 0]));
        probes.join(&mut profile);
        assert_eq!(profile.signature.joined(), None);
        hear(&mut probes, &probe(2, &[1, 0]));
        hear(&mut probes, &probe(2, &[0, 0, 1, 0]));
        let mut bad = probe(2, &[]);
        bad[8] = 0x40;
        hear(&mut probes, &bad);
        let cut = probe(2, &[7, 0]);
        probes.hear(LinkType::Radiotap, &cut, cut.len() + 1);
        probes.join(&mut profile);
        assert_eq!(profile.signature.joined().as_deref(), Some("wifi4|probe:0,1|assoc:0"));
    }

    #[test]
    fn no_more_stations_than_fit() {
        let mut probes = Probes::new(2);
        let mut profile = profile(&[]);
        for station in [2, 3, 2, 4] {
            hear(&mut probes, &probe(station, &[1, 0]));
        }
        probes.join(&mut profile);
        assert_eq!(profile.signature.probe, None, "first heard, first forgotten");
        hear(&mut Probes::new(0), &probe(2, &[]));
    }

    #[test]
    fn the_vendor_elements_too() {
        let mut probes = Probes::new(1);
        let mut profile = profile(&[]);
        let mut elements = vec![0, 0, 221, 4, 0x50, 0x6f, 0x9a, 16, 1, 0];
        hear(&mut probes, &probe(2, &elements));
        probes.join(&mut profile);
        assert_eq!(profile.probe_vendors.as_deref(), Some(&elements[2..8]));
        for _ in 0..9 {
            elements.extend([221, 253]);
            elements.extend([7; 253]);
        }
        hear(&mut probes, &probe(2, &elements));
        probes.join(&mut profile);
        assert_eq!(profile.probe_vendors.map(|vendors| vendors.len()), Some(6 + 3 * 255));
    }
}
