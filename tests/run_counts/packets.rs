//! Packets of the data interface against those of its driver; frames that are made to do harm.

use std::{process::Command, time::Duration};

use airlens::lab::{Plan, VethPair, exchange};
use airlens_tests::support::{
    radiotap,
    run::{Network, Place, Running},
    settled,
};
use anyhow::{Context as _, Result, ensure};

use super::{Fixture, samples};

/// Packets and octets in both directions, by the pair's driver and by the metrics. With a program in the driver it counts
/// what comes in behind the Ethernet header (Linux `drivers/net/veth.c`, `veth_xdp_rcv`).
fn counted(network: &Network) -> Result<[f64; 8]> {
    let driver = settled(&network.here, "data0")?;
    let (_, text) = network.get("/metrics")?;
    let samples = samples(&text)?;
    let shown = |name: &str, direction: &str| {
        samples
            .get(&format!(
                "airlens_{name}_total{{direction=\"{direction}\",interface=\"data0\"}}"
            ))
            .copied()
            .with_context(|| format!("no {name} {direction}"))
    };
    Ok([
        driver.transmit.packets as f64,
        driver.transmit.bytes as f64,
        driver.receive.packets as f64,
        (driver.receive.bytes + 14 * driver.receive.packets) as f64,
        shown("packets", "tx")?,
        shown("bytes", "tx")?,
        shown("packets", "rx")?,
        shown("bytes", "rx")?,
    ])
}

#[test]
fn packets_are_those_of_the_driver() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = Running::start(&network, &place)?;
    let before = counted(&network)?;
    let plan = Plan {
        exchanges: 200,
        size: 900,
        pause: Duration::ZERO,
    };
    let there = &network.pair.there;
    exchange(&network.here, &network.there, there.ipv4.into(), plan)?;
    exchange(&network.here, &network.there, there.ipv6.into(), plan)?;
    let after = counted(&network)?;
    let grown: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    assert_eq!(grown[..4], grown[4..]);
    ensure!(grown[0] >= 800.0, "{grown:?}");
    let flows = &network.get_json("/api/stats")?["flows"]["packets"];
    let count = |key: &str| flows[key].as_u64().unwrap_or_default();
    let lost: u64 = flows["lost"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|cause| cause["count"].as_u64())
        .sum();
    assert_eq!(
        (count("seen"), 0),
        (count("in_table") + count("exported"), lost),
        "{flows}"
    );
    run.stop()
}

#[test]
fn a_data_interface_may_go_and_come_back() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let mut run = Running::start(&network, &place)?;
    let plan = Plan {
        exchanges: 100,
        size: 400,
        pause: Duration::ZERO,
    };
    let there = network.pair.there.ipv4;
    exchange(&network.here, &network.there, there.into(), plan)?;
    let first = counted(&network)?;
    let remove = || Command::new("ip").args(["link", "del", "data0"]).status();
    ensure!(network.here.run(remove)??.success(), "data0 can't be removed");
    run.until("its absence is told", || {
        Ok(network.get_json("/api/health")?["status"] == "degraded")
    })?;
    let programs = |stats: &serde_json::Value| {
        let all = stats["attachments"].as_array().into_iter().flatten();
        all.filter(|attachment| attachment["interface"] == "data0").count()
    };
    assert_eq!(programs(&network.get_json("/api/stats")?), 0);

    let pair = VethPair::new(&network.here, "data0", &network.there, "peer0")?;
    pair.offload_off(&network.here, &network.there)?;
    run.until("it is counted again", || {
        Ok(network.get_json("/api/health")?["status"] == "healthy")
    })?;
    assert_eq!(programs(&network.get_json("/api/stats")?), 2);
    let before = counted(&network)?;
    exchange(&network.here, &network.there, there.into(), plan)?;
    let after = counted(&network)?;
    let grown: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    assert_eq!(grown[..4], grown[4..]);
    ensure!(grown[0] >= 100.0, "{grown:?}");
    // What it counted before it went stays.
    ensure!(
        before[4..]
            .iter()
            .zip(&first[4..])
            .all(|(before, first)| before >= first),
        "{first:?} {before:?}"
    );
    run.stop()
}

#[test]
fn hostile_frames_are_counted_and_survived() -> Result<()> {
    let (fixture, network, place) = (Fixture::read()?, Network::new()?, Place::new()?);
    let mut run = Running::start(&network, &place)?;
    let broken = radiotap::broken();
    for (_, packet) in &broken {
        network.tap.write(packet)?;
    }
    // The first request, cut at every octet behind the shortest frame that a TAP takes.
    let request = &fixture.packets[20];
    for length in 14..request.len() {
        network.tap.write(&request[..length])?;
    }
    network.tap.write(request)?;
    let written = broken.len() + request.len() - 14 + 1;
    run.until("the whole request is profiled", || {
        Ok(network
            .get_json("/api/clients")?
            .to_string()
            .contains("3c:28:6d:10:00:01"))
    })?;
    let stats = network.get_json("/api/stats")?;
    let balance = &stats["balance"];
    assert_eq!(balance["seen"], written);
    let sum = |key: &str| -> u64 {
        let causes = balance[key].as_array().into_iter().flatten();
        causes.filter_map(|cause| cause["count"].as_u64()).sum()
    };
    let handed_over = balance["handed_over"].as_u64().unwrap_or_default();
    assert_eq!(
        handed_over + sum("filtered") + sum("lost"),
        written as u64,
        "{balance:#}"
    );
    ensure!(sum("lost") > 0, "{balance:#}");
    assert_eq!(network.get("/readyz")?.0, 200);
    assert_eq!(network.get_json("/api/health")?["status"], "degraded");
    run.stop()
}
