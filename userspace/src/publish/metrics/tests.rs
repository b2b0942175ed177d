mod formats;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::{air::ChannelEntry, publish::snapshot::*};

fn channels() -> Vec<ChannelEntry> {
    let heard = |frequency_mhz, frames| ChannelEntry {
        frequency_mhz,
        frames,
        ..ChannelEntry::default()
    };
    let channel = ChannelEntry {
        channel: Some("36".into()),
        band: Some("5GHz".into()),
        utilization_ratio: Some(0.25),
        noise_dbm: Some(-95),
        dwell_seconds: Some(1.5),
        networks: 2,
        ..heard(Some(5180), 7)
    };
    // No channels: they are one series.
    vec![channel, heard(None, 1), heard(Some(5181), 2)]
}

fn snapshot() -> Snapshot {
    let data = |direction, protocol: &str, packets| DataCount {
        interface: "eth0".into(),
        direction,
        protocol: protocol.into(),
        packets,
        bytes: packets * 100,
    };
    let frame = |subtype, frames| FrameCount {
        interface: "mon0".into(),
        kind: FrameKind::new(0, subtype),
        frames,
        bytes: frames * 200,
        retries: 1,
        bad_fcs: 2,
    };
    Snapshot {
        process: None,
        http: [(200, 2), (404, 1)]
            .map(|(status, count)| RequestCount {
                route: "/api/clients/{id}".into(),
                status,
                count,
                duration: Histogram {
                    bounds_us: vec![1000, 5000],
                    counts: vec![0, count, 0],
                    sum_us: 3000 * count,
                    longest_us: 3000,
                },
            })
            .into(),
        exports: vec![Export {
            exporter: "kafka".into(),
            given: 10,
            recovered: 1,
            sent: 6,
            spooled: 2,
            waiting: 1,
            lost: vec![CauseCount::new("queue-full", 2)],
            failures: 3,
        }],
        version: "0.1.0".into(),
        uptime_seconds: 1.5,
        started_at: 1_769_169_600.0,
        frames: vec![frame(0, 3), frame(8, 50)],
        balance: Balance {
            seen: 53,
            handed_over: 3,
            filtered: vec![CauseCount::new("subtype", 48), CauseCount::new("bad_fcs", 1)],
            lost: vec![CauseCount::new("ring_full", 1)],
        },
        ring: Ring {
            capacity_bytes: 1 << 20,
            occupied_bytes: 320,
            failed_reserves: 1,
        },
        data: vec![
            data(Direction::Rx, "tcp", 7),
            data(Direction::Rx, "udp", 5),
            data(Direction::Tx, "tcp", 6),
        ],
        flows: Flows {
            active: 4,
            capacity: 65536,
            memory_bytes: 15_728_640,
            packets: FlowPackets {
                seen: 18,
                in_table: 10,
                exported: 7,
                lost: vec![CauseCount::new("table_full", 1)],
            },
            ended: vec![CauseCount::new("fin", 2)],
        },
        attachments: vec![Attachment {
            program: "monitor".into(),
            interface: "mon0".into(),
            hook: "xdp generic".into(),
        }],
        profiles: Profiles {
            count: 3,
            observed: 2,
            failed: 1,
            failures: vec![CauseCount::new("wrong-password", 1)],
            clients: 4,
            accepted: 2,
            turned_away: 1,
            heard: Some(2),
            left_out: vec![CauseCount::new("probe-request", 8)],
        },
        access_point: Some(AccessPoint {
            frames: vec![CauseCount::new("probe-answered", 6)],
            beacons: vec![CauseCount::new("sent", 70)],
            response_latency: Histogram {
                bounds_us: vec![100, 1000],
                counts: vec![4, 1, 1],
                sum_us: 5000,
                longest_us: 4000,
            },
            restarts: 1,
            lost: vec![CauseCount::new("buffer-full", 5)],
            ..AccessPoint::default()
        }),
        programs: vec![ProgramCost {
            program: "monitor".into(),
            runs: 4,
            nanoseconds: 1_500_000_000,
        }],
        sessions: Sessions {
            authenticating: 1,
            established: 2,
            succeeded: 5,
            failed: 3,
            ended: vec![CauseCount::new("ap", 1), CauseCount::new("client", 2)],
            handshake: Histogram {
                bounds_us: vec![1000, 10_000],
                counts: vec![3, 1, 1],
                sum_us: 60_000,
                longest_us: 50_000,
            },
        },
        lookups: Lookups {
            results: vec![CauseCount::new("found", 7)],
            assignments: 50_000,
            times: LookupTimes {
                bounds_ns: vec![100, 1000],
                counts: vec![2, 5, 0],
                sum_ns: 2500,
            },
        },
        errors: vec![CauseCount::new("parsing", 1)],
        events: vec![CauseCount::new("token-refused", 3)],
        logs: vec![LogCount {
            log: "audit".into(),
            written: 9,
            lost: vec![CauseCount::new("write-failed", 2)],
        }],
        spans: Some(SpanCount {
            sent: 4,
            lost: vec![CauseCount::new("queue-full", 5)],
        }),
        channels: channels(),
    }
}

const PACKET: Packet<'_> = Packet {
    interface: "file",
    direction: Direction::Rx,
    bytes: 140,
};
const FLOW: Flow = Flow {
    packets: 2,
    bytes: 280,
    duration: Duration::from_secs(1),
};

fn observe(sink: &dyn MetricsSink) {
    sink.observe_packet(PACKET);
    sink.observe_flow(&FLOW, "completed");
    sink.observe_processing_time("pcap", Duration::from_millis(20));
    sink.observe_error("parsing", Some(&"truncated"));
    sink.observe_error("kafka", None);
    sink.set_active_flows(42);
}

#[track_caller]
fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "missing: {line}\n{text}");
    }
}

#[test]
fn events_under_another_namespace() {
    let sink = PrometheusSink::new("joyfuljay", None).unwrap();
    observe(&sink);
    let text = sink.render().unwrap();
    assert_lines(
        &text,
        &[
            "# TYPE joyfuljay_packets_total counter",
            "joyfuljay_packets_total{interface=\"file\",direction=\"rx\"} 1",
            "joyfuljay_bytes_total{interface=\"file\",direction=\"rx\"} 140",
            "joyfuljay_flows_total{reason=\"completed\"} 1",
            "joyfuljay_errors_total{stage=\"kafka\"} 1",
            "# TYPE joyfuljay_processing_duration_seconds histogram",
            "joyfuljay_processing_duration_seconds_count{mode=\"pcap\"} 1",
            "joyfuljay_processing_duration_seconds_sum{mode=\"pcap\"} 0.02",
            "joyfuljay_active_flows 42",
        ],
    );
}

#[test]
fn kernel_counts_and_events_add_up() {
    let source = || snapshot();
    let sink = PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(source))).unwrap();
    observe(&sink);
    let text = sink.render().unwrap();
    assert_lines(
        &text,
        &[
            "airlens_packets_total{interface=\"eth0\",direction=\"rx\"} 12",
            "airlens_bytes_total{interface=\"eth0\",direction=\"tx\"} 600",
            "airlens_packets_total{interface=\"file\",direction=\"rx\"} 1",
            "airlens_errors_total{stage=\"parsing\"} 2",
            "airlens_errors_total{stage=\"nl80211\"} 0",
            "airlens_flows_total{reason=\"fin\"} 2",
            "airlens_flows_total{reason=\"completed\"} 1",
            "airlens_active_flows 46",
            "airlens_frames_total{interface=\"mon0\",type=\"management\",subtype=\"association-request\"} 3",
            "airlens_frame_bytes_total{interface=\"mon0\",type=\"management\",subtype=\"beacon\"} 10000",
            "airlens_capture_seen_total 53",
            "airlens_capture_frames_total{result=\"handed_over\",cause=\"\"} 3",
            "airlens_capture_frames_total{result=\"filtered\",cause=\"subtype\"} 48",
            "airlens_capture_frames_total{result=\"lost\",cause=\"ring_full\"} 1",
            "airlens_ring_capacity_bytes 1048576",
            "airlens_flow_packets_total{result=\"lost\",cause=\"table_full\"} 1",
            "airlens_flows_total{reason=\"kafka\"} 6",
            "airlens_export_records_given_total{exporter=\"kafka\"} 10",
            "airlens_export_records_total{exporter=\"kafka\",result=\"sent\",cause=\"\"} 6",
            "airlens_export_records_total{exporter=\"kafka\",result=\"lost\",cause=\"queue-full\"} 2",
            "airlens_export_records_spooled{exporter=\"kafka\"} 2",
            "airlens_export_failures_total{exporter=\"kafka\"} 3",
            "airlens_attachment_info{program=\"monitor\",interface=\"mon0\",hook=\"xdp generic\"} 1",
            "airlens_ap_frames_total{outcome=\"probe-answered\"} 6",
            "airlens_ap_lost_total{cause=\"buffer-full\"} 5",
            "airlens_ap_beacons_total{result=\"sent\"} 70",
            "airlens_ap_restarts_total 1",
            "airlens_ap_response_latency_seconds_bucket{le=\"0.001\"} 5",
            "airlens_ap_response_latency_seconds_bucket{le=\"+Inf\"} 6",
            "airlens_ap_response_latency_seconds_sum 0.005",
            "airlens_profiles_total{source=\"own\"} 1",
            "airlens_profiles_total{source=\"observed\"} 2",
            "airlens_failed_profiles_total{cause=\"wrong-password\"} 1",
            "airlens_clients_heard 2",
            "airlens_stations_left_out_total{cause=\"probe-request\"} 8",
            "airlens_association_answers_total{result=\"refused\"} 1",
            "airlens_build_info{version=\"0.1.0\"} 1",
            "airlens_events_total{event=\"token-refused\"} 3",
            "airlens_log_lines_total{log=\"audit\"} 9",
            "airlens_log_lines_lost_total{log=\"audit\",cause=\"write-failed\"} 2",
            "airlens_spans_sent_total 4",
            "airlens_spans_lost_total{cause=\"queue-full\"} 5",
            "# TYPE process_cpu_seconds_total counter",
            "# TYPE process_open_fds gauge",
        ],
    );
    assert_lines(
        &text,
        &[
            "airlens_program_runs_total{program=\"monitor\"} 4",
            "airlens_program_run_seconds_total{program=\"monitor\"} 1.5",
            "airlens_sessions_active{state=\"authenticating\"} 1",
            "airlens_sessions_active{state=\"established\"} 2",
            "airlens_sessions_total{result=\"success\"} 5",
            "airlens_sessions_total{result=\"failure\"} 3",
            "airlens_disconnections_total{by=\"client\"} 2",
            "airlens_handshake_duration_seconds_bucket{le=\"0.01\"} 4",
            "airlens_handshake_duration_seconds_count 5",
            "airlens_handshake_duration_seconds_sum 0.06",
            "airlens_vendor_lookups_total{result=\"found\"} 7",
            "airlens_vendor_lookup_duration_seconds_bucket{le=\"0.000001\"} 7",
            "airlens_vendor_lookup_duration_seconds_count 7",
            "airlens_vendor_registry_entries 50000",
            "airlens_channel_frames_total{band=\"5GHz\",channel=\"36\"} 7",
            "airlens_channel_frames_total{band=\"unknown\",channel=\"unknown\"} 3",
            "airlens_channel_utilization_ratio{band=\"5GHz\",channel=\"36\"} 0.25",
            "airlens_channel_noise_dbm{band=\"5GHz\",channel=\"36\"} -95",
            "airlens_channel_dwell_seconds_total{band=\"5GHz\",channel=\"36\"} 1.5",
            "airlens_channel_networks{band=\"5GHz\",channel=\"36\"} 2",
        ],
    );
    assert!(snapshot().balance.holds());
    // No line twice: Prometheus would refuse the whole scrape.
    let mut lines: Vec<_> = text.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    let before = lines.len();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), before);
}

#[test]
fn a_sink_is_an_island() {
    let (first, second) = (
        PrometheusSink::new("a", None).unwrap(),
        PrometheusSink::new("a", None).unwrap(),
    );
    let both = Fanout::new(vec![
        Arc::new(first.clone()),
        Arc::new(NoopSink),
        Arc::new(second.clone()),
    ]);
    both.observe_packet(PACKET);
    first.observe_packet(PACKET);
    assert_lines(
        &first.render().unwrap(),
        &["a_packets_total{interface=\"file\",direction=\"rx\"} 2"],
    );
    assert_lines(
        &second.render().unwrap(),
        &["a_packets_total{interface=\"file\",direction=\"rx\"} 1"],
    );
    for bad in ["", "9a", "a-b", "a b", "é", "a\n"] {
        assert!(
            matches!(PrometheusSink::new(bad, None), Err(MetricsError::Namespace(_))),
            "{bad:?}"
        );
    }
}

#[test]
fn a_cached_source_reads_once_in_an_interval() {
    let reads = Arc::new(AtomicU64::new(0));
    let source = |interval| {
        let reads = Arc::clone(&reads);
        let read = move || Snapshot {
            started_at: reads.fetch_add(1, Ordering::Relaxed) as f64,
            ..Snapshot::default()
        };
        CachedSource::new(Arc::new(read), interval)
    };
    let slow = source(Duration::from_secs(3600));
    assert_eq!(slow.snapshot(), slow.snapshot());
    assert_eq!(reads.load(Ordering::Relaxed), 1);
    let fresh = source(Duration::ZERO);
    assert_ne!(fresh.snapshot(), fresh.snapshot());
}
