//! How a run meets its clients: by an access point of its own, by one that is injected, by hostapd's, or not at all.

mod answerer;
mod ap;
mod beacons;
mod fakeap;
mod inject;
mod plan;
mod report;
mod start;

pub(super) use plan::{Device, Intent};
pub(super) use start::{Mode, ModeFailure, Transmit};
