//! Durations, counted by how long they were.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Counts of durations, in µs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// The upper bound of each class in µs, ascending; durations beyond the last one have a class of their own.
    pub bounds_us: Vec<u64>,
    /// Durations in each class, not cumulative; one more than bounds.
    pub counts: Vec<u64>,
    /// The sum of all in µs.
    pub sum_us: u64,
    /// The longest in µs.
    pub longest_us: u64,
}

impl Histogram {
    /// Classes from 1 ms to 10 s: what it takes a client to join.
    #[must_use]
    pub fn of_handshakes() -> Self {
        Self::new(&[
            1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
            10_000_000,
        ])
    }

    /// Classes from 10 µs to 100 ms: what a radio's answers and beacons take.
    #[must_use]
    pub fn of_radio() -> Self {
        Self::new(&[
            10, 20, 50, 100, 200, 300, 500, 750, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000,
        ])
    }

    /// Classes from 100 µs to 10 s: what answers to requests take.
    #[must_use]
    pub fn of_requests() -> Self {
        Self::new(&[
            100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
            5_000_000, 10_000_000,
        ])
    }

    /// Empty classes up to these bounds in µs, ascending.
    #[must_use]
    pub fn new(bounds_us: &[u64]) -> Self {
        Self {
            bounds_us: bounds_us.to_vec(),
            counts: vec![0; bounds_us.len() + 1],
            sum_us: 0,
            longest_us: 0,
        }
    }

    /// Counts one.
    pub fn observe(&mut self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let class = self.bounds_us.partition_point(|&bound| bound < us);
        if let Some(count) = self.counts.get_mut(class) {
            *count += 1;
        }
        self.sum_us = self.sum_us.saturating_add(us);
        self.longest_us = self.longest_us.max(us);
    }

    /// Adds those of another one of the same classes; of other classes they come together in the last.
    pub fn merge(&mut self, other: &Self) {
        if self.bounds_us == other.bounds_us {
            for (count, more) in self.counts.iter_mut().zip(&other.counts) {
                *count += more;
            }
        } else if let Some(last) = self.counts.last_mut() {
            *last += other.count();
        }
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.longest_us = self.longest_us.max(other.longest_us);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The bound in µs that the share `of` (0 to 1) of all do not exceed, the longest one's time beyond the last bound;
    /// `None` without any.
    #[must_use]
    pub fn quantile_us(&self, of: f64) -> Option<u64> {
        let all = self.count();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among counts"
        )]
        let rank = ((all as f64 * of.clamp(0.0, 1.0)).ceil() as u64).max(1);
        let mut below = 0;
        let class = self.counts.iter().position(|count| {
            below += count;
            below >= rank
        })?;
        let bound = self.bounds_us.get(class).copied().unwrap_or(self.longest_us);
        Some(bound.min(self.longest_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_quantiles() {
        let mut histogram = Histogram::new(&[10, 100]);
        assert_eq!(histogram.quantile_us(0.5), None);
        for us in [1, 10, 11, 5000] {
            histogram.observe(Duration::from_micros(us));
        }
        assert_eq!((&histogram.counts[..], histogram.sum_us), (&[2, 1, 1][..], 5022));
        assert_eq!(
            [0.5, 0.75, 0.99].map(|of| histogram.quantile_us(of)),
            [Some(10), Some(100), Some(5000)]
        );
    }
}
