//! Metrics in a program of one's own.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use airlens::publish::{
    metrics::{Fanout, Flow, MetricsServer, MetricsSink, NoopSink, Packet, PrometheusSink},
    snapshot::Direction,
};
use anyhow::{Result, ensure};

use super::sensor::Samples;

const FLOW: Flow = Flow {
    packets: 2,
    bytes: 280,
    duration: Duration::from_secs(1),
};

/// What a program does, as the test of JoyfulJay's document has it, and all else that a sink can be told.
fn work(sink: &dyn MetricsSink) {
    sink.observe_packet(Packet {
        interface: "file",
        direction: Direction::Rx,
        bytes: 140,
    });
    for reason in ["completed", "kafka", "of-our-own"] {
        sink.observe_flow(&FLOW, reason);
    }
    for mode in ["pcap", "live", "remote"] {
        sink.observe_processing_time(mode, Duration::from_millis(20));
    }
    sink.observe_error("kafka", Some(&"no broker"));
    sink.set_active_flows(42);
}

fn holds(samples: &Samples, namespace: &str) -> Result<()> {
    for (name, label, value) in [
        ("packets_total", "direction=\"rx\"", 1.0),
        ("bytes_total", "interface=\"file\"", 140.0),
        ("flows_total", "reason=\"completed\"", 1.0),
        ("flows_total", "reason=\"kafka\"", 1.0),
        ("flows_total", "reason=\"of-our-own\"", 1.0),
        ("errors_total", "stage=\"kafka\"", 1.0),
        ("processing_duration_seconds_count", "mode=\"pcap\"", 1.0),
        ("processing_duration_seconds_count", "mode=\"live\"", 1.0),
        ("processing_duration_seconds_sum", "mode=\"remote\"", 0.02),
        ("active_flows", "", 42.0),
    ] {
        let name = format!("{namespace}_{name}");
        let found = samples.sum(&name, &[label]);
        ensure!(found == value, "{name}{{{label}}} is {found}: {}", samples.0);
    }
    Ok(())
}

#[test]
fn prometheus_sink() -> Result<()> {
    // Each has a registry and a namespace of its own: nothing adds up across them.
    let (one, two) = (
        PrometheusSink::new("airlens", None)?,
        PrometheusSink::new("mine", None)?,
    );
    work(&one);
    holds(&Samples(one.render()?), "airlens")?;
    work(&two);
    holds(&Samples(two.render()?), "mine")
}

#[test]
fn server() -> Result<()> {
    let sink = PrometheusSink::new("joyfuljay", None)?;
    let server = MetricsServer::start(sink.clone(), "127.0.0.1:0".parse()?)?;
    work(&sink);
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    holds(&Samples(answer), "joyfuljay")
}

#[test]
fn several_sinks() -> Result<()> {
    let (one, two) = (PrometheusSink::new("one", None)?, PrometheusSink::new("two", None)?);
    let all = Fanout::new(vec![Arc::new(one.clone()), Arc::new(NoopSink), Arc::new(two.clone())]);
    work(&all);
    holds(&Samples(one.render()?), "one")?;
    holds(&Samples(two.render()?), "two")
}

/// It is told everything, keeps nothing and costs no memory.
#[test]
fn noop_sink() {
    work(&NoopSink);
    assert_eq!(size_of_val(&NoopSink), 0);
}
