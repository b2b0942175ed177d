//! The flow table of a run, and what it held when it was last touched.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::flow::FlowTable;

/// What the flow table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowState {
    /// Active flows.
    pub active: usize,
    /// Flows that may be active.
    pub capacity: usize,
    /// Ended flows by reason.
    pub ended: Vec<(&'static str, u64)>,
    /// Packets and octets that reached the table in user space.
    pub total: airlens_common::Count,
}

impl FlowState {
    fn of(table: &FlowTable) -> Self {
        let ended = table.ended();
        Self {
            active: table.len(),
            capacity: table.capacity(),
            ended: ended.iter().map(|(reason, flows)| (reason.label(), *flows)).collect(),
            total: table.total(),
        }
    }
}

/// The flow table. Whoever asks for its state waits neither for a drain nor for a question about flows.
pub(super) struct FlowDesk {
    table: Mutex<FlowTable>,
    state: Mutex<FlowState>,
}

impl FlowDesk {
    pub(super) fn new(table: FlowTable) -> Self {
        Self {
            state: Mutex::new(FlowState::of(&table)),
            table: Mutex::new(table),
        }
    }

    /// The table; say [`Self::tell`] after a change.
    pub(super) fn table(&self) -> MutexGuard<'_, FlowTable> {
        lock(&self.table)
    }

    /// Tells what the table holds now.
    pub(super) fn tell(&self, table: &FlowTable) {
        *lock(&self.state) = FlowState::of(table);
    }

    /// What it held when that was last told.
    pub(super) fn state(&self) -> FlowState {
        lock(&self.state).clone()
    }
}

/// A panic elsewhere must not take the counts away: what is behind these locks is valid after every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
