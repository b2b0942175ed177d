//! Fast BSS transition: Mobility Domain, Fast BSS Transition.

use crate::dot11::{Address, cursor::Cursor};

/// Mobility Domain (9.4.2.46).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MobilityDomain {
    /// MDID: APs with the same one can be changed between.
    pub id: u16,
    /// FT Capability And Policy: bit 0 over the distribution system, 1 resource request protocol.
    pub capability: u8,
}

impl MobilityDomain {
    /// Reads the payload: 3 octets.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        Some(Self {
            id: cursor.u16()?,
            capability: cursor.u8()?,
        })
    }
}

/// Fast BSS Transition (9.4.2.47).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FastBssTransition {
    /// MIC Control: bit 0 RSNXE used, 1 to 3 MIC length (0: 16 octets, 1: 24, 2: 32), 8 to 15 count of protected elements.
    pub control: u16,
    /// MIC.
    pub mic: Vec<u8>,
    /// ANonce, of the authenticator.
    pub anonce: [u8; 32],
    /// SNonce, of the supplicant.
    pub snonce: [u8; 32],
    /// Subelements, id and content each.
    pub subelements: Vec<(u8, Vec<u8>)>,
}

impl FastBssTransition {
    /// Id of the subelement R1KH-ID.
    pub const R1KH_ID: u8 = 1;
    /// Id of the subelement R0KH-ID.
    pub const R0KH_ID: u8 = 3;

    /// Reads the payload, with a MIC of the length that the control field says, which older senders leave at 0 for 24
    /// octets too: of an AKM with SHA-384 use [`Self::with_mic`].
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mic = match payload.first()? >> 1 & 7 {
            0 => 16,
            1 => 24,
            2 => 32,
            _ => return None,
        };
        Self::with_mic(payload, mic)
    }

    /// Reads the payload, with a MIC of `mic` octets. A subelement that is cut off is left out.
    pub fn with_mic(payload: &[u8], mic: usize) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let control = cursor.u16()?;
        let (mic, anonce, snonce) = (cursor.take(mic)?.to_vec(), cursor.array()?, cursor.array()?);
        let subelements = std::iter::from_fn(|| Some((cursor.u8()?, cursor.behind_length()?.to_vec())));
        Some(Self {
            control,
            mic,
            anonce,
            snonce,
            subelements: subelements.collect(),
        })
    }

    fn subelement(&self, id: u8) -> Option<&[u8]> {
        let mut all = self.subelements.iter();
        all.find(|(this, _)| *this == id).map(|(_, content)| &**content)
    }

    /// R0KH-ID, the holder of the first key: 1 to 48 octets.
    pub fn r0kh_id(&self) -> Option<&[u8]> {
        self.subelement(Self::R0KH_ID)
    }

    /// R1KH-ID, the holder of the second key, an address.
    pub fn r1kh_id(&self) -> Option<Address> {
        self.subelement(Self::R1KH_ID).and_then(Address::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_holders() {
        let mut payload = vec![0, 0];
        payload.extend([7; 16]);
        payload.extend([1; 32]);
        payload.extend([2; 32]);
        payload.extend([3, 4, b'a', b'p', b'.', b'1', 1, 6, 2, 0, 0, 0, 0, 9, 4, 5]);
        let element = FastBssTransition::read(&payload).unwrap();
        assert_eq!(element.mic, [7; 16]);
        assert_eq!((element.anonce, element.snonce), ([1; 32], [2; 32]));
        assert_eq!(element.r0kh_id(), Some(&b"ap.1"[..]));
        assert_eq!(element.r1kh_id(), Some(Address([2, 0, 0, 0, 0, 9])));
        assert_eq!(element.subelements.len(), 2);
        assert_eq!(FastBssTransition::with_mic(&payload, 24).unwrap().mic.len(), 24);
        assert_eq!(FastBssTransition::read(&payload[..81]), None);
        payload[0] = 0x0e;
        assert_eq!(FastBssTransition::read(&payload), None);
    }
}
