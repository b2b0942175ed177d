//! Requests to the HTTP API as metric families.

use std::collections::BTreeMap;

use super::families::Families;
use crate::publish::snapshot::{Histogram, RequestCount};

/// Adds both: how many by path and status, how long by path.
pub(super) fn collect(families: &mut Families, requests: &[RequestCount]) {
    let mut durations = BTreeMap::<&str, Histogram>::new();
    for request in requests {
        let code = request.status.to_string();
        let labels = [("path", request.route.as_str()), ("code", code.as_str())];
        let help = "Requests to the HTTP API, by path and status code.";
        families.counter("http_requests_total", help, &labels, request.count);
        let duration = durations.entry(&request.route);
        duration
            .and_modify(|sum| sum.merge(&request.duration))
            .or_insert_with(|| request.duration.clone());
    }
    for (path, duration) in &durations {
        let help = "From a request's head to the head of its answer, by path.";
        families.histogram("http_request_duration_seconds", help, &[("path", path)], duration);
    }
}
