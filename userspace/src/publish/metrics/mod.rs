//! Metrics: where events are reported to, and what Prometheus reads.

mod air;
mod cached;
mod collect;
mod families;
mod process;
mod prometheus;
mod sink;
mod telemetry;

#[cfg(test)]
mod tests;

pub use cached::CachedSource;
pub use prometheus::{DEFAULT_NAMESPACE, MetricsError, PrometheusSink, TEXT_FORMAT};
pub use sink::{Fanout, Flow, MetricsSink, NoopSink, Packet};
