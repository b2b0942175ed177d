//! Kinds of devices: what the requests of a model have in common, whichever its address and its network.
//!
//! A request mirrors the network that it is for: its security, the access point's capabilities, the channel. A kind is made
//! of what does not: the vendor elements but those of Microsoft (WMM, WPA, WPS), the Wi-Fi Alliance (P2P, MBO, OCE) and
//! Epigram (HT and VHT outside their bands), which answer the access point; then HE Capabilities where they are there, else HT
//! Capabilities, without the fields that follow the channel. So two devices of one kind are alike, and may well be of two
//! models with the same radio; two kinds are hardly ever one device, but a device that turns from an 802.11ax network to an
//! older one shows another.

use std::{fmt, str::FromStr};

use crate::dot11::element::{ElementId, Elements};

/// OUIs of elements that answer the access point: Microsoft, Wi-Fi Alliance, Epigram.
const ANSWERS: [[u8; 3]; 3] = [[0x00, 0x50, 0xf2], [0x50, 0x6f, 0x9a], [0x00, 0x90, 0x4c]];

/// HT Capability Information (9.4.2.55.2) without what follows the channel or the moment: channel width (bit 1), SM power
/// save (2, 3), short GI at 40 MHz (6), Tx STBC (7), DSSS/CCK in 40 MHz (12), 40 MHz intolerant (14).
pub(super) const HT_INFORMATION: u16 = !(1 << 1 | 3 << 2 | 1 << 6 | 1 << 7 | 1 << 12 | 1 << 14);

/// The first octets of HE PHY Capabilities (IEEE Std 802.11ax-2021 9.4.2.248.3) likewise: without channel widths (bits 1 to 7),
/// punctured preambles (8 to 11), STBC (18, 19), and beamformee STS (37 to 39) and sounding dimensions (43 to 45) above 80 MHz.
const HE_PHY: [u8; 8] = [0x01, 0xf0, 0xf3, 0xff, 0x1f, 0xc7, 0xff, 0xff];

/// A kind, written as ten hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceKind(u64);

impl DeviceKind {
    const BITS: u32 = 40;

    /// The kind that a request's elements tell; `None` where they hold nothing of it, as those of 802.11b/g devices.
    pub(in crate::profile) fn of(elements: &Elements<'_>) -> Option<Self> {
        let mut hash = Fnv::default();
        for vendor in elements.vendors().filter(|vendor| !ANSWERS.contains(&vendor.oui)) {
            hash.add(&[221, vendor.kind().unwrap_or_default()]);
            hash.add(&vendor.oui);
        }
        if let Some((mac, phy)) = elements
            .first(ElementId::HE_CAPABILITIES)
            .and_then(|he| he.get(..14)?.split_at_checked(6))
        {
            hash.add(&[35]);
            hash.add(mac);
            for (octet, mask) in phy.iter().zip(HE_PHY) {
                hash.add(&[octet & mask]);
            }
        } else if let Some(&[low, high, parameters, ref mcs @ ..]) =
            elements.first(ElementId::HT_CAPABILITIES).and_then(|ht| ht.get(..7))
        {
            hash.add(&[45, parameters]);
            hash.add(&(u16::from_le_bytes([low, high]) & HT_INFORMATION).to_le_bytes());
            hash.add(mcs);
        }
        (hash != Fnv::default()).then_some(Self((hash.0 ^ hash.0 >> Self::BITS) & ((1 << Self::BITS) - 1)))
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010x}", self.0)
    }
}

/// What is no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kind is ten hexadecimal digits, as airlens prints them")]
pub struct ParseKindError;

impl FromStr for DeviceKind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 10 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let kind = u64::from_str_radix(text, 16).ok().filter(|_| digits);
        kind.map(Self).ok_or(ParseKindError)
    }
}

/// FNV-1a (draft-eastlake-fnv): the same on every machine and in every version.
#[derive(PartialEq)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, octets: &[u8]) {
        for &octet in octets {
            self.0 = (self.0 ^ u64::from(octet)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(elements: &[u8]) -> Option<DeviceKind> {
        DeviceKind::of(&Elements::parse(elements))
    }

    /// HT Capabilities with this information field, then a vendor element.
    fn ht(information: u16, oui: [u8; 3]) -> Vec<u8> {
        let [low, high] = information.to_le_bytes();
        let [a, b, c] = oui;
        vec![45, 7, low, high, 0x17, 0xff, 0, 0, 0, 221, 4, a, b, c, 2]
    }

    #[test]
    fn what_follows_the_network_makes_no_kind() {
        let narrow = ht(0x112d, [0x00, 0x10, 0x18]);
        let kind_of_narrow = kind(&narrow);
        assert_eq!(kind(&ht(0x016f, [0x00, 0x10, 0x18])), kind_of_narrow, "40 MHz, 5 GHz");
        let mut answers = vec![0, 1, b'a', 33, 2, 1, 2, 48, 2, 1, 0, 70, 5, 0, 0, 0, 0, 0, 127, 1, 4];
        answers.extend(&narrow);
        answers.extend([
            221, 4, 0x00, 0x50, 0xf2, 2, 221, 4, 0x50, 0x6f, 0x9a, 22, 221, 4, 0x00, 0x90, 0x4c, 51,
        ]);
        assert_eq!(kind(&answers), kind_of_narrow);
        for other in [ht(0x112c, [0x00, 0x10, 0x18]), ht(0x112d, [0x00, 0x17, 0xf2])] {
            assert_ne!(kind(&other), kind_of_narrow);
        }
    }

    #[test]
    fn he_capabilities_go_before_those_of_ht() {
        let he = |phy_0: u8, mac_0: u8| {
            let mut element = vec![255, 22, 35, mac_0, 0x78, 0xc8, 0x1a, 0x40, 0, phy_0];
            element.resize(24, 0);
            element
        };
        let with_ht = [ht(0x112d, [0x00, 0x10, 0x18]), he(0x1c, 1)].concat();
        let without = [&ht(0, [0x00, 0x10, 0x18])[9..], &he(0x02, 1)].concat();
        assert_eq!(kind(&with_ht), kind(&without), "in 6 GHz there is no HT");
        assert_ne!(kind(&he(0, 1)), kind(&he(0, 3)));
        assert_eq!(kind(&[255, 2, 35, 1, 0, 1, b'a']), None, "too short to tell");
    }

    #[test]
    fn the_same_in_every_version() {
        let kind = kind(&ht(0x112d, [0x00, 0x10, 0x18])).unwrap();
        assert_eq!(kind.to_string().parse(), Ok(kind));
        assert_eq!(kind.to_string(), "44c3875544");
        for text in ["", "0", "+123456789", "00000000000"] {
            assert_eq!(text.parse::<DeviceKind>(), Err(ParseKindError));
        }
    }
}
