//! Messages as tshark dissects them, over UDP and TCP.

use std::{
    io::Read as _,
    net::{TcpListener, UdpSocket},
    thread::JoinHandle,
    time::Duration,
};

use airlens::{
    export::{LossCause, ipfix::Transport},
    kernel::Clock,
};
use airlens_tests::support::{
    ended::{IFINDEX, Made, ended},
    tshark,
};
use anyhow::{Context as _, Result, ensure};

use super::sent::{DOMAIN, IGNORED, export, finish, flows, start};

/// Packets of raw IP.
const LINKTYPE_RAW: u32 = 101;
/// IANA's port of IPFIX, by which tshark knows it.
const PORT: u16 = 4739;

/// An IPv4 packet of UDP (17) or TCP (6) with this payload.
fn packet(protocol: u8, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let transport = if protocol == 17 { 8 } else { 20 };
    let length = (20 + transport + payload.len()) as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    packet.extend(40_000u16.to_be_bytes());
    packet.extend(PORT.to_be_bytes());
    if protocol == 17 {
        packet.extend((8 + payload.len() as u16).to_be_bytes());
        packet.extend([0, 0]);
    } else {
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    }
    packet.extend(payload);
    packet
}

/// The datagrams that came.
fn datagrams(socket: &UdpSocket) -> Result<Vec<Vec<u8>>> {
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut all = Vec::new();
    let mut octets = vec![0; 65_536];
    while let Ok(length) = socket.recv(&mut octets) {
        all.push(octets[..length].to_vec());
    }
    Ok(all)
}

/// Takes all that comes by the next connection.
fn collector(listener: TcpListener) -> JoinHandle<std::io::Result<Vec<u8>>> {
    std::thread::spawn(move || {
        let mut stream = Vec::new();
        listener
            .accept()
            .and_then(|(mut socket, _)| socket.read_to_end(&mut stream))?;
        Ok(stream)
    })
}

/// Messages of the stream that a collector took.
fn messages(collector: JoinHandle<std::io::Result<Vec<u8>>>) -> Result<Vec<Vec<u8>>> {
    let stream = collector.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    let mut stream = &stream[..];
    let mut all = Vec::new();
    while !stream.is_empty() {
        let length = stream.get(2..4).context("half a header")?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        all.push(stream.get(..length).context("half a message")?.to_vec());
        stream = &stream[length..];
    }
    Ok(all)
}

/// The text that tshark makes of the packets, and no word of anything malformed in it.
fn dissected(packets: &[Vec<u8>]) -> Result<(tempfile::TempDir, String)> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("x.pcap");
    std::fs::write(&file, tshark::capture(LINKTYPE_RAW, packets)?)?;
    let bad = tshark::fields(
        &file,
        "_ws.malformed or _ws.expert.severity >= 6291456",
        &["frame.number"],
    )?;
    ensure!(bad.is_empty(), "malformed or in error: {bad:?}");
    let text = tshark::output(&file, &["-V", "-O", "cflow"])?;
    Ok((folder, text))
}

/// The fields of each flow, as text; those of options are not among them.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        let (depth, line) = (line.len() - line.trim_start().len(), line.trim());
        if depth == 8 && line.starts_with("Flow ") {
            all.push(Vec::new());
        } else if let (12.., Some(last)) = (depth, all.last_mut()) {
            last.push(line.to_owned());
        }
    }
    all.retain(|record| record.iter().any(|line| line.starts_with("SrcAddr")));
    all
}

/// What tshark is to say of a flow.
fn expected(made: &Made) -> Vec<String> {
    let link = if made.vlan == 0 { 14 } else { 18 };
    let time = |time| {
        let time = Clock::now().timestamp(time);
        time.strftime("%b %e, %Y %H:%M:%S").to_string().replace("  ", " ")
    };
    let protocol = match made.protocol {
        1 => "ICMP",
        6 => "TCP",
        _ => "UDP",
    };
    let mut lines = vec![
        format!("StartTime: {}", time(made.times[0])),
        format!("EndTime: {}", time(made.times[1])),
        format!("SrcAddr: {}", made.source.0),
        format!("DstAddr: {}", made.destination.0),
        format!("SrcPort: {}", made.source.1),
        format!("DstPort: {}", made.destination.1),
        format!("Protocol: {protocol} ({})", made.protocol),
        format!(
            "Flow End Reason: {}",
            if made.flags[1] & 4 == 0 {
                "Forced end (4)"
            } else {
                "End of Flow detected (3)"
            }
        ),
        "Biflow Direction: Initiator (1)".to_owned(),
        format!("InputInt: {IFINDEX}"),
        format!("Vlan Id: {}", made.vlan),
    ];
    let ways = [["", "", "", "", "", "", ""], REVERSE];
    for (way, names) in ways.iter().enumerate() {
        let (packets, length) = (made.packets[way], made.length[way]);
        let octets = u64::from(length.saturating_sub(link));
        lines.extend([
            format!("Packets: {packets}{}", names[0]),
            format!("Octets: {}{}", packets * octets, names[1]),
            format!("Layer2 Octet Delta Count: {}{}", packets * u64::from(length), names[2]),
            format!(
                "IP ToS: 0x{:02x}{}",
                if packets == 0 { 0 } else { made.tos[way] },
                names[4]
            ),
            format!("MinLength: {octets}{}", names[5]),
            format!("MaxLength: {octets}{}", names[6]),
        ]);
    }
    lines
}

/// How tshark marks the elements of the way back.
const REVERSE: [&str; 7] = [
    " (Reverse Type 2 PKTS)",
    " (Reverse Type 1 BYTES)",
    " (Reverse Type 352 layer2OctetDeltaCount)",
    " (Reverse Type 6 TCP_FLAGS)",
    " (Reverse Type 5 IP_TOS)",
    " (Reverse Type 25 IP LENGTH MINIMUM)",
    " (Reverse Type 26 IP LENGTH MAXIMUM)",
];

fn compare(flows: &[Made], text: &str) -> Result<()> {
    let records = records(text);
    ensure!(
        records.len() == flows.len(),
        "{} of {} flows",
        records.len(),
        flows.len()
    );
    for (made, record) in flows.iter().zip(&records) {
        for line in expected(made) {
            // Times go on behind the second.
            let found = record
                .iter()
                .any(|other| *other == line || line.contains("Time:") && other.starts_with(&line));
            ensure!(found, "no {line:?} in {record:#?}");
        }
        for (way, mark) in ["", REVERSE[3]].into_iter().enumerate() {
            let flags = format!("TCP Flags: 0x{:04x}", made.flags[way]);
            let found = record
                .iter()
                .any(|line| line.starts_with(&flags) && line.ends_with(")") != mark.is_empty());
            ensure!(found, "no {flags} in {record:#?}");
        }
    }
    Ok(())
}

/// Loss as the options tell it, last of all.
fn tells_of_loss(text: &str) -> Result<()> {
    let last = text.rfind("FlowsExp:").context("no statistics")?;
    for line in [
        "FlowsExp: 5".to_owned(),
        "Flows: 5".to_owned(),
        "Not Sent Flows: 0".to_owned(),
        format!("Ignored Packets: {}", IGNORED.packets),
        format!("Ignored Octets: {}", IGNORED.bytes),
    ] {
        ensure!(text[last..].contains(&line), "no {line:?} in {}", &text[last..]);
    }
    ensure!(text.contains(&format!("Observation Domain Id: {DOMAIN}")));
    ensure!(text.contains("Selector Algorithm: Systematic count-based Sampling (1)"));
    Ok(())
}

/// The sequence number of each message is that of the one before and its data records.
fn is_in_sequence(messages: &[Vec<u8>]) -> Result<()> {
    let numbers: Vec<_> = messages
        .iter()
        .map(|message| u32::from_be_bytes([message[8], message[9], message[10], message[11]]))
        .collect();
    // Templates and two records of options, then the flows, then two of options.
    ensure!(numbers == [0, 2, 7], "{numbers:?}");
    Ok(())
}

#[test]
fn udp_is_dissected_without_a_fault() -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let outcome = export(Transport::Udp, socket.local_addr()?.port(), &flows())?;
    ensure!(
        (outcome.given, outcome.sent, outcome.failures) == (5, 5, 0),
        "{outcome:?}"
    );
    let datagrams = datagrams(&socket)?;
    is_in_sequence(&datagrams)?;
    let packets: Vec<_> = datagrams.iter().map(|datagram| packet(17, 0, datagram)).collect();
    let (_folder, text) = dissected(&packets)?;
    compare(&flows(), &text)?;
    tells_of_loss(&text)?;
    // Over UDP, whoever comes later learns the templates too.
    ensure!(text.matches("Template (Id = 256").count() == 2, "{text}");
    Ok(())
}

#[test]
fn tcp_is_dissected_without_a_fault() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let collector = collector(listener);
    let outcome = export(Transport::Tcp, port, &flows())?;
    ensure!(
        (outcome.given, outcome.sent, outcome.failures) == (5, 5, 0),
        "{outcome:?}"
    );
    let messages = messages(collector)?;
    is_in_sequence(&messages)?;
    let mut sequence = 1;
    let packets: Vec<_> = messages
        .iter()
        .map(|message| {
            let packet = packet(6, sequence, message);
            sequence += message.len() as u32;
            packet
        })
        .collect();
    let (_folder, text) = dissected(&packets)?;
    compare(&flows(), &text)?;
    tells_of_loss(&text)?;
    ensure!(text.matches("Template (Id = 256").count() == 1, "{text}");
    Ok(())
}

#[test]
fn many_flows_go_in_datagrams_that_fit() -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let made: Vec<_> = (0..500).map(Made::numbered).collect();
    let outcome = export(Transport::Udp, socket.local_addr()?.port(), &made)?;
    ensure!(outcome.sent == 500, "{outcome:?}");
    let datagrams = datagrams(&socket)?;
    ensure!(datagrams.iter().all(|datagram| datagram.len() <= 1400));
    let packets: Vec<_> = datagrams.iter().map(|datagram| packet(17, 0, datagram)).collect();
    let (_folder, text) = dissected(&packets)?;
    compare(&made, &text)
}

#[test]
fn a_collector_that_is_not_there_is_told_of() -> Result<()> {
    let port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
    let outcome = export(Transport::Udp, port, &flows())?;
    ensure!(
        outcome.lost.get(&LossCause::Refused) == Some(&5) && outcome.sent == 0,
        "{outcome:?}"
    );
    ensure!(
        outcome.failures > 0 && outcome.lost_count.packets == 11_000_000_026,
        "{outcome:?}"
    );
    Ok(())
}

#[test]
fn a_stream_that_breaks_is_made_anew() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let exports = start(Transport::Tcp, listener.local_addr()?.port())?;
    exports.give(ended(&flows()), None);
    let (mut first, _) = listener.accept()?;
    let mut head = [0; 16];
    first.read_exact(&mut head)?;
    drop(first);
    std::thread::sleep(Duration::from_secs(1));
    exports.give(ended(&flows()), None);
    let collector = collector(listener);
    let outcome = finish(&exports)?;
    ensure!(outcome.failures > 0 && outcome.given == 10, "{outcome:?}");
    ensure!(outcome.sent + outcome.lost_total() == 10, "{outcome:?}");
    begins_with_templates(&messages(collector)?)
}

#[test]
fn a_stream_that_breaks_within_a_message_has_templates_first_again() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let exports = start(Transport::Tcp, listener.local_addr()?.port())?;
    let made: Vec<_> = (0..5000).map(Made::numbered).collect();
    let (mut given, mut sent, mut still) = (0, 0, 0);
    // Nobody reads: at some time a message can't be written whole. What is not full waits for half a second.
    while still < 10 {
        let outcome = exports.outcomes()[0].1.clone();
        still = if outcome.sent == sent { still + 1 } else { 0 };
        sent = outcome.sent;
        if outcome.waiting() < 5000 {
            ensure!(given < 1_000_000, "all was written: {outcome:?}");
            exports.give(ended(&made), None);
            (given, still) = (given + made.len() as u64, 0);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(listener.accept()?);
    let collector = collector(listener);
    let outcome = finish(&exports)?;
    ensure!(outcome.failures > 0 && outcome.sent == given, "{outcome:?}");
    begins_with_templates(&messages(collector)?)
}

/// As a session does: the first message has number 0 and a set of templates (RFC 7011 10.4).
fn begins_with_templates(messages: &[Vec<u8>]) -> Result<()> {
    let first = messages.first().context("no message")?;
    ensure!(first[8..12] == [0; 4] && first[16..18] == [0, 2], "{first:?}");
    Ok(())
}
