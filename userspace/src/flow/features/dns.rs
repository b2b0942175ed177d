//! What DNS messages tell (RFC 1035 4.1): the first question, and how it was answered.

use std::fmt::Write as _;

use airlens_common::Octets as _;
use serde::Serialize;

/// Ports of DNS, multicast DNS and link-local multicast name resolution.
pub(super) const PORTS: [u16; 3] = [53, 5353, 5355];

/// The messages of a flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Dns {
    /// The first question's name, octets that do not print as `\DDD` (RFC 1035 5.1); the root is `.`.
    pub query_name: Option<String>,
    /// Its type (IANA), 1 for A.
    pub query_type: Option<u16>,
    /// The last answer's response code (IANA), 3 for a name that does not exist.
    pub response_code: Option<u8>,
    /// Messages that ask.
    pub queries: u32,
    /// Messages that answer.
    pub responses: u32,
}

impl Dns {
    /// Takes a message.
    pub(super) fn message(&mut self, message: &[u8]) {
        let (Some(flags), Some(questions)) = (message.u16_be(2), message.u16_be(4)) else {
            return;
        };
        if flags & 0x8000 == 0 {
            self.queries = self.queries.saturating_add(1);
        } else {
            self.responses = self.responses.saturating_add(1);
            self.response_code = Some(flags as u8 & 15);
        }
        // Its header is cut short where there is no question that it speaks of.
        if self.query_name.is_none()
            && questions > 0
            && let Some((name, at)) = name(message, 12)
            && let Some(kind) = message.u16_be(at)
        {
            self.query_name = Some(name);
            self.query_type = Some(kind);
        }
    }
}

/// A name, and where it ends. A first question's has no pointers: there is nothing before it to point to.
fn name(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut text = String::new();
    let start = at;
    loop {
        let length = usize::from(message.u8(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        if length > 63 || at + length - start > 255 {
            return None;
        }
        if !text.is_empty() {
            text.push('.');
        }
        for &octet in message.get(at..at + length)? {
            match octet {
                b'.' | b'\\' => text.extend(['\\', char::from(octet)]),
                b'!'..=b'~' => text.push(octet.into()),
                _ => write!(text, "\\{octet:03}").ok()?,
            }
        }
        at += length;
    }
    if text.is_empty() {
        text.push('.');
    }
    Some((text, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with one question.
    fn message(flags: u16, name: &[u8]) -> Vec<u8> {
        let mut message = vec![1, 2];
        message.extend(flags.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 0, 0, 0]);
        message.extend(name);
        message.extend([0, 28, 0, 1]);
        message
    }

    #[test]
    fn question_and_answer() {
        let mut dns = Dns::default();
        dns.message(&message(0x0100, b"\x03www\x07e\x00a.\\~e\x00"));
        dns.message(&message(0x8183, b"\x03www\x00"));
        assert_eq!(dns.query_name.as_deref(), Some("www.e\\000a\\.\\\\~e"));
        assert_eq!((dns.query_type, dns.response_code), (Some(28), Some(3)));
        assert_eq!((dns.queries, dns.responses), (1, 1));
    }

    #[test]
    fn what_is_no_name() {
        for broken in [&b"\xc0\x0c"[..], b"\x40", b"\x05abc", &[1; 300]] {
            let mut dns = Dns::default();
            dns.message(&message(0, broken));
            assert_eq!((dns.query_name, dns.queries), (None, 1));
        }
        let mut dns = Dns::default();
        dns.message(&message(0, b"\x00"));
        assert_eq!(dns.query_name.as_deref(), Some("."));
        dns.message(b"\x01");
    }
}
