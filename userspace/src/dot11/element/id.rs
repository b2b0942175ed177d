//! Ids of elements (Table 9-92).

use std::fmt;

use super::names;

/// What kind of element: its id, and the extension id where the id is 255 (Table 9-92).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElementId {
    pub(in crate::dot11) id: u8,
    pub(in crate::dot11) extension: u8,
}

/// Ids of the elements that airlens reads.
impl ElementId {
    /// SSID (9.4.2.2).
    pub const SSID: Self = Self::new(0);
    /// Supported Rates and BSS Membership Selectors (9.4.2.3).
    pub const SUPPORTED_RATES: Self = Self::new(1);
    /// DSSS Parameter Set (9.4.2.4).
    pub const DSSS_PARAMETER_SET: Self = Self::new(3);
    /// TIM (9.4.2.5).
    pub const TIM: Self = Self::new(5);
    /// Country (9.4.2.8).
    pub const COUNTRY: Self = Self::new(7);
    /// BSS Load (9.4.2.27).
    pub const BSS_LOAD: Self = Self::new(11);
    /// Power Constraint (9.4.2.13).
    pub const POWER_CONSTRAINT: Self = Self::new(32);
    /// Power Capability (9.4.2.14).
    pub const POWER_CAPABILITY: Self = Self::new(33);
    /// Supported Channels (9.4.2.17).
    pub const SUPPORTED_CHANNELS: Self = Self::new(36);
    /// Channel Switch Announcement (9.4.2.18).
    pub const CHANNEL_SWITCH: Self = Self::new(37);
    /// ERP (9.4.2.11).
    pub const ERP: Self = Self::new(42);
    /// HT Capabilities (9.4.2.55).
    pub const HT_CAPABILITIES: Self = Self::new(45);
    /// QoS Capability (9.4.2.34).
    pub const QOS_CAPABILITY: Self = Self::new(46);
    /// RSN (9.4.2.24).
    pub const RSN: Self = Self::new(48);
    /// Extended Supported Rates and BSS Membership Selectors (9.4.2.12).
    pub const EXTENDED_RATES: Self = Self::new(50);
    /// AP Channel Report (9.4.2.35).
    pub const AP_CHANNEL_REPORT: Self = Self::new(51);
    /// Neighbor Report (9.4.2.36).
    pub const NEIGHBOR_REPORT: Self = Self::new(52);
    /// Mobility Domain (9.4.2.46).
    pub const MOBILITY_DOMAIN: Self = Self::new(54);
    /// Fast BSS Transition (9.4.2.47).
    pub const FAST_BSS_TRANSITION: Self = Self::new(55);
    /// Timeout Interval (9.4.2.48).
    pub const TIMEOUT_INTERVAL: Self = Self::new(56);
    /// Supported Operating Classes (9.4.2.53).
    pub const OPERATING_CLASSES: Self = Self::new(59);
    /// Extended Channel Switch Announcement (9.4.2.52).
    pub const EXTENDED_CHANNEL_SWITCH: Self = Self::new(60);
    /// HT Operation (9.4.2.56).
    pub const HT_OPERATION: Self = Self::new(61);
    /// RM Enabled Capabilities (9.4.2.44).
    pub const RM_CAPABILITIES: Self = Self::new(70);
    /// Multiple BSSID (9.4.2.45).
    pub const MULTIPLE_BSSID: Self = Self::new(71);
    /// Extended Capabilities (9.4.2.26).
    pub const EXTENDED_CAPABILITIES: Self = Self::new(127);
    /// VHT Capabilities (9.4.2.157).
    pub const VHT_CAPABILITIES: Self = Self::new(191);
    /// VHT Operation (9.4.2.158).
    pub const VHT_OPERATION: Self = Self::new(192);
    /// Transmit Power Envelope (9.4.2.161).
    pub const TRANSMIT_POWER_ENVELOPE: Self = Self::new(195);
    /// Reduced Neighbor Report (9.4.2.170).
    pub const REDUCED_NEIGHBOR_REPORT: Self = Self::new(201);
    /// Vendor Specific (9.4.2.25).
    pub const VENDOR: Self = Self::new(221);
    /// Fragment (9.4.2.188).
    pub const FRAGMENT: Self = Self::new(242);
    /// RSN Extension (9.4.2.241).
    pub const RSNX: Self = Self::new(244);
    /// HE Capabilities (IEEE Std 802.11ax-2021 9.4.2.248).
    pub const HE_CAPABILITIES: Self = Self::extension(35);
    /// HE Operation (IEEE Std 802.11ax-2021 9.4.2.249).
    pub const HE_OPERATION: Self = Self::extension(36);
    /// MU EDCA Parameter Set (IEEE Std 802.11ax-2021 9.4.2.251).
    pub const MU_EDCA: Self = Self::extension(38);
    /// Spatial Reuse Parameter Set (IEEE Std 802.11ax-2021 9.4.2.252).
    pub const SPATIAL_REUSE: Self = Self::extension(39);
    /// Non-Inheritance (9.4.2.240).
    pub const NON_INHERITANCE: Self = Self::extension(56);
    /// HE 6 GHz Band Capabilities (IEEE Std 802.11ax-2021 9.4.2.263).
    pub const HE_6_GHZ: Self = Self::extension(59);
    /// Rejected Groups (9.4.2.246).
    pub const REJECTED_GROUPS: Self = Self::extension(92);
    /// Anti-Clogging Token Container (9.4.2.247).
    pub const ANTI_CLOGGING_TOKEN: Self = Self::extension(93);
    /// EHT Operation (IEEE Std 802.11be-2024 9.4.2.321).
    pub const EHT_OPERATION: Self = Self::extension(106);
    /// Multi-Link (IEEE Std 802.11be-2024 9.4.2.322).
    pub const MULTI_LINK: Self = Self::extension(107);
    /// EHT Capabilities (IEEE Std 802.11be-2024 9.4.2.323).
    pub const EHT_CAPABILITIES: Self = Self::extension(108);
    /// Non-AP STA Regulatory Connectivity (IEEE Std 802.11-2024 E.2.7).
    pub const REGULATORY_CONNECTIVITY: Self = Self::extension(137);

    /// An element without extension id.
    pub const fn new(id: u8) -> Self {
        Self { id, extension: 0 }
    }

    /// An element of id 255 and this extension id.
    pub const fn extension(extension: u8) -> Self {
        Self { id: 255, extension }
    }

    /// The id; 255 where there is an extension id.
    pub fn id(self) -> u8 {
        self.id
    }

    /// The extension id, where the id is 255.
    pub fn extension_id(self) -> Option<u8> {
        (self.id == 255).then_some(self.extension)
    }

    /// The standard's name of the element; `None` of reserved ids, and of newer ones.
    pub fn name(self) -> Option<&'static str> {
        match self.id {
            255 => names::extended_name(self.extension),
            id => names::name(id),
        }
    }

    /// Several in one frame are several statements: no duplicates. Multi-Link elements differ by type.
    pub(super) fn may_repeat(self) -> bool {
        matches!(
            self,
            Self::VENDOR
                | Self::MULTI_LINK
                | Self::AP_CHANNEL_REPORT
                | Self::NEIGHBOR_REPORT
                | Self::MULTIPLE_BSSID
                | Self::TRANSMIT_POWER_ENVELOPE
                | Self::REDUCED_NEIGHBOR_REPORT
        )
    }
}

impl fmt::Display for ElementId {
    /// `45`, or `255/35` with an extension.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            255 => write!(f, "255/{}", self.extension),
            id => write!(f, "{id}"),
        }
    }
}
