//! `capture` and its filters against tcpdump and libpcap's semantics, packet by packet, without an interface. Needs root,
//! tcpdump and libpcap.

use std::{cell::RefCell, collections::BTreeSet};

use airlens::filter::{Filter, FilterError, Instruction};
use airlens_common::{
    Count,
    data::{RECEIVE, TRANSMIT},
};
use airlens_tests::support::{
    capture::{Bench, chosen},
    classic::instruction,
    corpus,
    ethernet::{crafted, tagged, tcp, tcp6, udp},
    program::makes_buffer,
    radiotap::{FCS, Header, frame, whole},
};
use anyhow::{Context as _, Result, ensure};
use proptest::{collection::vec, prelude::ProptestConfig, test_runner::TestRunner};

const HOOKS: [(&str, u8); 3] = [("capture", RECEIVE), ("capture_tc", RECEIVE), ("capture_tx", TRANSMIT)];

/// Each kind of primitive of pcap-filter(7), and their combinations.
const ETHERNET: [&str; 60] = [
    "ip",
    "ip6",
    "arp",
    "rarp",
    "tcp",
    "udp",
    "sctp",
    "icmp",
    "icmp6",
    "host 10.0.0.9",
    "src host 10.0.0.9",
    "dst host 10.0.0.9",
    "ip host 10.0.0.2",
    "net 10.0.0.0/8",
    "src net 10.255.0.0 mask 255.255.0.0",
    "dst net 10.0.0.0/30",
    "ip6 host 2001:db8::9",
    "ip6 net 2001:db8::/32",
    "port 443",
    "src port 443",
    "dst port 53",
    "tcp port 443",
    "udp port 53",
    "tcp src port 40000",
    "sctp dst port 443",
    "portrange 50-500",
    "udp portrange 1-100",
    "not port 443",
    "ether host 02:00:00:00:00:01",
    "ether src 02:00:00:00:00:01",
    "ether dst 02:00:00:00:00:03",
    "ether broadcast",
    "ether multicast",
    "ip multicast",
    "ip6 multicast",
    "ether proto 0x888e",
    "ip proto 47",
    "ip6 proto 58",
    "proto \\tcp",
    "vlan",
    "vlan 7",
    "vlan and tcp port 443",
    "vlan 5 and vlan 9 and udp",
    "not vlan",
    "mpls",
    "pppoes",
    "less 80",
    "greater 100",
    "len == 60",
    "len > 70 and len <= 90",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp[13] & 16 != 0",
    "ip[0] & 0xf != 5",
    "ip[6:2] & 0x1fff != 0",
    "udp[4:2] = 8",
    "ip6[6] = 17",
    "ether[0] & 1 = 0 and ip[16] >= 10",
    "ether[(ip[0] & 0xf) * 4 + 14] = 0x9c and ether[(ip[0] & 0xf) + 40:2] > 3",
    "(tcp or udp) and (host 10.0.0.9 or port 53) and not vlan",
    "ip[2:2] - ((ip[0] & 0xf) << 2) > 10 or ether[20:4] % 7 = 3",
];

/// The same of radiotap and 802.11.
const RADIOTAP: [&str; 25] = [
    "type mgt",
    "type ctl",
    "type data",
    "type mgt subtype beacon",
    "type mgt subtype assoc-req",
    "type mgt subtype probe-req or type mgt subtype probe-resp",
    "subtype deauth",
    "type ctl subtype ack",
    "type data subtype qos-data",
    "not type mgt",
    "wlan host 02:00:00:00:00:01",
    "wlan src 02:00:00:00:00:01",
    "wlan addr1 ff:ff:ff:ff:ff:ff",
    "wlan addr2 02:00:00:00:00:01",
    "wlan addr3 02:00:00:00:00:01",
    "wlan ra 02:00:00:00:00:01",
    "wlan ta 02:00:00:00:00:01",
    "dir fromds",
    "dir tods",
    "wlan[0] = 0x80",
    "wlan[1] & 8 != 0",
    "wlan broadcast",
    "wlan multicast",
    "radio[2:2] > 20",
    "greater 200 and type mgt",
];

/// Crafted packets, cut ones among them, of about the same number of each layout.
fn ethernet() -> Vec<Vec<u8>> {
    let mut packets: Vec<_> = crafted().into_iter().step_by(41).map(|(_, packet)| packet).collect();
    packets.extend([
        udp(1, 100),
        udp(3_000_000, 1500),
        tcp(60),
        tcp6(400),
        tagged(7),
        tagged(9),
    ]);
    packets.retain(|packet| makes_buffer(packet));
    packets
}

/// Crafted frames, and those of others where their captures are at hand.
fn radiotap() -> Result<Vec<Vec<u8>>> {
    let mut packets: Vec<_> = whole().into_iter().map(|(_, packet)| packet).collect();
    for kind in 0..4 {
        for subtype in 0..16 {
            packets.push(Header::usual(FCS).with(&frame(kind, subtype, subtype & 1 != 0, 60)));
        }
    }
    match corpus::folder() {
        Some(folder) => {
            for path in corpus::captures(&folder.join("wlanpi"))? {
                packets.extend(corpus::packets(&path, corpus::LinkType::Radiotap).unwrap_or_default());
            }
        }
        None => println!("no ../shared/corpus: filters are tried with crafted frames only"),
    }
    packets.retain(|packet| packet.len() < 3000 && makes_buffer(packet));
    Ok(packets)
}

/// Every packet that tcpdump chooses, and no other, is captured: whole, with its length and direction.
fn chooses_as_tcpdump(link_type: u16, packets: &[Vec<u8>], expressions: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut used = 0;
    let mut benches = Vec::new();
    for (name, direction) in HOOKS {
        benches.push((name, direction, Bench::new(name, None, 65_535)?));
    }
    for expression in expressions {
        let expected = chosen(folder.path(), link_type.into(), packets, expression)?;
        used += usize::from(!expected.is_empty() && expected.len() < packets.len());
        let filter = Filter::compile(expression, link_type)?;
        for (name, direction, bench) in &mut benches {
            bench
                .set_filter(&filter)
                .with_context(|| format!("{name}: {expression}"))?;
            let before = bench.capture.counts(0)?;
            let mut captured = BTreeSet::new();
            let mut octets = 0;
            for (position, packet) in packets.iter().enumerate() {
                octets += packet.len() as u64;
                let Some((header, taken)) = bench.run(packet)? else {
                    continue;
                };
                ensure!(taken == *packet, "{name} {expression}: {taken:x?} of {packet:x?}");
                ensure!(header.length as usize == packet.len() && header.direction == *direction && header.slot == 0);
                captured.insert(position);
            }
            let wrong: Vec<_> = captured
                .symmetric_difference(&expected)
                .take(3)
                .map(|position| format!("{:02x?}", packets[*position]))
                .collect();
            ensure!(wrong.is_empty(), "{name} {expression}: {wrong:#?}");
            let counts = bench.capture.counts(0)?;
            ensure!(counts.holds() && counts.lost() == 0, "{counts:?}");
            let mut seen = before.seen;
            seen += Count {
                packets: packets.len() as u64,
                bytes: octets,
            };
            ensure!(counts.seen == seen, "{counts:?}");
            let taken = counts.captured.packets - before.captured.packets;
            ensure!(taken == expected.len() as u64, "{counts:?}");
        }
    }
    println!(
        "{used} of {} expressions choose some packets and not others",
        expressions.len()
    );
    ensure!(
        used * 2 > expressions.len(),
        "only {used} expressions tell packets apart"
    );
    Ok(())
}

#[test]
fn ethernet_filters_choose_as_tcpdump() -> Result<()> {
    chooses_as_tcpdump(1, &ethernet(), &ETHERNET)
}

#[test]
fn radiotap_filters_choose_as_tcpdump() -> Result<()> {
    chooses_as_tcpdump(127, &radiotap()?, &RADIOTAP)
}

#[test]
fn every_length_is_captured_whole_and_cut() -> Result<()> {
    for (name, direction) in HOOKS {
        for snap_length in [1, 64, 96, 97, 1500, 65_535] {
            let mut bench = Bench::new(name, None, snap_length)?;
            for length in (14..300).chain([1500, 1568, 1569, 2016, 2017, 3000]) {
                let packet: Vec<u8> = (0..=255).cycle().take(length).collect();
                let (header, octets) = bench.run(&packet)?.context("nothing captured")?;
                assert_eq!(
                    octets,
                    packet[..length.min(snap_length as usize)],
                    "{name} {snap_length} {length}"
                );
                assert_eq!((header.length as usize, header.direction), (length, direction));
            }
            assert!(bench.capture.counts(0)?.holds());
        }
    }
    Ok(())
}

#[test]
fn packets_in_several_fragments_are_filtered_and_captured() -> Result<()> {
    let jumbo = |octets| {
        let mut packet = tcp(octets);
        packet[octets - 1] = 0x77;
        packet[100..102].copy_from_slice(&(octets as u16 - 1).to_be_bytes());
        packet
    };
    for octets in [4096, 9014, 20_000, 40_000] {
        let last = octets - 1;
        let filter = Filter::compile(
            &format!("ether[{last}] = 0x77 and greater {octets} and tcp[4:4] = 0"),
            1,
        )?;
        let mut bench = Bench::new("capture", Some(&filter), 65_535)?;
        let (header, taken) = bench.run(&jumbo(octets))?.context("filtered")?;
        assert!(taken == jumbo(octets) && header.length as usize == octets);
        let other = Filter::compile(&format!("ether[{last}] = 0x78"), 1)?;
        assert!(
            Bench::new("capture", Some(&other), 65_535)?
                .run(&jumbo(octets))?
                .is_none()
        );
        let by_x = Filter::compile("ether[ether[100:2]] = 0x77", 1)?;
        assert!(
            Bench::new("capture", Some(&by_x), 65_535)?
                .run(&jumbo(octets))?
                .is_some()
        );
    }
    Ok(())
}

#[test]
fn a_full_ring_is_counted() -> Result<()> {
    let mut capture = Bench::new("capture", None, 65_535)?;
    let program = airlens_tests::support::program::Program::of(capture.capture.programs(), "capture")?;
    program.run(&tcp(1000), 5000)?;
    let counts = capture.capture.counts(0)?;
    assert!(counts.holds() && counts.ring_full.packets > 1000, "{counts:?}");
    assert_eq!(
        counts.seen,
        Count {
            packets: 5000,
            bytes: 5_000_000
        }
    );
    assert!(counts.captured.packets > 500, "{counts:?}");
    Ok(())
}

#[test]
fn the_direction_is_known_to_filters() -> Result<()> {
    for (name, direction) in HOOKS {
        for (expression, expected) in [
            ("inbound", direction == RECEIVE),
            ("outbound", direction == TRANSMIT),
            ("outbound and tcp port 443", direction == TRANSMIT),
            ("inbound and udp", false),
        ] {
            let filter = Filter::compile(expression, 1)?;
            let taken = Bench::new(name, Some(&filter), 100)?.run(&tcp(100))?.is_some();
            assert_eq!(taken, expected, "{name} {expression}");
        }
    }
    Ok(())
}

#[test]
fn what_libpcap_refuses_is_told() {
    for expression in ["port", "host 300.1.1.1.1", "tcp and", "type mgt", "ip broadcast"] {
        let error = Filter::compile(expression, 1).unwrap_err();
        assert!(matches!(error, FilterError::Expression { .. }), "{error}");
        assert!(error.to_string().contains(expression), "{error}");
    }
    let error = Filter::compile("ip6 protochain 6", 1).unwrap_err();
    assert!(matches!(error, FilterError::Loop { .. }), "{error}");
}

#[test]
fn random_programs_do_what_libpcap_does() -> Result<()> {
    let packets: Vec<_> = ethernet().into_iter().step_by(9).collect();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let mut benches = Vec::new();
    for (name, _) in HOOKS {
        benches.push(Bench::new(name, None, 64)?);
    }
    let benches = RefCell::new(benches);
    let run = runner.run(&vec(instruction(), 1..24), |mut program| {
        // Wherever a jump goes, there is a return.
        for k in [1, 0, 1, 0, 1, 0, 1] {
            program.push(Instruction {
                code: 0x06,
                k,
                ..Instruction::default()
            });
        }
        let filter = Filter::from_instructions("random", program);
        for bench in benches.borrow_mut().iter_mut() {
            bench.set_filter(&filter).unwrap();
            for packet in &packets {
                let taken = bench.run(packet).unwrap().is_some();
                assert_eq!(taken, filter.takes(packet, packet.len() as u32), "{packet:02x?}");
            }
        }
        Ok(())
    });
    run.map_err(|error| anyhow::anyhow!("{error}"))
}
