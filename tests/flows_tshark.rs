//! Features of flows beside tshark's analysis of the same packets.

use std::{collections::BTreeMap, fs, path::Path};

use airlens_tests::support::{
    flows::{Segment, flows, pcap, tcp, udp},
    tshark,
};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

const MS: u64 = 1_000_000;
const SYN: u8 = 2;
const ACK: u8 = 16;
const PSH: u8 = 8;
const FIN: u8 = 1;

/// A connection that loses, repeats and reorders segments, and closes its window.
fn eventful() -> Vec<(u64, Vec<u8>)> {
    let data = [7u8; 100];
    let segment = |from_client, sequence, acknowledgement, flags, window, payload| Segment {
        from_client,
        sequence,
        acknowledgement,
        flags,
        window,
        payload,
    };
    let up = |offset: u32| segment(true, 1001 + offset, 5001, ACK | PSH, 500, &data[..]);
    let seen = |offset: u32| segment(false, 5001, 1001 + offset, ACK, 500, &[]);
    let all = [
        (0, segment(true, 1000, 0, SYN, 500, &[])),
        (10, segment(false, 5000, 1001, SYN | ACK, 500, &[])),
        (11, segment(true, 1001, 5001, ACK, 500, &[])),
        (20, up(0)),
        // 100 to 200 is overtaken.
        (21, up(200)),
        (22, up(100)),
        (23, seen(300)),
        // 300 to 400 is lost; asked for three times, and sent again at once.
        (100, up(400)),
        (101, seen(300)),
        (102, up(500)),
        (103, seen(300)),
        (104, up(600)),
        (105, seen(300)),
        (106, up(300)),
        (107, seen(700)),
        // Sent again after a long time, then though it was acknowledged.
        (200, up(700)),
        (500, up(700)),
        (501, seen(800)),
        (502, up(700)),
        // The server's window closes and opens; the client asks.
        (600, segment(false, 5001, 1801, ACK, 0, &[])),
        (700, segment(true, 1800, 5001, ACK, 500, &[])),
        (701, segment(false, 5001, 1801, ACK, 0, &[])),
        (800, segment(false, 5001, 1801, ACK, 500, &[])),
        (900, segment(true, 1801, 5001, FIN | ACK, 500, &[])),
        (901, segment(false, 5001, 1802, FIN | ACK, 500, &[])),
        (902, segment(true, 1802, 5002, ACK, 500, &[])),
    ];
    all.iter()
        .map(|(ms, segment)| (ms * MS, tcp(40_000, segment)))
        .collect()
}

fn dns(flags: u16, name: &[u8]) -> Vec<u8> {
    let mut message = vec![1, 2];
    message.extend(flags.to_be_bytes());
    message.extend([0, 1, 0, 0, 0, 0, 0, 0]);
    message.extend(name);
    message.extend([0, 28, 0, 1]);
    message
}

fn features(file: &Path) -> Result<Vec<Value>> {
    flows(file, &["--features", "tcp,dns,tls,lengths,times"])
}

/// How many packets of each way have an analysis field: from the client, from the server.
fn analysed(file: &Path, field: &str) -> Result<[u64; 2]> {
    let mut count = [0; 2];
    for row in tshark::fields(file, field, &["tcp.srcport"])? {
        count[usize::from(row[0] == "443")] += 1;
    }
    Ok(count)
}

#[test]
fn loss_order_and_windows() -> Result<()> {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(&file, pcap(&eventful()))?;
    let flows = features(file.path())?;
    assert_eq!(flows.len(), 1);
    assert_eq!((&flows[0]["reason"], &flows[0]["packets"]), (&json!("fin"), &json!(26)));
    let tcp = &flows[0]["features"]["tcp"];
    for (ours, field) in [
        ("retransmissions", "tcp.analysis.retransmission"),
        ("out_of_order", "tcp.analysis.out_of_order"),
        ("zero_windows", "tcp.analysis.zero_window"),
        ("fin", "tcp.flags.fin == 1"),
        ("psh", "tcp.flags.push == 1"),
    ] {
        let theirs = analysed(file.path(), field)?;
        let ours = [&tcp["forward"][ours], &tcp["reverse"][ours]].map(|count| count.as_u64().unwrap_or(u64::MAX));
        assert_eq!(ours, theirs, "{field}");
        assert_ne!(theirs, [0, 0], "{field}: nothing is compared");
    }
    let rtt = tshark::fields(file.path(), "tcp.analysis.initial_rtt", &["tcp.analysis.initial_rtt"])?;
    let seconds: f64 = rtt.first().context("no initial_rtt")?[0].parse()?;
    assert_eq!(tcp["handshake_rtt_ms"], json!(seconds * 1000.0));
    assert_eq!(
        flows[0]["features"]["lengths"]["forward"]["count"],
        flows[0]["packets_forward"]
    );
    Ok(())
}

#[test]
fn names_that_are_asked_for() -> Result<()> {
    let mut frames = Vec::new();
    let names = [
        &b"\x03www\x07example\x03org\x00"[..],
        b"\x01a\x02bc\x00",
        b"\x0a_dns-sd-x1\x05local\x00",
    ];
    for (port, name) in (50_000..).zip(names) {
        let time = u64::from(port) * MS;
        frames.push((time, udp(true, port, 53, &dns(0x0100, name))));
        frames.push((
            time + MS,
            udp(false, port, 53, &dns(0x8180 | (u16::from(port != 50_000) * 3), name)),
        ));
    }
    let file = tempfile::NamedTempFile::new()?;
    fs::write(&file, pcap(&frames))?;
    let fields = ["udp.dstport", "dns.qry.name", "dns.qry.type", "dns.flags.rcode"];
    let mut theirs = BTreeMap::new();
    for row in tshark::fields(file.path(), "dns.flags.response == 1", &fields)? {
        theirs.insert(
            row[0].parse::<u64>()?,
            (row[1].clone(), row[2].parse::<u64>()?, row[3].parse::<u64>()?),
        );
    }
    let mut ours = BTreeMap::new();
    for flow in features(file.path())? {
        let dns = &flow["features"]["dns"];
        let number = |value: &Value| value.as_u64().context("no number");
        ours.insert(
            number(&flow["source_port"])?,
            (
                dns["query_name"].as_str().context("no name")?.to_owned(),
                number(&dns["query_type"])?,
                number(&dns["response_code"])?,
            ),
        );
    }
    assert_eq!((theirs.len(), theirs), (names.len(), ours));
    Ok(())
}
