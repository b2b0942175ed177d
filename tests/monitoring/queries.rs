//! Every expression, of the users' documents and of the dashboard, has a number while demonstrations run.

use std::sync::Arc;

use airlens::publish::{
    dashboard::{OverviewOptions, overview},
    metrics::{MetricsServer, PrometheusSink},
};
use airlens_tests::support::view::surveyed;
use anyhow::{Result, ensure};

use super::servers::{Demo, Prometheus};

/// "Example Queries (PromQL)" of JoyfulJay's document, as they stand there.
const JOYFULJAY: [&str; 6] = [
    "rate(joyfuljay_packets_total[1m])",
    "sum by (reason) (rate(joyfuljay_flows_total[1m])) * 60",
    "rate(joyfuljay_bytes_total[5m]) / rate(joyfuljay_packets_total[5m])",
    "sum by (stage) (rate(joyfuljay_errors_total[5m]))",
    "histogram_quantile(0.95, rate(joyfuljay_processing_duration_seconds_bucket[5m]))",
    "joyfuljay_active_flows",
];

/// Its dashboard's and builder's examples.
const JOYFULJAY_BUILDER: [&str; 5] = [
    "joyfuljay_packets_total",
    "sum(joyfuljay_errors_total)",
    "histogram_quantile(0.50, rate(joyfuljay_processing_duration_seconds_bucket[5m]))",
    "histogram_quantile(0.99, rate(joyfuljay_processing_duration_seconds_bucket[5m]))",
    "sum by (mode) (joyfuljay_processing_duration_seconds_count)",
];

/// The metrics of UFO's and WRAITH's documents by their names here, as docs/METRICS.md translates them.
const TRANSLATED: [&str; 22] = [
    // wraith_sessions_active{state="established"}, wraith_sessions_total{result="success"}
    "airlens_sessions_active{state=\"established\"}",
    "airlens_sessions_total{result=\"success\"}",
    "airlens_sessions_total{result=\"failure\"}",
    // wraith_handshake_duration_seconds{quantile="0.5"}
    "histogram_quantile(0.5, rate(airlens_handshake_duration_seconds_bucket[5m]))",
    "histogram_quantile(0.99, rate(airlens_handshake_duration_seconds_bucket[5m]))",
    // wraith_bytes_sent_total, wraith_bytes_received_total, and the two expressions of its dashboard
    "sum(airlens_bytes_total{direction=\"tx\"})",
    "sum(airlens_bytes_total{direction=\"rx\"})",
    "rate(airlens_bytes_total{direction=\"tx\"}[5m]) * 8",
    "rate(airlens_bytes_total{direction=\"rx\"}[5m]) * 8",
    // wraith_transfers_active, wraith_transfer_throughput_bps{direction="send"}
    "airlens_active_flows",
    "sum(rate(airlens_bytes_total{direction=\"tx\"}[1m])) * 8",
    // wraith_dht_lookups_total{result="success"}, …_lookup_duration_seconds{quantile="0.95"}, wraith_dht_stored_values
    "airlens_vendor_lookups_total{result=\"found\"}",
    "histogram_quantile(0.95, rate(airlens_vendor_lookup_duration_seconds_bucket[5m]))",
    "airlens_vendor_registry_entries",
    // wraith_cpu_usage_percent, wraith_memory_usage_bytes, wraith_file_descriptors_open
    "rate(process_cpu_seconds_total{job=\"airlens\"}[1m]) * 100",
    "process_resident_memory_bytes{job=\"airlens\"}",
    "process_open_fds{job=\"airlens\"}",
    // wraith_errors_total{type="network"}
    "airlens_errors_total{stage=\"capture\"}",
    "rate(airlens_errors_total[5m]) > bool 10",
    // Request latency, tasks per minute and connection stability of UFO's document
    "histogram_quantile(0.95, sum by (path, le) (rate(airlens_http_request_duration_seconds_bucket[5m])))",
    "sum(rate(airlens_profiles_total[1m])) * 60",
    "1 - sum(airlens_disconnections_total) / clamp_min(sum(airlens_sessions_total{result=\"success\"}), 1)",
];

#[test]
fn every_expression_of_documents_and_dashboard_has_a_number() -> Result<()> {
    let ours = Demo::start(&["--program-stats"])?;
    let theirs = Demo::start(&["--program-stats", "--metrics-namespace", "joyfuljay"])?;
    let anywhere = "127.0.0.1:0".parse()?;
    // What no demonstration has: a sink of its own shows it.
    let radios = ["airlens", "joyfuljay"].map(|namespace| -> Result<_> {
        let sink = PrometheusSink::new(namespace, Some(Arc::new(surveyed)))?;
        Ok(MetricsServer::start(sink, anywhere)?)
    });
    let [our_radio, their_radio] = radios;
    let (our_radio, their_radio) = (our_radio?, their_radio?);
    let (first, second) = (our_radio.address().to_string(), their_radio.address().to_string());
    let prometheus = Prometheus::start(
        &[
            ("airlens", &ours.address),
            ("joyfuljay", &theirs.address),
            ("radio", &first),
            ("their-radio", &second),
        ],
        "",
    )?;
    prometheus.scraped(&["airlens", "joyfuljay", "radio", "their-radio"], 15)?;

    let mut without = Vec::new();
    let mut check = |title: &str, expression: &str| -> Result<()> {
        if !prometheus.has_number(expression)? {
            without.push(format!("{title}: {expression}: {:?}", prometheus.values(expression)?));
        }
        Ok(())
    };
    for expression in JOYFULJAY.into_iter().chain(JOYFULJAY_BUILDER) {
        check("JoyfulJay", expression)?;
        check("JoyfulJay here", &expression.replace("joyfuljay_", "airlens_"))?;
    }
    for expression in TRANSLATED {
        check("translated", expression)?;
    }
    for namespace in ["airlens", "joyfuljay"] {
        let dashboard = overview(OverviewOptions {
            namespace,
            datasource: None,
        });
        for (title, expression) in dashboard.expressions() {
            let job = if title == "Channel utilisation" {
                ".*radio"
            } else {
                namespace
            };
            check(
                title,
                &expression.replace("$__rate_interval", "1m").replace("$job", job),
            )?;
        }
    }
    ensure!(without.is_empty(), "without a number:\n{}", without.join("\n"));
    Ok(())
}
