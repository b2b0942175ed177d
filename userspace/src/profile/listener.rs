//! From packets to profiles of clients that are told as well as can be.

use std::sync::Arc;

use super::{Capture, Identity, Probes, Profile, ProfileError};
use crate::dot11::link::LinkType;

/// Makes profiles: remembers what stations probed with, and tells makers and devices.
#[derive(Debug)]
pub struct Listener {
    identity: Arc<Identity>,
    probes: Probes,
}

impl Listener {
    /// A listener that remembers the probe requests of `most` stations.
    #[must_use]
    pub fn new(identity: Arc<Identity>, most: usize) -> Self {
        Self {
            identity,
            probes: Probes::new(most),
        }
    }

    /// Stations whose probe requests gave way to those of later ones.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.probes.forgotten()
    }

    /// Takes a packet: the profile of the client that sent it, `None` where it is no association or reassociation request.
    ///
    /// # Errors
    ///
    /// [`ProfileError`]: the packet may be one, but can't be used.
    pub fn packet(
        &mut self,
        link_type: LinkType,
        packet: &[u8],
        capture: Capture,
    ) -> Result<Option<Profile>, ProfileError> {
        self.packet_watched(link_type, packet, capture, || {})
    }

    /// As [`Listener::packet`]; `decoded` is called between the reading of a request and the making of its profile.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn packet_watched(
        &mut self,
        link_type: LinkType,
        packet: &[u8],
        capture: Capture,
        decoded: impl FnOnce(),
    ) -> Result<Option<Profile>, ProfileError> {
        let made = Profile::watched(link_type, packet, capture, &self.identity.registry, decoded);
        let Some(mut profile) = made? else {
            let original = capture.original_length.unwrap_or(packet.len());
            self.probes.hear(link_type, packet, original);
            return Ok(None);
        };
        self.probes.join(&mut profile);
        profile.device = self.identity.devices.recognise(&profile);
        Ok(Some(profile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{How, tests::packet};

    #[test]
    fn a_client_that_probed_is_recognised_by_both_requests() {
        let mut identity = Identity::default();
        identity
            .devices
            .read("wifi4|probe:1|assoc:0\tProbing\n0\tAny\n")
            .unwrap();
        let mut listener = Listener::new(Arc::new(identity), 1);
        let request = packet(&[0, 0]);
        let mut probe = packet(&[1, 0]);
        probe[15] = 0x40;
        probe.drain(15 + 24..15 + 28);
        let mut hear = |packet: &[u8]| listener.packet(LinkType::Radiotap, packet, Capture::default()).unwrap();
        let before = hear(&request).unwrap().device.unwrap();
        assert_eq!(
            (before.how, &before.names[..]),
            (How::Assoc, &["Any".to_owned(), "Probing".to_owned()][..])
        );
        assert_eq!(before.name(), None);
        assert_eq!(hear(&probe), None);
        let after = hear(&request).unwrap();
        assert_eq!(after.signature.joined().as_deref(), Some("wifi4|probe:1|assoc:0"));
        let device = after.device.unwrap();
        assert_eq!((device.how, device.name()), (How::Joined, Some("Probing")));
    }
}
