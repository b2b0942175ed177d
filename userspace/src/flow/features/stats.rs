//! Count, extremes, mean, deviation and percentiles of numbers that are not kept.

use serde::Serialize;

/// Buckets of an octave, as a shift: 16, so that a bucket's middle is within 1/32 of every number in it.
const FINENESS: u32 = 4;

/// Numbers, summed up. At most 976 buckets of 8 octets, and as many as there are different ones among the numbers.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    count: u64,
    min: u64,
    max: u64,
    mean: f64,
    /// Sum of squared distances from the mean (Welford 1962).
    squares: f64,
    /// Buckets and how many numbers are in each, by bucket.
    buckets: Vec<(u16, u32)>,
}

impl Stats {
    /// Takes a number.
    pub fn add(&mut self, value: u64) {
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.count += 1;
        let distance = value as f64 - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value as f64 - self.mean);
        let bucket = bucket(value);
        match self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.buckets[at].1 = self.buckets[at].1.saturating_add(1),
            Err(at) => self.buckets.insert(at, (bucket, 1)),
        }
    }

    /// Octets on the heap.
    pub(super) fn memory(&self) -> usize {
        self.buckets.capacity() * size_of::<(u16, u32)>()
    }

    /// The number below which, or at which, are so many percent of all, to 1/32 of it.
    fn percentile(&self, percent: u64) -> u64 {
        let all: u64 = self.buckets.iter().map(|(_, count)| u64::from(*count)).sum();
        let rank = (all * percent).div_ceil(100).max(1);
        let mut below = 0;
        for (bucket, count) in &self.buckets {
            below += u64::from(*count);
            if below >= rank {
                return middle(*bucket).clamp(self.min, self.max);
            }
        }
        self.max
    }

    /// As it is shown, every number times `unit`; none without numbers.
    #[must_use]
    pub fn summary(&self, unit: f64) -> Option<Summary> {
        let show = |value: f64| (value * unit * 1e6).round() / 1e6;
        (self.count > 0).then(|| Summary {
            count: self.count,
            min: show(self.min as f64),
            max: show(self.max as f64),
            mean: show(self.mean),
            stddev: show((self.squares / self.count as f64).sqrt()),
            p50: show(self.percentile(50) as f64),
            p90: show(self.percentile(90) as f64),
            p99: show(self.percentile(99) as f64),
        })
    }
}

/// What numbers come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many.
    pub count: u64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, that of all there are and not of a sample.
    pub stddev: f64,
    /// Half of them are no greater: to 1/32.
    pub p50: f64,
    /// 90 % of them are no greater: to 1/32.
    pub p90: f64,
    /// 99 % of them are no greater: to 1/32.
    pub p99: f64,
}

/// Exact up to 31, then 16 of each octave.
fn bucket(value: u64) -> u16 {
    let octave = value.max(1).ilog2().saturating_sub(FINENESS);
    ((octave << FINENESS) + (value >> octave) as u32) as u16
}

/// The number in the middle of a bucket.
fn middle(bucket: u16) -> u64 {
    let bucket = u32::from(bucket);
    let octave = (bucket >> FINENESS).saturating_sub(1);
    let start = u64::from(bucket - (octave << FINENESS)) << octave;
    start + (1 << octave) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_near_the_middle_of_its_bucket() {
        for value in (0..5000).chain((0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, 3 << bit])) {
            let near = middle(bucket(value));
            assert!(near.abs_diff(value) <= value / 32, "{value} is shown as {near}");
        }
        assert!((0..5000).map(bucket).is_sorted());
        assert_eq!(bucket(u64::MAX), 975);
    }

    #[test]
    fn sums() {
        let mut stats = Stats::default();
        assert_eq!(stats.summary(1.0), None);
        for value in 1..=1000 {
            stats.add(value);
        }
        let summary = stats.summary(1.0).unwrap();
        assert_eq!(
            (summary.count, summary.min, summary.max, summary.mean),
            (1000, 1.0, 1000.0, 500.5)
        );
        // (n² - 1) / 12 is the variance of 1 to n.
        assert!((summary.stddev - (999_999.0_f64 / 12.0).sqrt()).abs() < 1e-6);
        for (shown, exact) in [(summary.p50, 500.0), (summary.p90, 900.0), (summary.p99, 990.0)] {
            assert!((shown - exact).abs() <= exact / 32.0, "{shown} for {exact}");
        }
        assert!(stats.buckets.len() < 120);
    }
}
