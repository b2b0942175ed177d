//! Who made a client, and its radio's chipset.

use std::borrow::Cow;

use super::{Registry, identity::LookupResult};
use crate::dot11::{
    Address,
    element::{Elements, VendorElement},
};

/// Makers of radios, as names in the registry begin, and what their chipsets are called here: those that bought others
/// have their name. Left out is Epigram (00-90-4C), which is Broadcom: others put HT Capabilities into its element when
/// 802.11n was a draft, and some still do.
const CHIPSETS: [(&str, &str); 17] = [
    ("Broadcom", "Broadcom"),
    ("Qualcomm", "Qualcomm"),
    ("Atheros Communications", "Qualcomm"),
    ("Airgo Networks", "Qualcomm"),
    ("MediaTek", "Mediatek"),
    ("Ralink", "Mediatek"),
    ("Intel Corp", "Intel"),
    ("Intel Wireless", "Intel"),
    ("Infineon", "Infineon"),
    ("Cypress Semiconductor", "Infineon"),
    ("Realtek", "Realtek"),
    ("Marvell", "Marvell"),
    ("NXP", "NXP"),
    ("Texas Instruments", "Texas Instruments"),
    ("Espressif", "Espressif"),
    ("Quantenna", "Quantenna"),
    ("Celeno", "Celeno"),
];

/// Owners whose elements only their own devices send in a request, as names in the registry begin, and the maker.
const DEVICE_MAKERS: [(&str, &str); 14] = [
    ("Apple", "Apple"),
    ("Samsung", "Samsung"),
    ("Intel Corp", "Intel"),
    ("Intel Wireless", "Intel"),
    ("Google", "Google"),
    ("Huawei", "Huawei"),
    ("Honor Device", "Honor"),
    ("Xiaomi", "Xiaomi"),
    ("Beijing Xiaomi", "Xiaomi"),
    ("Guangdong Oppo", "Oppo"),
    ("OnePlus", "OnePlus"),
    ("vivo Mobile", "vivo"),
    ("Motorola Mobility", "Motorola"),
    ("Nintendo", "Nintendo"),
];

/// Owners of addresses who may have made only the radio or its module, as short names begin.
const RADIO_MAKERS: [&str; 22] = [
    "MurataManufa",
    "Intel",
    "SamsungElect",
    "Ampak",
    "Askey",
    "AzureWave",
    "Broadcom",
    "ChongqingFug",
    "CloudNetwork",
    "Espressif",
    "FN-Link",
    "FNLink",
    "Gemtek",
    "HonHai",
    "Liteon",
    "LiteOn",
    "MediaTek",
    "Qualcomm",
    "Realtek",
    "TexasInstrum",
    "UniversalGlo",
    "WistronNeweb",
];

/// Whose vendor element it is, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorTag {
    /// The owner's OUI.
    pub oui: [u8; 3],
    /// The octet behind it, which most owners use as type.
    pub kind: Option<u8>,
    /// The owner's name in the IEEE registry.
    pub owner: Option<Cow<'static, str>>,
}

impl VendorTag {
    /// Of every vendor element of a request, in order.
    pub(super) fn all(elements: &Elements<'_>, registry: &Registry) -> Vec<Self> {
        elements.vendors().map(|element| Self::of(element, registry)).collect()
    }

    fn of(element: VendorElement<'_>, registry: &Registry) -> Self {
        Self {
            oui: element.oui,
            kind: element.kind(),
            owner: registry.owner_of_oui(element.oui).map(|owner| owner.name),
        }
    }

    /// What a list says about the owner.
    fn find(&self, list: &[(&str, &'static str)]) -> Option<&'static str> {
        let owner = self.owner.as_deref()?;
        let (_, name) = list.iter().find(|(start, _)| begins(owner, start))?;
        Some(name)
    }
}

/// [`client_maker`], counted.
pub(super) fn look_up(address: Address, vendors: &[VendorTag], registry: &Registry) -> Option<Cow<'static, str>> {
    registry.lookups().time(
        || client_maker(address, vendors, registry),
        |maker| match maker {
            Some(_) => LookupResult::Found,
            None if address.is_local() => LookupResult::Randomised,
            None => LookupResult::Unknown,
        },
    )
}

/// The maker of a client by its address in the IEEE registry; for a randomised address, or where the registry may name
/// only the radio's maker, by its vendor elements. In the short form of Wireshark's `manuf` file: `HewlettPacka`.
fn client_maker(address: Address, vendors: &[VendorTag], registry: &Registry) -> Option<Cow<'static, str>> {
    let registered = if address.is_local() {
        None
    } else {
        registry.short_name(address)
    };
    match registered {
        Some(name) if !RADIO_MAKERS.iter().any(|maker| begins(&name, maker)) => Some(name),
        registered => vendors
            .iter()
            .find_map(|vendor| vendor.find(&DEVICE_MAKERS))
            .map(Cow::Borrowed)
            .or(registered),
    }
}

/// The chipset's maker: the first vendor element whose owner makes radios.
pub(super) fn chipset(vendors: &[VendorTag]) -> Option<&'static str> {
    vendors.iter().find_map(|vendor| vendor.find(&CHIPSETS))
}

fn begins(name: &str, start: &str) -> bool {
    name.as_bytes()
        .get(..start.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: Address = Address([0x76, 0x32, 0xe8, 0, 0, 0]);

    fn vendors(ouis: &[[u8; 3]]) -> Vec<VendorTag> {
        let elements: Vec<_> = ouis.iter().flat_map(|&[a, b, c]| [221, 4, a, b, c, 10]).collect();
        VendorTag::all(&Elements::parse(&elements), &Registry::default())
    }

    #[test]
    fn vendor_elements_decide_for_randomised_addresses() {
        let registry = Registry::default();
        let apple = vendors(&[[0x00, 0x17, 0xf2], [0x00, 0x10, 0x18]]);
        assert_eq!(client_maker(RANDOM, &apple, &registry).as_deref(), Some("Apple"));
        assert_eq!(chipset(&apple), Some("Broadcom"));
        let none = VendorTag::all(&Elements::parse(&[221, 3, 0x00, 0x50, 0xf2, 221, 0]), &registry);
        assert_eq!(client_maker(RANDOM, &none, &registry), None);
        assert_eq!(chipset(&none), None);
        let registered = client_maker(Address([0x30, 0xbb, 0x7d, 0, 0, 0]), &apple, &registry);
        assert_eq!(registered.as_deref(), Some("OnePlusTechn"));
    }

    #[test]
    fn every_chipset_by_an_oui_of_its_maker() {
        for (oui, maker) in [
            ([0x00, 0x10, 0x18], "Broadcom"),
            ([0x8c, 0xfd, 0xf0], "Qualcomm"),
            ([0x00, 0x03, 0x7f], "Qualcomm"),
            ([0x00, 0x0a, 0xf5], "Qualcomm"),
            ([0x00, 0x0c, 0xe7], "Mediatek"),
            ([0x00, 0x0c, 0x43], "Mediatek"),
            ([0x00, 0x17, 0x35], "Intel"),
            ([0x00, 0x02, 0xb3], "Intel"),
            ([0x00, 0xe0, 0x4c], "Realtek"),
            ([0x00, 0x50, 0x43], "Marvell"),
            ([0x00, 0x60, 0x37], "NXP"),
            ([0x08, 0x00, 0x28], "Texas Instruments"),
            ([0x18, 0xfe, 0x34], "Espressif"),
            ([0x00, 0x26, 0x86], "Quantenna"),
        ] {
            assert_eq!(chipset(&vendors(&[oui])), Some(maker), "{oui:02x?}");
        }
        for oui in [
            [0x00, 0x50, 0xf2],
            [0x50, 0x6f, 0x9a],
            [0x00, 0x90, 0x4c],
            [0x00, 0x17, 0xf2],
        ] {
            assert_eq!(chipset(&vendors(&[oui])), None, "{oui:02x?}");
        }
        let first = vendors(&[[0x00, 0x90, 0x4c], [0x00, 0xe0, 0x4c], [0x00, 0x10, 0x18]]);
        assert_eq!(chipset(&first), Some("Realtek"));
    }

    #[test]
    fn every_maker_by_an_oui_of_its_own() {
        let registry = Registry::default();
        for (oui, maker) in [
            ([0x00, 0x17, 0xf2], "Apple"),
            ([0x00, 0x00, 0xf0], "Samsung"),
            ([0x00, 0x16, 0x32], "Samsung"),
            ([0x00, 0x17, 0x35], "Intel"),
            ([0xf4, 0xf5, 0xe8], "Google"),
            ([0x00, 0xe0, 0xfc], "Huawei"),
            ([0x8c, 0xbe, 0xbe], "Xiaomi"),
        ] {
            let vendors = vendors(&[[0x00, 0x10, 0x18], oui]);
            assert_eq!(
                client_maker(RANDOM, &vendors, &registry).as_deref(),
                Some(maker),
                "{oui:02x?}"
            );
            // A module's maker owns the address: Murata.
            let murata = Address([0x00, 0x0e, 0x6d, 0, 0, 1]);
            assert_eq!(client_maker(murata, &vendors, &registry).as_deref(), Some(maker));
            assert_eq!(client_maker(murata, &[], &registry).as_deref(), Some("MurataManufa"));
        }
    }
}
