//! What airlens counts of its own: frames, the ring, the flow table, programs, clients.

use std::{fs, net::UdpSocket, path::PathBuf, sync::Arc};

use airlens::{dot11::emit::Body, publish::metrics::PrometheusSink};
use airlens_tests::support::{
    radiotap::{BAD_FCS, FCS, Header, frame},
    view::surveyed,
};
use anyhow::{Result, ensure};

use super::sensor::{Samples, Sensor, frame as of_client};

#[test]
fn frames_by_type_and_subtype() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    // QoS data, of which one is a retry and one is broken; beacons.
    for (flags, kind, subtype, retry) in [
        (FCS, 2, 8, false),
        (FCS, 2, 8, true),
        (BAD_FCS, 2, 8, false),
        (FCS, 0, 8, false),
        (FCS, 0, 8, false),
    ] {
        let packet = Header::usual(flags).with(&frame(kind, subtype, retry, 100));
        sensor.network.tap.write(&packet)?;
    }
    sensor.counted("airlens_frames_total", &[], 5.0)?;
    let samples = sensor.metrics()?;
    let data = ["interface=\"mon0\"", "type=\"data\"", "subtype=\"qos-data\""];
    let beacons = ["interface=\"mon0\"", "type=\"management\"", "subtype=\"beacon\""];
    assert_eq!(samples.sum("airlens_frames_total", &data), 3.0, "{}", samples.0);
    assert_eq!(samples.sum("airlens_frames_total", &beacons), 2.0);
    assert_eq!(samples.sum("airlens_frame_retries_total", &data), 1.0);
    assert_eq!(samples.sum("airlens_bad_fcs_total", &data), 1.0);
    assert_eq!(samples.sum("airlens_bad_fcs_total", &beacons), 0.0);
    sensor.stop().map(drop)
}

#[test]
fn ring_occupancy_and_losses() -> Result<()> {
    let mut sensor = Sensor::start(&["--ring-bytes", "4096"])?;
    // Nobody reads the ring while the process stands still.
    sensor.run.signal(libc::SIGSTOP);
    let tasks = format!("/proc/{}/task", sensor.run.pid());
    sensor.run.until("each thread stands still", || {
        let still = |task: PathBuf| fs::read_to_string(task.join("stat")).is_ok_and(|stat| stat.contains(") T "));
        Ok(fs::read_dir(&tasks)?.flatten().all(|task| still(task.path())))
    })?;
    for _ in 0..100 {
        let packet = Header::usual(FCS).with(&frame(0, 0, false, 200));
        sensor.network.tap.write(&packet)?;
    }
    // A header that claims to be longer than the packet.
    sensor
        .network
        .tap
        .write(&[0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
    sensor.run.signal(libc::SIGCONT);
    sensor.counted("airlens_capture_seen_total", &[], 101.0)?;
    let samples = sensor.metrics()?;
    let of = |labels: &[&str]| samples.sum("airlens_capture_frames_total", labels);
    let (full, malformed) = (of(&["cause=\"ring-full\""]), of(&["cause=\"malformed\""]));
    ensure!(full > 50.0 && malformed == 1.0, "{full} {malformed}");
    assert_eq!(samples.sum("airlens_ring_failed_reserves_total", &[]), full);
    assert_eq!(of(&[]), 101.0);
    assert_eq!(samples.sum("airlens_ring_capacity_bytes", &[]), 4096.0);
    let held = samples.sum("airlens_ring_bytes", &[]);
    ensure!((0.0..=4096.0).contains(&held), "{held}");
    sensor.stop().map(drop)
}

#[test]
fn flow_table() -> Result<()> {
    let mut sensor = Sensor::start(&["--flow-capacity", "4"])?;
    let socket = sensor.network.here.run(|| UdpSocket::bind("0.0.0.0:0"))??;
    for port in 1000..3000 {
        socket.send_to(b"x", (sensor.network.pair.there.ipv4, port))?;
    }
    sensor.counted("airlens_flow_packets_seen_total", &[], 2000.0)?;
    let samples = sensor.metrics()?;
    let of = |labels: &[&str]| samples.sum("airlens_flow_packets_total", labels);
    ensure!(of(&["result=\"exported\""]) > 500.0, "no packet went one by one");
    assert_eq!(of(&[]), samples.sum("airlens_flow_packets_seen_total", &[]));
    assert_eq!(samples.sum("airlens_flow_table_capacity", &[]), 4.0);
    let memory = samples.sum("airlens_flow_table_memory_bytes", &[]);
    ensure!((1e3..1e6).contains(&memory), "{memory} octets for four flows");
    ensure!(samples.sum("airlens_active_flows", &[]) <= 4.0);
    sensor.stop().map(drop)
}

#[test]
fn attach_mode() -> Result<()> {
    for (hook, label) in [("native", "xdp-native"), ("generic", "xdp-generic"), ("tc", "tc")] {
        let sensor = Sensor::start(&["--hook", hook])?;
        let samples = sensor.metrics()?;
        let hook = format!("hook=\"{label}");
        for (program, interface) in [("monitor", "mon0"), ("data_rx", "data0")] {
            let labels = [
                &*hook,
                &format!("interface=\"{interface}\""),
                &format!("program=\"{program}"),
            ];
            assert_eq!(
                samples.sum("airlens_attachment_info", &labels),
                1.0,
                "{labels:?} {}",
                samples.0
            );
        }
        let table = sensor.verb("stats", &[])?;
        ensure!(table.out.contains(label), "{}", table.out);
        sensor.stop()?;
    }
    Ok(())
}

#[test]
fn program_time_and_runs() -> Result<()> {
    let mut sensor = Sensor::start(&["--program-stats"])?;
    for _ in 0..100 {
        let packet = Header::usual(FCS).with(&frame(2, 0, false, 200));
        sensor.network.tap.write(&packet)?;
    }
    let monitor = &["program=\"monitor"];
    let runs = sensor.counted("airlens_program_runs_total", monitor, 100.0)?;
    let seconds = sensor.metrics()?.sum("airlens_program_run_seconds_total", monitor);
    // A program runs for some ns; on a busy machine it may be interrupted.
    ensure!((1e-9..1e-3).contains(&(seconds / runs)), "{seconds} s of {runs} runs");
    sensor.stop().map(drop)
}

#[test]
fn profiles_failures_and_clients() -> Result<()> {
    let mut sensor = Sensor::start(&["--attempt-timeout", "1s"])?;
    sensor.profiled(1)?;
    let alone = Body::Authentication {
        algorithm: 0,
        transaction: 1,
        status: 0,
        fields: &[],
    };
    sensor.network.tap.write(&of_client(2, true, &alone))?;
    sensor.counted("airlens_failed_profiles_total", &[], 1.0)?;
    let samples = sensor.metrics()?;
    assert_eq!(samples.sum("airlens_profiles_total", &["source=\"observed\""]), 1.0);
    assert_eq!(samples.sum("airlens_profiles_total", &["source=\"own\""]), 0.0);
    assert_eq!(samples.sum("airlens_clients", &[]), 2.0);
    sensor.stop().map(drop)
}

#[test]
fn authentication_to_association() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.joins(1)?;
    let samples = sensor.metrics()?;
    assert_eq!(samples.kind("airlens_handshake_duration_seconds"), Some("histogram"));
    assert_eq!(samples.sum("airlens_handshake_duration_seconds_count", &[]), 1.0);
    let took = samples.sum("airlens_handshake_duration_seconds_sum", &[]);
    ensure!((0.02..5.0).contains(&took), "{took} s");
    sensor.stop().map(drop)
}

/// A radio measures it; here is none, so that counts as a radio gives them are shown.
#[test]
fn channel_utilisation() -> Result<()> {
    let samples = Samples(PrometheusSink::new("airlens", Some(Arc::new(surveyed)))?.render()?);
    let labels = ["band=\"5GHz\"", "channel=\"36\""];
    assert_eq!(samples.sum("airlens_channel_utilization_ratio", &labels), 0.25);
    // The frames of each channel are counted without one.
    let mut sensor = Sensor::start(&[])?;
    sensor.profiled(1)?;
    sensor.counted("airlens_channel_frames_total", &labels, 1.0)?;
    sensor.stop().map(drop)
}

#[test]
fn build_info_and_process() -> Result<()> {
    let sensor = Sensor::start(&[])?;
    let samples = sensor.metrics()?;
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(samples.sum("airlens_build_info", &[&version]), 1.0);
    let proc = format!("/proc/{}", sensor.run.pid());
    let descriptors = fs::read_dir(format!("{proc}/fd"))?.count() as f64;
    let shown = samples.sum("process_open_fds", &[]);
    // The connection that asks, and those that are closed meanwhile.
    ensure!((descriptors - shown).abs() <= 3.0, "{descriptors} {shown}");
    ensure!(samples.sum("process_cpu_seconds_total", &[]) > 0.0);
    let memory = samples.sum("process_resident_memory_bytes", &[]);
    let pages: f64 = fs::read_to_string(format!("{proc}/statm"))?
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .parse()?;
    ensure!(
        (pages * 4096.0 / memory - 1.0).abs() < 0.3,
        "{pages} pages, {memory} octets"
    );
    sensor.stop().map(drop)
}
