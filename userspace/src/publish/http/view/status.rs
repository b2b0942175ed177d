//! `/api/status`.

use serde::{Deserialize, Serialize};

use crate::publish::documents::{Mode, Reason, RunState, StartupMethod, UtcSeconds};

/// What a run works with and how far it is: the status and the info document in one, without the passphrase. What is not known
/// (yet) is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What the run is at.
    pub state: RunState,
    /// Why.
    pub reason: Option<Reason>,
    /// What failed and what to do, for people; in state `failed` alone.
    pub error: Option<String>,
    /// Who started it.
    pub startup_method: StartupMethod,
    /// The process.
    pub pid: u32,
    /// airlens's version.
    pub version: String,
    /// How clients are met.
    pub mode: Mode,
    /// `phy0`.
    pub phy: Option<String>,
    /// Access point and monitor.
    pub interfaces: StatusInterfaces,
    /// Interfaces whose packets and flows are counted.
    pub data: Vec<String>,
    /// IEEE 802.11 channel number.
    pub channel: Option<u32>,
    /// Centre of the primary channel, MHz.
    pub frequency: Option<u32>,
    /// Width of the channel, MHz.
    pub width: Option<u16>,
    /// Two letters of ISO 3166-1.
    pub country_code: Option<String>,
    /// The name of the run's own network.
    pub ssid: Option<String>,
    /// Its access point's address.
    pub bssid: Option<String>,
    /// What protects it, as the setting `security_mode` names it.
    pub security: Option<String>,
    /// When the run started.
    pub started_at: UtcSeconds,
    /// Whole seconds since then.
    pub uptime_seconds: u64,
    /// Profiles published.
    pub profile_count: u64,
    /// Clients that gave no profile.
    pub failed_profile_count: u64,
    /// Different stations seen.
    pub total_clients_seen: u64,
    /// The client profiled last, `aa:bb:cc:dd:ee:ff`.
    pub last_profile: Option<String>,
    /// When it was profiled.
    pub last_profile_timestamp: Option<UtcSeconds>,
    /// Where the API is served over TCP.
    pub listeners: Vec<ApiListener>,
    /// Programs that listen to the events.
    pub viewers: u64,
}

/// The interfaces of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusInterfaces {
    /// The access point's.
    pub ap: Option<String>,
    /// The one that captures.
    pub monitor: Option<String>,
}

/// A place where the API is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiListener {
    /// Address and port.
    pub address: String,
    /// By TLS.
    pub tls: bool,
    /// To those who have a token.
    pub token: bool,
}

impl Status {
    /// Whether both say the same, the running clock aside.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let uptime_seconds = other.uptime_seconds;
        Self {
            uptime_seconds,
            ..self.clone()
        } == *other
    }
}
