//! The kinds of metrics that WRAITH's document has, by their names here.

use std::{thread, time::Duration};

use airlens::dot11::emit::Body;
use anyhow::{Result, ensure};

use super::sensor::{Sensor, frame};

#[test]
fn sessions() -> Result<()> {
    let mut sensor = Sensor::start(&["--attempt-timeout", "1s"])?;
    sensor.joins(1)?;
    sensor.counted("airlens_sessions_active", &["state=\"established\""], 1.0)?;
    let alone = Body::Authentication {
        algorithm: 0,
        transaction: 1,
        status: 0,
        fields: &[],
    };
    sensor.network.tap.write(&frame(2, true, &alone))?;
    sensor.counted("airlens_sessions_active", &["state=\"authenticating\""], 1.0)?;
    sensor.counted("airlens_sessions_total", &["result=\"failure\""], 1.0)?;
    let samples = sensor.metrics()?;
    assert_eq!(samples.sum("airlens_sessions_total", &["result=\"success\""]), 1.0);
    assert_eq!(
        samples.sum("airlens_sessions_active", &["state=\"authenticating\""]),
        0.0
    );
    sensor.stop().map(drop)
}

/// `histogram_quantile` needs buckets that hold each attempt.
#[test]
fn handshake_quantiles() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.joins(1)?;
    let samples = sensor.metrics()?;
    let buckets = |le: &str| samples.sum("airlens_handshake_duration_seconds_bucket", &[&format!("le=\"{le}\"")]);
    assert_eq!((buckets("0.001"), buckets("+Inf")), (0.0, 1.0));
    sensor.stop().map(drop)
}

#[test]
fn bytes_transfers_and_throughput() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.traffic()?;
    sensor.counted("airlens_active_flows", &[], 2.0)?;
    for direction in ["rx", "tx"] {
        let label = format!("direction=\"{direction}\"");
        let octets = sensor.metrics()?.sum("airlens_bytes_total", &[&label]);
        // 50 messages and 50 datagrams of 700 octets each way.
        ensure!((70_000.0..100_000.0).contains(&octets), "{direction}: {octets}");
    }
    thread::sleep(Duration::from_millis(20));
    let flows = sensor.network.get_json("/api/flows?sort=bytes")?;
    ensure!(flows["flows"][0]["bytes"].as_u64() > Some(35_000), "{flows:#}");
    sensor.stop().map(drop)
}

#[test]
fn lookups() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.profiled(1)?;
    sensor.counted("airlens_vendor_lookups_total", &["result=\"randomised\""], 1.0)?;
    let samples = sensor.metrics()?;
    let count = samples.sum("airlens_vendor_lookup_duration_seconds_count", &[]);
    assert_eq!(count, samples.sum("airlens_vendor_lookups_total", &[]));
    ensure!(samples.sum("airlens_vendor_lookup_duration_seconds_sum", &[]) > 0.0);
    ensure!(samples.sum("airlens_vendor_registry_entries", &[]) > 50_000.0);
    sensor.stop().map(drop)
}
