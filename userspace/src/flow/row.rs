//! A flow as a JSON object, or a line of CSV: `docs/schemas/flow.schema.json`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use airlens_common::ethernet::protocol;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{EndReason, Flow, features::Report};
use crate::csv;

/// A flow as it is shown; its source is the end that opened it, and forward is the way from there.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// When its first packet came.
    #[serde(serialize_with = "nanoseconds")]
    pub start: Timestamp,
    /// When its last packet came.
    #[serde(serialize_with = "nanoseconds")]
    pub end: Timestamp,
    /// From the first to the last packet.
    pub duration_ms: f64,
    /// The interface's name, where the caller sets it.
    pub interface: Option<String>,
    /// The interface's index, none in a capture that doesn't say.
    pub interface_index: Option<u32>,
    /// Outer VLAN identifier.
    pub vlan: Option<u16>,
    /// 4 or 6.
    pub ip_version: u8,
    /// IP protocol number (IANA).
    pub protocol: u8,
    /// Its name, of those that are common.
    pub protocol_name: Option<&'static str>,
    /// The end that opened the flow.
    pub source: IpAddr,
    /// Its port, of protocols that have ports; 0 of later fragments.
    pub source_port: Option<u16>,
    /// The other end.
    pub destination: IpAddr,
    /// Its port.
    pub destination_port: Option<u16>,
    /// Packets of both ways.
    pub packets: u64,
    /// Octets of both ways, link-layer headers included.
    pub bytes: u64,
    /// Packets from source to destination.
    pub packets_forward: u64,
    /// Packets from destination to source.
    pub packets_reverse: u64,
    /// Octets from source to destination.
    pub bytes_forward: u64,
    /// Octets from destination to source.
    pub bytes_reverse: u64,
    /// TCP flags of all packets from source to destination, OR-ed.
    pub tcp_flags_forward: Option<u8>,
    /// TCP flags the other way.
    pub tcp_flags_reverse: Option<u8>,
    /// Type of service, or traffic class, of the first packet from source to destination.
    pub tos_forward: Option<u8>,
    /// Of the first packet the other way.
    pub tos_reverse: Option<u8>,
    /// The shortest packet from source to destination, in octets.
    pub length_min_forward: Option<u16>,
    /// The longest, 65,535 also for those beyond.
    pub length_max_forward: Option<u16>,
    /// The shortest the other way.
    pub length_min_reverse: Option<u16>,
    /// The longest the other way.
    pub length_max_reverse: Option<u16>,
    /// How many pieces of the flow were given out before this one.
    pub piece: u16,
    /// The label of its [`EndReason`]; none while it is active.
    pub reason: Option<&'static str>,
    /// What was asked for of its packets.
    pub features: Option<Report>,
}

impl Row {
    /// A flow that is over for a reason, or active; `clock` turns the flow's times into ns since 1970-01-01 UTC.
    #[must_use]
    pub fn new(flow: &Flow, reason: Option<EndReason>, clock: &impl Fn(u64) -> u64) -> Self {
        let (key, value) = (&flow.key, &flow.value);
        let (forward, reverse) = (value.opener(), value.opener() ^ 1);
        let address = |words: [u32; 4]| address(key.ip_version, words);
        let mut ends = [
            (address(key.address_a), key.port_a),
            (address(key.address_b), key.port_b),
        ];
        ends.rotate_left(forward);
        let port = |port: u16| protocol::has_ports(key.protocol).then_some(port);
        let flags = |way| (key.protocol == protocol::TCP).then(|| value.tcp_flags(way));
        let time = |time| Timestamp::from_nanosecond(clock(time).into()).unwrap_or(Timestamp::MAX);
        Self {
            start: time(value.first),
            end: time(value.last),
            duration_ms: value.last.saturating_sub(value.first) as f64 / 1e6,
            interface: None,
            interface_index: (key.ifindex != 0).then_some(key.ifindex),
            vlan: (key.vlan != 0).then_some(key.vlan),
            ip_version: key.ip_version,
            protocol: key.protocol,
            protocol_name: protocol_name(key.protocol),
            source: ends[0].0,
            source_port: port(ends[0].1),
            destination: ends[1].0,
            destination_port: port(ends[1].1),
            packets: value.packets[0] + value.packets[1],
            bytes: value.bytes[0] + value.bytes[1],
            packets_forward: value.packets[forward],
            packets_reverse: value.packets[reverse],
            bytes_forward: value.bytes[forward],
            bytes_reverse: value.bytes[reverse],
            tcp_flags_forward: flags(forward),
            tcp_flags_reverse: flags(reverse),
            tos_forward: value.tos(forward),
            tos_reverse: value.tos(reverse),
            length_min_forward: value.shortest(forward),
            length_max_forward: value.longest(forward),
            length_min_reverse: value.shortest(reverse),
            length_max_reverse: value.longest(reverse),
            piece: flow.pieces,
            reason: reason.map(EndReason::label),
            features: flow.features.as_ref().map(|features| features.report(forward)),
        }
    }

    /// The names of the columns of [`Row::csv`]: the keys of the object.
    pub const COLUMNS: [&'static str; 30] = [
        "start",
        "end",
        "duration_ms",
        "interface",
        "interface_index",
        "vlan",
        "ip_version",
        "protocol",
        "protocol_name",
        "source",
        "source_port",
        "destination",
        "destination_port",
        "packets",
        "bytes",
        "packets_forward",
        "packets_reverse",
        "bytes_forward",
        "bytes_reverse",
        "tcp_flags_forward",
        "tcp_flags_reverse",
        "tos_forward",
        "tos_reverse",
        "length_min_forward",
        "length_max_forward",
        "length_min_reverse",
        "length_max_reverse",
        "piece",
        "reason",
        "features",
    ];

    /// A line of CSV (RFC 4180) with its line end: unknown is empty, features are one cell of JSON.
    ///
    /// # Errors
    ///
    /// Never: a row is an object of JSON.
    pub fn csv(&self) -> serde_json::Result<String> {
        let Value::Object(row) = serde_json::to_value(self)? else {
            return Ok(csv::line([""; 0]));
        };
        Ok(csv::line(row.into_iter().map(|(_, value)| match value {
            Value::Null => String::new(),
            Value::String(text) => text,
            value => value.to_string(),
        })))
    }
}

fn nanoseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.9}"))
}

/// Words in the network's order, IPv4 in the first.
fn address(version: u8, words: [u32; 4]) -> IpAddr {
    let [first, ..] = words;
    if version == 4 {
        return IpAddr::V4(Ipv4Addr::from(first.to_ne_bytes()));
    }
    let mut octets = [0; 16];
    for (four, word) in octets.chunks_exact_mut(4).zip(words) {
        four.copy_from_slice(&word.to_ne_bytes());
    }
    IpAddr::V6(Ipv6Addr::from(octets))
}

fn protocol_name(number: u8) -> Option<&'static str> {
    Some(match number {
        protocol::ICMP => "icmp",
        2 => "igmp",
        4 => "ipip",
        protocol::TCP => "tcp",
        protocol::UDP => "udp",
        41 => "ipv6",
        protocol::GRE => "gre",
        protocol::ESP => "esp",
        protocol::AUTHENTICATION => "ah",
        protocol::ICMPV6 => "icmpv6",
        89 => "ospf",
        103 => "pim",
        112 => "vrrp",
        protocol::SCTP => "sctp",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use airlens_common::{
        Count,
        flow::{FlowKey, FlowValue, tcp_flags},
    };
    use serde_json::json;

    use super::*;

    fn flow() -> Flow {
        let mut key = FlowKey {
            address_a: [u32::from_ne_bytes([10, 0, 0, 9]), 0, 0, 0],
            address_b: [u32::from_ne_bytes([10, 0, 0, 2]), 0, 0, 0],
            port_a: 40_000,
            port_b: 443,
            protocol: 6,
            ip_version: 4,
            ..FlowKey::default()
        };
        let from_a = key.canonicalize();
        let size = Count { packets: 2, bytes: 120 };
        let mut flow = Flow::new(key);
        let way = usize::from(!from_a);
        flow.add(&FlowValue::of_packet(
            way,
            size,
            tcp_flags::SYN,
            0x10,
            60,
            1_500_000_000,
        ));
        flow
    }

    #[test]
    fn the_source_is_who_opened_it() {
        let clock = |time| time + 1_600_000_000_000_000_000;
        let row = Row::new(&flow(), Some(EndReason::Rst), &clock);
        let value = serde_json::to_value(&row).unwrap();
        for (key, expected) in [
            ("start", json!("2020-09-13T12:26:41.500000000Z")),
            ("source", json!("10.0.0.9")),
            ("source_port", json!(40_000)),
            ("destination", json!("10.0.0.2")),
            ("packets_forward", json!(2)),
            ("bytes_reverse", json!(0)),
            ("tcp_flags_forward", json!(2)),
            ("tos_reverse", json!(null)),
            ("length_max_forward", json!(60)),
            ("vlan", json!(null)),
            ("reason", json!("rst")),
        ] {
            assert_eq!(value[key], expected, "{key}");
        }
    }

    #[test]
    fn columns_are_the_keys() {
        let mut row = Row::new(&flow(), None, &|time| time);
        let value = serde_json::to_value(&row).unwrap();
        assert!(value.as_object().unwrap().keys().eq(Row::COLUMNS));
        row.interface = Some("a \"b\", c".to_owned());
        let line = row.csv().unwrap();
        assert!(line.starts_with(
            "1970-01-01T00:00:01.500000000Z,1970-01-01T00:00:01.500000000Z,0.0,\"a \"\"b\"\", c\",,,4,6,tcp,"
        ));
        assert!(line.ends_with(",0,,\r\n"), "{line}");
    }

    #[test]
    fn addresses_of_both_versions() {
        let words = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9u8];
        let mut key = [0; 4];
        for (word, four) in key.iter_mut().zip(words.chunks_exact(4)) {
            *word = u32::from_ne_bytes(four.try_into().unwrap());
        }
        assert_eq!(address(6, key).to_string(), "2001:db8::9");
    }
}
