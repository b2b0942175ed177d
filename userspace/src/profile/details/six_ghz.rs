//! What a request tells about 6 GHz. It doesn't tell the transmit power class that the client is certified for: very low
//! power and standard power devices look the same but for the regulatory connectivity of the newest ones.

use serde::Serialize;

use super::named;
use crate::dot11::element::{ElementId, Elements, RegulatoryConnectivity, SixGhzCapabilities};

/// What it tells; there is none of a request that says nothing about 6 GHz.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SixGhz {
    /// HE 6 GHz Band Capabilities, where they are there.
    pub capabilities: Option<Capabilities>,
    /// Operating classes of the band (131 to 137) among those that it lists, the current one included.
    pub operating_classes: Vec<u8>,
    /// It can associate with indoor access points (low power indoor, LPI); `None` where it doesn't say.
    pub indoor_ap: Option<bool>,
    /// It can associate with standard power access points (SP, under automated frequency coordination); likewise.
    pub standard_power_ap: Option<bool>,
}

/// HE 6 GHz Band Capabilities (IEEE Std 802.11ax-2021 9.4.2.263); what the element is too short for is not there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Capabilities {
    /// Time between MPDUs in an A-MPDU, in µs; 0 is no restriction.
    pub mpdu_start_spacing_us: Option<f32>,
    /// Longest A-MPDU that it receives, in octets.
    pub max_ampdu_octets: Option<u32>,
    /// Longest MPDU that it receives, in octets.
    pub max_mpdu_octets: Option<u16>,
    /// Power save with several receive chains: `static`, `dynamic`, `disabled`, or its number.
    pub sm_power_save: Option<String>,
    /// Answers in the reverse direction.
    pub rd_responder: Option<bool>,
    /// Its receive antenna pattern doesn't change while it is associated.
    pub rx_antenna_pattern_consistency: Option<bool>,
    /// Nor that of its transmit antennas.
    pub tx_antenna_pattern_consistency: Option<bool>,
}

impl SixGhz {
    /// Reads the elements of a request or of a link.
    pub fn of(elements: &Elements<'_>) -> Option<Self> {
        let capabilities = elements.first(ElementId::HE_6_GHZ).map(Capabilities::of);
        let classes = elements.first(ElementId::OPERATING_CLASSES).unwrap_or_default();
        let operating_classes: Vec<_> = classes
            .iter()
            .copied()
            .filter(|class| (131..=137).contains(class))
            .collect();
        let connectivity = elements
            .first(ElementId::REGULATORY_CONNECTIVITY)
            .map(RegulatoryConnectivity::new);
        let tells = capabilities.is_some() || !operating_classes.is_empty() || connectivity.is_some();
        tells.then(|| Self {
            capabilities,
            operating_classes,
            indoor_ap: connectivity.and_then(RegulatoryConnectivity::indoor),
            standard_power_ap: connectivity.and_then(RegulatoryConnectivity::standard_power),
        })
    }
}

impl Capabilities {
    fn of(payload: &[u8]) -> Self {
        let six = SixGhzCapabilities::new(payload);
        Self {
            mpdu_start_spacing_us: six.mpdu_start_spacing_us(),
            max_ampdu_octets: six.max_ampdu_octets(),
            max_mpdu_octets: six.max_mpdu_octets(),
            sm_power_save: six
                .sm_power_save()
                .map(|mode| named(mode, &[(0, "static"), (1, "dynamic"), (3, "disabled")])),
            rd_responder: six.rd_responder(),
            rx_antenna_pattern_consistency: six.rx_antenna_pattern_consistency(),
            tx_antenna_pattern_consistency: six.tx_antenna_pattern_consistency(),
        }
    }
}
