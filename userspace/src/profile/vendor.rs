//! Who made a client, and its radio's chipset.

use crate::dot11::{
    Address,
    element::{Elements, VendorElement},
};

/// Names of the registry begin with these where the owner makes radios, and its elements tell the chipset.
const CHIPSETS: [&str; 5] = ["Broadcom", "Qualcomm", "Mediatek", "Intel", "Infineon"];

/// The owners whose elements only their own devices send.
const DEVICE_MAKERS: [&str; 3] = ["Apple", "Samsung", "Intel"];

/// Owners of addresses who may have made only the radio, as short names begin.
const RADIO_MAKERS: [&str; 3] = ["MurataManufa", "Intel", "SamsungElect"];

/// Whose vendor element it is, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorTag {
    /// The owner's OUI.
    pub oui: [u8; 3],
    /// The octet behind it, which most owners use as type.
    pub kind: Option<u8>,
    /// The owner's name in the IEEE registry.
    pub owner: Option<&'static str>,
}

impl VendorTag {
    pub(super) fn of(element: VendorElement<'_>) -> Self {
        Self {
            oui: element.oui,
            kind: element.kind(),
            owner: owner(element.oui),
        }
    }
}

/// The maker of a client by its address in the IEEE registry; for a randomised address, or where the registry may name
/// only the radio's maker, by its vendor elements. In the short form of Wireshark's `manuf` file: `HewlettPacka`.
pub(super) fn client_maker(address: Address, elements: &Elements<'_>) -> Option<String> {
    let registered = if address.is_local() {
        None
    } else {
        registered_name(address)
    };
    match registered {
        Some(name) if !RADIO_MAKERS.iter().any(|maker| name.starts_with(maker)) => Some(name),
        registered => elements
            .vendors()
            .find_map(|vendor| device_maker(vendor.oui))
            .map(str::to_owned)
            .or(registered),
    }
}

/// The owner of an address in the IEEE registry (MA-L, MA-M, MA-S), in short form.
pub fn registered_name(address: Address) -> Option<String> {
    let [a, b, c, d, e, f] = address.0;
    oui_data::lookup(&format!("{a:02X}{b:02X}{c:02X}{d:02X}{e:02X}{f:02X}"))
        .map(|record| short_name(record.organization()))
        .filter(|name| !name.is_empty())
}

/// The chipset's maker: the first vendor element whose owner makes radios.
pub(super) fn chipset(elements: &Elements<'_>) -> Option<&'static str> {
    elements.vendors().find_map(|vendor| {
        let owner = owner(vendor.oui)?.to_lowercase();
        CHIPSETS
            .into_iter()
            .find(|maker| owner.starts_with(&maker.to_lowercase()))
    })
}

fn owner(oui: [u8; 3]) -> Option<&'static str> {
    let [a, b, c] = oui;
    oui_data::lookup(&format!("{a:02X}{b:02X}{c:02X}")).map(oui_data::OuiData::organization)
}

fn device_maker(oui: [u8; 3]) -> Option<&'static str> {
    let owner = owner(oui)?.to_lowercase();
    DEVICE_MAKERS
        .into_iter()
        .find(|maker| owner.starts_with(&maker.to_lowercase()))
}

/// Words that tell nothing about a company, each as it may be split by punctuation.
const GENERAL: [&[&str]; 52] = [
    &["a", "s"],
    &["ab"],
    &["ag"],
    &["b", "v"],
    &["bv"],
    &["closed", "joint", "stock", "company"],
    &["co"],
    &["company"],
    &["corp"],
    &["corporation"],
    &["corporate"],
    &["de", "c", "v"],
    &["de", "cv"],
    &["gmbh"],
    &["holding"],
    &["inc"],
    &["incorporated"],
    &["jsc"],
    &["kg"],
    &["k", "k"],
    &["limited"],
    &["llc"],
    &["ltd"],
    &["n", "v"],
    &["nv"],
    &["oao"],
    &["of"],
    &["open", "joint", "stock", "company"],
    &["ooo"],
    &["oü"],
    &["oy"],
    &["oyj"],
    &["plc"],
    &["pty"],
    &["pvt"],
    &["s", "a", "r", "l"],
    &["sa", "r", "l"],
    &["sarl"],
    &["s", "p", "a"],
    &["sp", "a"],
    &["spa"],
    &["sp", "k"],
    &["spk"],
    &["s", "r", "l"],
    &["srl"],
    &["s", "a"],
    &["sa"],
    &["systems"],
    &["the"],
    &["zao"],
    &["z", "o", "o"],
    &["zoo"],
];

/// Places that names begin with.
const PLACES: [&str; 9] = [
    "shengzen",
    "shenzhen",
    "beijing",
    "shanghai",
    "wuhan",
    "hangzhou",
    "guangdong",
    "guangxi",
    "guangzhou",
];

/// Characters of a short name.
const SHORT: usize = 12;

/// A company's name without what all have in common, in one word of 12 characters at the most; the rule is that of
/// Wireshark's `tools/make-manuf.py`.
fn short_name(organization: &str) -> String {
    let shouted = !organization.chars().any(char::is_lowercase);
    let mut depth = 0u32;
    let mut plain = String::new();
    for character in organization.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => continue,
            '"' | '\'' | ',' | '.' | '/' | ':' | '+' | '-' => plain.push(' '),
            _ if shouted && plain.ends_with(char::is_alphabetic) => plain.extend(character.to_lowercase()),
            _ => plain.push(character),
        }
    }
    let words: Vec<&str> = plain.split_whitespace().filter(|&word| word != "&").collect();
    let mut kept = Vec::new();
    let mut rest = &words[..];
    while let [word, behind @ ..] = rest {
        match GENERAL.iter().find(|term| starts_with(rest, term)) {
            Some(term) => rest = &rest[term.len()..],
            None => {
                kept.push(*word);
                rest = behind;
            }
        }
    }
    if let [place, name @ ..] = &kept[..]
        && !name.is_empty()
        && PLACES.iter().any(|other| other.eq_ignore_ascii_case(place))
    {
        kept.remove(0);
    }
    kept.concat().chars().take(SHORT).collect()
}

fn starts_with(words: &[&str], term: &[&str]) -> bool {
    words.len() >= term.len()
        && words
            .iter()
            .zip(term)
            .all(|(word, other)| word.to_lowercase() == *other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names() {
        for (organization, short) in [
            ("Hewlett Packard Enterprise", "HewlettPacka"),
            ("OnePlus Technology (Shenzhen) Co., Ltd", "OnePlusTechn"),
            ("OnePlus Tech (Shenzhen) Ltd", "OnePlusTech"),
            ("ASUSTek COMPUTER INC.", "ASUSTekCOMPU"),
            ("NETGEAR", "Netgear"),
            (
                "Shenzhen Four Seas Global Link Network Technology Co., Ltd.",
                "FourSeasGlob",
            ),
            ("GUANGDONG OPPO MOBILE TELECOMMUNICATIONS CORP.,LTD", "OppoMobileTe"),
            ("Intel Corporate", "Intel"),
            ("HTC Corporation", "HTC"),
            ("Shenzhen", "Shenzhen"),
            ("The S.A.", ""),
        ] {
            assert_eq!(short_name(organization), short);
        }
    }

    #[test]
    fn vendor_elements_decide_for_randomised_addresses() {
        let apple = [221, 4, 0x00, 0x17, 0xf2, 10, 221, 3, 0x00, 0x10, 0x18];
        let elements = Elements::parse(&apple);
        assert_eq!(
            client_maker(Address([0x76, 0x32, 0xe8, 0, 0, 0]), &elements).as_deref(),
            Some("Apple")
        );
        assert_eq!(chipset(&elements), Some("Broadcom"));
        let none = Elements::parse(&[221, 3, 0x00, 0x50, 0xf2, 221, 0]);
        assert_eq!(client_maker(Address([0x76, 0x32, 0xe8, 0, 0, 0]), &none), None);
        assert_eq!(chipset(&none), None);
        let registered = client_maker(Address([0x30, 0xbb, 0x7d, 0, 0, 0]), &none);
        assert_eq!(registered.as_deref(), Some("OnePlusTechn"));
    }
}
