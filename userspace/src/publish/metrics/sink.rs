//! The interface of a metrics back end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::publish::snapshot::Direction;

/// A packet, as far as metrics care.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// The interface's name, or the name that stands for a file.
    pub interface: &'a str,
    /// Which way it went.
    pub direction: Direction,
    /// Octets on the wire.
    pub bytes: u64,
}

/// A flow that ended, as far as metrics care.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// Packets of both directions.
    pub packets: u64,
    /// Octets of both directions.
    pub bytes: u64,
    /// From the first packet to the last.
    pub duration: Duration,
}

/// A metrics back end. Calls return quickly and never fail: a back end that cannot deliver keeps that to itself.
///
/// `reason`, `stage` and `mode` become label values: pass names from a small set, never an address.
///
/// A back end of one's own:
///
/// ```
/// use std::{fmt, sync::atomic::{AtomicU64, Ordering}, time::Duration};
/// use airlens::publish::metrics::{Flow, MetricsSink, Packet};
///
/// #[derive(Default)]
/// struct Octets(AtomicU64);
///
/// impl MetricsSink for Octets {
///     fn observe_packet(&self, packet: Packet<'_>) {
///         self.0.fetch_add(packet.bytes, Ordering::Relaxed);
///     }
///     fn observe_flow(&self, _: &Flow, _: &str) {}
///     fn observe_processing_time(&self, _: &str, _: Duration) {}
///     fn observe_error(&self, _: &str, _: Option<&dyn fmt::Display>) {}
///     fn set_active_flows(&self, _: u64) {}
/// }
/// # use airlens::publish::snapshot::Direction;
/// # let octets = Octets::default();
/// # octets.observe_packet(Packet { interface: "eth0", direction: Direction::Rx, bytes: 64 });
/// # assert_eq!(octets.0.into_inner(), 64);
/// ```
pub trait MetricsSink: Send + Sync {
    /// A packet was processed.
    fn observe_packet(&self, packet: Packet<'_>);
    /// A flow ended: `completed`, `timeout`, `rst`, `fin`, `evicted`, `kafka`, or a name of the caller's.
    fn observe_flow(&self, flow: &Flow, reason: &str);
    /// A job was done: `pcap`, `live`, `remote`, or a name of the caller's.
    fn observe_processing_time(&self, mode: &str, time: Duration);
    /// Something failed in a stage: `parsing`, `extraction`, `output`, `capture`, `nl80211`, or a name of the caller's.
    fn observe_error(&self, stage: &str, error: Option<&dyn fmt::Display>);
    /// So many flows are open now.
    fn set_active_flows(&self, count: u64);
}

/// A back end that forgets everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoopSink;

impl MetricsSink for NoopSink {
    fn observe_packet(&self, _: Packet<'_>) {}
    fn observe_flow(&self, _: &Flow, _: &str) {}
    fn observe_processing_time(&self, _: &str, _: Duration) {}
    fn observe_error(&self, _: &str, _: Option<&dyn fmt::Display>) {}
    fn set_active_flows(&self, _: u64) {}
}

/// Several back ends at once.
///
/// ```
/// use std::sync::Arc;
/// use airlens::publish::metrics::{Fanout, MetricsSink as _, NoopSink, PrometheusSink};
///
/// let (ours, theirs) = (PrometheusSink::new("airlens", None)?, PrometheusSink::new("joyfuljay", None)?);
/// let all = Fanout::new(vec![Arc::new(ours.clone()), Arc::new(theirs.clone()), Arc::new(NoopSink)]);
/// all.set_active_flows(7);
/// assert!(ours.render()?.contains("airlens_active_flows 7"));
/// assert!(theirs.render()?.contains("joyfuljay_active_flows 7"));
/// # Ok::<(), airlens::publish::metrics::MetricsError>(())
/// ```
#[derive(Clone, Default)]
pub struct Fanout(Vec<Arc<dyn MetricsSink>>);

impl Fanout {
    /// A back end that tells each of `sinks`, in this order.
    #[must_use]
    pub fn new(sinks: Vec<Arc<dyn MetricsSink>>) -> Self {
        Self(sinks)
    }
}

impl MetricsSink for Fanout {
    fn observe_packet(&self, packet: Packet<'_>) {
        self.0.iter().for_each(|sink| sink.observe_packet(packet));
    }

    fn observe_flow(&self, flow: &Flow, reason: &str) {
        self.0.iter().for_each(|sink| sink.observe_flow(flow, reason));
    }

    fn observe_processing_time(&self, mode: &str, time: Duration) {
        self.0.iter().for_each(|sink| sink.observe_processing_time(mode, time));
    }

    fn observe_error(&self, stage: &str, error: Option<&dyn fmt::Display>) {
        self.0.iter().for_each(|sink| sink.observe_error(stage, error));
    }

    fn set_active_flows(&self, count: u64) {
        self.0.iter().for_each(|sink| sink.set_active_flows(count));
    }
}
