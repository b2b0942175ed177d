//! What the hellos of TLS tell (RFC 8446 4.1.2, 4.1.3; RFC 5246 7.4.1).

mod hello;
mod ja4;

use airlens_common::flow::tcp_flags::SYN;
use serde::Serialize;

use super::{packet::Segment, stream::Stream};
use hello::{Hello, Read};

/// The hellos of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Tls {
    /// Each way, until its hello is read or there is none.
    ways: [Way; 2],
    found: Option<TlsReport>,
}

#[derive(Clone, Debug)]
enum Way {
    Reading(Box<Stream>),
    Done,
}

impl Default for Way {
    fn default() -> Self {
        Self::Reading(Box::default())
    }
}

impl Tls {
    pub(super) fn segment(&mut self, way: usize, segment: &Segment<'_>) {
        let Way::Reading(stream) = &mut self.ways[way & 1] else {
            return;
        };
        if segment.flags & SYN != 0 {
            stream.begin(segment.sequence);
            return;
        }
        if segment.payload.is_empty() {
            return;
        }
        stream.add(segment.sequence, segment.payload);
        match hello::read(stream.read()) {
            Read::More if !stream.is_full() => return,
            Read::More | Read::Other => {}
            Read::Hello(hello) => self.found.get_or_insert_default().add(hello),
        }
        self.ways[way & 1] = Way::Done;
    }

    /// Octets of memory; what was found is some hundred.
    pub(super) fn memory(&self) -> usize {
        let streams = self.ways.iter().map(|way| match way {
            Way::Reading(stream) => size_of::<Stream>() + stream.memory(),
            Way::Done => 0,
        });
        size_of::<Self>() + streams.sum::<usize>() + if self.found.is_some() { 512 } else { 0 }
    }

    pub(super) fn report(&self) -> Option<TlsReport> {
        self.found.clone()
    }
}

/// What is shown of the hellos.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TlsReport {
    /// The server's name as the client asked for it (RFC 6066 3).
    pub sni: Option<String>,
    /// The version that the server chose: 1.3, 1.2, 1.1, 1.0, 3.0 (SSL), or its number.
    pub version: Option<String>,
    /// The highest version that the client offered.
    pub version_offered: Option<String>,
    /// The application protocols that the client offered (RFC 7301), 8 at the most.
    pub alpn: Vec<String>,
    /// The one that the server chose, where it says so in the open, as up to TLS 1.2.
    pub alpn_chosen: Option<String>,
    /// The cipher suite that the server chose (IANA).
    pub cipher: Option<u16>,
    /// The client's JA4 fingerprint.
    pub ja4: Option<String>,
}

impl TlsReport {
    fn add(&mut self, hello: Hello) {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        match hello {
            Hello::Client(client) => {
                self.sni = client.server_name.as_deref().map(text);
                self.version_offered = Some(version(client.version()));
                self.alpn = client.alpn().take(8).map(text).collect();
                self.ja4 = Some(ja4::fingerprint(&client));
            }
            Hello::Server(server) => {
                self.version = Some(version(server.version));
                self.cipher = Some(server.cipher);
                self.alpn_chosen = server.alpn.as_deref().map(text);
            }
        }
    }
}

fn version(number: u16) -> String {
    match number {
        0x0300 => "3.0".to_owned(),
        0x0301..=0x0304 => format!("1.{}", number - 0x0301),
        other => format!("{other:#06x}"),
    }
}

#[cfg(test)]
mod tests;
