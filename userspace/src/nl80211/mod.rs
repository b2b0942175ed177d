//! Wireless interfaces through nl80211 (Linux `include/uapi/linux/nl80211.h`), and every network interface through sysfs.

mod client;
mod error;
mod interfaces;
mod link;

pub use client::{Nl80211, WirelessInterface};
pub use error::Nl80211Error;
pub use interfaces::{Interface, Kind, existing_names, interface, interfaces};
