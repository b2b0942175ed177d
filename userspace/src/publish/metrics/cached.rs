//! One reading of the counts for several readers.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::publish::snapshot::{SharedSource, Snapshot, SnapshotSource};

/// A source that reads another one at most once in an interval. With interval 0 each reader gets fresh counts.
pub struct CachedSource {
    source: SharedSource,
    interval: Duration,
    last: Mutex<Option<(Instant, Snapshot)>>,
}

impl CachedSource {
    /// Reads `source` at most once in `interval`.
    #[must_use]
    pub fn new(source: SharedSource, interval: Duration) -> Self {
        Self {
            source,
            interval,
            last: Mutex::new(None),
        }
    }
}

impl SnapshotSource for CachedSource {
    fn snapshot(&self) -> Snapshot {
        if self.interval.is_zero() {
            return self.source.snapshot();
        }
        // A reader that panicked left the last whole value.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((read, snapshot)) if read.elapsed() < self.interval => snapshot.clone(),
            _ => last.insert((Instant::now(), self.source.snapshot())).1.clone(),
        }
    }
}
