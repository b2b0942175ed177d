//! Flows of a run: `airlens flows`, `/api/flows`, and their way out at its end. Needs root.

use std::{fs, net::UdpSocket, process::Command, time::Duration};

use airlens::lab::{Plan, exchange};
use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, PORT, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

fn flows(network: &Network, place: &Place, arguments: &[&str]) -> Result<Said> {
    let mut command = airlens(["flows"])?;
    let command = place.name_run(&mut command).args(arguments);
    network.here.run(|| Said::by(command))?
}

fn run_with(network: &Network, place: &Place, arguments: &[&str]) -> Result<Running> {
    let mut command = airlens(["run", "--data", "data0", "--listen"])?;
    command.arg(format!("127.0.0.1:{PORT}")).args(arguments);
    let mut run = Running::spawn(network, place, place.name_all(&mut command))?;
    run.until_running(place)?;
    Ok(run)
}

#[test]
fn flows_are_shown_and_go_out() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let collector = network.here.run(|| UdpSocket::bind("127.0.0.1:0"))??;
    collector.set_read_timeout(Some(Duration::from_secs(2)))?;
    let ipfix = format!("udp://{}", collector.local_addr()?);
    let file = place.folder().join("flows.jsonl");
    let path = file.to_str().context("no UTF-8")?;
    let mut run = run_with(&network, &place, &["--ipfix", &ipfix, "--flows-out", path])?;
    let plan = Plan {
        exchanges: 50,
        size: 700,
        pause: Duration::ZERO,
    };
    let there = &network.pair.there;
    exchange(&network.here, &network.there, there.ipv4.into(), plan)?;
    exchange(&network.here, &network.there, there.ipv6.into(), plan)?;
    let filter = format!("udp and host {} and packets >= 100", there.ipv4);
    run.until("the flow is drained", || {
        let list = flows(&network, &place, &["--json", &filter])?.json()?;
        Ok(list["matched"]["flows"] == 1)
    })?;
    let list = flows(&network, &place, &["--json", "-n", "1000"])?.json()?;
    valid("flow-list", [&list])?;
    let all = list["flows"].as_array().context("no flows")?;
    valid("flow", all)?;
    for flow in all {
        ensure!(flow["interface"] == "data0" && flow["reason"].is_null(), "{flow:#}");
    }
    let octets: Vec<_> = all.iter().filter_map(|flow| flow["bytes"].as_u64()).collect();
    ensure!(
        octets.len() == all.len() && octets.is_sorted_by(|one, two| one >= two),
        "{octets:?}"
    );

    let text = flows(&network, &place, &["--sort", "packets", "udp"])?;
    ensure!(
        text.out
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("PROTO") && line.contains("BIT/S")),
        "{}",
        text.out
    );
    let wrong = flows(&network, &place, &["tcp", "and", "prot", "6"])?;
    ensure!(
        wrong.code == Some(2) && wrong.err.contains("column 9") && wrong.err.contains("        ^"),
        "{}",
        wrong.err
    );
    let (status, body) = network.get("/api/flows?filter=tcp+or")?;
    ensure!(status == 400 && body.contains("column 7"), "{status} {body}");

    run.stop()?;
    let rows: Vec<Value> = fs::read_to_string(&file)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    ensure!(rows.len() >= all.len(), "{} of {} flows", rows.len(), all.len());
    valid("flow", &rows)?;
    let mut octets = [0; 2048];
    let length = collector.recv(&mut octets)?;
    ensure!(octets[..2] == [0, 10] && length <= 1400, "no IPFIX");
    Ok(())
}

#[test]
fn what_became_of_flows_is_told() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    // Nobody listens there.
    let spool = place.folder().join("spool");
    let spool = spool.to_str().context("no UTF-8")?;
    let run = run_with(
        &network,
        &place,
        &["--kafka-brokers", "127.0.0.1:9", "--kafka-spool", spool],
    )?;
    let stats = network.get_json("/api/stats")?;
    valid("stats", [&stats])?;
    ensure!(stats["exports"][0]["exporter"] == "kafka", "{stats:#}");
    let (_, metrics) = network.get("/metrics")?;
    ensure!(
        metrics.contains("airlens_export_flows_total{exporter=\"kafka\",result=\"lost\",cause=\"spool-full\"} 0"),
        "{metrics}"
    );
    run.stop()
}

#[test]
fn settings_that_are_wrong_are_told_with_their_keys() -> Result<()> {
    for (arguments, expected) in [
        (["--flows-out", "flows.txt"], "export.files.path"),
        (["--ipfix", "sctp://a:1"], "export.ipfix.collector"),
        (["--kafka-brokers", "a"], "export.kafka.brokers"),
    ] {
        let mut command: Command = airlens(["run", "--data", "lo"])?;
        let said = Said::by(command.args(arguments))?;
        ensure!(said.code == Some(2) && said.err.contains(expected), "{}", said.err);
    }
    Ok(())
}
