//! What a device says about itself by Wi-Fi Protected Setup and Wi-Fi Direct.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AirText, air_text::hex, named};
use crate::dot11::element::vendor;

/// The attributes of Wi-Fi Protected Setup; what is not sent is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wps {
    /// `1.0`, or the higher one of version 2 (`2.0`).
    pub version: Option<String>,
    /// Device name.
    pub device_name: Option<AirText>,
    /// Manufacturer.
    pub manufacturer: Option<AirText>,
    /// Model name.
    pub model_name: Option<AirText>,
    /// Model number.
    pub model_number: Option<AirText>,
    /// Serial number.
    pub serial_number: Option<AirText>,
    /// Primary device type.
    pub primary_device_type: Option<DeviceType>,
    /// Secondary device types.
    pub secondary_device_types: Vec<DeviceType>,
    /// Configuration methods by name.
    pub config_methods: Vec<&'static str>,
    /// UUID of the enrollee, `8-4-4-4-12`.
    pub uuid: Option<String>,
    /// `enrollee for information`, `enrollee`, `registrar`, `WLAN manager registrar`, or its number.
    pub request_type: Option<String>,
    /// Bands by name.
    pub rf_bands: Vec<&'static str>,
    /// Device password id by name, or its number.
    pub device_password_id: Option<String>,
    /// The hexadecimal digits of texts above that are not UTF-8, by key.
    pub not_utf8: BTreeMap<&'static str, String>,
}

/// A device type of WPS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceType {
    /// Category.
    pub category: u16,
    /// Its name, where it is the Wi-Fi Alliance's.
    pub category_name: Option<&'static str>,
    /// Subcategory.
    pub subcategory: u16,
    /// Its name, likewise.
    pub subcategory_name: Option<&'static str>,
}

impl DeviceType {
    pub(super) fn of(kind: vendor::DeviceType) -> Self {
        let (category_name, subcategory_name) = kind.names();
        Self {
            category: kind.category,
            category_name,
            subcategory: kind.subcategory,
            subcategory_name,
        }
    }

    /// `Telephone: Smartphone, dual mode`.
    pub fn label(self) -> String {
        let name = |name: Option<&'static str>, number: u16| name.map_or_else(|| number.to_string(), str::to_owned);
        let category = name(self.category_name, self.category);
        format!("{category}: {}", name(self.subcategory_name, self.subcategory))
    }
}

impl Wps {
    /// Reads the joined contents of the elements.
    pub(super) fn of(wps: vendor::Wps<'_>) -> Self {
        let texts = [
            ("device_name", wps.device_name()),
            ("manufacturer", wps.manufacturer()),
            ("model_name", wps.model_name()),
            ("model_number", wps.model_number()),
            ("serial_number", wps.serial_number()),
        ];
        let [device_name, manufacturer, model_name, model_number, serial_number] =
            texts.map(|(_, text)| AirText::of(text));
        let not_utf8 = texts
            .into_iter()
            .filter_map(|(key, text)| Some((key, AirText::of(text)?.hex()?)))
            .collect();
        let bands = wps.rf_bands().unwrap_or(0);
        Self {
            version: wps
                .version2()
                .or(wps.version())
                .map(|version| format!("{}.{}", version >> 4, version & 15)),
            device_name,
            manufacturer,
            model_name,
            model_number,
            serial_number,
            primary_device_type: wps.primary_device_type().map(DeviceType::of),
            secondary_device_types: wps.secondary_device_types().map(DeviceType::of).collect(),
            config_methods: wps
                .config_methods()
                .map(|methods| methods.names().collect())
                .unwrap_or_default(),
            uuid: wps.uuid().map(uuid),
            request_type: wps.request_type().map(|kind| {
                let names = [
                    "enrollee for information",
                    "enrollee",
                    "registrar",
                    "WLAN manager registrar",
                ];
                named(kind, &[(0, names[0]), (1, names[1]), (2, names[2]), (3, names[3])])
            }),
            rf_bands: [(1, "2.4 GHz"), (2, "5 GHz"), (4, "60 GHz")]
                .into_iter()
                .filter_map(|(bit, name)| (bands & bit != 0).then_some(name))
                .collect(),
            device_password_id: wps.device_password_id().map(|id| {
                let names = [
                    (0, "PIN"),
                    (1, "user-specified"),
                    (2, "machine-specified"),
                    (3, "rekey"),
                    (4, "push button"),
                    (5, "registrar-specified"),
                    (7, "NFC connection handover"),
                    (8, "P2PS default"),
                ];
                named(id, &names)
            }),
            not_utf8,
        }
    }
}

fn uuid(octets: &[u8; 16]) -> String {
    let digits = hex(octets);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
    parts.join("-")
}

/// What a device says by Wi-Fi Direct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct P2p {
    /// Its capabilities by name, the device's and then the group's.
    pub capabilities: Vec<&'static str>,
    /// Country of the listen channel, operating class and channel: `XX 81/6`.
    pub listen_channel: Option<String>,
    /// P2P device address.
    pub device_address: Option<String>,
    /// Device name.
    pub device_name: Option<AirText>,
    /// Its hexadecimal digits, where it is not UTF-8.
    pub device_name_hex: Option<String>,
    /// Primary device type of WPS.
    pub primary_device_type: Option<DeviceType>,
    /// Configuration methods by name.
    pub config_methods: Vec<&'static str>,
}

impl P2p {
    /// Reads the joined contents of the elements.
    pub(super) fn of(p2p: vendor::P2p<'_>) -> Self {
        let info = p2p.device_info();
        let device_name = AirText::of(info.and_then(|info| info.device_name));
        Self {
            capabilities: p2p.capability_names().collect(),
            listen_channel: p2p.listen_channel().map(|([a, b, _], class, channel)| {
                // Two letters, and how to read them: nothing that a terminal could take for more.
                let country = [a, b].map(|letter| {
                    if letter.is_ascii_alphanumeric() {
                        char::from(letter)
                    } else {
                        '?'
                    }
                });
                format!("{}{} {class}/{channel}", country[0], country[1])
            }),
            device_address: info.map(|info| info.address.to_string()),
            device_name_hex: device_name.as_ref().and_then(AirText::hex),
            device_name,
            primary_device_type: info.map(|info| DeviceType::of(info.primary_device_type)),
            config_methods: info
                .map(|info| info.config_methods.names().collect())
                .unwrap_or_default(),
        }
    }
}
