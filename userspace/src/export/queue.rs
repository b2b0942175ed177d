//! The bounded way to an exporter's thread, and its end.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Items that came together, shared by all exporters.
pub(super) type Batch<T> = Arc<[T]>;

/// Items on their way to an exporter: the first `upto` of each batch.
#[derive(Debug)]
struct Content<T> {
    batches: VecDeque<(Batch<T>, usize)>,
    items: usize,
}

/// A queue that never holds more than `capacity` items.
#[derive(Debug)]
pub(super) struct Queue<T> {
    content: Mutex<Content<T>>,
    changed: Condvar,
    capacity: usize,
    end: Arc<End>,
}

/// What an exporter finds.
pub(super) enum Next<T> {
    /// So many of the batch's items.
    Items(Batch<T>, usize),
    /// Nothing came in the time.
    Nothing,
    /// Nothing is left, and nothing will come.
    End,
}

impl<T> Queue<T> {
    /// One that is closed once `end` is known.
    pub(super) fn new(capacity: usize, end: Arc<End>) -> Self {
        Self {
            content: Mutex::new(Content {
                batches: VecDeque::new(),
                items: 0,
            }),
            changed: Condvar::new(),
            capacity: capacity.max(1),
            end,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Content<T>> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in what fits, waiting for room until `patience` is over; gives how many did.
    pub(super) fn put(&self, batch: &Batch<T>, patience: Option<Instant>) -> usize {
        let mut content = self.lock();
        while let Some(left) = patience.and_then(|until| until.checked_duration_since(Instant::now()))
            && content.items > 0
            && content.items + batch.len() > self.capacity
        {
            content = wait(&self.changed, content, left);
        }
        let upto = batch.len().min(self.capacity - content.items);
        if upto > 0 {
            content.items += upto;
            content.batches.push_back((Arc::clone(batch), upto));
            self.changed.notify_all();
        }
        upto
    }

    /// Takes the oldest items, waiting for some for at most `patience`.
    pub(super) fn take(&self, patience: Duration) -> Next<T> {
        let until = Instant::now() + patience;
        let mut content = self.lock();
        loop {
            if let Some((batch, upto)) = content.batches.pop_front() {
                content.items -= upto;
                self.changed.notify_all();
                return Next::Items(batch, upto);
            }
            if self.end.is_known() {
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
        self.end.is_at(end);
        // Who takes has looked for the end before this lock, and waits, or looks behind it.
        drop(self.lock());
        self.changed.notify_all();
    }
}

/// When an exporter is to be done; not known while the run goes on.
#[derive(Debug, Default)]
pub(super) struct End {
    at: Mutex<Option<Instant>>,
    changed: Condvar,
}

impl End {
    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_at(&self, end: Instant) {
        *self.lock() = Some(end);
        self.changed.notify_all();
    }

    fn is_known(&self) -> bool {
        self.lock().is_some()
    }

    /// The time to be done has come.
    pub(super) fn is_late(&self) -> bool {
        self.lock().is_some_and(|end| Instant::now() >= end)
    }

    /// Waits, but not beyond the time to be done, and not past the moment at which the run ends.
    pub(super) fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut at = self.lock();
        let ending = at.is_some();
        loop {
            let until = at.map_or(until, |end| until.min(end));
            let left = until.checked_duration_since(Instant::now());
            let (Some(left), true) = (left, at.is_some() == ending) else {
                return;
            };
            at = wait(&self.changed, at, left);
        }
    }
}

fn wait<'a, T>(changed: &Condvar, locked: MutexGuard<'a, T>, time: Duration) -> MutexGuard<'a, T> {
    let (locked, _) = changed
        .wait_timeout(locked, time)
        .unwrap_or_else(PoisonError::into_inner);
    locked
}
