//! How long requests to the HTTP API take.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

use super::prometheus::MetricsError;

/// From 0.5 ms, an answer from memory, to 5 s, an answer that nobody waits for.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.0, 5.0,
];

/// Requests to the HTTP API, by path and status code.
#[derive(Clone)]
pub struct Requests {
    duration: HistogramVec,
    answers: IntCounterVec,
}

impl Requests {
    pub(super) fn register(namespace: &str, registry: &Registry) -> Result<Self, MetricsError> {
        let help = "From a request's head to the head of its answer, by path.";
        let duration = HistogramOpts::new("http_request_duration_seconds", help)
            .namespace(namespace)
            .buckets(BUCKETS.to_vec());
        let answers = Opts::new(
            "http_requests_total",
            "Requests to the HTTP API, by path and status code.",
        );
        let requests = Self {
            duration: HistogramVec::new(duration, &["path"])?,
            answers: IntCounterVec::new(answers.namespace(namespace), &["path", "code"])?,
        };
        registry.register(Box::new(requests.duration.clone()))?;
        registry.register(Box::new(requests.answers.clone()))?;
        Ok(requests)
    }

    /// A request was answered. `path` is a route as the server knows it, such as `/api/clients/{id}`, never what was asked for:
    /// it becomes a label.
    pub fn observe(&self, path: &str, code: u16, time: Duration) {
        self.duration.with_label_values(&[path]).observe(time.as_secs_f64());
        self.answers.with_label_values(&[path, &code.to_string()]).inc();
    }
}
