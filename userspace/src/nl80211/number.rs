//! Numbers of attributes, `enum nl80211_attrs` (Linux `include/uapi/linux/nl80211.h`), as many as airlens uses.

pub(super) const WIPHY: u16 = 1;
pub(super) const IFINDEX: u16 = 3;
pub(super) const IFNAME: u16 = 4;
pub(super) const IFTYPE: u16 = 5;
pub(super) const MAC: u16 = 6;
pub(super) const MNTR_FLAGS: u16 = 23;
pub(super) const REG_ALPHA2: u16 = 33;
pub(super) const REG_RULES: u16 = 34;
pub(super) const WIPHY_FREQ: u16 = 38;
pub(super) const REG_INITIATOR: u16 = 48;
pub(super) const SSID: u16 = 52;
pub(super) const DFS_REGION: u16 = 146;
pub(super) const CHANNEL_WIDTH: u16 = 159;
pub(super) const CENTER_FREQ1: u16 = 160;
pub(super) const WIPHY_SELF_MANAGED_REG: u16 = 216;
