//! Wireless through nl80211 (Linux `include/uapi/linux/nl80211.h`): devices, interfaces, channels, the regulatory domain;
//! and every network interface through sysfs. No other program is run for it.
//!
//! Requests and answers are generic netlink messages with their attributes as octets: what comes from
//! drivers and from the air is read leniently, so one attribute that is unknown or damaged costs no other. `wl-nl80211`
//! gives the connection and the commands; its own attributes refuse a whole message for one that they can't read.

mod ap_event;
mod ap_socket;
pub(crate) mod attribute;
mod client;
mod error;
mod event;
mod holder;
mod interfaces;
mod kind;
pub mod link;
mod message;
mod number;
mod refusal;
mod regulatory;
mod scan;
mod socket;
mod station;
mod survey;
mod wiphy;
mod wireless;

pub use ap_event::ApEvent;
pub use ap_socket::{ApLost, ApSocket, Rsn, StartAp};
pub use client::Nl80211;
pub use error::Nl80211Error;
pub use event::{Event, Events};
pub use holder::{Holder, holders};
pub use interfaces::{Interface, Kind, existing_names, interface, interfaces};
pub use kind::InterfaceKind;
pub use refusal::ChannelRefusal;
pub use regulatory::{Initiator, Regulatory, RegulatoryRule};
pub use scan::{ScanRequest, ScannedBss};
pub use station::StationInfo;
pub use survey::Survey;
pub use wiphy::{
    BandInfo, Caps, ChannelInfo, Combination, FrameTypes, HtCaps, KindCaps, Limit, ModeReport, VhtCaps, Wiphy,
};
pub use wireless::{NewInterface, WirelessInterface};

/// As it displays.
fn as_text<S: serde::Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
