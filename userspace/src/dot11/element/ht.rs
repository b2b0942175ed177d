//! HT Capabilities (9.4.2.55), 802.11n.

use crate::dot11::Bits;

/// HT Capability Information 2 octets, A-MPDU parameters 1, supported MCS set 16 and more.
#[derive(Clone, Copy, Debug)]
pub struct HtCapabilities<'a>(&'a [u8]);

impl<'a> HtCapabilities<'a> {
    /// A view of the element's payload.
    pub fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// HT Capability Information (9.4.2.55.2).
    pub fn information(self) -> Bits<'a> {
        Bits(&self.0[..self.0.len().min(2)])
    }

    /// MCS received, of 0 to 76 (9.4.2.55.4); as far as the set is there.
    pub fn mcs(self) -> impl Iterator<Item = u8> {
        let set = Bits(self.0.get(3..).unwrap_or_default());
        (0..77).filter(move |&mcs| set.get(mcs.into()) == Some(true))
    }

    /// Spatial streams with any MCS of 0 to 31, an octet a stream (9.4.2.55.4); 0 where the set is missing.
    pub fn streams(self) -> u8 {
        let set = self.0.get(3..).unwrap_or_default();
        set.iter().take(4).map(|&octet| u8::from(octet != 0)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_streams_with_any_mcs() {
        let mut payload = [0; 26];
        payload[0] = 0x02;
        payload[3..6].copy_from_slice(&[0xff, 0xff, 0x01]);
        let ht = HtCapabilities::new(&payload);
        assert_eq!(ht.streams(), 3);
        assert_eq!(ht.information().get(1), Some(true));
        assert_eq!(HtCapabilities::new(&payload[..4]).streams(), 1);
        assert_eq!(HtCapabilities::new(&[]).streams(), 0);
        assert_eq!(HtCapabilities::new(&[]).information().get(0), None);
    }
}
