//! Metrics: where events are reported to, and what Prometheus reads.
//!
//! A program reports what it does to a [`MetricsSink`]; [`PrometheusSink`] is one, [`Fanout`] tells several, [`NoopSink`] none.
//! [`MetricsServer`] serves a [`PrometheusSink`] on an address and port of its own; a run's HTTP API has it at `/metrics`.

mod air;
mod cached;
mod clients;
mod collect;
mod exposition;
mod families;
mod process;
mod programs;
mod prometheus;
mod requests;
mod server;
mod sink;
mod telemetry;

#[cfg(test)]
mod tests;

pub use cached::CachedSource;
pub use exposition::Exposition;
pub use prometheus::{DEFAULT_NAMESPACE, MetricsError, PrometheusSink};
pub use server::{MetricsServer, ServerError};
pub use sink::{Fanout, Flow, MetricsSink, NoopSink, Packet};
