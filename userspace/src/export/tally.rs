//! What became of the flows, or profiles, that an exporter was given.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use airlens_common::Count;

/// Why a flow or profile is lost to an exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossCause {
    /// It was too slow for too long: its queue was full.
    QueueFull,
    /// The collector's host said that nobody listens there.
    Refused,
    /// The run ended before it could be sent.
    Unsent,
    /// The file, or the network, did not take it.
    WriteFailed,
    /// The spool holds as much as it may.
    SpoolFull,
    /// The broker will never take it.
    Rejected,
}

impl LossCause {
    /// Every cause.
    pub const ALL: [Self; 6] = [
        Self::QueueFull,
        Self::Refused,
        Self::Unsent,
        Self::WriteFailed,
        Self::SpoolFull,
        Self::Rejected,
    ];

    /// As a label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::Refused => "refused",
            Self::Unsent => "unsent",
            Self::WriteFailed => "write-failed",
            Self::SpoolFull => "spool-full",
            Self::Rejected => "rejected",
        }
    }
}

/// Counts of one exporter. At rest `given + recovered = sent + spooled + lost`; what is missing until then waits in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Flows that ended, or profiles that were published, while it was there.
    pub given: u64,
    /// Those that the spool of an earlier run held.
    pub recovered: u64,
    /// Those that are out.
    pub sent: u64,
    /// Those in the spool.
    pub spooled: u64,
    /// Those that are lost, by cause.
    pub lost: BTreeMap<LossCause, u64>,
    /// Packets and octets of lost flows, as far as they were known.
    pub lost_count: Count,
    /// Attempts that failed: connections, writes, answers of a broker.
    pub failures: u64,
}

impl Outcome {
    /// All that are lost.
    #[must_use]
    pub fn lost_total(&self) -> u64 {
        self.lost.values().sum()
    }

    /// Those that wait in memory.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        (self.given + self.recovered).saturating_sub(self.sent + self.spooled + self.lost_total())
    }
}

/// An [`Outcome`] that several threads count in.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<Outcome>>);

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Outcome> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts now.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.lock().clone()
    }

    pub(super) fn given(&self, items: u64) {
        self.lock().given += items;
    }

    pub(super) fn recovered(&self, items: u64) {
        let mut outcome = self.lock();
        outcome.recovered += items;
        outcome.spooled += items;
    }

    pub(super) fn sent(&self, items: u64) {
        self.lock().sent += items;
    }

    pub(super) fn spooled(&self, items: u64) {
        self.lock().spooled += items;
    }

    /// Out of the spool: sent, or lost.
    pub(super) fn unspooled(&self, sent: u64, lost: Option<(LossCause, u64)>) {
        let mut outcome = self.lock();
        let gone = sent + lost.map_or(0, |(_, items)| items);
        outcome.spooled = outcome.spooled.saturating_sub(gone);
        outcome.sent += sent;
        if let Some((cause, items)) = lost {
            *outcome.lost.entry(cause).or_default() += items;
        }
    }

    pub(super) fn lost(&self, cause: LossCause, items: u64, count: Count) {
        let mut outcome = self.lock();
        *outcome.lost.entry(cause).or_default() += items;
        outcome.lost_count += count;
    }

    pub(super) fn failed(&self) {
        self.lock().failures += 1;
    }
}
