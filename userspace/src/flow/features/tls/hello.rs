//! ClientHello and ServerHello in the first records of a stream.

use airlens_common::Octets as _;

/// What the beginning of a stream is.
pub(super) enum Read {
    /// It is not known yet.
    More,
    /// No hello.
    Other,
    Hello(Hello),
}

pub(super) enum Hello {
    Client(Box<Client>),
    Server(Server),
}

/// What a ClientHello offers, in its order.
#[derive(Debug, Default)]
pub(super) struct Client {
    legacy_version: u16,
    pub(super) ciphers: Vec<u16>,
    pub(super) extensions: Vec<u16>,
    pub(super) server_name: Option<Vec<u8>>,
    alpn: Vec<u8>,
    versions: Vec<u16>,
    pub(super) signature_algorithms: Vec<u16>,
}

/// What a ServerHello chooses.
pub(super) struct Server {
    pub(super) version: u16,
    pub(super) cipher: u16,
    pub(super) alpn: Option<Vec<u8>>,
}

/// Extensions (IANA).
mod extension {
    pub(super) const SERVER_NAME: u16 = 0;
    pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(super) const ALPN: u16 = 16;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
}

/// Values that mean nothing, sent so that servers learn to ignore what they don't know (RFC 8701).
pub(super) fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

/// Reads the hello at the beginning of a stream.
pub(super) fn read(stream: &[u8]) -> Read {
    const HANDSHAKE: u8 = 22;
    const CLIENT_HELLO: u8 = 1;
    const SERVER_HELLO: u8 = 2;
    // Most other protocols show in the first octets.
    for (octet, expected) in stream.iter().zip([HANDSHAKE, 3]) {
        if *octet != expected {
            return Read::Other;
        }
    }
    let mut message = Vec::new();
    let mut rest = stream;
    // Type 1, version 2, length 2, then a part of the message: it may be in several records.
    while let (Some(kind), Some(length)) = (rest.u8(0), rest.u16_be(3)) {
        let length = usize::from(length);
        if kind != HANDSHAKE || length == 0 {
            return Read::Other;
        }
        let part = &rest[5..rest.len().min(5 + length)];
        message.extend_from_slice(part);
        // Type 1, length 3.
        if let Some(&[kind, high, middle, low]) = message.first_chunk() {
            let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
            if kind != CLIENT_HELLO && kind != SERVER_HELLO {
                return Read::Other;
            }
            if let Some(body) = message.get(4..4 + length) {
                let hello = match kind {
                    CLIENT_HELLO => client(body).map(|client| Hello::Client(Box::new(client))),
                    _ => server(body).map(Hello::Server),
                };
                return hello.map_or(Read::Other, Read::Hello);
            }
        }
        rest = rest.get(5 + length..).unwrap_or_default();
    }
    Read::More
}

/// What is left of a message.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.u16_be(0)
    }

    /// A vector with its length in one octet, or in two.
    fn short(&mut self) -> Option<Self> {
        let length = self.take(1)?.u8(0)?;
        self.take(length.into()).map(Body)
    }

    fn long(&mut self) -> Option<Self> {
        let length = self.u16()?;
        self.take(length.into()).map(Body)
    }

    fn words(&self) -> Vec<u16> {
        let (words, _) = self.0.as_chunks();
        words.iter().map(|word| u16::from_be_bytes(*word)).collect()
    }

    /// Extensions; a message may end without any.
    fn extensions(&mut self) -> Option<Vec<(u16, Self)>> {
        let mut all = Vec::new();
        if self.0.is_empty() {
            return Some(all);
        }
        let mut rest = self.long()?;
        while !rest.0.is_empty() {
            all.push((rest.u16()?, rest.long()?));
        }
        Some(all)
    }
}

fn client(body: &[u8]) -> Option<Client> {
    let mut body = Body(body);
    let mut client = Client {
        legacy_version: body.u16()?,
        ..Client::default()
    };
    // Random, session identifier.
    body.take(32)?;
    body.short()?;
    client.ciphers = body.long()?.words();
    // Compression methods.
    body.short()?;
    for (kind, mut value) in body.extensions()? {
        client.extensions.push(kind);
        match kind {
            extension::SERVER_NAME => client.server_name = server_name(&mut value),
            extension::ALPN => client.alpn = value.long().map(|list| list.0.to_vec()).unwrap_or_default(),
            extension::SUPPORTED_VERSIONS => {
                client.versions = value.short().map(|list| list.words()).unwrap_or_default();
            }
            extension::SIGNATURE_ALGORITHMS => {
                client.signature_algorithms = value.long().map(|list| list.words()).unwrap_or_default();
            }
            _ => {}
        }
    }
    Some(client)
}

/// The first name, of type host_name (RFC 6066 3); names are ASCII and no longer than 255 octets.
fn server_name(value: &mut Body<'_>) -> Option<Vec<u8>> {
    let mut list = value.long()?;
    let kind = list.take(1)?;
    let name = list.long()?.0;
    (kind == [0]).then(|| name[..name.len().min(255)].to_vec())
}

fn server(body: &[u8]) -> Option<Server> {
    let mut body = Body(body);
    let mut server = Server {
        version: body.u16()?,
        cipher: 0,
        alpn: None,
    };
    body.take(32)?;
    body.short()?;
    server.cipher = body.u16()?;
    body.take(1)?;
    for (kind, mut value) in body.extensions()? {
        match kind {
            extension::SUPPORTED_VERSIONS => server.version = value.u16()?,
            extension::ALPN => {
                server.alpn = value
                    .long()
                    .and_then(|mut list| list.short())
                    .map(|name| name.0.to_vec());
            }
            _ => {}
        }
    }
    Some(server)
}

impl Client {
    /// The highest version that it offers.
    pub(super) fn version(&self) -> u16 {
        let versions = self.versions.iter().copied().filter(|version| !is_grease(*version));
        versions.max().unwrap_or(self.legacy_version)
    }

    /// The application protocols that it offers.
    pub(super) fn alpn(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = Body(&self.alpn);
        std::iter::from_fn(move || rest.short().map(|name| name.0))
    }
}
