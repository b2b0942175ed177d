//! Other APs: Neighbor Report, AP Channel Report.

use crate::dot11::{Address, cursor::Cursor};

/// Neighbor Report (9.4.2.36), also a candidate of a BSS transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighborReport {
    /// BSSID.
    pub bssid: Address,
    /// BSSID Information: bits 0 and 1 reachability, 2 security, 3 key scope, 4 spectrum management, 5 QoS, 6
    /// APSD, 7 radio measurement, 10 mobility domain, 11 HT, 12 VHT, 13 FTM, 14 HE, 21 EHT.
    pub information: u32,
    /// Operating Class (Annex E).
    pub class: u8,
    /// Channel Number.
    pub channel: u8,
    /// PHY Type (dot11PHYType): 7 HT, 9 VHT.
    pub phy: u8,
    /// Optional Subelements, id, length and content each: 3 is the candidate's preference.
    pub subelements: Vec<u8>,
}

impl NeighborReport {
    /// Reads the payload: 13 octets and more.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        Some(Self {
            bssid: cursor.address()?,
            information: cursor.u32()?,
            class: cursor.u8()?,
            channel: cursor.u8()?,
            phy: cursor.u8()?,
            subelements: cursor.0.to_vec(),
        })
    }

    /// Preference of the BSS Transition Candidate Preference subelement (3), 255 the most; 0 means not to go there.
    pub fn preference(&self) -> Option<u8> {
        let mut cursor = Cursor(&self.subelements);
        loop {
            let (id, content) = (cursor.u8()?, cursor.behind_length()?);
            if id == 3 {
                return content.first().copied();
            }
        }
    }
}

/// AP Channel Report (9.4.2.35): channels where other APs of the network are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApChannelReport {
    /// Operating Class (Annex E).
    pub class: u8,
    /// Channel List.
    pub channels: Vec<u8>,
}

impl ApChannelReport {
    /// Reads the payload: 1 octet and more.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (&class, channels) = payload.split_first()?;
        let channels = channels.to_vec();
        Some(Self { class, channels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_with_its_preference() {
        let payload = [2, 0, 0, 0, 0, 1, 0x8f, 0, 0, 0, 115, 36, 9, 39, 1, 0, 3, 1, 200];
        let report = NeighborReport::read(&payload).unwrap();
        assert_eq!((report.bssid, report.channel), (Address([2, 0, 0, 0, 0, 1]), 36));
        assert_eq!((report.information, report.preference()), (0x8f, Some(200)));
        assert_eq!(NeighborReport::read(&payload[..13]).unwrap().preference(), None);
        assert_eq!(NeighborReport::read(&payload[..18]).unwrap().preference(), None);
        assert_eq!(NeighborReport::read(&payload[..12]), None);
    }
}
