//! What is sent, and how.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use airlens::export::{
    ExportOptions, Exports, InterfaceNames, Outcome,
    ipfix::{Collector, IpfixOptions, Transport},
};
use airlens_common::Count;
use airlens_tests::support::ended::{Made, ended};
use anyhow::{Context as _, Result};

/// Nobody else's.
pub(crate) const DOMAIN: u32 = 4711;
/// Packets and octets that the kernel lost.
pub(crate) const IGNORED: Count = Count {
    packets: 77,
    bytes: 7700,
};

/// Flows of every kind: both versions, with and without VLAN, one way alone, large counts; openers of both orders.
pub(crate) fn flows() -> Vec<Made> {
    let end = |address: &str, port| -> (IpAddr, u16) { (address.parse().expect("an address"), port) };
    let tcp = Made {
        source: end("192.168.1.10", 40_000),
        destination: end("93.184.216.34", 443),
        protocol: 6,
        vlan: 0,
        packets: [10, 8],
        length: [114, 1414],
        flags: [0x0b, 0x1a],
        tos: [0x10, 0x20],
        times: [1_000_000_000, 3_500_000_000],
    };
    vec![
        tcp.clone(),
        Made {
            source: end("2001:db8::9", 5353),
            destination: end("2001:db8::1", 53),
            protocol: 17,
            vlan: 42,
            packets: [2, 1],
            length: [100, 518],
            flags: [0, 0],
            tos: [0, 0xb8],
            ..tcp
        },
        Made {
            source: end("10.0.0.1", 0),
            destination: end("10.0.0.2", 0),
            protocol: 1,
            packets: [3, 0],
            length: [98, 0],
            flags: [0, 0],
            tos: [0, 0],
            ..tcp
        },
        Made {
            source: end("10.9.9.9", 9999),
            destination: end("10.0.0.2", 5001),
            protocol: 17,
            packets: [5_000_000_000, 6_000_000_000],
            length: [1514, 64],
            flags: [0, 0],
            tos: [4, 0],
            ..tcp
        },
        Made {
            source: end("fe80::1", 1),
            destination: end("fe80::2", 65_535),
            flags: [0x02, 0x14],
            packets: [1, 1],
            length: [74, 74],
            ..tcp
        },
    ]
}

/// Exports `flows` to a collector of this machine, and gives what became of them.
pub(crate) fn export(transport: Transport, port: u16, flows: &[Made]) -> Result<Outcome> {
    let exports = start(transport, port)?;
    exports.ignored(IGNORED);
    exports.give(ended(flows), None);
    finish(&exports)
}

pub(crate) fn start(transport: Transport, port: u16) -> Result<Exports> {
    let options = ExportOptions {
        queue: 10_000,
        ipfix: Some(IpfixOptions {
            collector: Collector {
                transport,
                address: format!("127.0.0.1:{port}"),
            },
            domain: DOMAIN,
            template_interval: Duration::from_secs(60),
        }),
        ..ExportOptions::default()
    };
    Ok(Exports::start(&options, &InterfaceNames::default())?)
}

pub(crate) fn finish(exports: &Exports) -> Result<Outcome> {
    exports.finish(Instant::now() + Duration::from_secs(5));
    let outcomes = exports.outcomes();
    let (_, outcome) = outcomes.first().context("no exporter")?;
    anyhow::ensure!(outcome.waiting() == 0, "{outcome:?}");
    Ok(outcome.clone())
}
