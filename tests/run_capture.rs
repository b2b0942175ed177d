//! The packets of the last seconds of a run, over its socket: `/api/capture`. Needs root, tun, curl, tcpdump, tshark and
//! libpcap.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use airlens::lab::{Plan, VethPair, exchange};
use airlens_tests::support::{
    capture::wireshark_reads,
    cli::airlens,
    dump::{Dump, dumped},
    pcapng::{File, number},
    radiotap::{FCS, Header, frame},
    run::{Network, PORT, Place, Running},
    settled,
};
use anyhow::{Context as _, Result, ensure};

fn run_with(network: &Network, place: &Place, arguments: &[&str], settings: &[(&str, &str)]) -> Result<Running> {
    let mut command = airlens(["run"])?;
    command.args(arguments).envs(settings.iter().copied());
    command.arg("--listen").arg(format!("127.0.0.1:{PORT}"));
    let mut run = Running::spawn(network, place, place.name_all(&mut command))?;
    run.until_running(place)?;
    Ok(run)
}

/// What curl writes to a file: its path, the status and the content type.
fn curl(place: &Place, name: &str, query: &[&str]) -> Result<(PathBuf, String)> {
    let path = place.folder().join(name);
    let mut curl = Command::new("curl");
    curl.args([
        "-sS",
        "-G",
        "--write-out",
        "%{http_code} %{content_type}",
        "--unix-socket",
    ])
    .arg(place.paths().socket)
    .arg("http://localhost/api/capture")
    .arg("-o")
    .arg(&path);
    for parameter in query {
        curl.args(["--data-urlencode", parameter]);
    }
    let said = curl.output().context("curl: install it (apt-get install curl)")?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Ok((path, String::from_utf8(said.stdout)?))
}

fn packets(place: &Place, name: &str, query: &[&str]) -> Result<(PathBuf, File)> {
    let (path, said) = curl(place, name, query)?;
    ensure!(
        said == "200 application/x-pcapng",
        "{said}: {:?}",
        fs::read_to_string(&path)
    );
    let file = File::read(&path)?;
    wireshark_reads(&path, file.packets.len())?;
    Ok((path, file))
}

fn refused(place: &Place, query: &[&str], status: &str, message: &str) -> Result<()> {
    let (path, said) = curl(place, "refused", query)?;
    let text = fs::read_to_string(path)?;
    ensure!(
        said == format!("{status} application/problem+json") && text.contains(message),
        "{said}: {text}"
    );
    Ok(())
}

/// Packets of a file that tcpdump finds with an expression.
fn found(file: &Path, expression: &str) -> Result<Vec<Vec<u8>>> {
    let to = file.with_extension("found");
    let mut tcpdump = Command::new("tcpdump");
    tcpdump
        .args(["-Z", "root", "-r"])
        .arg(file)
        .arg("-w")
        .arg(&to)
        .arg(expression);
    let said = tcpdump.output()?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Ok(dumped(&to)?.into_iter().map(|(_, octets)| octets).collect())
}

fn octets(file: &File) -> Vec<Vec<u8>> {
    file.packets.iter().map(|packet| packet.octets.clone()).collect()
}

fn traffic(network: &Network, exchanges: u32) -> Result<()> {
    let plan = Plan {
        exchanges,
        size: 700,
        pause: Duration::ZERO,
    };
    let there = &network.pair.there;
    exchange(&network.here, &network.there, there.ipv4.into(), plan)?;
    exchange(&network.here, &network.there, there.ipv6.into(), plan)?;
    settled(&network.here, "data0")?;
    Ok(())
}

#[test]
fn the_last_packets_are_those_that_tcpdump_saw() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    settled(&network.here, "data0")?;
    let run = run_with(&network, &place, &["--data", "data0", "--capture-last", "30s"], &[])?;
    let dump = Dump::start(&network, "data0", &place.folder().join("tcpdump.pcap"))?;
    traffic(&network, 100)?;
    let (path, file) = packets(&place, "all.pcapng", &[])?;
    dump.stop()?;
    let mut expected: Vec<_> = dumped(&place.folder().join("tcpdump.pcap"))?
        .into_iter()
        .map(|(_, octets)| octets)
        .collect();
    // What one CPU sends another receives: their order is not the same for both.
    let mut all = octets(&file);
    all.sort();
    expected.sort();
    ensure!(all == expected, "{} packets, tcpdump {}", all.len(), expected.len());

    // Of those the ones that an expression takes, as tcpdump finds them in the file.
    let udp = format!("udp and host {}", network.pair.there.ipv4);
    for expression in [
        udp.as_str(),
        "ip and tcp[tcpflags] & tcp-syn != 0",
        "greater 700",
        "arp",
    ] {
        let (_, chosen) = packets(&place, "chosen.pcapng", &[&format!("filter={expression}")])?;
        let expected = found(&path, expression)?;
        // Neighbours may have looked for each other since.
        ensure!(
            octets(&chosen).starts_with(&expected),
            "{expression}: {}",
            expected.len()
        );
    }
    // The balance.
    let (interface, statistics) = &file.statistics[0];
    let count = |code| number(statistics, code);
    assert_eq!((*interface, count(5), count(7)), (0, 0, 0));
    let seen = count(4);
    ensure!(
        seen == count(6) && seen == count(8) && seen >= all.len() as u64,
        "{statistics:?}"
    );
    assert_eq!(file.interfaces[0].options[&2], b"data0");

    thread::sleep(Duration::from_millis(1100));
    let (_, last) = packets(&place, "last.pcapng", &["last=1s", "filter=tcp or udp"])?;
    assert_eq!(last.packets, []);
    refused(&place, &["last=1m"], "400", "this run keeps packets of 30s")?;
    refused(&place, &["filter=tcp port"], "400", "syntax error")?;
    refused(&place, &["first=1"], "400", "use last and filter")?;
    // Whoever may use this machine's loopback interface may not see packets.
    let (status, text) = network.get("/api/capture")?;
    ensure!(status == 403 && text.contains("--unix-socket"), "{status} {text}");
    run.stop()
}

#[test]
fn memory_is_bounded_and_what_is_missing_is_told() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let settings = [
        ("AIRLENS_CAPTURE_MEMORY_BYTES", "8388608"),
        ("AIRLENS_CAPTURE_FILTER", "udp"),
    ];
    let run = run_with(
        &network,
        &place,
        &["--data", "data0", "--capture-last", "1h"],
        &settings,
    )?;
    // Less at a time than the kernel's ring holds.
    for _ in 0..20 {
        traffic(&network, 200)?;
    }
    let (path, file) = packets(&place, "full.pcapng", &[])?;
    ensure!(fs::metadata(path)?.len() < 6 << 20);
    ensure!(file.packets.len() > 5000, "{}", file.packets.len());
    let comment = file.section.get(&1).cloned().unwrap_or_default();
    let comment = String::from_utf8(comment)?;
    ensure!(comment.contains("capture.memory_bytes gives more"), "{comment}");
    let statistics = &file.statistics[0].1;
    let count = |code| number(statistics, code);
    // Each datagram is sent and received; those of TCP were left out in the kernel.
    ensure!((count(8), count(5)) == (16_000, 0), "{statistics:?}");
    ensure!(count(4) > 20_000 && count(6) == 16_000, "{statistics:?}");
    assert_eq!(file.interfaces[0].options[&11], b"\0udp");
    run.stop()
}

#[test]
fn an_interface_that_is_there_again_is_captured_again() -> Result<()> {
    let (mut network, place) = (Network::new()?, Place::new()?);
    let mut run = run_with(&network, &place, &["--data", "data0", "--capture-last", "30s"], &[])?;
    network.pair = again(&network)?;
    run.until("it is there again", || {
        Ok(fs::read_to_string(place.folder().join("log"))?.contains("is there again"))
    })?;
    ensure!(!run.log()?.contains("not counted"), "{}", run.log()?);
    traffic(&network, 50)?;
    let udp = format!("filter=udp and host {}", network.pair.there.ipv4);
    let (_, file) = packets(&place, "again.pcapng", &[&udp])?;
    assert_eq!((file.packets.len(), file.interfaces.len()), (100, 1));
    run.stop()
}

/// The data interface goes away and comes back.
fn again(network: &Network) -> Result<VethPair> {
    let mut ip = Command::new("ip");
    ip.args(["link", "delete", "data0"]);
    let said = network.here.run(|| ip.output())??;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let pair = VethPair::new(&network.here, "data0", &network.there, "peer0")?;
    pair.offload_off(&network.here, &network.there)?;
    Ok(pair)
}

#[test]
fn frames_of_the_monitor_are_kept_where_it_is_asked_for() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let settings = [("AIRLENS_CAPTURE_MONITOR", "true")];
    let both = ["-i", "mon0", "--data", "data0", "--capture-last", "30s"];
    let run = run_with(&network, &place, &both, &settings)?;
    let beacon = Header::usual(FCS).with(&frame(0, 8, false, 300));
    for _ in 0..20 {
        network.tap.write(&beacon)?;
    }
    settled(&network.here, "mon0")?;
    // An expression that Ethernet does not know takes none of its packets.
    let (_, file) = packets(&place, "beacons.pcapng", &["filter=type mgt subtype beacon"])?;
    assert_eq!(octets(&file), vec![beacon; 20]);
    let types: Vec<_> = file.interfaces.iter().map(|interface| interface.link_type).collect();
    assert_eq!(types, [1, 127]);
    run.stop()
}

#[test]
fn without_the_setting_there_is_no_program() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let run = run_with(&network, &place, &["--data", "data0"], &[])?;
    refused(&place, &[], "404", "--capture-last")?;
    let stats = network.get_json("/api/stats")?;
    let attached = stats["attachments"].as_array().context("no attachments")?;
    ensure!(attached.len() == 2, "{attached:?}");
    run.stop()
}
