//! `airlens capture` beside tcpdump on the same interfaces. Needs root, tun, tcpdump, tshark and libpcap.

use std::{
    fs,
    net::IpAddr,
    path::PathBuf,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use airlens::lab::{LinkType, Plan, Tap, exchange};
use airlens_tests::support::{
    capture::{Told, wireshark_reads},
    cli::airlens,
    dump::{Dump, dumped},
    ethernet::{tagged, tcp, udp},
    pcapng::{File, Packet, number},
    radiotap::{FCS, Header, frame},
    run::{Network, Place, Running},
    settled,
};
use anyhow::{Context as _, Result, ensure};

const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// A capture in progress and its file.
struct Capture {
    running: Running,
    path: PathBuf,
}

impl Capture {
    fn start(network: &Network, place: &Place, arguments: &[&str]) -> Result<Self> {
        let path = place.folder().join("capture.pcapng");
        let mut command = airlens(["capture"])?;
        command.args(arguments).arg("-w").arg(&path);
        let mut running = Running::spawn(network, place, &mut command)?;
        let log = place.folder().join("log");
        running.until("it captures", || Ok(fs::read_to_string(&log)?.contains("capturing")))?;
        Ok(Self { running, path })
    }

    /// Ends it as Ctrl+C does: its file, and what it told.
    fn stop(self) -> Result<(File, String)> {
        self.running.signal(libc::SIGINT);
        self.end()
    }

    fn end(self) -> Result<(File, String)> {
        let (code, log) = self.running.end()?;
        ensure!(code == Some(0), "{code:?}: {log}");
        let file = File::read(&self.path)?;
        wireshark_reads(&self.path, file.packets.len())?;
        Ok((file, log))
    }
}

fn traffic(network: &Network, exchanges: u32) -> Result<()> {
    let plan = Plan {
        exchanges,
        size: 700,
        pause: Duration::ZERO,
    };
    for address in [IpAddr::from(network.pair.there.ipv4), network.pair.there.ipv6.into()] {
        exchange(&network.here, &network.there, address, plan)?;
    }
    settled(&network.here, "data0")?;
    Ok(())
}

/// The capture's packets of one direction, and tcpdump's, in order: the same octets at about the same times.
fn same(file: &File, dump: &[(u64, Vec<u8>)]) -> Result<()> {
    // By the address of the sender: what came in has another than what went out.
    let first_out = file.packets.iter().find(|packet| packet.flags & 3 == OUTBOUND);
    let mine = first_out.context("nothing was sent")?.octets[6..12].to_vec();
    let mut furthest = 0;
    for direction in [INBOUND, OUTBOUND] {
        let captured: Vec<&Packet> = file
            .packets
            .iter()
            .filter(|packet| packet.flags & 3 == direction)
            .collect();
        let expected: Vec<_> = dump
            .iter()
            .filter(|(_, octets)| (octets[6..12] == mine[..]) == (direction == OUTBOUND))
            .collect();
        ensure!(
            captured.len() == expected.len() && !captured.is_empty(),
            "direction {direction}: {} packets, tcpdump {}",
            captured.len(),
            expected.len()
        );
        for (packet, (time, octets)) in captured.iter().zip(expected) {
            ensure!(packet.octets == *octets && packet.length as usize == octets.len());
            furthest = furthest.max(packet.time.abs_diff(*time));
        }
    }
    println!("times at most {furthest} ns from tcpdump's");
    ensure!(furthest < 50_000_000, "times {furthest} ns apart");
    Ok(())
}

fn as_tcpdump(hook: &str, receive: &str) -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let path = place.folder().join("tcpdump.pcap");
    settled(&network.here, "data0")?;
    let capture = Capture::start(&network, &place, &["-i", "data0", "--hook", hook])?;
    let dump = Dump::start(&network, "data0", &path)?;
    traffic(&network, 200)?;
    dump.stop()?;
    let (file, log) = capture.stop()?;
    ensure!(log.contains(receive), "{log}");
    same(&file, &dumped(&path)?)?;
    let told = Told::of(&log, "data0")?;
    assert_eq!((told.lost, told.filtered), (0, 0));
    assert_eq!(told.written as usize, file.packets.len());
    assert_eq!(file.interfaces[0].link_type, 1);
    assert_eq!(file.interfaces[0].options[&2], b"data0");
    assert_eq!(file.interfaces[0].options[&9], [9]);
    let (interface, statistics) = &file.statistics[0];
    assert_eq!(*interface, 0);
    for (code, expected) in [(4, told.seen), (5, 0), (6, told.captured), (7, 0), (8, told.written)] {
        assert_eq!(number(statistics, code), expected, "option {code}");
    }
    Ok(())
}

#[test]
fn native_xdp_captures_what_tcpdump_does() -> Result<()> {
    as_tcpdump("native", "capture on data0 by xdp-native")
}

#[test]
fn generic_xdp_captures_what_tcpdump_does() -> Result<()> {
    as_tcpdump("generic", "capture on data0 by xdp-generic")
}

#[test]
fn tc_captures_what_tcpdump_does() -> Result<()> {
    as_tcpdump("tc", "capture_tc on data0 by tcx")
}

#[test]
fn a_filter_snap_length_and_direction() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let path = place.folder().join("tcpdump.pcap");
    settled(&network.here, "data0")?;
    let expression = "udp and greater 700";
    let arguments = ["-i", "data0", "-f", expression, "--snaplen", "60", "--direction", "out"];
    let capture = Capture::start(&network, &place, &arguments)?;
    let dump = Dump::start(&network, "data0", &path)?;
    traffic(&network, 50)?;
    dump.stop()?;
    let (file, log) = capture.stop()?;
    // 50 datagrams over each of IPv4 and IPv6 went out.
    let told = Told::of(&log, "data0")?;
    assert_eq!((told.captured, told.lost), (100, 0), "{log}");
    assert!(told.filtered > 100, "{log}");
    for packet in &file.packets {
        assert_eq!((packet.octets.len(), packet.flags & 3), (60, OUTBOUND));
        assert!(packet.length > 700);
    }
    let sent = dumped(&path)?;
    for packet in &file.packets {
        ensure!(
            sent.iter()
                .any(|(_, octets)| octets.get(..60) == Some(&packet.octets[..])
                    && octets.len() == packet.length as usize)
        );
    }
    assert_eq!(file.interfaces[0].options[&11][1..], *expression.as_bytes());
    assert_eq!(
        (file.interfaces[0].options[&11][0], file.interfaces[0].snap_length),
        (0, 60)
    );
    Ok(())
}

#[test]
fn several_interfaces_of_different_link_types() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    settled(&network.here, "data0")?;
    let capture = Capture::start(&network, &place, &["-i", "mon0", "-i", "data0", "-f", "greater 100"])?;
    let beacon = Header::usual(FCS).with(&frame(0, 8, false, 300));
    for _ in 0..10 {
        network.tap.write(&beacon)?;
        network.tap.write(&beacon[..60])?;
    }
    traffic(&network, 5)?;
    let (file, log) = capture.stop()?;
    assert_eq!([0, 1].map(|at| file.interfaces[at].link_type), [127, 1]);
    let monitored: Vec<_> = file.packets.iter().filter(|packet| packet.interface == 0).collect();
    assert_eq!(monitored.len(), 10, "{log}");
    assert!(
        monitored
            .iter()
            .all(|packet| packet.octets == beacon && packet.flags & 3 == INBOUND)
    );
    assert_eq!(Told::of(&log, "mon0")?.filtered, 10);
    assert!(Told::of(&log, "data0")?.captured >= 20, "{log}");
    assert_eq!(file.statistics.len(), 2);
    Ok(())
}

#[test]
fn frames_of_a_monitor_interface_by_their_kind() -> Result<()> {
    for hook in ["native", "generic", "tc"] {
        let (network, place) = (Network::new()?, Place::new()?);
        let arguments = [
            "-i",
            "mon0",
            "--hook",
            hook,
            "-f",
            "type mgt subtype beacon or type mgt subtype assoc-req",
        ];
        let capture = Capture::start(&network, &place, &arguments)?;
        let header = Header::usual(FCS);
        let mut expected = Vec::new();
        for round in 0..100u8 {
            let (kind, subtype) = (round % 3, round % 16);
            let packet = header.with(&frame(kind, subtype, false, 60 + usize::from(round)));
            network.tap.write(&packet)?;
            if kind == 0 && (subtype == 8 || subtype == 0) {
                expected.push(packet);
            }
        }
        let (file, log) = capture.stop()?;
        let octets: Vec<_> = file.packets.into_iter().map(|packet| packet.octets).collect();
        ensure!(octets == expected && expected.len() > 3, "{hook}: {log}");
    }
    Ok(())
}

#[test]
fn a_tag_beside_the_packet_is_where_it_was() -> Result<()> {
    for (hook, expression, count) in [
        ("tc", "vlan 7", 20),
        (
            "tc",
            "vlan 7 and udp port 53 and ether[14:2] & 0xfff = 7 and len = 100",
            20,
        ),
        ("tc", "ether[(ether[12] & 1) * 14:2] & 0xfff = 7", 20),
        ("tc", "vlan and ip[9] = 17", 40),
        ("tc", "not vlan", 20),
        ("native", "vlan 7 and udp port 53 and len = 100", 20),
    ] {
        let (network, place) = (Network::new()?, Place::new()?);
        let tap = network.here.run(|| Tap::new("vlan0", LinkType::Ethernet))??;
        settled(&network.here, "vlan0")?;
        let capture = Capture::start(
            &network,
            &place,
            &["-i", "vlan0", "--hook", hook, "-f", expression, "--direction", "in"],
        )?;
        for _ in 0..20 {
            for packet in [tagged(7), tagged(9), tcp(200)] {
                tap.write(&packet)?;
            }
        }
        let (file, log) = capture.stop()?;
        ensure!(file.packets.len() == count, "{hook} {expression}: {log}");
        for packet in &file.packets {
            ensure!(packet.length as usize == packet.octets.len());
            ensure!(
                [tagged(7), tagged(9), tcp(200)].contains(&packet.octets),
                "{hook} {expression}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_reader_that_is_too_slow_loses_packets_and_says_so() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let tap = network.here.run(|| Tap::new("busy0", LinkType::Ethernet))??;
    settled(&network.here, "busy0")?;
    // A pipe that nobody reads for a while.
    let log = place.folder().join("slow");
    let mut command = airlens([
        "capture",
        "-i",
        "busy0",
        "--buffer",
        "256K",
        "--direction",
        "in",
        "-w",
        "-",
    ])?;
    command.stdout(Stdio::piped()).stderr(fs::File::create(&log)?);
    let mut child = network.here.run(|| command.spawn())??;
    let mut pipe = child.stdout.take().context("no pipe")?;
    let start = Instant::now();
    while !fs::read_to_string(&log)?.contains("capturing") {
        ensure!(
            start.elapsed() < Duration::from_secs(20),
            "{}",
            fs::read_to_string(&log)?
        );
        thread::sleep(Duration::from_millis(5));
    }
    for flow in 0..3000 {
        tap.write(&udp(flow, 1400))?;
    }
    let reader = thread::spawn(move || {
        let mut octets = Vec::new();
        std::io::Read::read_to_end(&mut pipe, &mut octets).map(|_| octets)
    });
    // Once it is read again, packets come through that tell what was lost before.
    thread::sleep(Duration::from_millis(400));
    for flow in 0..10 {
        tap.write(&udp(flow, 100))?;
    }
    thread::sleep(Duration::from_millis(400));
    // SAFETY: our own child, which was not waited for yet.
    unsafe { libc::kill(child.id().cast_signed(), libc::SIGTERM) };
    let status = child.wait()?;
    let octets = reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    let log = fs::read_to_string(&log)?;
    ensure!(status.code() == Some(0), "{log}");
    let told = Told::of(&log, "busy0")?;
    let file = File::of(&octets)?;
    assert!(told.lost > 100, "{log}");
    assert!(log.contains("the output was too slow"), "{log}");
    assert_eq!(
        (told.seen, told.written, told.written),
        (3010, told.captured, file.packets.len() as u64)
    );
    let statistics = &file.statistics[0].1;
    assert_eq!(
        (number(statistics, 4), number(statistics, 5), number(statistics, 7)),
        (3010, told.lost, told.lost)
    );
    assert_eq!(file.packets.iter().map(|packet| packet.dropped).sum::<u64>(), told.lost);
    Ok(())
}

#[test]
fn an_interface_that_goes_away_ends_the_capture() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let tap = network.here.run(|| Tap::new("gone0", LinkType::Ethernet))??;
    let capture = Capture::start(&network, &place, &["-i", "gone0", "--direction", "in"])?;
    settled(&network.here, "gone0")?;
    for flow in 0..7 {
        tap.write(&udp(flow, 100))?;
    }
    drop(tap);
    let path = capture.path.clone();
    let (code, log) = capture.running.end()?;
    ensure!(code == Some(6) && log.contains("gone0 is gone"), "{code:?} {log}");
    let file = File::read(&path)?;
    ensure!(
        file.packets.iter().filter(|packet| packet.octets.len() == 100).count() == 7,
        "{log}"
    );
    assert_eq!(file.statistics.len(), 1);
    Ok(())
}

#[test]
fn beside_a_run_that_has_xdp_already() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let running = Running::start(&network, &place)?;
    let other = Place::new()?;
    let capture = Capture::start(&network, &other, &["-i", "data0"])?;
    traffic(&network, 10)?;
    let (file, log) = capture.stop()?;
    ensure!(log.contains("capture_tc on data0 by tcx"), "{log}");
    ensure!(file.packets.len() >= 80, "{log}");
    running.stop()
}
