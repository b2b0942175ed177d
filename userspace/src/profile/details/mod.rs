//! What a request says beside the radio's numbers: the Wi-Fi Alliance's programs, 6 GHz, the bits of capability elements by
//! name. It is read from the profile's packet when a form of output asks for it, so that a profile costs no more.

mod air_text;
mod alliance;
mod six_ghz;
mod wps;

use std::fmt::Display;

use serde::Serialize;

pub use air_text::AirText;
pub use alliance::{Alliance, ChannelReport, Hotspot2, Mbo, MultiAp, Oce, Uapsd, WifiDisplay, Wpa};
pub use six_ghz::{Capabilities as SixGhzBand, SixGhz};
pub use wps::{DeviceType, P2p, Wps};

use super::Profile;
use crate::dot11::{
    Bits,
    element::{CapabilityField, ElementId, Elements, MultiLink, RsnElement, vendor},
};

/// Everything, by the keys of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Details {
    /// The AKMs of RSN by name, those of every owner; `00-0f-ac:99` where one has no name.
    pub akm_names: Vec<String>,
    /// RSN Extension: names of its bits.
    pub rsnx_capabilities: Option<Vec<String>>,
    /// RM Enabled Capabilities: names of its bits.
    pub rm_capabilities: Option<Vec<String>>,
    /// Extended Capabilities: names of its bits.
    pub extended_capabilities: Option<Vec<String>>,
    /// QoS Capability.
    pub qos_capability: Option<Uapsd>,
    /// `A` or `B`, how exactly the station sets its power in trigger-based PPDUs (IEEE Std 802.11ax-2021 27.3.15.3): HE PHY
    /// bit 12. Not a regulatory class.
    pub he_device_class: Option<&'static str>,
    /// The Wi-Fi Alliance's programs, by the association request.
    #[serde(flatten)]
    pub alliance: Alliance,
    /// 6 GHz.
    pub six_ghz: Option<SixGhz>,
    /// The Wi-Fi Alliance's programs, by the last probe request of the same station; `None` where none was heard.
    pub probe_request: Option<Alliance>,
    /// 6 GHz by each further link, in the profile's order; in JSON with the links.
    #[serde(skip)]
    pub links: Vec<Option<SixGhz>>,
    /// The vendor elements in the profile's order; in JSON beside their owners.
    #[serde(skip)]
    pub vendors: Vec<VendorContent>,
}

/// What a vendor element is and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorContent {
    /// Its name, where its owner's type is publicly documented.
    pub name: Option<&'static str>,
    /// What is behind the OUI, as hexadecimal digits.
    pub content: String,
}

impl Details {
    /// Reads a profile's request once more.
    pub fn of(profile: &Profile) -> Self {
        let elements = Elements::parse(profile.elements());
        let payload = |id| elements.first(id);
        let names = |field: CapabilityField, id| payload(id).map(|payload| field.set(payload));
        let rsn = payload(ElementId::RSN).map(RsnElement::new).unwrap_or_default();
        let (links, _) = elements.multi_link().map(MultiLink::links).unwrap_or_default();
        let he_device_class = payload(ElementId::HE_CAPABILITIES).and_then(|he| Bits(he.get(6..)?).get(12));
        Self {
            akm_names: rsn.akms().map(vendor::akm_suite_name).collect(),
            rsnx_capabilities: names(CapabilityField::RsnExtension, ElementId::RSNX),
            rm_capabilities: names(CapabilityField::RadioMeasurement, ElementId::RM_CAPABILITIES),
            extended_capabilities: names(CapabilityField::Extended, ElementId::EXTENDED_CAPABILITIES),
            qos_capability: payload(ElementId::QOS_CAPABILITY)
                .and_then(<[u8]>::first)
                .map(|&info| Uapsd::of(vendor::QosInfo(info))),
            he_device_class: he_device_class.map(|is_a| if is_a { "A" } else { "B" }),
            alliance: Alliance::of(&elements),
            six_ghz: SixGhz::of(&elements),
            probe_request: profile
                .probe_vendors
                .as_deref()
                .map(|octets| Alliance::of(&Elements::parse(octets))),
            links: links.iter().map(|link| SixGhz::of(&elements.of_link(link))).collect(),
            vendors: elements
                .vendors()
                .map(|element| VendorContent {
                    name: element.name(),
                    content: air_text::hex(element.content),
                })
                .collect(),
        }
    }
}

/// A number's name, or the number.
fn named<N: Copy + PartialEq + Display>(number: N, names: &[(N, &str)]) -> String {
    names
        .iter()
        .find(|(other, _)| *other == number)
        .map_or_else(|| number.to_string(), |&(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests;
