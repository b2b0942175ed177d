//! From words to an expression.

use std::{net::IpAddr, ops::RangeInclusive};

use airlens_common::ethernet::protocol;

use super::{
    Compare, Field, MAX_FILTER, Net, Node, Side, Test,
    words::{FilterError, Word, words},
};

/// How deep brackets and `not` may go.
const MAX_DEPTH: usize = 32;

const TESTS: &str = "tcp, udp, icmp, icmpv6, sctp, gre, esp, ip, ip6, proto, port, host, net, src, dst, vlan, interface, bytes, \
                     packets, duration, age, idle";

pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    if text.len() > MAX_FILTER {
        return Err(FilterError::new(
            1,
            format!("an expression has at most {MAX_FILTER} octets"),
        ));
    }
    let (words, end) = words(text)?;
    let mut parser = Parser {
        words: words.into_iter().peekable(),
        end,
    };
    let node = parser.any(0)?;
    match parser.words.next() {
        None => Ok(node),
        Some(word) => Err(FilterError::new(
            word.column,
            format!("{:?}: expected and, or, or the end", word.text),
        )),
    }
}

struct Parser<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<Word<'a>>>,
    /// The column behind the last word.
    end: usize,
}

impl<'a> Parser<'a> {
    fn takes(&mut self, texts: [&str; 2]) -> bool {
        self.words.next_if(|word| texts.contains(&word.text)).is_some()
    }

    fn next(&mut self, expected: &str) -> Result<Word<'a>, FilterError> {
        let end = self.end;
        self.words
            .next()
            .ok_or_else(|| FilterError::new(end, format!("it ends here: expected {expected}")))
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.takes(["or", "||"]) {
            nodes.push(self.all(depth)?);
        }
        Ok(alone(nodes).unwrap_or_else(Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.one(depth)?];
        while self.takes(["and", "&&"]) {
            nodes.push(self.one(depth)?);
        }
        Ok(alone(nodes).unwrap_or_else(Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node, FilterError> {
        let word = self.next("a test such as tcp, port 443 or net 10.0.0.0/8")?;
        if depth >= MAX_DEPTH {
            return Err(FilterError::new(word.column, "brackets and not go too deep"));
        }
        match word.text {
            "not" | "!" => Ok(Node::Not(Box::new(self.one(depth + 1)?))),
            "(" => {
                let node = self.any(depth + 1)?;
                let closing = self.next(")")?;
                if closing.text == ")" {
                    Ok(node)
                } else {
                    Err(wrong(closing, "and, or, or )"))
                }
            }
            _ => self.test(word).map(Node::Test),
        }
    }

    fn test(&mut self, word: Word<'a>) -> Result<Test, FilterError> {
        Ok(match word.text {
            "src" => self.end_test(Side::Source)?,
            "dst" => self.end_test(Side::Destination)?,
            "port" => Test::Port(Side::Either, self.ports()?),
            "host" | "net" => Test::Net(Side::Either, self.net()?),
            "proto" => {
                let named = self.next("a protocol")?;
                let number = named.text.parse().ok().or_else(|| protocol_number(named.text));
                Test::Protocol(number.ok_or_else(|| wrong(named, "tcp, udp, icmp … or a number up to 255"))?)
            }
            "vlan" => Test::Vlan(self.number("a VLAN, 0 to 4095", 4095)?),
            "interface" => Test::Interface(self.next("an interface's name")?.text.to_owned()),
            "bytes" => self.count(Field::Bytes)?,
            "packets" => self.count(Field::Packets)?,
            "duration" => self.time(Field::Duration)?,
            "age" => self.time(Field::Age)?,
            "idle" => self.time(Field::Idle)?,
            "ip" | "ip4" | "ipv4" => Test::Version(4),
            "ip6" | "ipv6" => Test::Version(6),
            name => Test::Protocol(protocol_number(name).ok_or_else(|| wrong(word, TESTS))?),
        })
    }

    fn end_test(&mut self, side: Side) -> Result<Test, FilterError> {
        let word = self.next("port, host or net")?;
        match word.text {
            "port" => Ok(Test::Port(side, self.ports()?)),
            "host" | "net" => Ok(Test::Net(side, self.net()?)),
            _ => Err(wrong(word, "port, host or net")),
        }
    }

    fn number(&mut self, expected: &str, most: u16) -> Result<u16, FilterError> {
        let word = self.next(expected)?;
        let number = word.text.parse().ok().filter(|number| *number <= most);
        number.ok_or_else(|| wrong(word, expected))
    }

    fn ports(&mut self) -> Result<RangeInclusive<u16>, FilterError> {
        const EXPECTED: &str = "a port, 0 to 65535, or two with - between them";
        let word = self.next(EXPECTED)?;
        let (from, to) = word.text.split_once('-').unwrap_or((word.text, word.text));
        match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) if from <= to => Ok(from..=to),
            _ => Err(wrong(word, EXPECTED)),
        }
    }

    fn net(&mut self) -> Result<Net, FilterError> {
        const EXPECTED: &str = "an address, with / and its first bits for many";
        let word = self.next(EXPECTED)?;
        let (address, length) = word.text.split_once('/').unwrap_or((word.text, ""));
        let address: IpAddr = address.parse().map_err(|_| wrong(word, EXPECTED))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = if word.text.contains('/') {
            let length = length.parse().ok().filter(|length| *length <= most);
            length.ok_or_else(|| wrong(word, &format!("0 to {most} behind the /")))?
        } else {
            most
        };
        Ok(Net::new(address, length))
    }

    fn compare(&mut self) -> Result<Compare, FilterError> {
        const EXPECTED: &str = "one of > >= < <= = !=";
        let word = self.next(EXPECTED)?;
        Ok(match word.text {
            ">" => Compare::More,
            ">=" => Compare::MoreOrSame,
            "<" => Compare::Less,
            "<=" => Compare::LessOrSame,
            "=" | "==" => Compare::Same,
            "!=" => Compare::Other,
            _ => return Err(wrong(word, EXPECTED)),
        })
    }

    fn count(&mut self, field: Field) -> Result<Test, FilterError> {
        const UNITS: [(&str, f64); 6] = [("", 1.0), ("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)];
        self.quantity(field, &UNITS, "a number, which may end in k, M, G or T")
    }

    fn time(&mut self, field: Field) -> Result<Test, FilterError> {
        const UNITS: [(&str, f64); 5] = [("", 1e9), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];
        self.quantity(field, &UNITS, "a time such as 500ms, 10s, 5m or 1h")
    }

    fn quantity(&mut self, field: Field, units: &[(&str, f64)], expected: &str) -> Result<Test, FilterError> {
        let compare = self.compare()?;
        let word = self.next(expected)?;
        let digits = word
            .text
            .trim_end_matches(|character: char| character.is_ascii_alphabetic());
        let unit = units.iter().find(|(unit, _)| *unit == &word.text[digits.len()..]);
        let plain = digits.starts_with(|first: char| first.is_ascii_digit());
        match (digits.parse::<f64>(), unit) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative; what is too large becomes the largest"
            )]
            (Ok(number), Some((_, unit))) if plain => Ok(Test::Number(field, compare, (number * unit).round() as u64)),
            _ => Err(wrong(word, expected)),
        }
    }
}

fn alone(mut nodes: Vec<Node>) -> Result<Node, Vec<Node>> {
    match nodes.pop() {
        Some(node) if nodes.is_empty() => Ok(node),
        last => {
            nodes.extend(last);
            Err(nodes)
        }
    }
}

fn wrong(word: Word<'_>, expected: &str) -> FilterError {
    FilterError::new(word.column, format!("{:?}: expected {expected}", word.text))
}

fn protocol_number(name: &str) -> Option<u8> {
    Some(match name {
        "icmp" => protocol::ICMP,
        "igmp" => 2,
        "tcp" => protocol::TCP,
        "udp" => protocol::UDP,
        "gre" => protocol::GRE,
        "esp" => protocol::ESP,
        "ah" => protocol::AUTHENTICATION,
        "icmpv6" | "icmp6" => protocol::ICMPV6,
        "ospf" => 89,
        "sctp" => protocol::SCTP,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_a_place() {
        for (text, expected) in [
            (
                "",
                "filter, column 1: it ends here: expected a test such as tcp, port 443 or net 10.0.0.0/8",
            ),
            ("tcp and", "filter, column 8: it ends here: expected a test"),
            (
                "tcp port 80",
                "filter, column 5: \"port\": expected and, or, or the end",
            ),
            ("tcp and prot 6", "filter, column 9: \"prot\": expected tcp, udp,"),
            ("port 80-", "filter, column 6: \"80-\": expected a port"),
            ("port 90-80", "filter, column 6: "),
            ("port 65536", "filter, column 6: "),
            (
                "host 10.0.0.0/33",
                "filter, column 6: \"10.0.0.0/33\": expected 0 to 32 behind the /",
            ),
            ("host fe80::/129", "filter, column 6: "),
            ("net example.org", "filter, column 5: "),
            ("src tcp", "filter, column 5: \"tcp\": expected port, host or net"),
            ("bytes 5", "filter, column 7: \"5\": expected one of"),
            ("bytes > 5x", "filter, column 9: \"5x\": expected a number, which"),
            ("bytes > -1", "filter, column 9: "),
            ("bytes > inf", "filter, column 9: "),
            ("idle > 5d", "filter, column 8: \"5d\": expected a time"),
            ("(tcp", "filter, column 5: it ends here: expected )"),
            ("(tcp udp)", "filter, column 6: \"udp\": expected and, or, or )"),
            ("tcp)", "filter, column 4: "),
            ("tcp & udp", "filter, column 5: '&' alone"),
            ("ü and tcp", "filter, column 1: \"ü\""),
            ("vlan 4096", "filter, column 6: "),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        assert!(parse(&"(".repeat(MAX_FILTER)).is_err() && parse(&"!".repeat(1000)).is_err());
        assert!(parse(&" ".repeat(MAX_FILTER + 1)).is_err());
        let long = vec!["tcp"; 250].join(" or ");
        assert!(matches!(parse(&long), Ok(Node::Any(nodes)) if nodes.len() == 250));
    }

    #[test]
    fn and_binds_stronger_than_or() {
        let node = parse("udp or tcp and port 53").unwrap();
        assert!(
            matches!(&node, Node::Any(nodes) if matches!(nodes[1], Node::All(_))),
            "{node:?}"
        );
        assert_eq!(parse("not tcp").unwrap(), parse("! tcp").unwrap());
        assert_eq!(parse("bytes>=2k").unwrap(), parse("bytes >= 2000").unwrap());
    }
}
