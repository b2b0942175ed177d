//! Where IPFIX messages go: `udp://HOST:PORT` or `tcp://HOST:PORT`.

use std::{fmt, str::FromStr};

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A message a datagram; templates are repeated (RFC 7011 10.3).
    Udp,
    /// A stream; templates are sent once a connection (RFC 7011 10.4).
    Tcp,
}

/// A collector's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// How messages travel.
    pub transport: Transport,
    /// Host and port, as the resolver takes them.
    pub address: String,
}

/// No collector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no collector: give udp://HOST:PORT or tcp://HOST:PORT, such as udp://192.0.2.1:4739")]
pub struct CollectorError(String);

impl FromStr for Collector {
    type Err = CollectorError;

    fn from_str(text: &str) -> Result<Self, CollectorError> {
        let wrong = || CollectorError(text.to_owned());
        let (scheme, address) = text.split_once("://").unwrap_or(("udp", text));
        let transport = match scheme {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            _ => return Err(wrong()),
        };
        if !super::super::is_host_and_port(address) {
            return Err(wrong());
        }
        Ok(Self {
            transport,
            address: address.to_owned(),
        })
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        write!(f, "{scheme}://{}", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, whole) in [
            ("udp://192.0.2.1:4739", "udp://192.0.2.1:4739"),
            ("collector:2055", "udp://collector:2055"),
            ("tcp://[2001:db8::1]:4739", "tcp://[2001:db8::1]:4739"),
        ] {
            assert_eq!(text.parse::<Collector>().unwrap().to_string(), whole);
        }
        for bad in [
            "",
            "udp://",
            "192.0.2.1",
            "sctp://a:1",
            "tcp://:1",
            "udp://a:0",
            "udp://2001:db8::1:4739",
        ] {
            assert!(bad.parse::<Collector>().is_err(), "{bad}");
        }
    }
}
