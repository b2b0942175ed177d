//! What is worth waking somebody for.

use std::{fmt::Write as _, time::Duration};

use super::yaml::quoted;

/// Names and thresholds of the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertOptions {
    /// What metric names start with.
    pub namespace: String,
    /// Prometheus's job for the sensors.
    pub job: String,
    /// Errors a second, all stages together.
    pub errors: f64,
    /// Packets and frames a second: no more than so many is none.
    pub packet_rate: f64,
    /// Active flows of a sensor.
    pub active_flows: u64,
    /// Octets a second that a sensor should see at the least; 0: any will do.
    pub throughput: f64,
    /// Octets of memory that airlens may take.
    pub memory: u64,
    /// Share of clients' attempts to join that may fail.
    pub session_failures: f64,
    /// Seconds that the API may take for an answer, for 95 % of the requests.
    pub response_time: f64,
    /// Failed attempts to join a second.
    pub suspicious: f64,
    /// Frames and packets lost a second.
    pub losses: f64,
    /// How long every condition must hold, instead of each rule's own time.
    pub hold: Option<Duration>,
}

impl Default for AlertOptions {
    fn default() -> Self {
        Self {
            namespace: "airlens".to_owned(),
            job: "airlens".to_owned(),
            errors: 10.0,
            packet_rate: 0.0,
            active_flows: 1000,
            throughput: 1_000_000.0,
            memory: 1_000_000_000,
            session_failures: 0.2,
            response_time: 2.0,
            suspicious: 50.0,
            losses: 0.0,
            hold: None,
        }
    }
}

/// An alerting rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// When it holds, in PromQL.
    pub expression: String,
    /// How long it must hold.
    pub hold: Duration,
    /// `critical` or `warning`.
    pub severity: &'static str,
    /// In a few words; a template with double braces.
    pub summary: &'static str,
    /// What it means and what to do; a template with double braces.
    pub description: String,
}

const MINUTE: Duration = Duration::from_secs(60);

/// Every rule. In the expressions below, `airlens_` stands for the namespace and `JOB` for the choice of the job.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a list")]
pub fn rules(options: &AlertOptions) -> Vec<Rule> {
    let AlertOptions {
        errors,
        packet_rate,
        active_flows,
        throughput,
        memory,
        session_failures,
        response_time,
        suspicious,
        losses,
        ..
    } = options;
    let seen = format!(
        "{{__name__=~\"{}_(packets|capture_seen)_total\",JOB}}",
        options.namespace
    );
    let prefix = format!("{}_", options.namespace);
    let job = format!("job=\"{}\"", options.job.replace('\\', "\\\\").replace('"', "\\\""));
    let rule = |name, severity, minutes: u32, expression: String, summary, description: &str| Rule {
        name,
        expression: expression.replace("airlens_", &prefix).replace("JOB", &job),
        hold: options.hold.unwrap_or(MINUTE * minutes),
        severity,
        summary,
        description: description.replace("airlens_", &prefix),
    };
    let (warning, critical) = ("warning", "critical");
    vec![
        rule(
            "ProfilerDown",
            critical,
            1,
            "up{JOB} == 0".to_owned(),
            "airlens is down on {{ $labels.instance }}",
            "Prometheus does not reach it: see `systemctl status airlens` and `airlens status` there.",
        ),
        rule(
            "SensorOffline",
            critical,
            5,
            "group by (job, instance) (last_over_time(airlens_build_info{JOB}[1h])) unless on (job, instance) up{JOB}"
                .to_owned(),
            "{{ $labels.instance }} is gone",
            "It was scraped within the hour, and is no target of Prometheus any more.",
        ),
        rule(
            "HighErrorRate",
            warning,
            5,
            format!("sum by (job, instance) (rate(airlens_errors_total{{JOB}}[5m])) > {errors}"),
            "High error rate on {{ $labels.instance }}",
            &format!(
                "{{{{ $value | humanize }}}} errors a second, more than {errors}: airlens_errors_total tells the stage, the log tells why."
            ),
        ),
        rule(
            "NoPackets",
            warning,
            5,
            format!("sum by (job, instance) (rate({seen}[5m])) <= {packet_rate} or absent({seen})"),
            "No packets on {{ $labels.instance }}",
            "Neither frames nor packets come in: see `airlens stats` for where the programs are attached.",
        ),
        rule(
            "HighActiveFlows",
            warning,
            5,
            format!("sum by (job, instance) (airlens_active_flows{{JOB}}) > {active_flows}"),
            "Many active flows on {{ $labels.instance }}",
            &format!(
                "{{{{ $value }}}} flows are active, more than {active_flows}: `airlens flows` shows the foremost."
            ),
        ),
        rule(
            "LowThroughput",
            warning,
            10,
            format!("sum by (job, instance) (rate(airlens_bytes_total{{JOB}}[5m])) < {throughput}"),
            "Low throughput on {{ $labels.instance }}",
            &format!("{{{{ $value | humanize }}}}B/s, less than {throughput} octets a second."),
        ),
        rule(
            "MemoryExhaustion",
            critical,
            5,
            format!("process_resident_memory_bytes{{JOB}} > {memory}"),
            "airlens takes much memory on {{ $labels.instance }}",
            &format!(
                "{{{{ $value | humanize1024 }}}}B, more than {memory} octets: a smaller flow_capacity or ring_bytes takes less."
            ),
        ),
        rule(
            "NoClients",
            warning,
            5,
            // Without a frame of anybody NoPackets tells.
            "airlens_clients_heard{JOB} == 0 and on (job, instance) \
             sum by (job, instance) (rate(airlens_capture_seen_total{JOB}[5m])) > 0"
                .to_owned(),
            "No Wi-Fi client on {{ $labels.instance }}",
            "Frames come in, none of them of a station: see the channel, the antenna, and the access points that `airlens air` lists.",
        ),
        rule(
            "SessionFailureRate",
            warning,
            5,
            format!(
                "sum by (job, instance) (rate(airlens_sessions_total{{JOB,result=\"failure\"}}[5m])) \
                 / sum by (job, instance) (rate(airlens_sessions_total{{JOB}}[5m])) > {session_failures}"
            ),
            "Clients fail to join on {{ $labels.instance }}",
            "{{ $value | humanizePercentage }} of the attempts came to nothing: `airlens clients` tells why.",
        ),
        rule(
            "SlowResponses",
            warning,
            5,
            format!(
                "histogram_quantile(0.95, sum by (job, instance, le) \
                 (rate(airlens_http_request_duration_seconds_bucket{{JOB}}[5m]))) > {response_time}"
            ),
            "Slow answers of {{ $labels.instance }}",
            &format!("One of twenty requests takes {{{{ $value | humanizeDuration }}}}, more than {response_time} s."),
        ),
        rule(
            "SuspiciousHandshakes",
            warning,
            2,
            format!(
                "sum by (job, instance) (rate(airlens_sessions_total{{JOB,result=\"failure\"}}[1m])) > {suspicious}"
            ),
            "Many failed handshakes on {{ $labels.instance }}",
            "{{ $value | humanize }} attempts to join fail each second: a flood, or someone tries passphrases.",
        ),
        rule(
            "FramesLost",
            warning,
            5,
            format!(
                "sum by (job, instance) (rate(airlens_capture_frames_total{{JOB,result=\"lost\"}}[5m])) \
                 + on (job, instance) sum by (job, instance) (rate(airlens_flow_packets_total{{JOB,result=\"lost\"}}[5m])) > {losses}"
            ),
            "Frames are lost on {{ $labels.instance }}",
            "{{ $value | humanize }} a second: `airlens stats` tells the cause, a larger ring_bytes helps against ring-full.",
        ),
    ]
}

/// The rules as a file for Prometheus's `rule_files`.
#[must_use]
pub fn rules_yaml(options: &AlertOptions) -> String {
    let mut text = format!("groups:\n  - name: {}\n    rules:\n", options.namespace);
    for rule in rules(options) {
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "      - alert: {}\n        expr: {}\n        for: {}s\n        labels:\n          severity: {}\n        \
             annotations:\n          summary: {}\n          description: {}\n",
            rule.name,
            quoted(&rule.expression),
            rule.hold.as_secs(),
            rule.severity,
            quoted(rule.summary),
            quoted(&rule.description),
        );
    }
    text
}
