//! Network interfaces as sysfs shows them: no privilege, no netlink.

use std::{fs, path::Path};

use serde::Serialize;

use super::link::link;

/// `ARPHRD_ETHER`, `ARPHRD_LOOPBACK` and the three of 802.11 (Linux `include/uapi/linux/if_arp.h`).
const ARPHRD_ETHER: u32 = 1;
const ARPHRD_LOOPBACK: u32 = 772;
const ARPHRD_IEEE80211: u32 = 801;
const ARPHRD_IEEE80211_PRISM: u32 = 802;
const ARPHRD_IEEE80211_RADIOTAP: u32 = 803;

/// What kind of frames an interface carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Wi-Fi monitor with radiotap headers: for `-i`.
    Monitor,
    /// Wi-Fi with Ethernet frames (managed, AP, mesh …): for `-i`, which adds a monitor beside it, and for `--data`.
    Wireless,
    /// Wi-Fi monitor without radiotap headers, which the programs do not read.
    BareMonitor,
    /// Ethernet: for `--data`.
    Ethernet,
    /// Loopback: for `--data`.
    Loopback,
    /// Anything else (tunnels without Ethernet header).
    Other,
}

impl Kind {
    /// The programs can count packets here.
    #[must_use]
    pub fn carries_ethernet(self) -> bool {
        matches!(self, Self::Wireless | Self::Ethernet | Self::Loopback)
    }
}

/// One network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its index.
    pub index: u32,
    /// What it carries.
    pub kind: Kind,
    /// Its address, 6 octets in hex for Ethernet and Wi-Fi.
    pub address: String,
    /// Administratively up.
    pub up: bool,
    /// The driver's name, where there is one.
    pub driver: Option<String>,
    /// The wireless device's name, such as `phy0`.
    pub phy: Option<String>,
}

/// Every network interface of this namespace, by name. Empty where sysfs is not mounted.
#[must_use]
pub fn interfaces() -> Vec<Interface> {
    let mut found: Vec<_> = existing_names().iter().filter_map(|name| interface(name)).collect();
    found.sort_by(|one, two| one.name.cmp(&two.name));
    found
}

/// The names of all interfaces of the calling thread's network namespace, sorted.
#[must_use]
pub fn existing_names() -> Vec<String> {
    // Not /sys/class/net: a sysfs mount shows the namespace that it was mounted in.
    let text = fs::read_to_string("/proc/thread-self/net/dev").unwrap_or_default();
    let mut names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.trim().to_owned())
        .collect();
    names.sort();
    names
}

/// One interface by name; `None` if there is none of that name.
#[must_use]
pub fn interface(name: &str) -> Option<Interface> {
    if name.is_empty() || name.contains('/') || name == "." || name == ".." {
        return None;
    }
    let link = link(name)?;
    let folder = Path::new("/sys/class/net").join(name);
    let wireless = folder.join("phy80211").exists();
    Some(Interface {
        name: name.to_owned(),
        index: link.index,
        kind: kind(link.hardware_type, wireless),
        address: link.address.to_string(),
        up: link.up,
        driver: fs::read_link(folder.join("device/driver"))
            .ok()
            .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned())),
        phy: text(&folder.join("phy80211/name")),
    })
}

fn kind(hardware_type: u32, wireless: bool) -> Kind {
    match hardware_type {
        ARPHRD_IEEE80211_RADIOTAP => Kind::Monitor,
        ARPHRD_IEEE80211 | ARPHRD_IEEE80211_PRISM => Kind::BareMonitor,
        ARPHRD_LOOPBACK => Kind::Loopback,
        ARPHRD_ETHER if wireless => Kind::Wireless,
        ARPHRD_ETHER => Kind::Ethernet,
        _ => Kind::Other,
    }
}

fn text(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}
