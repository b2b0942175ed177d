//! The three JSON documents of a run: status, info and state, field by field as their readers know them.
//!
//! In `listen` mode there is no access point: `ssid`, `bssid`, `passphrase` and `interfaces.ap` are then the empty
//! string, so that a field keeps its type and readers that print or concatenate it run unchanged. A channel or a
//! frequency that is not known is 0, a country code that is not known is empty. `last_profile` and its time are null
//! until there is a profile.

mod info;
mod state;
mod status;
mod time;

pub use info::{InfoDocument, Interfaces, Progress, Radio};
pub use state::{Configuration, Exit, ExitStatus, Metrics, Session, StateDocument};
pub use status::{Reason, RunState, StartupMethod, StatusDocument};
pub use time::UtcSeconds;

use serde::{Deserialize, Serialize};

/// The version of all three documents.
pub const SCHEMA_VERSION: &str = "1.0";

/// How a run meets its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// An access point run by hostapd.
    Hostapd,
    /// Beacons and responses sent by airlens itself.
    Fakeap,
    /// An access point started over nl80211.
    Ap,
    /// No transmission: whatever is on the air.
    #[default]
    Listen,
}

impl Mode {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hostapd => "hostapd",
            Self::Fakeap => "fakeap",
            Self::Ap => "ap",
            Self::Listen => "listen",
        }
    }
}

/// A document as its file holds it: indented by two, one newline at the end.
#[must_use]
pub fn to_file<T: Serialize>(document: &T) -> Vec<u8> {
    // Maps with string keys only: serialisation cannot fail for these types.
    let mut text = crate::json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}
