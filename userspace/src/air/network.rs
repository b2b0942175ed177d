//! What a network says of itself.

use super::Operation;
use crate::{
    dot11::{
        Address,
        element::{BssLoad, Country, ElementId, Elements, MultiLink, MultipleBssid, VendorElement},
        frame::Beacon,
    },
    profile::{Features, Security, Ssid},
};

/// Bit of Capability Information: Privacy (9.4.1.4).
const PRIVACY: u16 = 1 << 4;
/// Nontransmitted BSSID Capability (9.4.2.71).
const NONTRANSMITTED: ElementId = ElementId::new(83);
/// Multiple BSSID-Index (9.4.2.73).
const INDEX: ElementId = ElementId::new(85);
/// Networks of one Multiple BSSID set that are read.
const MOST_OF_A_SET: usize = 32;

/// What the last beacon or probe response of a network said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its name; `None` where it is hidden.
    pub ssid: Option<Ssid>,
    /// Where it is.
    pub operation: Operation,
    /// AKMs by name with `/` between, `WPA` with it; `WEP`; `open`.
    pub security: String,
    /// Management frame protection: `required`, `capable` or `no`; `None` without RSN capabilities.
    pub protection: Option<&'static str>,
    /// Of Wi-Fi, 4 to 7; `None` for older ones.
    pub generation: Option<u8>,
    /// Spatial streams of that generation.
    pub streams: Option<u8>,
    /// Two letters of the Country element.
    pub country: Option<[u8; 2]>,
    /// What it says of its load.
    pub load: Option<BssLoad>,
    /// Beacon interval in TU of 1,024 µs.
    pub interval: u16,
    /// `k`, `r`, `v` and others by the names that people use.
    pub features: Vec<&'static str>,
    /// Its multi-link device.
    pub mld: Option<Address>,
    /// Of a network of a Multiple BSSID set that does not send beacons: who sends them.
    pub transmitter: Option<Address>,
}

impl Network {
    /// Reads a frame, heard on a frequency in MHz: the network that sends it, and those of its Multiple BSSID set that it
    /// names.
    #[must_use]
    pub fn read(beacon: &Beacon<'_>, heard: Option<u16>) -> Vec<(Address, Self)> {
        let elements = Elements::parse(beacon.elements);
        let sender = beacon.header.bssid();
        let own = Self::of(&elements, beacon.capability, beacon.interval, heard);
        let sets: Vec<_> = elements
            .all(ElementId::MULTIPLE_BSSID)
            .filter_map(MultipleBssid::read)
            .collect();
        let others = sets.iter().flat_map(|set| {
            let own = &own;
            set.profiles
                .iter()
                .filter_map(move |profile| own.further(sender, set, profile))
        });
        let others: Vec<_> = others.take(MOST_OF_A_SET).collect();
        std::iter::once((sender, own)).chain(others).collect()
    }

    fn of(elements: &Elements<'_>, capability: u16, interval: u16, heard: Option<u16>) -> Self {
        let features = Features::of(elements);
        let generation = features.generation();
        Self {
            ssid: ssid(elements),
            operation: Operation::of(elements, heard),
            security: security(elements, capability),
            protection: protection(elements),
            generation: generation.map(|(generation, _)| generation),
            streams: generation.map(|(_, streams)| streams).filter(|streams| *streams > 0),
            country: country(elements),
            load: elements.first(ElementId::BSS_LOAD).and_then(BssLoad::read),
            interval,
            features: names(&features, elements),
            mld: elements.multi_link().and_then(MultiLink::address),
            transmitter: None,
        }
    }

    /// A network of the set that does not send itself (9.4.2.45): it has a name, and may have a security of its own; what
    /// its profile does not say is the sender's.
    fn further(&self, sender: Address, set: &MultipleBssid, profile: &[u8]) -> Option<(Address, Self)> {
        let elements = Elements::parse(profile);
        let index = *elements.first(INDEX)?.first()?;
        let capability = elements.first(NONTRANSMITTED).and_then(|payload| payload.first_chunk());
        let capability = u16::from_le_bytes(*capability?);
        if index == 0 {
            return None;
        }
        let mut network = Self {
            ssid: ssid(&elements),
            transmitter: Some(sender),
            ..self.clone()
        };
        if elements.first(ElementId::RSN).is_some() || capability & PRIVACY == 0 {
            network.security = security(&elements, capability);
            network.protection = protection(&elements);
        }
        Some((set.bssid(sender, index), network))
    }
}

/// Hidden ones send no octet of it, or zeros.
fn ssid(elements: &Elements<'_>) -> Option<Ssid> {
    let ssid = elements.first(ElementId::SSID)?;
    let named = ssid.iter().any(|octet| *octet != 0);
    // Longer ones are no SSID (9.4.2.2): what there is of it tells them apart.
    named.then(|| Ssid(ssid.iter().take(32).copied().collect()))
}

fn security(elements: &Elements<'_>, capability: u16) -> String {
    let rsn = Security::of(elements);
    let wpa = elements.vendor(VendorElement::wpa).is_some();
    let mut names: Vec<_> = wpa.then(|| "WPA".to_owned()).into_iter().collect();
    if rsn != Security::default() {
        // A list of AKMs is the sender's; its length ends here.
        names.extend(rsn.names().split(", ").take(8).map(str::to_owned));
    }
    names.retain(|name| !name.is_empty());
    match (names.is_empty(), elements.first(ElementId::RSN)) {
        (false, _) => names.join("/"),
        (true, Some(_)) => "RSN".to_owned(),
        (true, None) if capability & PRIVACY != 0 => "WEP".to_owned(),
        (true, None) => "open".to_owned(),
    }
}

fn protection(elements: &Elements<'_>) -> Option<&'static str> {
    let rsn = Security::of(elements);
    Some(match (rsn.protection_required?, rsn.protection_capable?) {
        (true, _) => "required",
        (false, true) => "capable",
        (false, false) => "no",
    })
}

fn country(elements: &Elements<'_>) -> Option<[u8; 2]> {
    let [a, b, _] = elements.first(ElementId::COUNTRY).and_then(Country::read)?.string;
    (a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric()).then_some([a, b])
}

fn names(features: &Features, elements: &Elements<'_>) -> Vec<&'static str> {
    let named = [
        (features.dot11k == 1, "k"),
        (features.dot11r == 1, "r"),
        (features.dot11v == 1, "v"),
        (features.rsnx_sae_h2e == 1, "H2E"),
        (features.qos_r1_mscs_support == 1, "MSCS"),
        (elements.multi_link().is_some(), "MLO"),
        (elements.first(ElementId::MULTIPLE_BSSID).is_some(), "MBSSID"),
        (elements.first(ElementId::REDUCED_NEIGHBOR_REPORT).is_some(), "RNR"),
    ];
    named
        .into_iter()
        .filter_map(|(there, name)| there.then_some(name))
        .collect()
}
