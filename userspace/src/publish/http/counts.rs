//! How many requests there were, and how long their answers took.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::publish::snapshot::{Histogram, RequestCount};

/// Requests by route and status. Routes are patterns (`/api/clients/{id}`) and few.
#[derive(Debug, Default)]
pub struct RequestCounts(Mutex<BTreeMap<(Arc<str>, u16), Histogram>>);

impl RequestCounts {
    /// Counts an answer, which took `duration` until its head was ready.
    pub fn observe(&self, route: &Arc<str>, status: u16, duration: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = counts.entry((Arc::clone(route), status));
        histogram.or_insert_with(Histogram::of_requests).observe(duration);
    }

    /// As a snapshot has them.
    #[must_use]
    pub fn snapshot(&self) -> Vec<RequestCount> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |((route, status), duration): (&(Arc<str>, u16), &Histogram)| RequestCount {
            route: (**route).to_owned(),
            status: *status,
            count: duration.count(),
            duration: duration.clone(),
        };
        counts.iter().map(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_route_and_status() {
        let counts = RequestCounts::default();
        let route = "/api/clients/{id}".into();
        for (status, ms) in [(200, 1), (404, 2), (200, 3)] {
            counts.observe(&route, status, Duration::from_millis(ms));
        }
        let found: Vec<_> = counts
            .snapshot()
            .into_iter()
            .map(|one| (one.status, one.count, one.duration.sum_us))
            .collect();
        assert_eq!(found, [(200, 2, 4000), (404, 1, 2000)]);
    }
}
