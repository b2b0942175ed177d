//! Flows: rows, a broker that is away, the spool of a killed run.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::export::{
    ExportOptions, Exports, LossCause, Outcome,
    kafka::{KafkaOptions, RecordKey, SpoolOptions},
};
use airlens_tests::support::ended::{Made, ended};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::broker::{Broker, PATIENCE, free_port, wait};

const TOPIC: &str = "flows";
/// Tells a process of this test that it is to be killed, and its spool.
const VICTIM: &str = "AIRLENS_TEST_VICTIM_SPOOL";

/// Key and value of every flow, those of a partition in their order.
fn records(broker: &Broker) -> Result<Vec<(String, Value)>> {
    let mut found = Vec::new();
    for record in broker.records(TOPIC)? {
        let end: jiff::Timestamp = record.value["end"].as_str().context("no end")?.parse()?;
        ensure!(end.as_millisecond() == record.time, "{record:?}");
        ensure!(record.headers == [("type".to_owned(), "flow".to_owned())], "{record:?}");
        found.push((record.key, record.value));
    }
    Ok(found)
}

fn start(port: u16, spool: Option<&Path>, bytes: u64, queue: usize) -> Result<Exports> {
    let options = ExportOptions {
        queue,
        kafka: Some(KafkaOptions {
            brokers: vec![format!("127.0.0.1:{port}")],
            topic: TOPIC.to_owned(),
            profile_topic: None,
            key: RecordKey::Flow,
            batch: 50,
            spool: spool.map(|folder| SpoolOptions {
                folder: folder.to_owned(),
                bytes,
            }),
        }),
        ..ExportOptions::default()
    };
    Ok(Exports::start(
        &options,
        &[(7, "eth7".to_owned())].into_iter().collect(),
    )?)
}

fn outcome(exports: &Exports) -> Outcome {
    exports.outcomes().remove(0).1
}

fn give(exports: &Exports, numbers: std::ops::Range<u32>) {
    let made: Vec<_> = numbers.map(Made::numbered).collect();
    exports.give(ended(&made), None);
}

/// The numbers of the records' flows, which [`Made::numbered`] has put into their addresses.
fn numbers(records: &[(String, Value)]) -> Vec<u32> {
    let number = |(_, value): &(String, Value)| {
        let address: std::net::Ipv4Addr = value["source"].as_str()?.parse().ok()?;
        Some(u32::from(address) & 0xffff)
    };
    records.iter().filter_map(number).collect()
}

#[test]
fn records_are_rows_with_keys() -> Result<()> {
    let broker = Broker::start(free_port()?, 3, &[TOPIC])?;
    let exports = start(broker.port, None, 0, 10_000)?;
    give(&exports, 0..500);
    exports.finish(Instant::now() + PATIENCE);
    let outcome = outcome(&exports);
    ensure!(
        (outcome.given, outcome.sent, outcome.failures) == (500, 500, 0),
        "{outcome:?}"
    );
    let records = records(&broker)?;
    ensure!(records.len() == 500);
    let (key, value) = &records[0];
    ensure!(
        *key == format!("{} 1024 10.2.0.1 53 17", value["source"].as_str().unwrap_or_default()),
        "{key}"
    );
    for (field, expected) in [
        ("interface", "eth7"),
        ("protocol_name", "udp"),
        ("destination", "10.2.0.1"),
        ("reason", "completed"),
    ] {
        ensure!(value[field] == expected, "{field}: {value}");
    }
    ensure!(value["bytes"] == 280, "{value}");
    let mut numbers = numbers(&records);
    ensure!(!numbers.is_sorted(), "three partitions, one after the other");
    numbers.sort_unstable();
    ensure!(numbers == (0..500).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn a_broker_that_comes_back_gets_every_record_in_order() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let spool = folder.path().join("spool");
    let broker = Broker::start(free_port()?, 1, &[TOPIC])?;
    let port = broker.port;
    let exports = start(port, Some(&spool), 1 << 20, 10_000)?;
    give(&exports, 0..200);
    wait("sending", || outcome(&exports).sent == 200)?;
    ensure!(numbers(&records(&broker)?) == (0..200).collect::<Vec<_>>());
    drop(broker);
    for start in (200..1000).step_by(100) {
        give(&exports, start..start + 100);
        thread::sleep(Duration::from_millis(100));
    }
    wait("spooling", || outcome(&exports).spooled == 800)?;
    let broker = Broker::start(port, 1, &[TOPIC])?;
    give(&exports, 1000..1100);
    wait("sending from the spool", || outcome(&exports).sent == 1100)?;
    give(&exports, 1100..1200);
    exports.finish(Instant::now() + PATIENCE);
    let outcome = outcome(&exports);
    ensure!(
        (outcome.given, outcome.sent, outcome.spooled) == (1200, 1200, 0),
        "{outcome:?}"
    );
    ensure!(outcome.lost_total() == 0 && outcome.failures > 0, "{outcome:?}");
    let mut sent = numbers(&records(&broker)?);
    // The exporter may have asked for the topic before the test made it: then it has as many partitions as this broker makes, a few.
    ensure!(sent.chunk_by(|one, next| one < next).count() <= 8, "{sent:?}");
    sent.sort_unstable();
    ensure!(sent == (200..1200).collect::<Vec<_>>(), "{sent:?}");
    ensure!(fs::read_dir(&spool)?.count() == 1, "the lock alone is left");
    Ok(())
}

#[test]
fn the_spool_is_bounded_and_the_next_run_sends_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let exports = start(port, Some(folder.path()), 256 << 10, 10_000)?;
    give(&exports, 0..2000);
    exports.finish(Instant::now() + Duration::from_secs(5));
    let first = outcome(&exports);
    let full = first.lost.get(&LossCause::SpoolFull).copied().unwrap_or_default();
    ensure!(
        first.waiting() == 0 && first.spooled + full == 2000 && full > 0,
        "{first:?}"
    );
    ensure!(first.lost_count.packets == 2 * full, "{first:?}");
    let broker = Broker::start(port, 1, &[TOPIC])?;
    let exports = start(port, Some(folder.path()), 256 << 10, 10_000)?;
    ensure!(outcome(&exports).recovered == first.spooled);
    exports.finish(Instant::now() + PATIENCE);
    let second = outcome(&exports);
    ensure!(second.sent == first.spooled && second.spooled == 0, "{second:?}");
    // What found no room was the newest.
    ensure!(numbers(&records(&broker)?) == (0..first.spooled as u32).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn what_is_spooled_outlives_a_killed_run() -> Result<()> {
    if let Some(spool) = env::var_os(VICTIM) {
        let exports = start(9, Some(Path::new(&spool)), 1 << 20, 10_000)?;
        give(&exports, 0..300);
        wait("spooling", || outcome(&exports).spooled == 300)?;
        fs::write(Path::new(&spool).with_extension("ready"), "")?;
        thread::sleep(PATIENCE);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let spool = folder.path().join("spool");
    let mut victim = Command::new(env::current_exe()?)
        .args(["--exact", "export_kafka::flows::what_is_spooled_outlives_a_killed_run"])
        .env(VICTIM, &spool)
        .stdout(Stdio::null())
        .spawn()?;
    let ready = wait("the spool", || spool.with_extension("ready").exists());
    // SIGKILL.
    victim.kill()?;
    victim.wait()?;
    ready?;
    let broker = Broker::start(free_port()?, 1, &[TOPIC])?;
    let exports = start(broker.port, Some(&spool), 1 << 20, 10_000)?;
    exports.finish(Instant::now() + PATIENCE);
    let outcome = outcome(&exports);
    ensure!((outcome.recovered, outcome.sent) == (300, 300), "{outcome:?}");
    ensure!(numbers(&records(&broker)?) == (0..300).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn without_a_spool_a_slow_exporter_loses_what_its_queue_does_not_hold() -> Result<()> {
    let exports = start(free_port()?, None, 0, 100)?;
    let start = Instant::now();
    for number in 0..100 {
        give(&exports, number * 10..number * 10 + 10);
    }
    ensure!(start.elapsed() < Duration::from_secs(2), "who gives flows never waits");
    exports.finish(Instant::now() + Duration::from_secs(1));
    ensure!(
        start.elapsed() < Duration::from_secs(10),
        "nor does the end of the run for long"
    );
    let outcome = outcome(&exports);
    let lost = |cause| outcome.lost.get(&cause).copied().unwrap_or_default();
    ensure!(
        outcome.given == 1000 && outcome.waiting() == 0 && outcome.sent == 0,
        "{outcome:?}"
    );
    ensure!(
        lost(LossCause::QueueFull) > 0 && lost(LossCause::Unsent) > 0,
        "{outcome:?}"
    );
    ensure!(outcome.lost_count.packets == 2000, "{outcome:?}");
    Ok(())
}
