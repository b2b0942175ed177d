//! The flow table and its packets.

use serde::{Deserialize, Serialize};

use super::CauseCount;

/// The flow table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flows {
    /// Flows in the table now.
    pub active: u64,
    /// Flows that the table holds at most.
    pub capacity: u64,
    /// Kernel memory that it takes, in octets. It is mapped: [`ProcessUse::resident_bytes`](super::ProcessUse::resident_bytes) has it too.
    #[serde(default)]
    pub memory_bytes: u64,
    /// What became of the packets: `seen = in_table + exported + lost`.
    pub packets: FlowPackets,
    /// Flows that ended, by reason: `completed`, `timeout`, `rst`, `fin`, `evicted`.
    pub ended: Vec<CauseCount>,
}

/// What became of the packets that belong to flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowPackets {
    /// Packets that have a flow key.
    pub seen: u64,
    /// Packets counted in entries of the table.
    pub in_table: u64,
    /// Packets that left with ended flows or one-packet records.
    pub exported: u64,
    /// Packets that no flow counts, by cause.
    pub lost: Vec<CauseCount>,
}
