//! What the API shows, and who tells it.

use serde::{Deserialize, Serialize};

use super::capture::{NoPackets, PacketQuestion, Packets};
use crate::{
    air::Report,
    export::top::{FlowList, FlowQuestion},
    publish::snapshot::Snapshot,
};

/// A run, as the API sees it.
pub trait RunView: Send + Sync {
    /// The counts now.
    fn snapshot(&self) -> Snapshot;
    /// How the run is.
    fn health(&self) -> Health;
    /// Whether frames are captured: programs attached, ring drained, files writable.
    fn readiness(&self) -> Readiness;
    /// The foremost active flows; it may take some ten milliseconds.
    fn flows(&self, question: &FlowQuestion) -> FlowList;
    /// Channels, networks and stations.
    fn air(&self) -> Report;
    /// Stations seen, and what is attached to the API.
    fn clients(&self) -> Vec<ClientEntry>;
    /// The packets of the last seconds; it may take some milliseconds.
    ///
    /// # Errors
    ///
    /// Why there are none: unless the run keeps some, [`NoPackets::Off`].
    fn packets(&self, _question: &PacketQuestion) -> Result<Packets, NoPackets> {
        Err(NoPackets::Off)
    }
}

/// How a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// All is well.
    Healthy,
    /// It works, with losses or errors.
    Degraded,
    /// It does not do its work.
    Unhealthy,
}

/// The body of `/api/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// In a word.
    pub status: HealthStatus,
    /// Whole seconds since the start.
    pub uptime_seconds: u64,
    /// Stations, sensors and viewers.
    pub connected_clients: u64,
    /// Captures that run.
    pub active_sessions: u64,
}

/// Whether frames are captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// They are.
    Ready,
    /// They are not, and why.
    NotReady(String),
}

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// A Wi-Fi station.
    Device,
    /// An airlens sensor.
    Sensor,
    /// A person's page or terminal.
    Viewer,
}

/// An entry of `/api/clients`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientEntry {
    /// A station's MAC address, or a name.
    pub client_id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ClientKind,
    /// A station's maker or kind of device; empty if not known.
    pub platform: String,
    /// When it was first seen, Unix seconds.
    pub connected_at: f64,
    /// Whole seconds since then.
    pub uptime_seconds: u64,
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

/// The body of `/api/clients`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clients {
    /// All of them.
    pub clients: Vec<ClientEntry>,
    /// How many.
    pub total: usize,
}
