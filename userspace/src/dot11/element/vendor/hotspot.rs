//! Hotspot 2.0 (Wi-Fi Alliance, Passpoint Specification 3.2, 3.1): 50-6F-9A types 16 and 29.

/// Hotspot 2.0 Indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HotspotIndication {
    configuration: u8,
    /// Identifier of the PerProviderSubscription management object that the station uses.
    pub pps_mo_id: Option<u16>,
    /// ANQP domain, from an AP.
    pub anqp_domain_id: Option<u16>,
}

impl HotspotIndication {
    /// Reads what is behind the type; `None` without its configuration octet.
    pub(super) fn new(content: &[u8]) -> Option<Self> {
        let (&configuration, rest) = content.split_first()?;
        let mut words = rest.as_chunks().0.iter().map(|&word| u16::from_le_bytes(word));
        let mut word = |bit: u8| if configuration & bit != 0 { words.next() } else { None };
        Some(Self {
            configuration,
            pps_mo_id: word(2),
            anqp_domain_id: word(4),
        })
    }

    /// Release, from 1 on.
    pub fn release(self) -> u8 {
        (self.configuration >> 4) + 1
    }

    /// From an AP: it forwards no group-addressed frames downstream.
    pub fn dgaf_disabled(self) -> bool {
        self.configuration & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_fields_follow_their_bits() {
        let read = |content: &[u8]| HotspotIndication::new(content).unwrap();
        let indication = read(&[0x26, 1, 2, 3, 4]);
        assert_eq!((indication.release(), indication.dgaf_disabled()), (3, false));
        assert_eq!(
            (indication.pps_mo_id, indication.anqp_domain_id),
            (Some(0x0201), Some(0x0403))
        );
        assert_eq!(
            (read(&[0x15, 9, 0]).pps_mo_id, read(&[0x15, 9, 0]).anqp_domain_id),
            (None, Some(9))
        );
        assert_eq!((read(&[0x12, 9]).pps_mo_id, read(&[0]).release()), (None, 1));
        assert_eq!(HotspotIndication::new(&[]), None);
    }
}
