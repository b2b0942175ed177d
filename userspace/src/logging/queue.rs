//! Lines that wait for their writer: bounded, and nobody waits to put one in.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Octets that may wait.
const MOST_OCTETS: usize = 4 << 20;
/// Lines that may wait.
const MOST_LINES: usize = 65_536;

/// Lines, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) octets: Vec<u8>,
    /// Where each line ends.
    pub(super) ends: Vec<usize>,
}

impl Batch {
    fn clear(&mut self) {
        self.octets.clear();
        self.ends.clear();
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    /// The writer has lines that are not written yet.
    writing: bool,
    reopen: bool,
    closed: bool,
    gone: bool,
}

/// What the writer is to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) reopen: bool,
    pub(super) closed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to do.
    work: Condvar,
    /// Nothing waits any more.
    idle: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line; false where there is no room, or nobody writes any more.
    pub(super) fn put(&self, line: &[u8]) -> bool {
        let mut state = self.lock();
        let waiting = &mut state.waiting;
        if waiting.ends.len() >= MOST_LINES || waiting.octets.len() + line.len() > MOST_OCTETS || state.gone {
            return false;
        }
        let waiting = &mut state.waiting;
        let first = waiting.ends.is_empty();
        waiting.octets.extend_from_slice(line);
        waiting.ends.push(waiting.octets.len());
        drop(state);
        if first {
            self.work.notify_one();
        }
        true
    }

    /// Takes all that waits into `batch`, whose lines are written; waits for some so long.
    pub(super) fn take(&self, batch: &mut Batch, patience: Duration) -> Orders {
        batch.clear();
        let mut state = self.lock();
        state.writing = false;
        if state.waiting.ends.is_empty() {
            self.idle.notify_all();
            if !state.reopen && !state.closed {
                let idle = |state: &mut State| state.waiting.ends.is_empty() && !state.reopen && !state.closed;
                let waited = self.work.wait_timeout_while(state, patience, idle);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        std::mem::swap(&mut state.waiting, batch);
        let reopen = std::mem::take(&mut state.reopen);
        state.writing = reopen || !batch.ends.is_empty();
        Orders {
            reopen,
            closed: state.closed && batch.ends.is_empty(),
        }
    }

    /// The writer is to open its file anew.
    pub(super) fn reopen(&self) {
        self.lock().reopen = true;
        self.work.notify_one();
    }

    /// The writer is to end behind what waits.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_one();
    }

    /// The writer has ended.
    pub(super) fn leave(&self) {
        self.lock().gone = true;
        self.idle.notify_all();
    }

    /// Waits until nothing waits; false if that takes longer.
    pub(super) fn wait_idle(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let mut state = self.lock();
        while !state.gone && (!state.waiting.ends.is_empty() || state.writing || state.reopen) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.idle.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits until the writer has ended.
    pub(super) fn wait_gone(&self, patience: Duration) {
        let state = self.lock();
        let _gone = self.idle.wait_timeout_while(state, patience, |state| !state.gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_refused() {
        let queue = Queue::default();
        let line = vec![b'x'; 1 << 20];
        let taken = (0..6).filter(|_| queue.put(&line)).count();
        assert_eq!(taken, 4);
        let mut batch = Batch::default();
        assert_eq!(queue.take(&mut batch, Duration::ZERO), Orders::default());
        assert_eq!((batch.ends.len(), batch.octets.len()), (4, 4 << 20));
        assert!(queue.put(b"again\n"));
        assert!(!queue.wait_idle(Duration::ZERO));
        queue.close();
        assert!(!queue.take(&mut batch, Duration::ZERO).closed);
        assert!(queue.take(&mut batch, Duration::ZERO).closed);
        assert!(queue.wait_idle(Duration::ZERO));
    }
}
