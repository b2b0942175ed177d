//! How often makers were looked up, with what result, and how long it took.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// What a look-up came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::profile) enum LookupResult {
    /// The maker is known.
    Found,
    /// Nobody is registered for the address, and no vendor element tells.
    Unknown,
    /// The address is randomised, and no vendor element tells.
    Randomised,
}

/// Counts of look-ups; threads may share it.
#[derive(Debug, Default)]
pub struct Lookups {
    results: [AtomicU64; 3],
    classes: [AtomicU64; LookupCounts::BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// A reading of [`Lookups`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupCounts {
    /// By result.
    pub results: [(&'static str, u64); 3],
    /// Look-ups of each class of duration, not cumulative; the last one is beyond all bounds.
    pub classes: [u64; Self::BOUNDS.len() + 1],
    /// The sum of all durations in ns.
    pub nanoseconds: u64,
}

impl LookupCounts {
    /// The upper bounds of classes in ns: the registry is searched in memory.
    pub const BOUNDS: [u64; 8] = [100, 250, 500, 1000, 2500, 10_000, 100_000, 1_000_000];
}

impl Lookups {
    /// Looks up, and counts that.
    pub(in crate::profile) fn time<T>(&self, look: impl FnOnce() -> T, result: impl FnOnce(&T) -> LookupResult) -> T {
        let begun = Instant::now();
        let found = look();
        self.count(begun.elapsed(), result(&found));
        found
    }

    fn count(&self, time: Duration, result: LookupResult) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let class = LookupCounts::BOUNDS.partition_point(|&bound| bound < time);
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        self.results[result as usize].fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(time, Ordering::Relaxed);
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> LookupCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let [found, unknown, randomised] = self.results.each_ref().map(read);
        LookupCounts {
            results: [("found", found), ("unknown", unknown), ("randomised", randomised)],
            classes: self.classes.each_ref().map(read),
            nanoseconds: read(&self.nanoseconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_result_and_duration() {
        let lookups = Lookups::default();
        lookups.count(Duration::from_nanos(100), LookupResult::Found);
        lookups.count(Duration::from_nanos(101), LookupResult::Randomised);
        lookups.count(Duration::from_secs(1), LookupResult::Found);
        let counts = lookups.counts();
        assert_eq!(counts.results, [("found", 2), ("unknown", 0), ("randomised", 1)]);
        assert_eq!(counts.classes, [1, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(counts.nanoseconds, 1_000_000_201);
        assert_eq!(lookups.time(|| 7, |_| LookupResult::Unknown), 7);
        assert_eq!(lookups.counts().results[1].1, 1);
    }
}
