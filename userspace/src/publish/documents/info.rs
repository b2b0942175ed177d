//! The info document: what a run works with and how far it is.

use serde::{Deserialize, Serialize};

use super::{Mode, SCHEMA_VERSION, UtcSeconds};

/// The interfaces of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interfaces {
    /// The access point's; empty in `listen` mode.
    pub ap: String,
    /// The one that captures.
    pub monitor: String,
}

/// What a run works with. Everything that is not known (yet) is empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Radio {
    /// `phy0`.
    pub phy: String,
    /// Access point and monitor interface.
    pub interfaces: Interfaces,
    /// IEEE 802.11 channel number.
    pub channel: u32,
    /// Centre of the primary channel, MHz.
    pub frequency: u32,
    /// Two letters of ISO 3166-1.
    pub country_code: String,
    /// The network's name.
    pub ssid: String,
    /// The access point's address, `44:a3:bb:06:c1:29`.
    pub bssid: String,
    /// How clients are met.
    pub mode: Mode,
    /// WPA2/WPA3 passphrase. This document alone holds it.
    pub passphrase: String,
}

/// How far a run is. Counts start at 0 with the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Profiles published.
    pub profile_count: u64,
    /// Requests that gave no profile.
    pub failed_profile_count: u64,
    /// Different stations seen.
    pub total_clients_seen: u64,
    /// Frames that could not be decoded.
    pub invalid_frame_count: u64,
    /// Frames with a bad frame check sequence.
    pub bad_fcs_count: u64,
    /// The client profiled last, `aa:bb:cc:dd:ee:ff`.
    pub last_profile: Option<String>,
    /// When it was profiled.
    pub last_profile_timestamp: Option<UtcSeconds>,
}

/// `STEM.info.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfoDocument {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// airlens's version.
    pub profiler_version: String,
    /// What the run works with.
    #[serde(flatten)]
    pub radio: Radio,
    /// When the run started.
    pub started_at: UtcSeconds,
    /// Whole seconds since then.
    pub uptime_seconds: u64,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
}

impl InfoDocument {
    /// The document of a run that starts now.
    #[must_use]
    pub fn new(version: &str, radio: Radio, started_at: UtcSeconds) -> Self {
        Self {
            schema_version: SCHEMA_VERSION.into(),
            profiler_version: version.into(),
            radio,
            started_at,
            uptime_seconds: 0,
            progress: Progress::default(),
        }
    }
}
