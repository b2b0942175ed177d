//! Probe requests heard before a client associates.

use std::collections::{HashMap, VecDeque};

use super::{Profile, signature::signature_of};
use crate::dot11::{
    Address,
    frame::{Management, ProbeRequest},
    link::LinkType,
};

/// The signature of the last probe request of each station, for as many stations as fit; the one first heard gives way.
#[derive(Debug)]
pub struct Probes {
    signatures: HashMap<Address, String>,
    /// The stations by when they were first heard.
    order: VecDeque<Address>,
    most: usize,
}

impl Probes {
    /// Keeps signatures of `most` stations, some 4 KiB each at the most.
    pub fn new(most: usize) -> Self {
        Self {
            signatures: HashMap::new(),
            order: VecDeque::new(),
            most,
        }
    }

    /// Takes a packet, `original` octets long on the wire, if it is a whole and undamaged probe request.
    pub fn hear(&mut self, link_type: LinkType, packet: &[u8], original: usize) {
        let Ok(link) = link_type.parse(packet) else { return };
        if link.bad_fcs || original > packet.len() || self.most == 0 {
            return;
        }
        let header = Management::new(link.frame(packet, original));
        let Ok(request) = header.and_then(ProbeRequest::new) else {
            return;
        };
        let station = request.header.source();
        let signature = signature_of(request.elements);
        if self.signatures.insert(station, signature).is_none() {
            if self.order.len() == self.most
                && let Some(oldest) = self.order.pop_front()
            {
                self.signatures.remove(&oldest);
            }
            self.order.push_back(station);
        }
    }

    /// Tells a profile what its station probed with.
    pub fn join(&self, profile: &mut Profile) {
        profile.signature.probe = self.signatures.get(&profile.mac).cloned();
    }
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
        assert_eq!((probes.signatures.len(), probes.order.len()), (2, 2));
        probes.join(&mut profile);
        assert_eq!(profile.signature.probe, None, "first heard, first forgotten");
        hear(&mut Probes::new(0), &probe(2, &[]));
    }
}
