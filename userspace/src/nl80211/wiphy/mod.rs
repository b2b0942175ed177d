//! Wireless devices: what each can do.

mod band;
mod combination;
mod modes;
mod tunable;

use std::fs;

use serde::Serialize;
use wl_nl80211::Nl80211Command;

pub use band::{BandInfo, Caps, ChannelInfo, HtCaps, KindCaps, VhtCaps};
pub use combination::{Combination, Limit};
pub use modes::ModeReport;

use super::{
    InterfaceKind, Nl80211, Nl80211Error,
    attribute::{Attribute, Attributes},
    message::Message,
    number,
};
use crate::dot11::Band;

/// `NL80211_FEATURE_INACTIVITY_TIMER` and `NL80211_FEATURE_ACTIVE_MONITOR`.
const INACTIVITY_TIMER: u32 = 1 << 2;
const ACTIVE_MONITOR: u32 = 1 << 17;

/// A wireless device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wiphy {
    /// Its index.
    pub index: u32,
    /// Its name, such as `phy0`.
    pub name: String,
    /// The driver's name, where sysfs tells.
    pub driver: Option<String>,
    /// The kinds of interfaces that it can have.
    pub interface_kinds: Vec<InterfaceKind>,
    /// Its bands, in order of frequency.
    pub bands: Vec<BandInfo>,
    /// Which interfaces it takes at the same time.
    pub combinations: Vec<Combination>,
    /// A monitor can acknowledge frames to its address.
    pub active_monitor: bool,
    /// Associations are left to the driver when it is an AP: its frames are not given out.
    pub ap_sme: bool,
    /// The driver asks silent stations itself whether they are there ([`super::StartAp::inactivity`]).
    pub inactivity_timer: bool,
    /// Multi-link operation.
    pub multi_link: bool,
    /// It keeps to regulatory rules of its own.
    pub self_managed: bool,
    /// Networks that one scan can ask for by name.
    pub max_scan_ssids: u8,
    /// Types of management frames that user space can send, by kind of interface.
    pub tx_frame_types: Vec<FrameTypes>,
    /// Types of management frames that user space can take, by kind of interface.
    pub rx_frame_types: Vec<FrameTypes>,
    /// Commands that the driver takes (`enum nl80211_commands`).
    pub commands: Vec<u32>,
}

/// Frame types of a kind of interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FrameTypes {
    /// The kind.
    pub kind: InterfaceKind,
    /// The octets of the frame control field as numbers, such as 0x40.
    pub types: Vec<u16>,
}

impl Nl80211 {
    /// Every wireless device, by its index.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::NoWireless`] where the kernel has no cfg80211.
    pub async fn wiphys(&self) -> Result<Vec<Wiphy>, Nl80211Error> {
        // Without the flag the kernel leaves out what does not fit one message.
        let attributes = Attributes::default().flag(number::SPLIT_WIPHY_DUMP);
        self.read_wiphys(attributes).await
    }

    /// The wireless device of that index.
    ///
    /// # Errors
    ///
    /// [`Nl80211Error::Gone`] where there is none.
    pub async fn wiphy(&self, index: u32) -> Result<Wiphy, Nl80211Error> {
        let attributes = Attributes::default()
            .flag(number::SPLIT_WIPHY_DUMP)
            .u32(number::WIPHY, index);
        let found = self.read_wiphys(attributes).await?;
        let found = found.into_iter().find(|wiphy| wiphy.index == index);
        found.ok_or_else(|| {
            Nl80211Error::refused(libc::ENODEV, None, &format!("read what wireless device {index} can do"))
        })
    }

    async fn read_wiphys(&self, attributes: Attributes) -> Result<Vec<Wiphy>, Nl80211Error> {
        let parts = self
            .dump(Nl80211Command::GetWiphy, attributes, "list wireless devices")
            .await?;
        let mut found = merge(&parts);
        for wiphy in &mut found {
            let driver = fs::read_link(format!("/sys/class/ieee80211/{}/device/driver", wiphy.name));
            wiphy.driver = driver
                .ok()
                .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        }
        Ok(found)
    }
}

/// The devices that the parts of a dump describe.
fn merge(parts: &[Message]) -> Vec<Wiphy> {
    let mut found: Vec<Wiphy> = Vec::new();
    for part in parts {
        let Some(index) = part.find(number::WIPHY).and_then(Attribute::u32) else {
            continue;
        };
        let at = found.binary_search_by_key(&index, |wiphy| wiphy.index);
        let at = at.unwrap_or_else(|at| {
            let wiphy = Wiphy {
                index,
                ..Wiphy::default()
            };
            found.insert(at, wiphy);
            at
        });
        found[at].merge(part);
    }
    for wiphy in &mut found {
        // The kernel's numbers have 6 GHz behind 60 GHz.
        wiphy.bands.sort_by_key(|band| match band.band {
            Band::Ghz2 => 0,
            Band::Ghz5 => 1,
            Band::Ghz6 => 2,
            Band::Unknown => 3,
        });
    }
    found
}

impl Wiphy {
    /// It can have an interface of that kind.
    #[must_use]
    pub fn supports(&self, kind: InterfaceKind) -> bool {
        self.interface_kinds.contains(&kind)
    }

    /// The band, where it has it.
    #[must_use]
    pub fn band(&self, band: Band) -> Option<&BandInfo> {
        self.bands.iter().find(|info| info.band == band)
    }

    /// The channel whose centre is at `frequency` (MHz), where it has it.
    #[must_use]
    pub fn channel(&self, frequency: u32) -> Option<&ChannelInfo> {
        let mut channels = self.bands.iter().flat_map(|band| &band.channels);
        channels.find(|channel| channel.frequency == frequency)
    }

    /// User space can take frames of that type (0x40: probe requests) on interfaces of the kind.
    #[must_use]
    pub fn gives_out(&self, kind: InterfaceKind, frame_type: u16) -> bool {
        let types = self.rx_frame_types.iter().find(|types| types.kind == kind);
        types.is_some_and(|types| types.types.contains(&frame_type))
    }

    fn merge(&mut self, part: &Message) {
        for attribute in part.attributes() {
            match attribute.number {
                number::WIPHY_NAME => self.name = attribute.text(),
                number::SUPPORTED_IFTYPES => self.interface_kinds = kinds(attribute),
                number::WIPHY_BANDS => self.merge_bands(attribute),
                number::INTERFACE_COMBINATIONS => {
                    self.combinations = attribute.nested().map(Combination::read).collect();
                }
                number::FEATURE_FLAGS => {
                    let flags = attribute.u32().unwrap_or_default();
                    self.active_monitor = flags & ACTIVE_MONITOR != 0;
                    self.inactivity_timer = flags & INACTIVITY_TIMER != 0;
                }
                number::DEVICE_AP_SME => self.ap_sme = true,
                number::MLO_SUPPORT => self.multi_link = true,
                number::WIPHY_SELF_MANAGED_REG => self.self_managed = true,
                number::MAX_NUM_SCAN_SSIDS => self.max_scan_ssids = attribute.u8().unwrap_or_default(),
                number::TX_FRAME_TYPES => self.tx_frame_types = frame_types(attribute),
                number::RX_FRAME_TYPES => self.rx_frame_types = frame_types(attribute),
                number::SUPPORTED_COMMANDS => {
                    self.commands = attribute.nested().filter_map(Attribute::u32).collect();
                }
                _ => {}
            }
        }
    }

    /// A band comes in several parts, its channels a few at a time.
    fn merge_bands(&mut self, parts: Attribute<'_>) {
        for part in parts.nested() {
            let band = BandInfo::of_number(part.number);
            let at = self.bands.iter().position(|info| info.band == band);
            let at = at.unwrap_or_else(|| {
                self.bands.push(BandInfo {
                    band,
                    ..BandInfo::default()
                });
                self.bands.len() - 1
            });
            self.bands[at].merge(part);
        }
    }
}

/// Kinds as a list of flags.
fn kinds(flags: Attribute<'_>) -> Vec<InterfaceKind> {
    flags
        .nested()
        .map(|flag| InterfaceKind::of_number(flag.number.into()))
        .collect()
}

fn frame_types(by_kind: Attribute<'_>) -> Vec<FrameTypes> {
    by_kind
        .nested()
        .map(|types| FrameTypes {
            kind: InterfaceKind::of_number(types.number.into()),
            types: types.nested().filter_map(Attribute::u16).collect(),
        })
        .filter(|types| !types.types.is_empty())
        .collect()
}

#[cfg(test)]
mod tests;
