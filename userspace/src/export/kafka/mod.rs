//! Kafka: each ended flow is a record, the JSON object of its row; so is each published profile, the JSON of its client's file.
//!
//! At least once: a record counts as sent when all replicas have it; one whose acknowledgement is lost is sent again. While the
//! brokers are away, records go to a spool on disk, if there is one, and come back in order.

mod connection;
mod partition;
mod producer;
mod records;
mod sender;
mod spool;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, str::FromStr};

pub(super) use records::{flow_records, profile_records};
pub use spool::SpoolError;

/// What the key of a flow's record is: records with the same key go to one partition, and keep their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordKey {
    /// The two ends and the protocol.
    #[default]
    Flow,
    /// The address that opened the flow.
    Source,
    /// The other address.
    Destination,
    /// None: partitions in turn.
    None,
}

/// No key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key: choose from flow, source, destination, none")]
pub struct RecordKeyError(String);

impl FromStr for RecordKey {
    type Err = RecordKeyError;

    fn from_str(text: &str) -> Result<Self, RecordKeyError> {
        Ok(match text {
            "flow" => Self::Flow,
            "source" => Self::Source,
            "destination" => Self::Destination,
            "none" => Self::None,
            _ => return Err(RecordKeyError(text.to_owned())),
        })
    }
}

/// A folder for records that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolOptions {
    /// Where.
    pub folder: PathBuf,
    /// Octets that it may hold.
    pub bytes: u64,
}

/// How flows and profiles are exported to Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaOptions {
    /// `HOST:PORT` of some brokers of the cluster.
    pub brokers: Vec<String>,
    /// The topic of flows.
    pub topic: String,
    /// The topic of profiles; the same one, if wanted; without, they are not exported.
    pub profile_topic: Option<String>,
    /// The key of flows' records; that of a profile is its client.
    pub key: RecordKey,
    /// Records of a batch.
    pub batch: usize,
    /// Where records wait for the brokers, those of profiles in a folder of its own below; in memory alone without.
    pub spool: Option<SpoolOptions>,
}

impl KafkaOptions {
    /// The same with the topic of profiles and their spool, if they are wanted.
    pub(super) fn of_profiles(&self) -> Option<Self> {
        let topic = self.profile_topic.clone()?;
        let spool = self.spool.as_ref().map(|spool| SpoolOptions {
            folder: spool.folder.join("profiles"),
            bytes: spool.bytes,
        });
        Some(Self {
            topic,
            spool,
            ..self.clone()
        })
    }
}

/// What a record is of, as its header `type` says: both may go to one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordType {
    /// A row of flows.
    Flow,
    /// A client's profile.
    Profile,
}

impl RecordType {
    fn label(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Profile => "profile",
        }
    }
}

/// A record on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The flow's end, or when the profile's request was captured, ms since 1970.
    time: i64,
    key: Option<String>,
    value: String,
}
