//! RSN (9.4.2.24): every field behind the version may be missing, from some field on.

use crate::dot11::Bits;

/// A cipher or AKM suite selector: OUI and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite(pub [u8; 4]);

impl Suite {
    /// The type where the OUI is IEEE 802.11's, 00-0F-AC.
    pub fn ieee(self) -> Option<u8> {
        match self.0 {
            [0x00, 0x0f, 0xac, kind] => Some(kind),
            _ => None,
        }
    }
}

/// A view of the element, as far as it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct RsnElement<'a> {
    group: Option<Suite>,
    pairwise: &'a [[u8; 4]],
    akms: &'a [[u8; 4]],
    capabilities: Bits<'a>,
    pmkids: &'a [[u8; 16]],
    group_management: Option<Suite>,
}

impl<'a> RsnElement<'a> {
    /// Reads the payload's fields in order, until one isn't (all) there.
    pub fn new(payload: &'a [u8]) -> Self {
        let mut rsn = Self::default();
        let Some(rest) = payload.get(2..) else { return rsn };
        let Some((group, rest)) = rest.split_first_chunk() else {
            return rsn;
        };
        rsn.group = Some(Suite(*group));
        let (pairwise, rest) = counted(rest);
        rsn.pairwise = pairwise;
        let (akms, rest) = counted(rest);
        rsn.akms = akms;
        let Some((capabilities, rest)) = rest.split_at_checked(2) else {
            return rsn;
        };
        rsn.capabilities = Bits(capabilities);
        let (pmkids, rest) = counted(rest);
        rsn.pmkids = pmkids;
        rsn.group_management = rest.first_chunk().copied().map(Suite);
        rsn
    }

    /// Group Data Cipher Suite.
    pub fn group(self) -> Option<Suite> {
        self.group
    }

    /// Pairwise Cipher Suite List.
    pub fn pairwise(self) -> impl Iterator<Item = Suite> + 'a {
        self.pairwise.iter().copied().map(Suite)
    }

    /// AKM Suite List.
    pub fn akms(self) -> impl Iterator<Item = Suite> + 'a {
        self.akms.iter().copied().map(Suite)
    }

    /// PMKID List: keys that the station remembers.
    pub fn pmkids(self) -> &'a [[u8; 16]] {
        self.pmkids
    }

    /// Group Management Cipher Suite.
    pub fn group_management(self) -> Option<Suite> {
        self.group_management
    }

    /// RSN Capabilities (9.4.2.24.4).
    pub fn capabilities(self) -> Option<u16> {
        self.capabilities.field(0, 16).map(|bits| bits as u16)
    }

    /// Management frame protection required (MFPR), RSN capabilities bit 6.
    pub fn protection_required(self) -> Option<bool> {
        self.capabilities.get(6)
    }

    /// Management frame protection capable (MFPC), RSN capabilities bit 7.
    pub fn protection_capable(self) -> Option<bool> {
        self.capabilities.get(7)
    }
}

/// A count and as many suites or identifiers as are there; nothing follows a list that is cut off.
fn counted<const N: usize>(octets: &[u8]) -> (&[[u8; N]], &[u8]) {
    let Some((count, rest)) = octets.split_first_chunk() else {
        return (&[], &[]);
    };
    let count = usize::from(u16::from_le_bytes(*count));
    let (all, tail) = rest.as_chunks();
    match all.get(..count) {
        Some(list) => (list, rest.get(N * count..).unwrap_or(tail)),
        None => (all, &[]),
    }
}

/// The name of a cipher suite type of OUI 00-0F-AC (Table 9-149).
pub fn cipher_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "Group",
        1 => "WEP-40",
        2 => "TKIP",
        4 => "CCMP-128",
        5 => "WEP-104",
        6 => "BIP-CMAC-128",
        7 => "None",
        8 => "GCMP-128",
        9 => "GCMP-256",
        10 => "CCMP-256",
        11 => "BIP-GMAC-128",
        12 => "BIP-GMAC-256",
        13 => "BIP-CMAC-256",
        _ => return None,
    })
}

/// The name of an AKM suite type of OUI 00-0F-AC (Table 9-151; 24 and 25: IEEE Std 802.11be-2024).
pub fn akm_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        1 => "802.1X",
        2 => "PSK",
        3 => "FT-802.1X",
        4 => "FT-PSK",
        5 => "802.1X-SHA256",
        6 => "PSK-SHA256",
        7 => "TDLS",
        8 => "SAE",
        9 => "FT-SAE",
        10 => "AP-PeerKey",
        11 => "802.1X-Suite-B-SHA256",
        12 => "802.1X-Suite-B-SHA384",
        13 => "FT-802.1X-SHA384",
        14 => "FILS-SHA256",
        15 => "FILS-SHA384",
        16 => "FT-FILS-SHA256",
        17 => "FT-FILS-SHA384",
        18 => "OWE",
        19 => "FT-PSK-SHA384",
        20 => "PSK-SHA384",
        21 => "PASN",
        22 => "FT-802.1X-SHA384-unrestricted",
        23 => "802.1X-SHA384",
        24 => "SAE-GDH",
        25 => "FT-SAE-GDH",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: [u8; 26] = [
        1, 0, 0x00, 0x0f, 0xac, 4, 2, 0, 0x00, 0x0f, 0xac, 9, 0x00, 0x50, 0xf2, 2, 1, 0, 0x00, 0x0f, 0xac, 8, 0xc0, 0,
        0, 0,
    ];

    #[test]
    fn reads_all_fields() {
        let rsn = RsnElement::new(&FULL);
        assert_eq!(rsn.group().and_then(Suite::ieee), Some(4));
        assert_eq!(rsn.pairwise().map(Suite::ieee).collect::<Vec<_>>(), [Some(9), None]);
        assert_eq!(rsn.akms().filter_map(Suite::ieee).collect::<Vec<_>>(), [8]);
        assert_eq!(
            (rsn.protection_capable(), rsn.protection_required()),
            (Some(true), Some(true))
        );
    }

    #[test]
    fn reads_as_far_as_it_goes() {
        assert!(RsnElement::new(&FULL[..5]).group().is_none());
        let group_alone = RsnElement::new(&FULL[..7]);
        assert_eq!(group_alone.group().and_then(Suite::ieee), Some(4));
        assert_eq!(group_alone.pairwise().count(), 0);
        let cut_list = RsnElement::new(&FULL[..13]);
        assert_eq!(cut_list.pairwise().filter_map(Suite::ieee).collect::<Vec<_>>(), [9]);
        assert_eq!(cut_list.akms().count(), 0);
        assert_eq!(RsnElement::new(&FULL[..22]).protection_capable(), None);
        let mut endless = FULL;
        endless[6..8].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(RsnElement::new(&endless).pairwise().count(), 4);
        assert_eq!(RsnElement::new(&endless).protection_capable(), None);
    }

    #[test]
    fn names_of_the_common_suites() {
        assert_eq!(cipher_name(4), Some("CCMP-128"));
        assert_eq!(akm_name(24), Some("SAE-GDH"));
        assert_eq!((cipher_name(200), akm_name(0)), (None, None));
    }
}
