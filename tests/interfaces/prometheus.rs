//! The metrics of the page's table, as a scrape has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::{TcpListener, TcpStream, UdpSocket},
    process::Command,
};

use airlens::{dot11::emit::Body, lab::Statistics};
use airlens_tests::support::{
    cli::{STATIONS, Said, airlens},
    peer::run,
    radiotap, settled,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::sensor::{Samples, Sensor, frame};

/// The sums over all labels but the direction, and what the pair's driver and the kernel programs' own counters say. With a
/// program in the driver it counts what comes in behind the Ethernet header (Linux `drivers/net/veth.c`, `veth_xdp_rcv`).
#[test]
fn packets_total_and_bytes_total() -> Result<()> {
    let sensor = Sensor::start(&[])?;
    let driver = || settled(&sensor.network.here, "data0");
    let counted = |Statistics { receive, transmit, .. }: Statistics| {
        let received = receive.bytes + 14 * receive.packets;
        [receive.packets, received, transmit.packets, transmit.bytes]
    };
    let shown = |samples: &Samples| {
        ["rx", "tx"].map(|direction| {
            let label = format!("direction=\"{direction}\"");
            ["packets", "bytes"].map(|what| {
                let labels = ["interface=\"data0\"", &label];
                samples.sum(&format!("airlens_{what}_total"), &labels) as u64
            })
        })
    };
    let (before, at_first) = (counted(driver()?), shown(&sensor.metrics()?).concat());
    sensor.traffic()?;
    let (after, at_last) = (counted(driver()?), shown(&sensor.metrics()?).concat());
    let grown: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    let said: Vec<_> = at_last
        .iter()
        .zip(at_first)
        .map(|(after, before)| after - before)
        .collect();
    ensure!(grown == said && grown[0] >= 100, "{grown:?} {said:?}");
    // The kernel's table has them by protocol besides.
    let stats = sensor.verb("stats", &["--json"])?.json()?;
    let of = |direction: &str, key: &str| -> u64 {
        let all = stats["data"].as_array().into_iter().flatten();
        let ours = all.filter(|count| count["direction"] == direction && count["interface"] == "data0");
        ours.filter_map(|count| count[key].as_u64()).sum()
    };
    let samples = sensor.metrics()?;
    for kind in ["airlens_packets_total", "airlens_bytes_total"] {
        assert_eq!(samples.kind(kind), Some("counter"));
    }
    let table = [
        of("rx", "packets"),
        of("rx", "bytes"),
        of("tx", "packets"),
        of("tx", "bytes"),
    ];
    assert_eq!(shown(&samples).concat(), table);
    sensor.stop().map(drop)
}

#[test]
fn flows_total() -> Result<()> {
    let short = ["UDP", "OTHER", "ICMP"].map(|kind| format!("AIRLENS_FLOWS_IDLE_{kind}"));
    let variables: Vec<_> = short.iter().map(|name| (&**name, "1s")).collect();
    let variables = [&variables[..], &[("AIRLENS_FLOWS_LINGER", "1s")]].concat();
    let folder = tempfile::tempdir()?;
    let rows = folder.path().join("flows.jsonl");
    let out = rows.to_str().context("no UTF-8")?;
    let mut sensor = Sensor::with(&["--flows-out", out], &variables)?;
    for reason in ["completed", "timeout", "rst", "fin", "evicted"] {
        let label = format!("reason=\"{reason}\"");
        assert_eq!(sensor.metrics()?.sum("airlens_flows_total", &[&label]), 0.0, "{reason}");
    }
    let there = sensor.network.pair.there.ipv4;
    let listener = sensor.network.there.run(|| TcpListener::bind((there, 7)))??;
    let connect = |sensor: &Sensor, port| sensor.network.here.run(|| TcpStream::connect((there, port)));
    drop(connect(&sensor, 7)??);
    drop(listener.accept()?);
    // Nobody listens there: an RST is the answer.
    ensure!(connect(&sensor, 9)?.is_err());
    let socket = sensor.network.here.run(|| UdpSocket::bind("0.0.0.0:0"))??;
    socket.send_to(b"x", (there, 1000))?;
    for reason in ["fin", "rst", "timeout"] {
        sensor.counted("airlens_flows_total", &[&format!("reason=\"{reason}\"")], 1.0)?;
    }
    let open = connect(&sensor, 7)??;
    sensor.counted("airlens_active_flows", &[], 1.0)?;
    sensor.stop()?;
    drop(open);
    let text = fs::read_to_string(rows)?;
    let all: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let completed = all.iter().filter(|row| row["reason"] == "completed");
    ensure!(completed.count() >= 1, "{text}");

    // More flows than there is room for.
    let mut small = Sensor::start(&["--flow-capacity", "16"])?;
    let socket = small.network.here.run(|| UdpSocket::bind("0.0.0.0:0"))??;
    for port in 1000..1100 {
        socket.send_to(b"x", (small.network.pair.there.ipv4, port))?;
    }
    small.counted("airlens_flows_total", &["reason=\"evicted\""], 1.0)?;
    small.stop().map(drop)
}

#[test]
fn errors_total() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    let samples = sensor.metrics()?;
    assert_eq!(samples.kind("airlens_errors_total"), Some("counter"));
    for stage in ["parsing", "extraction", "output", "capture", "nl80211"] {
        let label = format!("stage=\"{stage}\"");
        ensure!(samples.has("airlens_errors_total", &[&label]), "{stage}");
    }
    assert_eq!(samples.sum("airlens_errors_total", &[]), 0.0);
    // A request that ends in its fixed fields.
    let cut = radiotap::Header::usual(0).with(&radiotap::frame(0, 0, false, 25));
    sensor.network.tap.write(&cut)?;
    sensor.counted("airlens_errors_total", &["stage=\"parsing\""], 1.0)?;
    // More clients on their way than are remembered.
    let begins = Body::Authentication {
        algorithm: 0,
        transaction: 1,
        status: 0,
        fields: &[],
    };
    for number in 0..5000_u16 {
        let [high, low] = number.to_be_bytes();
        let mut packet = frame(1, true, &begins);
        // The sender's address, behind eight octets of radiotap and ten of the frame.
        packet[22..24].copy_from_slice(&[high, low]);
        sensor.network.tap.write(&packet)?;
    }
    sensor.counted("airlens_errors_total", &["stage=\"extraction\""], 1.0)?;
    // A folder for clients that is a file.
    let clients = sensor.place.files().join("clients");
    fs::remove_dir_all(&clients)?;
    fs::write(&clients, "")?;
    sensor.profiled(1)?;
    sensor.counted("airlens_errors_total", &["stage=\"output\""], 1.0)?;
    sensor.stop().map(drop)
}

#[test]
fn processing_duration_seconds() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.profiled(1)?;
    let samples = sensor.metrics()?;
    let name = "airlens_processing_duration_seconds";
    assert_eq!(samples.kind(name), Some("histogram"));
    let live = &["mode=\"live\""];
    assert_eq!(samples.sum(&format!("{name}_count"), live), 1.0);
    let sum = samples.sum(&format!("{name}_sum"), live);
    ensure!((0.000_01..5.0).contains(&sum), "{sum} s");
    sensor.stop()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("airlens.prom");
    let said = Said::by(airlens(["analyze", "--jsonl", STATIONS, "--metrics"])?.arg(&file))?;
    ensure!(said.code == Some(0), "{}", said.err);
    let samples = Samples(fs::read_to_string(file)?);
    assert_eq!(samples.sum(&format!("{name}_count"), &["mode=\"pcap\""]), 1.0);
    Ok(())
}

#[test]
fn active_flows() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    assert_eq!(sensor.metrics()?.kind("airlens_active_flows"), Some("gauge"));
    sensor.traffic()?;
    sensor.counted("airlens_active_flows", &[], 2.0)?;
    // As many as `airlens flows` counts then.
    let network = &sensor.network;
    sensor.run.until("both say the same", || {
        let list = network.get_json("/api/flows?limit=1000")?;
        let active = Samples(network.get("/metrics")?.1).sum("airlens_active_flows", &[]);
        Ok(list["matched"]["flows"].as_f64() == Some(active))
    })?;
    sensor.stop().map(drop)
}

#[test]
fn namespace() -> Result<()> {
    let mut sensor = Sensor::start(&["--metrics-namespace", "joyfuljay"])?;
    sensor.traffic()?;
    sensor.counted("joyfuljay_active_flows", &[], 1.0)?;
    let samples = sensor.metrics()?;
    for (name, kind) in [
        ("joyfuljay_packets_total", "counter"),
        ("joyfuljay_bytes_total", "counter"),
        ("joyfuljay_flows_total", "counter"),
        ("joyfuljay_errors_total", "counter"),
        ("joyfuljay_active_flows", "gauge"),
    ] {
        assert_eq!(samples.kind(name), Some(kind), "{name}");
    }
    ensure!(!samples.0.contains("airlens_"), "{}", samples.0);
    sensor.stop().map(drop)
}

/// A run with everything that gives metrics, and what it says.
fn everything() -> Result<Samples> {
    let mut sensor = Sensor::start(&["--program-stats", "--attempt-timeout", "1s"])?;
    sensor.traffic()?;
    sensor.joins(1)?;
    sensor.counted("airlens_active_flows", &[], 1.0)?;
    sensor.network.get("/api/clients/02:00:00:00:02:01")?;
    let samples = sensor.metrics()?;
    sensor.stop()?;
    Ok(samples)
}

/// Help texts, `_total`, base units; few values of a label, and neither a MAC nor an IP address among them.
#[test]
fn names_and_labels() -> Result<()> {
    let samples = everything()?;
    let mut values: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (name, labels, _) in samples.all() {
        for label in labels.split("\",") {
            let Some((label, value)) = label.trim_end_matches(['}', '"']).split_once("=\"") else {
                continue;
            };
            values.entry((name, label)).or_default().insert(value);
            let parts = |separator| value.split(separator).count();
            let address = parts(':') == 6 || value.parse::<std::net::IpAddr>().is_ok();
            ensure!(!address && !value.contains("02:00:00"), "{name}: {value}");
        }
    }
    for ((name, label), values) in &values {
        ensure!(values.len() <= 80, "{name}: {} values of {label}", values.len());
    }
    for line in samples.0.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').context("no type")?;
        let help = format!("# HELP {name} ");
        let help = samples.0.lines().find_map(|line| line.strip_prefix(&help));
        ensure!(help.is_some_and(|help| help.len() > 5), "no help: {name}");
        ensure!((kind == "counter") == name.ends_with("_total"), "{name} is a {kind}");
        for unit in ["_ms", "_us", "_ns", "_milliseconds", "_kb", "_percent", "_bits"] {
            ensure!(!name.trim_end_matches("_total").ends_with(unit), "{name}");
        }
    }
    Ok(())
}

#[test]
fn promtool_check_metrics() -> Result<()> {
    let samples = everything()?;
    let said = run(Command::new("promtool").args(["check", "metrics"]), &samples.0)?;
    ensure!(said.is_empty(), "{said}");
    Ok(())
}
