//! What the API shows, and who tells it.

mod client;
mod status;

pub use client::{ClientEntry, ClientKind, Clients};
pub use status::{ApiListener, Status, StatusInterfaces};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::capture::{NoPackets, PacketQuestion, Packets};
use crate::{
    air::Report,
    dot11::Address,
    export::top::{FlowList, FlowQuestion},
    publish::{client_page::ClientPage, recall::RecallError, snapshot::Snapshot},
};

/// A run, as the API sees it.
pub trait RunView: Send + Sync {
    /// The counts now.
    fn snapshot(&self) -> Snapshot;
    /// What the run works with, and how far it is.
    fn status(&self) -> Status;
    /// How the run is.
    fn health(&self) -> Health;
    /// Whether frames are captured: programs attached, ring drained, files writable.
    fn readiness(&self) -> Readiness;
    /// The foremost active flows; it may take some ten milliseconds.
    fn flows(&self, question: &FlowQuestion) -> FlowList;
    /// Channels, networks and stations.
    fn air(&self) -> Report;
    /// Stations seen, and what is attached to the API; the one seen last comes first.
    fn clients(&self) -> Vec<ClientEntry>;
    /// The packets of the last seconds; it may take some milliseconds.
    ///
    /// # Errors
    ///
    /// Why there are none: unless the run keeps some, [`NoPackets::Off`].
    fn packets(&self, _question: &PacketQuestion) -> Result<Packets, NoPackets> {
        Err(NoPackets::Off)
    }
    /// A client's document, as `airlens clients show --json` prints it; `None` where nobody of this address was profiled. It
    /// reads files.
    ///
    /// # Errors
    ///
    /// A file that is there and can't be read.
    fn client(&self, client: Address) -> Result<Option<Value>, RecallError>;
    /// The lines of a client's history, the oldest first; none where there is no history. It reads a file.
    ///
    /// # Errors
    ///
    /// As [`Self::client`].
    fn history(&self, client: Address) -> Result<Vec<Value>, RecallError>;
    /// A client's page, not laid out; `None` as for [`Self::client`]. It reads files.
    ///
    /// # Errors
    ///
    /// As [`Self::client`].
    fn client_page(&self, client: Address) -> Result<Option<ClientPage>, RecallError>;
    /// The network that the run itself announces.
    fn network(&self) -> Option<Network>;
}

/// What it takes to join the run's own network.
#[derive(Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub ssid: Vec<u8>,
    /// Its passphrase.
    pub passphrase: String,
    /// The centre of its primary channel, MHz.
    pub frequency: u32,
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
    /// Stations, sensors and viewers: the `total` of `/api/clients`.
    pub connected_clients: u64,
    /// Captures that run.
    pub active_sessions: u64,
}

/// Whether frames are captured, the ring between kernel and user space has room, and files can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// All of it.
    Ready,
    /// Not all, and why.
    NotReady(String),
}
