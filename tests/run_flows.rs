//! Flows of a run: `airlens flows`, `/api/flows`, and their way out at its end. Needs root.

use std::{
    fs,
    io::Write as _,
    net::{TcpListener, TcpStream, UdpSocket},
    process::Command,
    thread,
    time::Duration,
};

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

/// A TLS ClientHello (RFC 8446 4.1.2) that asks for a server by its name, and nothing else.
fn client_hello(server: &str) -> Vec<u8> {
    let sized = |octets: Vec<u8>| [&(octets.len() as u16).to_be_bytes()[..], &octets].concat();
    let name = [&[0][..], &sized(server.as_bytes().to_vec())].concat();
    let extension = [&[0, 0][..], &sized(sized(name))].concat();
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[0],
        &sized(vec![0x13, 0x01]),
        &[1, 0],
        &sized(extension),
    ]
    .concat();
    let message = [&[1, 0][..], &sized(body)].concat();
    [&[22, 3, 1][..], &sized(message)].concat()
}

#[test]
fn features_of_live_flows() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let file = place.folder().join("flows.jsonl");
    let path = file.to_str().context("no UTF-8")?;
    let sets = "lengths,times,tcp,tls,dns";
    let mut run = run_with(&network, &place, &["--flow-features", sets, "--flows-out", path])?;
    let there = network.pair.there.ipv4;
    let listener = network.there.run(|| TcpListener::bind((there, 443)))??;
    let mut caller = network.here.run(|| TcpStream::connect((there, 443)))??;
    // In two segments, the name in the second one.
    let hello = client_hello("airlens.example");
    caller.set_nodelay(true)?;
    for part in [&hello[..50], &hello[50..]] {
        caller.write_all(part)?;
        thread::sleep(Duration::from_millis(50));
    }
    let question = [&[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3][..], b"www", &[0, 0, 1, 0, 1]].concat();
    let resolver = network.here.run(|| UdpSocket::bind("0.0.0.0:0"))??;
    resolver.send_to(&question, (there, 53))?;
    let plan = Plan {
        exchanges: 150,
        size: 700,
        pause: Duration::ZERO,
    };
    exchange(&network.here, &network.there, there.into(), plan)?;

    let one = |filter: &str| -> Result<Value> {
        let list = flows(&network, &place, &["--json", filter])?.json()?;
        valid("flow-list", [&list])?;
        Ok(list["flows"][0].clone())
    };
    run.until("the hello is read", || {
        Ok(one("port 443")?["features"]["tls"]["sni"] == "airlens.example")
    })?;
    let tls = one("port 443")?;
    ensure!(tls["features"]["tls"]["ja4"].is_string(), "{tls:#}");
    let rtt = &tls["features"]["tcp"]["handshake_rtt_ms"];
    ensure!(rtt.as_f64().is_some_and(|ms| ms > 0.0), "{tls:#}");
    run.until("the question is read", || {
        Ok(one("port 53")?["features"]["dns"]["query_name"] == "www")
    })?;
    let datagrams = one("udp and packets >= 300")?;
    let read = datagrams["features"]["packets"].as_u64().unwrap_or(0);
    // Of each direction the first ones, on each CPU that saw some.
    ensure!((64..=128).contains(&read), "{datagrams:#}");
    let lengths = &datagrams["features"]["lengths"];
    assert_eq!([&lengths["forward"]["min"], &lengths["reverse"]["max"]], [742.0, 742.0]);

    drop((caller, listener));
    run.stop()?;
    let rows: Vec<Value> = fs::read_to_string(&file)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    valid("flow", &rows)?;
    ensure!(rows.iter().all(|row| row["features"]["packets"].is_u64()), "{rows:#?}");
    let asked = rows
        .iter()
        .filter(|row| row["features"]["tls"]["sni"] == "airlens.example");
    assert_eq!(asked.count(), 1);
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
    let names: Vec<_> = stats["exports"].as_array().into_iter().flatten().collect();
    let names: Vec<_> = names.iter().filter_map(|export| export["exporter"].as_str()).collect();
    assert_eq!(names, ["kafka", "kafka-profiles"]);
    let (_, metrics) = network.get("/metrics")?;
    ensure!(
        metrics.contains("airlens_export_records_total{exporter=\"kafka\",result=\"lost\",cause=\"spool-full\"} 0"),
        "{metrics}"
    );
    run.stop()
}

#[test]
fn settings_that_are_wrong_are_told_with_their_keys() -> Result<()> {
    for (arguments, expected) in [
        (["--flows-out", "flows.txt"], "export.files.path"),
        (["--flow-features", "lengths,size"], "flows.features"),
        (["--ipfix", "sctp://a:1"], "export.ipfix.collector"),
        (["--kafka-brokers", "a"], "export.kafka.brokers"),
    ] {
        let mut command: Command = airlens(["run", "--data", "lo"])?;
        let said = Said::by(command.args(arguments))?;
        ensure!(said.code == Some(2) && said.err.contains(expected), "{}", said.err);
    }
    Ok(())
}
