//! Why a channel can't be used, and the way out.

use crate::dot11::{ChannelWidth, Tuning};

/// Why a device can't be tuned so, or must not transmit there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelRefusal {
    /// The device has no such channel.
    #[error("the device has no {0}: `airlens interfaces --channels` shows its channels")]
    Missing(Tuning),
    /// The regulatory domain closes it, or the driver does.
    #[error(
        "{0} is closed under the regulatory domain in force: set your country with `iw reg set CC`, or take another channel (`airlens interfaces --channels`)"
    )]
    Disabled(Tuning),
    /// Only after another's transmission was heard there (`NL80211_FREQUENCY_ATTR_NO_IR`).
    #[error(
        "{0} is for listening only (no-IR) under the regulatory domain in force: set your country with `iw reg set CC`, take another channel (`airlens interfaces --channels`), or use `--mode listen`"
    )]
    NoIr(Tuning),
    /// Only after a check for radar, which airlens does not make.
    #[error(
        "{0} needs a check for radar before anything is sent: take a channel without `radar` (`airlens interfaces --channels`), or use `--mode listen`"
    )]
    Radar(Tuning),
    /// Too wide for the device or for the rules of the place.
    #[error("{wanted} is too wide for the device there: take {} MHz", widest.mhz())]
    Width {
        /// What was wanted.
        wanted: Tuning,
        /// The most that it takes.
        widest: ChannelWidth,
    },
}
