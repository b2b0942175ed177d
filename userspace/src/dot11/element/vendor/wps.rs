//! Wi-Fi Protected Setup (Wi-Fi Simple Configuration Technical Specification 2.0.8, clause 12): what a device says about
//! itself.

use super::attributes::{Attributes, Head};
use crate::dot11::Bits;

/// The Wi-Fi Alliance's SMI enterprise code, 14122, which stands in front of its vendor extension.
const ALLIANCE: [u8; 3] = [0x00, 0x37, 0x2a];

/// The attributes of all WPS elements of a frame, joined (clause 8.2).
#[derive(Clone, Copy, Debug)]
pub struct Wps<'a>(Attributes<'a>);

impl<'a> Wps<'a> {
    /// A view of the joined contents behind the type.
    pub fn new(attributes: &'a [u8]) -> Self {
        Self(Attributes::new(attributes, Head::Wps))
    }

    /// Every attribute in order: id (Table 28) and value.
    pub fn attributes(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        self.0
    }

    fn octet(self, id: u16) -> Option<u8> {
        self.0.first(id)?.first().copied()
    }

    fn word(self, id: u16) -> Option<u16> {
        self.0.first(id)?.first_chunk().map(|&word| u16::from_be_bytes(word))
    }

    /// A text of `most` octets, the specification's limit; what is beyond is left out.
    fn text(self, id: u16, most: usize) -> Option<&'a [u8]> {
        let text = self.0.first(id)?;
        Some(text.get(..most).unwrap_or(text))
    }

    /// Version, 0x10 for every version up to 2.
    pub fn version(self) -> Option<u8> {
        self.octet(0x104a)
    }

    /// A subelement of the Wi-Fi Alliance's vendor extension: 0 is Version2, 6 Multi-AP.
    pub fn extension(self, id: u8) -> Option<&'a [u8]> {
        self.attributes()
            .filter(|&(id, _)| id == 0x1049)
            .filter_map(|(_, value)| value.strip_prefix(&ALLIANCE))
            .find_map(|extension| Attributes::new(extension, Head::Short).first(id.into()))
    }

    /// Version2, 0x20 and more.
    pub fn version2(self) -> Option<u8> {
        self.extension(0)?.first().copied()
    }

    /// Device Name, 32 octets of UTF-8 at the most.
    pub fn device_name(self) -> Option<&'a [u8]> {
        self.text(0x1011, 32)
    }

    /// Manufacturer, 64 octets.
    pub fn manufacturer(self) -> Option<&'a [u8]> {
        self.text(0x1021, 64)
    }

    /// Model Name, 32 octets.
    pub fn model_name(self) -> Option<&'a [u8]> {
        self.text(0x1023, 32)
    }

    /// Model Number, 32 octets.
    pub fn model_number(self) -> Option<&'a [u8]> {
        self.text(0x1024, 32)
    }

    /// Serial Number, 32 octets.
    pub fn serial_number(self) -> Option<&'a [u8]> {
        self.text(0x1042, 32)
    }

    /// Primary Device Type.
    pub fn primary_device_type(self) -> Option<DeviceType> {
        self.0.first(0x1054)?.first_chunk().map(DeviceType::new)
    }

    /// Secondary Device Type List, 16 at the most.
    pub fn secondary_device_types(self) -> impl Iterator<Item = DeviceType> + 'a {
        let list = self.0.first(0x1055).unwrap_or_default();
        list.as_chunks().0.iter().take(16).map(DeviceType::new)
    }

    /// Configuration Methods.
    pub fn config_methods(self) -> Option<ConfigMethods> {
        self.word(0x1008).map(ConfigMethods)
    }

    /// UUID of the enrollee.
    pub fn uuid(self) -> Option<&'a [u8; 16]> {
        self.0.first(0x1047)?.first_chunk()
    }

    /// Request Type: 0 enrollee for information, 1 enrollee, 2 registrar, 3 WLAN manager registrar.
    pub fn request_type(self) -> Option<u8> {
        self.octet(0x103a)
    }

    /// RF Bands: bit 0 is 2.4 GHz, bit 1 5 GHz, bit 2 60 GHz.
    pub fn rf_bands(self) -> Option<u8> {
        self.octet(0x103c)
    }

    /// Device Password ID (Table 37): 0 PIN, 4 push button.
    pub fn device_password_id(self) -> Option<u16> {
        self.word(0x1012)
    }
}

/// Primary or secondary device type (Table 41).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceType {
    /// Category.
    pub category: u16,
    /// Whose subcategories: 00-50-F2, type 4, for the Wi-Fi Alliance's.
    pub oui: [u8; 4],
    /// Subcategory.
    pub subcategory: u16,
}

impl DeviceType {
    pub(super) fn new(&[c0, c1, o0, o1, o2, o3, s0, s1]: &[u8; 8]) -> Self {
        Self {
            category: u16::from_be_bytes([c0, c1]),
            oui: [o0, o1, o2, o3],
            subcategory: u16::from_be_bytes([s0, s1]),
        }
    }

    /// Its category and its subcategory by name, of the Wi-Fi Alliance's.
    pub fn names(self) -> (Option<&'static str>, Option<&'static str>) {
        if self.oui != [0x00, 0x50, 0xf2, 0x04] {
            return (None, None);
        }
        super::wps_types::names(self.category, self.subcategory)
    }
}

/// Configuration Methods (Table 33), as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigMethods(pub u16);

impl ConfigMethods {
    /// Names by bit.
    const NAMES: [(usize, &'static str); 14] = [
        (0, "USB"),
        (1, "Ethernet"),
        (2, "label"),
        (3, "display"),
        (4, "external NFC token"),
        (5, "integrated NFC token"),
        (6, "NFC interface"),
        (7, "push button"),
        (8, "keypad"),
        (9, "virtual push button"),
        (10, "physical push button"),
        (12, "P2PS"),
        (13, "virtual display"),
        (14, "physical display"),
    ];

    /// The names of the bits that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let octets = self.0.to_le_bytes();
        Self::NAMES
            .into_iter()
            .filter_map(move |(bit, name)| (Bits(&octets).get(bit) == Some(true)).then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_attribute() {
        let mut octets = vec![
            0x10, 0x4a, 0, 1, 0x10, 0x10, 0x3a, 0, 1, 1, 0x10, 0x08, 0, 2, 0x42, 0x88,
        ];
        octets.extend([0x10, 0x54, 0, 8, 0, 10, 0, 0x50, 0xf2, 4, 0, 5]);
        octets.extend([0x10, 0x11, 0, 3, b'T', b'V', 0xff]);
        octets.extend([0x10, 0x49, 0, 3, 1, 2, 3, 0x10, 0x49, 0, 6, 0, 0x37, 0x2a, 0, 1, 0x20]);
        octets.extend([0x10, 0x12, 0, 2, 0, 4, 0x10, 0x3c, 0, 1, 3, 0x10, 0x23, 0, 200, b'x']);
        let wps = Wps::new(&octets);
        assert_eq!(
            (wps.version(), wps.version2(), wps.request_type()),
            (Some(0x10), Some(0x20), Some(1))
        );
        assert_eq!(wps.device_name(), Some(&b"TV\xff"[..]));
        let kind = wps.primary_device_type().unwrap();
        assert_eq!(kind.names(), (Some("Telephone"), Some("Smartphone, dual mode")));
        let methods: Vec<_> = wps.config_methods().unwrap().names().collect();
        assert_eq!(
            methods,
            ["display", "push button", "virtual push button", "physical display"]
        );
        assert_eq!((wps.device_password_id(), wps.rf_bands()), (Some(4), Some(3)));
        assert_eq!(wps.model_name(), None, "cut off");
        assert_eq!((wps.uuid(), wps.attributes().count()), (None, 9));
    }

    #[test]
    fn texts_end_at_the_specifications_limit() {
        let mut octets = vec![0x10, 0x11, 1, 0];
        octets.extend([b'n'; 256]);
        assert_eq!(Wps::new(&octets).device_name(), Some(&[b'n'; 32][..]));
        let of_another = DeviceType::new(&[0, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(of_another.names(), (None, None));
    }
}
