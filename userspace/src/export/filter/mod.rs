//! Filter expressions over flows: `tcp and port 443 and not net 10.0.0.0/8`.
//!
//! ```text
//! expression = all *("or" all)                 all = one *("and" one)
//! one        = "not" one / "(" expression ")" / test
//! test       = NAME                            tcp, udp, icmp, icmpv6, sctp, gre, esp, ip, ip6
//!            / "proto" (NAME / NUMBER)
//!            / [SIDE] "port" NUMBER ["-" NUMBER]
//!            / [SIDE] ("host" / "net") ADDRESS ["/" NUMBER]
//!            / "vlan" NUMBER / "interface" NAME
//!            / ("bytes" / "packets") COMPARE NUMBER ["k" / "M" / "G"]
//!            / ("duration" / "age" / "idle") COMPARE NUMBER ["ms" / "s" / "m" / "h"]
//! SIDE       = "src" / "dst"                   src is the end that opened the flow
//! COMPARE    = ">" / ">=" / "<" / "<=" / "=" / "!="
//! ```
//! `&&`, `||` and `!` are `and`, `or` and `not`.

mod parse;
mod words;

use std::{collections::BTreeMap, net::IpAddr, ops::RangeInclusive, str::FromStr};

use airlens_common::flow::{FlowKey, FlowValue};

pub use words::FilterError;

/// Octets of an expression at most.
pub const MAX_FILTER: usize = 2048;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Node);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Test(Test),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Protocol(u8),
    Version(u8),
    Port(Side, RangeInclusive<u16>),
    Net(Side, Net),
    Vlan(u16),
    Interface(String),
    Number(Field, Compare, u64),
}

/// Which end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Either,
    Source,
    Destination,
}

/// Times are in ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Bytes,
    Packets,
    Duration,
    Age,
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    More,
    MoreOrSame,
    Less,
    LessOrSame,
    Same,
    Other,
}

/// Addresses that start with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Net {
    version: u8,
    words: [u32; 4],
    masks: [u32; 4],
}

impl Net {
    /// The addresses that share their first `length` bits with this one.
    fn new(address: IpAddr, length: u8) -> Self {
        let (version, words) = match address {
            IpAddr::V4(address) => (4, [u32::from(address), 0, 0, 0]),
            IpAddr::V6(address) => {
                let bits = u128::from(address);
                (6, [96, 64, 32, 0].map(|shift| (bits >> shift) as u32))
            }
        };
        let mut masks = [0u32; 4];
        for (mask, start) in masks.iter_mut().zip([0u8, 32, 64, 96]) {
            let bits = u32::from(length.saturating_sub(start).min(32));
            *mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        }
        let mut net = Self { version, words, masks };
        // As the keys of flows have them.
        for (word, mask) in net.words.iter_mut().zip(&mut net.masks) {
            (*word, *mask) = ((*word & *mask).to_be(), mask.to_be());
        }
        net
    }

    fn has(&self, version: u8, address: &[u32; 4]) -> bool {
        let mut words = address.iter().zip(&self.words).zip(&self.masks);
        self.version == version && words.all(|((word, own), mask)| word & mask == *own)
    }
}

/// What flows are looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Now, by the clock of the flows' times.
    pub now: u64,
    /// Names of interfaces by index.
    pub names: &'a BTreeMap<u32, String>,
}

impl Filter {
    /// Whether the expression holds for a flow.
    #[must_use]
    pub fn holds(&self, key: &FlowKey, value: &FlowValue, around: Surroundings<'_>) -> bool {
        self.0.holds(key, value, around)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        parse::parse(text).map(Self)
    }
}

impl Node {
    fn holds(&self, key: &FlowKey, value: &FlowValue, around: Surroundings<'_>) -> bool {
        let holds = |node: &Self| node.holds(key, value, around);
        match self {
            Self::Test(test) => test.holds(key, value, around),
            Self::Not(node) => !holds(node),
            Self::All(nodes) => nodes.iter().all(holds),
            Self::Any(nodes) => nodes.iter().any(holds),
        }
    }
}

impl Test {
    fn holds(&self, key: &FlowKey, value: &FlowValue, around: Surroundings<'_>) -> bool {
        match self {
            Self::Protocol(protocol) => key.protocol == *protocol,
            Self::Version(version) => key.ip_version == *version,
            Self::Port(side, ports) => side.is_any(
                value.opener(),
                [key.port_a, key.port_b].map(|port| ports.contains(&port)),
            ),
            Self::Net(side, net) => {
                let ends = [&key.address_a, &key.address_b].map(|address| net.has(key.ip_version, address));
                side.is_any(value.opener(), ends)
            }
            Self::Vlan(vlan) => key.vlan == *vlan,
            Self::Interface(name) => around.names.get(&key.ifindex) == Some(name),
            Self::Number(field, compare, number) => compare.holds(field.of(value, around.now), *number),
        }
    }
}

impl Side {
    /// Whether it is so of this side, by what is so of ends A and B.
    fn is_any(self, opener: usize, ends: [bool; 2]) -> bool {
        match self {
            Self::Either => ends[0] || ends[1],
            Self::Source => ends[opener],
            Self::Destination => ends[opener ^ 1],
        }
    }
}

impl Field {
    fn of(self, value: &FlowValue, now: u64) -> u64 {
        match self {
            Self::Bytes => value.bytes.iter().sum(),
            Self::Packets => value.packets.iter().sum(),
            Self::Duration => value.last.saturating_sub(value.first),
            Self::Age => now.saturating_sub(value.first),
            Self::Idle => now.saturating_sub(value.last),
        }
    }
}

impl Compare {
    fn holds(self, one: u64, other: u64) -> bool {
        match self {
            Self::More => one > other,
            Self::MoreOrSame => one >= other,
            Self::Less => one < other,
            Self::LessOrSame => one <= other,
            Self::Same => one == other,
            Self::Other => one != other,
        }
    }
}

#[cfg(test)]
mod tests {
    use airlens_common::Count;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn words(address: &str) -> [u32; 4] {
        Net::new(address.parse().unwrap(), 128).words
    }

    /// 10.1.2.3 port 40000 has opened a connection to 192.0.2.9 port 443.
    fn flow() -> (FlowKey, FlowValue) {
        let mut key = FlowKey {
            address_a: words("10.1.2.3"),
            address_b: words("192.0.2.9"),
            port_a: 40_000,
            port_b: 443,
            vlan: 7,
            protocol: 6,
            ip_version: 4,
            ifindex: 3,
        };
        let way = usize::from(!key.canonicalize());
        let size = Count {
            packets: 4,
            bytes: 4000,
        };
        let mut value = FlowValue::of_packet(way, size, 2, 0, 1000, 10 * SECOND);
        value.last = 12 * SECOND;
        (key, value)
    }

    #[test]
    fn what_holds() {
        let (key, value) = flow();
        let names = [(3, "eth0".to_owned())].into();
        let around = Surroundings {
            now: 20 * SECOND,
            names: &names,
        };
        for (text, expected) in [
            ("tcp", true),
            ("proto 17", false),
            (
                "proto tcp and port 443 and host 10.0.0.0/8 and not net fe80::/10 and bytes > 1000",
                true,
            ),
            ("src port 443", false),
            ("dst port 400-500", true),
            ("src net 10.1.0.0/16 and dst host 192.0.2.9", true),
            ("src host 192.0.2.9", false),
            ("net ::/0", false),
            ("net 0.0.0.0/0 and ip", true),
            ("ip6 or vlan 7", true),
            ("udp or tcp and packets != 4", false),
            ("(udp or tcp) && packets = 4", true),
            ("!(interface eth0)", false),
            ("interface eth1", false),
            ("bytes >= 4k and bytes < 4.001k", true),
            ("duration = 2s and age > 9s and idle <= 8000ms", true),
            ("age > 1m", false),
        ] {
            let filter: Filter = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(filter.holds(&key, &value, around), expected, "{text}");
        }
    }

    #[test]
    fn prefixes_of_every_length() {
        for length in 0..=128 {
            let net = Net::new("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap(), length);
            assert!(net.has(6, &words("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")));
            let last = net.has(6, &words("2001:db8:ffff:ffff:ffff:ffff:ffff:fffe"));
            assert_eq!(last, length < 128, "{length}");
        }
        assert!(Net::new("10.255.0.0".parse().unwrap(), 12).has(4, &words("10.240.3.4")));
    }
}
