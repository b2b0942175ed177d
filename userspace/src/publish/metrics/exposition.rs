//! The two formats that Prometheus reads, and which of them a reader asks for.

use std::fmt::Write as _;

use prometheus::TextEncoder;
use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};

use super::prometheus::MetricsError;

/// A format of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposition {
    /// Prometheus's text format 0.0.4.
    #[default]
    Text,
    /// OpenMetrics 1.0.0. Counters have no `_created` series, which would double them: a run's counters begin with its
    /// process, at `process_start_time_seconds`.
    OpenMetrics,
}

impl Exposition {
    /// The format for a request's `Accept` header (RFC 9110 12.5.1): OpenMetrics where it is asked for by name and nothing
    /// that the text format serves is preferred.
    #[must_use]
    pub fn accepted(accept: Option<&str>) -> Self {
        let (mut open, mut text) = (0.0_f32, 0.0_f32);
        for entry in accept.unwrap_or_default().split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let (mut quality, mut known) = (1.0_f32, true);
            for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
                match (
                    name.trim().to_ascii_lowercase().as_str(),
                    value.trim().trim_matches('"'),
                ) {
                    ("q", value) => quality = value.parse().unwrap_or(0.0),
                    // There are two, and parsers of the first read the second.
                    ("version", version) if kind.ends_with("openmetrics-text") => {
                        known = ["1.0.0", "0.0.1"].contains(&version);
                    }
                    _ => {}
                }
            }
            match kind.as_str() {
                "application/openmetrics-text" if known => open = open.max(quality),
                "text/plain" => text = text.max(quality),
                _ => {}
            }
        }
        if open > 0.0 && open >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// Its media type, for the `Content-Type` header.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// Writes `families`, each once.
    pub(super) fn write(self, families: &[MetricFamily]) -> Result<String, MetricsError> {
        match self {
            Self::Text => Ok(TextEncoder::new().encode_to_string(families)?),
            Self::OpenMetrics => Ok(open_metrics(families)),
        }
    }
}

fn open_metrics(families: &[MetricFamily]) -> String {
    let mut text = String::with_capacity(64 << 10);
    for family in families {
        let kind = family.get_field_type();
        // The family of a counter goes by the name without the suffix of its samples.
        let name = match kind {
            MetricType::COUNTER => family.name().strip_suffix("_total").unwrap_or(family.name()),
            _ => family.name(),
        };
        let kind_name = match kind {
            MetricType::COUNTER => "counter",
            MetricType::GAUGE => "gauge",
            MetricType::HISTOGRAM => "histogram",
            MetricType::SUMMARY => "summary",
            MetricType::UNTYPED => "unknown",
        };
        // Writing to a string can't fail.
        let _ = writeln!(text, "# TYPE {name} {kind_name}");
        if let Some(unit) = ["seconds", "bytes"].iter().find(|unit| is_in(name, unit)) {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(text, "# HELP {name} {}", escaped(family.help()));
        for metric in family.get_metric() {
            samples(&mut text, name, kind, metric);
        }
    }
    text.push_str("# EOF\n");
    text
}

fn is_in(name: &str, unit: &str) -> bool {
    name.strip_suffix(unit).is_some_and(|before| before.ends_with('_'))
}

fn samples(text: &mut String, name: &str, kind: MetricType, metric: &Metric) {
    match kind {
        MetricType::COUNTER => sample(text, name, "_total", metric, None, metric.get_counter().get_value()),
        MetricType::GAUGE => sample(text, name, "", metric, None, metric.get_gauge().get_value()),
        MetricType::UNTYPED => {}
        MetricType::HISTOGRAM => {
            let histogram = metric.get_histogram();
            for bucket in histogram
                .get_bucket()
                .iter()
                .filter(|bucket| bucket.upper_bound().is_finite())
            {
                let bound = Some(("le", bucket.upper_bound()));
                sample(text, name, "_bucket", metric, bound, count(bucket.cumulative_count()));
            }
            let all = count(histogram.get_sample_count());
            sample(text, name, "_bucket", metric, Some(("le", f64::INFINITY)), all);
            sample(text, name, "_sum", metric, None, histogram.get_sample_sum());
            sample(text, name, "_count", metric, None, all);
        }
        MetricType::SUMMARY => {
            let summary = metric.get_summary();
            for quantile in summary.get_quantile() {
                sample(
                    text,
                    name,
                    "",
                    metric,
                    Some(("quantile", quantile.quantile())),
                    quantile.value(),
                );
            }
            sample(text, name, "_sum", metric, None, summary.sample_sum());
            sample(text, name, "_count", metric, None, count(summary.sample_count()));
        }
    }
}

fn sample(text: &mut String, name: &str, suffix: &str, metric: &Metric, further: Option<(&str, f64)>, value: f64) {
    text.push_str(name);
    text.push_str(suffix);
    let mut before = '{';
    let mut label = |name: &str, value: &str| {
        let _ = write!(text, "{before}{name}=\"{value}\"");
        before = ',';
    };
    for pair in metric.get_label() {
        label(LabelPair::name(pair), &escaped(pair.value()));
    }
    if let Some((name, value)) = further {
        label(name, &bound(value));
    }
    if before == ',' {
        text.push('}');
    }
    let _ = writeln!(text, " {}", number(value));
}

/// A number as both formats take it.
fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        value.to_string()
    }
}

/// A bound as OpenMetrics has it: 1 is `1.0`.
fn bound(value: f64) -> String {
    let text = number(value);
    if value.is_finite() && !text.contains('.') {
        text + ".0"
    } else {
        text
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' => escaped.push_str("\\\""),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The formats have 64-bit floats alone: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "the formats have no other number")]
fn count(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::Exposition::{self, OpenMetrics, Text};

    #[test]
    fn what_readers_ask_for() {
        for (accept, format) in [
            (None, Text),
            (Some(""), Text),
            (Some("*/*"), Text),
            (Some("text/plain"), Text),
            (Some("application/json"), Text),
            (Some("application/openmetrics-text"), OpenMetrics),
            (Some("application/openmetrics-text; version=2.0.0"), Text),
            (Some("application/openmetrics-text;q=0"), Text),
            (Some("application/openmetrics-text;q=0.1, text/plain;q=0.9"), Text),
            // Prometheus 2.42.
            (
                Some(
                    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                     text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                ),
                OpenMetrics,
            ),
        ] {
            assert_eq!(Exposition::accepted(accept), format, "{accept:?}");
        }
    }
}
