//! Metric families under construction. Samples with the same labels are added up, so that what the kernel counted
//! and what a sink was told can stand in one series.

use std::collections::BTreeMap;

use prometheus::proto::{Bucket, Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use crate::publish::snapshot::Histogram;

type Labels = Vec<(String, String)>;

struct Family {
    help: &'static str,
    kind: MetricType,
    samples: BTreeMap<Labels, f64>,
}

/// Families by name.
pub(super) struct Families {
    namespace: String,
    families: BTreeMap<String, Family>,
    histograms: BTreeMap<String, MetricFamily>,
}

impl Families {
    /// Names are prefixed by `namespace` and an underscore.
    pub(super) fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            families: BTreeMap::new(),
            histograms: BTreeMap::new(),
        }
    }

    /// A histogram of durations, once a name and labels; `name` without the namespace.
    pub(super) fn histogram(&mut self, name: &str, help: &'static str, labels: &[(&str, &str)], histogram: &Histogram) {
        let classes = histogram.bounds_us.iter().map(|&bound| count(bound) / 1e6);
        let classes = classes.zip(&histogram.counts);
        let sum = count(histogram.sum_us) / 1e6;
        self.classes(name, help, labels, classes, (histogram.count(), sum));
    }

    /// A histogram by its classes: upper bounds in seconds, each with the durations in it, not cumulative; the number of all and
    /// their sum.
    pub(super) fn classes<'a>(
        &mut self,
        name: &str,
        help: &'static str,
        labels: &[(&str, &str)],
        classes: impl Iterator<Item = (f64, &'a u64)>,
        (all, sum): (u64, f64),
    ) {
        let mut below = 0;
        let buckets = classes.map(|(bound, counted)| {
            below += counted;
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(bound);
            bucket.set_cumulative_count(below);
            bucket
        });
        let mut proto = prometheus::proto::Histogram::default();
        proto.set_bucket(buckets.collect());
        proto.set_sample_count(all);
        proto.set_sample_sum(sum);
        let labels = labels
            .iter()
            .map(|&(name, value)| pair((name.to_owned(), value.to_owned())));
        let mut metric = Metric::from_label(labels.collect());
        metric.set_histogram(proto);
        let name = format!("{}_{name}", self.namespace);
        let family = self.histograms.entry(name.clone()).or_insert_with(|| {
            let mut family = MetricFamily::default();
            family.set_name(name);
            family.set_help(help.to_owned());
            family.set_field_type(MetricType::HISTOGRAM);
            family
        });
        let mut metrics = family.take_metric();
        metrics.push(metric);
        family.set_metric(metrics);
    }

    /// Adds to a counter; `name` without the namespace.
    pub(super) fn counter(&mut self, name: &str, help: &'static str, labels: &[(&str, &str)], value: u64) {
        let name = format!("{}_{name}", self.namespace);
        self.add(name, help, MetricType::COUNTER, labels, count(value));
    }

    /// Adds to a gauge; `name` without the namespace.
    pub(super) fn gauge(&mut self, name: &str, help: &'static str, labels: &[(&str, &str)], value: u64) {
        let name = format!("{}_{name}", self.namespace);
        self.add(name, help, MetricType::GAUGE, labels, count(value));
    }

    /// Adds to a counter or a gauge that is no whole number; `name` without the namespace.
    pub(super) fn real(
        &mut self,
        name: &str,
        help: &'static str,
        kind: MetricType,
        labels: &[(&str, &str)],
        value: f64,
    ) {
        let name = format!("{}_{name}", self.namespace);
        self.add(name, help, kind, labels, value);
    }

    /// A family whose name has no namespace, like those of every process.
    pub(super) fn plain(&mut self, name: &str, help: &'static str, kind: MetricType, value: f64) {
        self.add(name.to_owned(), help, kind, &[], value);
    }

    fn add(&mut self, name: String, help: &'static str, kind: MetricType, labels: &[(&str, &str)], value: f64) {
        let labels = labels
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let family = self.families.entry(name).or_insert_with(|| Family {
            help,
            kind,
            samples: BTreeMap::new(),
        });
        *family.samples.entry(labels).or_default() += value;
    }

    /// The families as the registry takes them.
    pub(super) fn into_proto(self) -> Vec<MetricFamily> {
        let families = self.families.into_iter().map(|(name, family)| family.into_proto(name));
        families.chain(self.histograms.into_values()).collect()
    }
}

impl Family {
    fn into_proto(self, name: String) -> MetricFamily {
        let mut proto = MetricFamily::default();
        proto.set_name(name);
        proto.set_help(self.help.to_owned());
        proto.set_field_type(self.kind);
        let kind = self.kind;
        proto.set_metric(
            self.samples
                .into_iter()
                .map(|(labels, value)| metric(kind, labels, value))
                .collect(),
        );
        proto
    }
}

fn metric(kind: MetricType, labels: Labels, value: f64) -> Metric {
    let mut metric = Metric::from_label(labels.into_iter().map(pair).collect());
    if kind == MetricType::COUNTER {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    metric
}

fn pair((name, value): (String, String)) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name);
    pair.set_value(value);
    pair
}

/// The exposition format has 64-bit floats alone: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "the format has no other number")]
pub(super) fn count(value: u64) -> f64 {
    value as f64
}
