//! The Prometheus back end.

use std::fmt;
use std::time::Duration;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{LabelPair, MetricFamily};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

use super::collect::{self, ACTIVE_FLOWS, BYTES, DURATION, ERRORS, FLOWS, PACKETS};
use super::exposition::Exposition;
use super::families::Families;
use super::process;
use super::sink::{Flow, MetricsSink, Packet};
use crate::publish::snapshot::SharedSource;

/// The prefix of metric names unless another is asked for.
pub const DEFAULT_NAMESPACE: &str = "airlens";

/// Metrics that could not be set up or shown.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The namespace is no valid start of a metric name.
    #[error("metrics namespace {0:?}: use letters, digits and underscores, and no digit first")]
    Namespace(String),
    /// The client library refused a family.
    #[error("metrics cannot be collected: {0}; please report this")]
    Prometheus(#[from] prometheus::Error),
}

/// Metrics for Prometheus, in a registry of their own.
///
/// Two streams meet in it: events reported through [`MetricsSink`], and the cumulative counts of a snapshot, read at
/// each scrape. A packet, flow or error is to be reported by one of the two ways: the sums are shown.
///
/// ```
/// use std::time::Duration;
/// use airlens::publish::metrics::{Flow, MetricsSink as _, Packet, PrometheusSink};
/// use airlens::publish::snapshot::Direction;
///
/// let metrics = PrometheusSink::new("joyfuljay", None)?;
/// metrics.observe_packet(Packet { interface: "capture.pcap", direction: Direction::Rx, bytes: 140 });
/// let flow = Flow { packets: 1, bytes: 140, duration: Duration::ZERO };
/// metrics.observe_flow(&flow, "completed");
/// metrics.observe_processing_time("pcap", Duration::from_millis(20));
/// metrics.observe_error("output", None);
/// metrics.set_active_flows(42);
///
/// let text = metrics.render()?;
/// assert!(text.contains("joyfuljay_flows_total{reason=\"completed\"} 1"));
/// assert!(text.contains("joyfuljay_active_flows 42"));
/// # Ok::<(), airlens::publish::metrics::MetricsError>(())
/// ```
#[derive(Clone)]
pub struct PrometheusSink {
    registry: Registry,
    events: Events,
}

#[derive(Clone)]
struct Events {
    packets: IntCounterVec,
    bytes: IntCounterVec,
    flows: IntCounterVec,
    errors: IntCounterVec,
    active_flows: IntGauge,
    duration: HistogramVec,
}

impl PrometheusSink {
    /// A sink whose metric names start with `namespace` and an underscore. With a `source`, its counts are shown too.
    ///
    /// # Errors
    /// [`MetricsError::Namespace`].
    pub fn new(namespace: &str, source: Option<SharedSource>) -> Result<Self, MetricsError> {
        Self::in_registry(namespace, source, Registry::new())
    }

    /// The same in a registry of the caller's, beside what else is in it.
    ///
    /// ```
    /// use airlens::publish::metrics::PrometheusSink;
    /// use prometheus::{IntGauge, Registry};
    ///
    /// let registry = Registry::new();
    /// let antennas = IntGauge::new("my_antennas", "Antennas on the roof.")?;
    /// registry.register(Box::new(antennas.clone()))?;
    /// let metrics = PrometheusSink::in_registry("airlens", None, registry)?;
    /// antennas.set(4);
    /// assert!(metrics.render()?.contains("my_antennas 4"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MetricsError::Namespace`]; [`MetricsError::Prometheus`] where the registry has a sink of this namespace.
    pub fn in_registry(
        namespace: &str,
        source: Option<SharedSource>,
        registry: Registry,
    ) -> Result<Self, MetricsError> {
        let mut characters = namespace.chars();
        if !characters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            || !characters.all(|other| other.is_ascii_alphanumeric() || other == '_')
        {
            return Err(MetricsError::Namespace(namespace.to_owned()));
        }
        let opts = |(name, help): (&str, &str)| Opts::new(name, help).namespace(namespace);
        let duration = HistogramOpts::from(opts(DURATION)).buckets(duration_buckets());
        let events = Events {
            packets: IntCounterVec::new(opts(PACKETS), &["interface", "direction"])?,
            bytes: IntCounterVec::new(opts(BYTES), &["interface", "direction"])?,
            flows: IntCounterVec::new(opts(FLOWS), &["reason"])?,
            errors: IntCounterVec::new(opts(ERRORS), &["stage"])?,
            active_flows: IntGauge::with_opts(opts(ACTIVE_FLOWS))?,
            duration: HistogramVec::new(duration, &["mode"])?,
        };
        registry.register(Box::new(events.duration.clone()))?;
        let collector = Merged {
            namespace: namespace.to_owned(),
            events: events.clone(),
            source,
        };
        registry.register(Box::new(collector))?;
        Ok(Self { registry, events })
    }

    /// The registry, for further collectors.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// All metrics in the text format 0.0.4.
    ///
    /// # Errors
    /// [`MetricsError::Prometheus`] if a further collector made a family that the format cannot hold.
    pub fn render(&self) -> Result<String, MetricsError> {
        self.render_as(Exposition::Text)
    }

    /// All metrics in the format.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn render_as(&self, format: Exposition) -> Result<String, MetricsError> {
        format.write(&self.registry.gather())
    }

    /// Of the metrics in the text format 0.0.4 those whose whole names `keep` takes: for a file that others read together with
    /// what they tell themselves.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn render_some(&self, keep: impl Fn(&str) -> bool) -> Result<String, MetricsError> {
        let mut families = self.registry.gather();
        families.retain(|family| keep(family.name()));
        Exposition::Text.write(&families)
    }
}

/// From 100 µs, a frame's way to a profile, to 1000 s, the reading of a large capture file.
fn duration_buckets() -> Vec<f64> {
    vec![
        0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0,
    ]
}

impl MetricsSink for PrometheusSink {
    fn observe_packet(&self, packet: Packet<'_>) {
        let labels = [packet.interface, packet.direction.as_str()];
        self.events.packets.with_label_values(&labels).inc();
        self.events.bytes.with_label_values(&labels).inc_by(packet.bytes);
    }

    fn observe_flow(&self, _flow: &Flow, reason: &str) {
        self.events.flows.with_label_values(&[reason]).inc();
    }

    fn observe_processing_time(&self, mode: &str, time: Duration) {
        self.events
            .duration
            .with_label_values(&[mode])
            .observe(time.as_secs_f64());
    }

    fn observe_error(&self, stage: &str, _error: Option<&dyn fmt::Display>) {
        self.events.errors.with_label_values(&[stage]).inc();
    }

    fn set_active_flows(&self, count: u64) {
        self.events.active_flows.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}

/// Everything but the histogram, made anew at each scrape.
struct Merged {
    namespace: String,
    events: Events,
    source: Option<SharedSource>,
}

impl Collector for Merged {
    fn desc(&self) -> Vec<&Desc> {
        let events = &self.events;
        let vectors = [&events.packets, &events.bytes, &events.flows, &events.errors];
        vectors
            .into_iter()
            .flat_map(Collector::desc)
            .chain(events.active_flows.desc())
            .collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = Families::new(&self.namespace);
        if let Some(source) = &self.source {
            collect::collect(&mut families, &source.snapshot());
        }
        let events = &self.events;
        let vectors = [
            (&events.packets, PACKETS),
            (&events.bytes, BYTES),
            (&events.flows, FLOWS),
            (&events.errors, ERRORS),
        ];
        for (vector, (name, help)) in vectors {
            absorb(&mut families, vector, name, help);
        }
        let active = u64::try_from(events.active_flows.get()).unwrap_or(0);
        families.gauge(ACTIVE_FLOWS.0, ACTIVE_FLOWS.1, &[], active);
        process::collect(&mut families);
        families.into_proto()
    }
}

/// Adds the events of `vector` to the family `name`, its labels in the order of that family's.
fn absorb(families: &mut Families, vector: &IntCounterVec, name: &str, help: &'static str) {
    for mut family in vector.collect() {
        for metric in family.take_metric() {
            let label = |name: &str| {
                metric
                    .get_label()
                    .iter()
                    .find(|pair| pair.name() == name)
                    .map(LabelPair::value)
            };
            let labels: Vec<_> = ["interface", "direction", "reason", "stage"]
                .into_iter()
                .filter_map(|name| Some((name, label(name)?)))
                .collect();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an integer counter's value"
            )]
            let value = metric.get_counter().get_value() as u64;
            families.counter(name, help, &labels, value);
        }
    }
}
