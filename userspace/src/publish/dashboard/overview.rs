//! The dashboard that comes with airlens.

use super::{Dashboard, DashboardBuilder, Panel};

/// What the dashboard is made for.
#[derive(Clone, Copy, Debug)]
pub struct OverviewOptions<'a> {
    /// What metric names start with.
    pub namespace: &'a str,
    /// The data source that is chosen at first; Grafana's default without.
    pub datasource: Option<&'a str>,
}

/// Everything that a run tells, in rows. In the expressions below, `airlens_` stands for the namespace, `JOB` for the choice of
/// jobs and `RATE` for the time that Grafana takes rates over.
#[must_use]
pub fn overview(options: OverviewOptions<'_>) -> Dashboard {
    let namespace = options.namespace;
    let title = if namespace == "airlens" {
        "airlens".to_owned()
    } else {
        format!("airlens ({namespace})")
    };
    let mut builder = DashboardBuilder::new(&title, &format!("{namespace}-overview"))
        .tag("airlens")
        .tag("wifi")
        .job_variable(&format!("{namespace}_active_flows"));
    if let Some(uid) = options.datasource {
        builder = builder.datasource(uid);
    }
    for (row, panels) in [
        ("Overview", totals()),
        ("Throughput", throughput()),
        ("Latency", latency()),
        ("Errors", errors()),
        ("Efficiency", efficiency()),
        ("Wi-Fi", wifi()),
        ("Sensor", sensor()),
    ] {
        builder = builder.row(row);
        for mut panel in panels {
            for (expression, _) in &mut panel.expressions {
                *expression = expression
                    .replace("airlens_", &format!("{namespace}_"))
                    .replace("JOB", "job=~\"$job\"")
                    .replace("RATE", "$__rate_interval");
            }
            builder = builder.panel(panel);
        }
    }
    builder.build()
}

fn totals() -> Vec<Panel> {
    vec![
        Panel::stat("Total packets", "sum(airlens_packets_total{JOB})"),
        Panel::stat("Total bytes", "sum(airlens_bytes_total{JOB})").unit("bytes"),
        Panel::stat("Total flows", "sum(airlens_flows_total{JOB,reason!=\"kafka\"})")
            .description("Flows that ended; those that Kafka has taken are counted once."),
        Panel::stat("Active flows", "sum(airlens_active_flows{JOB})"),
        Panel::stat("Total errors", "sum(airlens_errors_total{JOB})"),
        Panel::stat("Packets/s", "sum(rate(airlens_packets_total{JOB}[RATE]))").unit("pps"),
    ]
}

fn throughput() -> Vec<Panel> {
    vec![
        Panel::graph("Packet rate")
            .expression(
                "sum by (interface, direction) (rate(airlens_packets_total{JOB}[RATE]))",
                "{{interface}} {{direction}}",
            )
            .unit("pps"),
        Panel::graph("Byte rate")
            .expression(
                "sum by (interface, direction) (rate(airlens_bytes_total{JOB}[RATE]))",
                "{{interface}} {{direction}}",
            )
            .unit("Bps"),
        Panel::graph("Flows per minute").expression(
            "sum by (reason) (rate(airlens_flows_total{JOB}[RATE])) * 60",
            "{{reason}}",
        ),
        Panel::graph("Active flows")
            .expression("sum(airlens_active_flows{JOB})", "active")
            .expression("sum(airlens_flow_table_capacity{JOB})", "capacity"),
    ]
}

fn latency() -> Vec<Panel> {
    let quantile = |of: &str, histogram: &str| {
        format!("histogram_quantile({of}, sum by (le) (rate({histogram}_bucket{{JOB}}[RATE])))")
    };
    let quantiles = |title: &str, histogram: &str| {
        Panel::graph(title)
            .expression(&quantile("0.50", histogram), "p50")
            .expression(&quantile("0.95", histogram), "p95")
            .expression(&quantile("0.99", histogram), "p99")
            .unit("s")
    };
    vec![
        quantiles("Processing duration", "airlens_processing_duration_seconds")
            .description("Live: from a client's request on the air to its published profile."),
        Panel::graph("Processing jobs by mode").expression(
            "sum by (mode) (rate(airlens_processing_duration_seconds_count{JOB}[RATE]))",
            "{{mode}}",
        ),
        quantiles("Authentication to association", "airlens_handshake_duration_seconds"),
        Panel::graph("API requests, p95")
            .expression(
                "histogram_quantile(0.95, sum by (le, path) (rate(airlens_http_request_duration_seconds_bucket{JOB}[RATE])))",
                "{{path}}",
            )
            .unit("s"),
    ]
}

fn errors() -> Vec<Panel> {
    vec![
        Panel::graph("Errors by stage")
            .expression("sum by (stage) (rate(airlens_errors_total{JOB}[RATE]))", "{{stage}}")
            .width(8),
        Panel::graph("Flow end reasons")
            .expression("sum by (reason) (rate(airlens_flows_total{JOB}[RATE]))", "{{reason}}")
            .width(8),
        Panel::pie("Error distribution")
            .expression("sum by (stage) (airlens_errors_total{JOB})", "{{stage}}")
            .width(8),
    ]
}

fn efficiency() -> Vec<Panel> {
    vec![
        Panel::graph("Mean packet size")
            .expression(
                "sum(rate(airlens_bytes_total{JOB}[RATE])) / sum(rate(airlens_packets_total{JOB}[RATE]))",
                "octets",
            )
            .unit("bytes"),
        Panel::graph("Processing success rate")
            .expression(
                "1 - sum(rate(airlens_errors_total{JOB}[RATE])) / clamp_min((sum(rate(airlens_packets_total{JOB}[RATE])) or vector(0)) \
                 + sum(rate(airlens_capture_seen_total{JOB}[RATE])), 0.001)",
                "packets and frames without an error",
            )
            .unit("percentunit"),
    ]
}

fn wifi() -> Vec<Panel> {
    vec![
        Panel::graph("Frames by subtype")
            .expression(
                "sum by (type, subtype) (rate(airlens_frames_total{JOB}[RATE]))",
                "{{type}} {{subtype}}",
            )
            .unit("pps"),
        Panel::graph("Clients")
            .expression("sum(airlens_clients{JOB})", "seen")
            .expression("sum(airlens_clients_heard{JOB})", "heard in the last minute")
            .expression("sum by (state) (airlens_sessions_active{JOB})", "{{state}}"),
        Panel::graph("Profiles per minute").expression(
            "sum by (source) (rate(airlens_profiles_total{JOB}[RATE])) * 60",
            "{{source}}",
        ),
        Panel::graph("Attempts to join per minute").expression(
            "sum by (result) (rate(airlens_sessions_total{JOB}[RATE])) * 60",
            "{{result}}",
        ),
        Panel::graph("Channel utilisation")
            .expression("airlens_channel_utilization_ratio{JOB}", "{{band}} {{channel}}")
            .unit("percentunit")
            .description("Busy share of the time by the radio's survey; drivers without a survey show none."),
        Panel::graph("Frames by channel")
            .expression(
                "sum by (band, channel) (rate(airlens_channel_frames_total{JOB}[RATE]))",
                "{{band}} {{channel}}",
            )
            .unit("pps"),
        Panel::graph("Losses")
            .expression(
                "sum by (cause) (rate(airlens_capture_frames_total{JOB,result=\"lost\"}[RATE]))",
                "frames: {{cause}}",
            )
            .expression(
                "sum by (cause) (rate(airlens_flow_packets_total{JOB,result=\"lost\"}[RATE]))",
                "packets of flows: {{cause}}",
            )
            .unit("pps"),
        Panel::graph("Connection stability")
            .expression(
                "1 - sum(airlens_disconnections_total{JOB}) / clamp_min(sum(airlens_sessions_total{JOB,result=\"success\"}), 1)",
                "associations that were not ended",
            )
            .unit("percentunit"),
    ]
}

fn sensor() -> Vec<Panel> {
    vec![
        Panel::graph("Processor")
            .expression("sum by (instance) (rate(process_cpu_seconds_total{JOB}[RATE]))", "{{instance}}")
            .unit("percentunit")
            .width(8),
        Panel::graph("Memory")
            .expression("process_resident_memory_bytes{JOB}", "{{instance}}")
            .unit("bytes")
            .width(8),
        Panel::graph("File descriptors")
            .expression("process_open_fds{JOB}", "{{instance}}")
            .width(8),
        Panel::graph("Ring buffer")
            .expression("airlens_ring_bytes{JOB} / airlens_ring_capacity_bytes{JOB}", "{{instance}}")
            .unit("percentunit")
            .width(8),
        Panel::graph("Time of a kernel program")
            .expression(
                "sum by (program) (rate(airlens_program_run_seconds_total{JOB}[RATE])) / sum by (program) (rate(airlens_program_runs_total{JOB}[RATE]))",
                "{{program}}",
            )
            .unit("s")
            .width(8)
            .description("A run of it, where the setting monitoring.program_stats is on."),
        Panel::graph("Look-ups of makers")
            .expression("sum by (result) (rate(airlens_vendor_lookups_total{JOB}[RATE]))", "{{result}}")
            .width(8),
    ]
}
