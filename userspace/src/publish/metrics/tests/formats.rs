//! The formats, and that every metric is documented.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::Arc,
};

use super::{super::*, assert_lines, observe, snapshot};

#[test]
fn open_metrics() {
    let sink = PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(snapshot))).unwrap();
    observe(&sink);
    let odd = prometheus_gauge("odd \\ \"help\"\nof two lines", "a\"b\\c\nd");
    sink.registry().register(Box::new(odd)).unwrap();
    let text = sink.render_as(Exposition::OpenMetrics).unwrap();
    assert_lines(
        &text,
        &[
            "# TYPE airlens_packets counter",
            "# HELP airlens_packets Packets processed, by interface and direction.",
            "airlens_packets_total{interface=\"eth0\",direction=\"rx\"} 12",
            "# TYPE airlens_bytes counter",
            "# UNIT airlens_bytes bytes",
            "# TYPE airlens_active_flows gauge",
            "airlens_active_flows 46",
            "# UNIT airlens_processing_duration_seconds seconds",
            "airlens_processing_duration_seconds_bucket{mode=\"pcap\",le=\"1.0\"} 1",
            "airlens_processing_duration_seconds_bucket{mode=\"pcap\",le=\"+Inf\"} 1",
            "airlens_http_request_duration_seconds_bucket{path=\"/api/clients/{id}\",le=\"0.005\"} 3",
            "airlens_http_requests_total{path=\"/api/clients/{id}\",code=\"404\"} 1",
            "# HELP odd odd \\\\ \\\"help\\\"\\nof two lines",
            "odd{label=\"a\\\"b\\\\c\\nd\"} +Inf",
        ],
    );
    assert!(text.ends_with("\n# EOF\n") && !text.contains("_created"));
}

/// A gauge that is infinite.
fn prometheus_gauge(help: &str, label: &str) -> ::prometheus::Gauge {
    let opts = ::prometheus::Opts::new("odd", help).const_label("label", label);
    let gauge = ::prometheus::Gauge::with_opts(opts).unwrap();
    gauge.set(f64::INFINITY);
    gauge
}

#[test]
fn every_metric_is_documented() {
    let sink = PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(snapshot))).unwrap();
    observe(&sink);
    let documented = include_str!("../../../../../docs/METRICS.md");
    for line in sink.render().unwrap().lines() {
        if let Some((name, _)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
            let name = name.strip_prefix("airlens_").unwrap_or(name);
            assert!(
                documented.contains(&format!("`{name}`")),
                "docs/METRICS.md has no {name}"
            );
        }
    }
}

#[test]
fn promtool_finds_nothing() {
    let sink = PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(snapshot))).unwrap();
    observe(&sink);
    let text = sink.render().unwrap();
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        println!("promtool is not installed (Debian package prometheus): `promtool check metrics` is left out");
        return;
    };
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let complaints = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success() && complaints.is_empty(),
        "{}",
        String::from_utf8_lossy(&complaints)
    );
}
