//! The bounded way from the flow thread to an exporter's.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::flow::EndedFlow;

/// Flows that ended together, shared by all exporters.
pub(super) type Batch = Arc<[EndedFlow]>;

/// Flows on their way to an exporter: the first `upto` of each batch.
#[derive(Debug, Default)]
struct Content {
    batches: VecDeque<(Batch, usize)>,
    flows: usize,
    /// When the exporter is to be done; none while the run goes on.
    end: Option<Instant>,
}

/// A queue that never holds more than `capacity` flows.
#[derive(Debug)]
pub(super) struct Queue {
    content: Mutex<Content>,
    changed: Condvar,
    capacity: usize,
}

/// What an exporter finds.
pub(super) enum Next {
    /// So many of the batch's flows.
    Flows(Batch, usize),
    /// Nothing came in the time.
    Nothing,
    /// Nothing is left, and nothing will come.
    End,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            content: Mutex::default(),
            changed: Condvar::new(),
            capacity: capacity.max(1),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in what fits, waiting for room until `patience` is over; gives how many did.
    pub(super) fn put(&self, batch: &Batch, patience: Option<Instant>) -> usize {
        let mut content = self.lock();
        while let Some(left) = patience.and_then(|until| until.checked_duration_since(Instant::now()))
            && content.flows > 0
            && content.flows + batch.len() > self.capacity
        {
            content = wait(&self.changed, content, left);
        }
        let upto = batch.len().min(self.capacity - content.flows);
        if upto > 0 {
            content.flows += upto;
            content.batches.push_back((Arc::clone(batch), upto));
            self.changed.notify_all();
        }
        upto
    }

    /// Takes the oldest flows, waiting for some for at most `patience`.
    pub(super) fn take(&self, patience: Duration) -> Next {
        let until = Instant::now() + patience;
        let mut content = self.lock();
        loop {
            if let Some((batch, upto)) = content.batches.pop_front() {
                content.flows -= upto;
                self.changed.notify_all();
                return Next::Flows(batch, upto);
            }
            if content.end.is_some() {
                return Next::End;
            }
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return Next::Nothing;
            };
            content = wait(&self.changed, content, left);
        }
    }

    /// Nothing will come any more; the exporter is to be done at `end`.
    pub(super) fn close(&self, end: Instant) {
        self.lock().end = Some(end);
        self.changed.notify_all();
    }

    /// When the exporter is to be done, if the run is over.
    fn end(&self) -> Option<Instant> {
        self.lock().end
    }

    /// The time to be done has come.
    pub(super) fn is_late(&self) -> bool {
        self.end().is_some_and(|end| Instant::now() >= end)
    }

    /// Waits, but not beyond the time to be done, and not past the moment at which the run ends.
    pub(super) fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut content = self.lock();
        let ending = content.end.is_some();
        loop {
            let until = content.end.map_or(until, |end| until.min(end));
            let left = until.checked_duration_since(Instant::now());
            let (Some(left), true) = (left, content.end.is_some() == ending) else {
                return;
            };
            content = wait(&self.changed, content, left);
        }
    }
}

fn wait<'a>(changed: &Condvar, content: MutexGuard<'a, Content>, time: Duration) -> MutexGuard<'a, Content> {
    let (content, _) = changed
        .wait_timeout(content, time)
        .unwrap_or_else(PoisonError::into_inner);
    content
}
