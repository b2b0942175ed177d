//! `/api/clients`.

use serde::{Deserialize, Serialize};

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// A Wi-Fi station.
    Device,
    /// An airlens sensor.
    Sensor,
    /// A person's page or terminal.
    Viewer,
}

/// An entry of `/api/clients`. What its request did not tell, or nobody knows yet, is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientEntry {
    /// A station's MAC address, or a name.
    pub client_id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ClientKind,
    /// A station's maker or kind of device, a viewer's program; empty if not known.
    pub platform: String,
    /// When it was first seen, Unix seconds.
    pub connected_at: f64,
    /// Whole seconds since then.
    pub uptime_seconds: u64,
    /// When it was last seen, Unix seconds.
    pub last_seen: Option<f64>,
    /// A station's maker in short form.
    pub manuf: Option<String>,
    /// The newest generation of Wi-Fi, 4 to 7, that its last request announces.
    pub generation: Option<u8>,
    /// Bands in GHz, `2`, `5` and `6`, on which it was profiled or has links.
    pub bands: Option<Vec<String>>,
    /// Channel widths in MHz at which it receives, by its last request.
    pub widths: Option<Vec<u16>>,
    /// Key managements that its last request offers: `PSK, SAE`; `no RSN` where it offers none.
    pub security: Option<String>,
    /// Spatial streams that it receives with the newest generation, by its last request.
    pub streams: Option<u8>,
    /// The network that it asked last.
    pub ssid: Option<String>,
    /// The signal of its last request in dBm.
    pub signal_dbm: Option<i8>,
    /// A station that turned to another AP than this run's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub observed: bool,
    /// Status Code (IEEE Std 802.11-2020 9.4.1.9) of the answer to its last request, where heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// Why it authenticated and never asked to associate, if it did so last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl ClientEntry {
    /// A client of which nothing more is known, that was first seen at a time in Unix seconds.
    #[must_use]
    pub fn new(client_id: String, kind: ClientKind, connected_at: f64, uptime_seconds: u64) -> Self {
        Self {
            client_id,
            kind,
            platform: String::new(),
            connected_at,
            uptime_seconds,
            last_seen: None,
            manuf: None,
            generation: None,
            bands: None,
            widths: None,
            security: None,
            streams: None,
            ssid: None,
            signal_dbm: None,
            observed: false,
            status_code: None,
            failure: None,
        }
    }
}

/// The body of `/api/clients`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clients {
    /// All of them, or the first ones.
    pub clients: Vec<ClientEntry>,
    /// How many there are.
    pub total: usize,
}
