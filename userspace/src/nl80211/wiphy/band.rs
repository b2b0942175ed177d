//! A band of a device: channels, rates and what is announced to others.

use serde::{Serialize, Serializer};

use super::kinds;
use crate::{
    dot11::{Band, Channel},
    nl80211::{InterfaceKind, attribute::Attribute},
};

/// A frequency band that a device has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BandInfo {
    /// Which.
    #[serde(serialize_with = "band_name")]
    pub band: Band,
    /// Its channels.
    pub channels: Vec<ChannelInfo>,
    /// Rates before HT, in units of 100 kb/s.
    pub rates: Vec<u32>,
    /// HT capabilities.
    pub ht: Option<HtCaps>,
    /// VHT capabilities.
    pub vht: Option<VhtCaps>,
    /// HE and EHT capabilities by kind of interface.
    pub by_kind: Vec<KindCaps>,
}

/// A channel and its flags (`enum nl80211_frequency_attr`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelInfo {
    /// Its name, where it has one.
    #[serde(serialize_with = "channel_name")]
    pub channel: Option<Channel>,
    /// Its centre in MHz.
    pub frequency: u32,
    /// Closed.
    pub disabled: bool,
    /// For listening only, until another's transmission is heard.
    pub no_ir: bool,
    /// To be checked for radar before anything is sent.
    pub radar: bool,
    /// Indoors only.
    pub indoor_only: bool,
    /// No secondary channel above.
    pub no_ht40_plus: bool,
    /// No secondary channel below.
    pub no_ht40_minus: bool,
    /// Not within 80 MHz.
    pub no_80: bool,
    /// Not within 160 MHz.
    pub no_160: bool,
    /// Not within 320 MHz.
    pub no_320: bool,
    /// Without HE.
    pub no_he: bool,
    /// Without EHT.
    pub no_eht: bool,
    /// The highest power in hundredths of a dBm.
    pub max_power_mbm: u32,
    /// The highest power spectral density in dBm/MHz, where the kernel tells (Linux 6.8 and newer).
    pub psd: Option<i8>,
}

/// HT capabilities (IEEE Std 802.11-2020 9.4.2.55).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HtCaps {
    /// HT Capability Information.
    pub info: u16,
    /// A-MPDU length exponent.
    pub ampdu_factor: u8,
    /// A-MPDU spacing.
    pub ampdu_density: u8,
    /// Supported MCS set, 16 octets.
    #[serde(serialize_with = "hex")]
    pub mcs: Vec<u8>,
}

/// VHT capabilities (9.4.2.157).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VhtCaps {
    /// VHT Capabilities Information.
    pub info: u32,
    /// Supported MCS and NSS set, 8 octets.
    #[serde(serialize_with = "hex")]
    pub mcs: Vec<u8>,
}

/// What interfaces of some kinds announce in a band.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KindCaps {
    /// These kinds.
    pub kinds: Vec<InterfaceKind>,
    /// HE capabilities (9.4.2.248).
    pub he: Option<Caps>,
    /// HE 6 GHz Band Capabilities (9.4.2.263).
    pub he_6ghz: Option<u16>,
    /// EHT capabilities (IEEE Std 802.11be-2024 9.4.2.323).
    pub eht: Option<Caps>,
}

/// The parts of an HE or EHT Capabilities element.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caps {
    /// MAC capabilities.
    #[serde(serialize_with = "hex")]
    pub mac: Vec<u8>,
    /// PHY capabilities.
    #[serde(serialize_with = "hex")]
    pub phy: Vec<u8>,
    /// Supported MCS and NSS set.
    #[serde(serialize_with = "hex")]
    pub mcs: Vec<u8>,
    /// PPE thresholds.
    #[serde(serialize_with = "hex")]
    pub ppe: Vec<u8>,
}

fn hex<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let text: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    serializer.serialize_str(&text)
}

fn band_name<S: Serializer>(band: &Band, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match band {
        Band::Unknown => "unknown",
        Band::Ghz2 => "2.4",
        Band::Ghz5 => "5",
        Band::Ghz6 => "6",
    })
}

#[expect(clippy::ref_option, reason = "serde gives the field by reference")]
fn channel_name<S: Serializer>(channel: &Option<Channel>, serializer: S) -> Result<S::Ok, S::Error> {
    match channel {
        Some(channel) => serializer.collect_str(channel),
        None => serializer.serialize_none(),
    }
}

impl BandInfo {
    /// `enum nl80211_band`; what airlens has no channels of (60 GHz, S1G) is unknown.
    pub(super) fn of_number(number: u16) -> Band {
        match number {
            0 => Band::Ghz2,
            1 => Band::Ghz5,
            3 => Band::Ghz6,
            _ => Band::Unknown,
        }
    }

    /// HE and EHT capabilities of a kind of interface; a monitor has those of all.
    pub fn caps(&self, kind: InterfaceKind) -> impl Iterator<Item = &KindCaps> {
        self.by_kind
            .iter()
            .filter(move |caps| kind == InterfaceKind::Monitor || caps.kinds.contains(&kind))
    }

    /// Takes a part of the band's description (`enum nl80211_band_attr`).
    pub(super) fn merge(&mut self, part: Attribute<'_>) {
        for attribute in part.nested() {
            match attribute.number {
                1 => self.channels.extend(attribute.nested().map(ChannelInfo::read)),
                2 => self.rates.extend(
                    attribute
                        .nested()
                        .filter_map(|rate| rate.nested().find(|part| part.number == 1)?.u32()),
                ),
                3 => self.ht.get_or_insert_default().mcs = attribute.octets.to_vec(),
                4 => self.ht.get_or_insert_default().info = attribute.u16().unwrap_or_default(),
                5 => self.ht.get_or_insert_default().ampdu_factor = attribute.u8().unwrap_or_default(),
                6 => self.ht.get_or_insert_default().ampdu_density = attribute.u8().unwrap_or_default(),
                7 => self.vht.get_or_insert_default().mcs = attribute.octets.to_vec(),
                8 => self.vht.get_or_insert_default().info = attribute.u32().unwrap_or_default(),
                9 => self.by_kind.extend(attribute.nested().map(KindCaps::read)),
                _ => {}
            }
        }
    }
}

impl ChannelInfo {
    fn read(channel: Attribute<'_>) -> Self {
        let mut found = Self::default();
        for attribute in channel.nested() {
            match attribute.number {
                1 => {
                    found.frequency = attribute.u32().unwrap_or_default();
                    found.channel = Channel::at(found.frequency).ok();
                }
                2 => found.disabled = true,
                3 => found.no_ir = true,
                5 => found.radar = true,
                6 => found.max_power_mbm = attribute.u32().unwrap_or_default(),
                9 => found.no_ht40_minus = true,
                10 => found.no_ht40_plus = true,
                11 => found.no_80 = true,
                12 => found.no_160 = true,
                14 => found.indoor_only = true,
                19 => found.no_he = true,
                26 => found.no_320 = true,
                27 => found.no_eht = true,
                28 => found.psd = attribute.i8(),
                _ => {}
            }
        }
        found
    }

    /// Its flags in words, as the tables show them.
    #[must_use]
    pub fn flags(&self) -> Vec<&'static str> {
        [
            (self.disabled, "disabled"),
            (self.no_ir, "no-ir"),
            (self.radar, "radar"),
            (self.indoor_only, "indoor"),
            (self.no_ht40_plus, "no-40+"),
            (self.no_ht40_minus, "no-40-"),
            (self.no_80, "no-80"),
            (self.no_160, "no-160"),
            (self.no_320, "no-320"),
            (self.no_he, "no-he"),
            (self.no_eht, "no-eht"),
        ]
        .into_iter()
        .filter_map(|(set, word)| set.then_some(word))
        .collect()
    }
}

impl KindCaps {
    /// `enum nl80211_band_iftype_attr`.
    fn read(caps: Attribute<'_>) -> Self {
        let mut found = Self::default();
        for attribute in caps.nested() {
            let octets = || attribute.octets.to_vec();
            match attribute.number {
                1 => found.kinds = kinds(attribute),
                2 => found.he.get_or_insert_default().mac = octets(),
                3 => found.he.get_or_insert_default().phy = octets(),
                4 => found.he.get_or_insert_default().mcs = octets(),
                5 => found.he.get_or_insert_default().ppe = octets(),
                6 => found.he_6ghz = attribute.u16(),
                8 => found.eht.get_or_insert_default().mac = octets(),
                9 => found.eht.get_or_insert_default().phy = octets(),
                10 => found.eht.get_or_insert_default().mcs = octets(),
                11 => found.eht.get_or_insert_default().ppe = octets(),
                _ => {}
            }
        }
        found
    }
}
