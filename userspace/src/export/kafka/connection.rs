//! A connection to a broker: requests and their answers (<https://kafka.apache.org/protocol.html>).

use std::{
    io::{self, Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use kafka_protocol::{
    messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse, RequestHeader, ResponseHeader},
    protocol::{Decodable, Encodable, HeaderVersion, StrBytes, encode_request_header_into_buffer},
};

/// How long a connection, a write or an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Octets of an answer at most: that to a request of metadata is the longest.
const MAX_ANSWER: usize = 4 << 20;

/// A request that got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum KafkaError {
    /// The broker is away.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What it says is not understood.
    #[error("the answer is no Kafka: {0}")]
    Protocol(String),
    /// It says no.
    #[error("the broker refuses: {0}")]
    Broker(kafka_protocol::ResponseError),
    /// The topic has no partition that takes records now.
    #[error("topic {0} has no partition with a leader: create it, or let the broker do so")]
    NoPartition(String),
}

impl KafkaError {
    #[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
    fn protocol(error: impl ToString) -> Self {
        Self::Protocol(error.to_string())
    }
}

/// Versions of a request that both sides may speak.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Versions {
    pub(super) produce: i16,
    pub(super) metadata: i16,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    correlation: i32,
    pub(super) versions: Versions,
}

impl Connection {
    /// Connects to `HOST:PORT`, and asks what the broker speaks.
    pub(super) fn open(address: &str) -> Result<Self, KafkaError> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => return Self::greet(stream),
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    fn greet(stream: TcpStream) -> Result<Self, KafkaError> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            stream,
            correlation: 0,
            versions: Versions::default(),
        };
        let request = ApiVersionsRequest::default();
        let answer: ApiVersionsResponse = connection.call(ApiKey::ApiVersions, 0, &request)?;
        let best = |key: ApiKey, least: i16, most: i16| {
            let offered = answer.api_keys.iter().find(|offered| offered.api_key == key as i16);
            offered
                .map(|offered| offered.max_version.min(most))
                .filter(|version| *version >= least)
                .ok_or_else(|| KafkaError::Protocol(format!("the broker has no {key:?} of version {least} or newer")))
        };
        connection.versions = Versions {
            // Record batches since 3; by topic names up to 12.
            produce: best(ApiKey::Produce, 3, 12)?,
            // Topics are made on request since 4.
            metadata: best(ApiKey::Metadata, 4, 12)?,
        };
        Ok(connection)
    }

    /// Sends a request and reads its answer.
    pub(super) fn call<Q, A>(&mut self, key: ApiKey, version: i16, request: &Q) -> Result<A, KafkaError>
    where
        Q: Encodable,
        A: Decodable + HeaderVersion,
    {
        self.correlation = self.correlation.wrapping_add(1);
        let header = RequestHeader::default()
            .with_request_api_key(key as i16)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation)
            .with_client_id(Some(StrBytes::from_static_str("airlens")));
        let mut octets = BytesMut::from(&[0u8; 4][..]);
        encode_request_header_into_buffer(&mut octets, &header).map_err(KafkaError::protocol)?;
        request.encode(&mut octets, version).map_err(KafkaError::protocol)?;
        let length = u32::try_from(octets.len() - 4).map_err(KafkaError::protocol)?;
        octets[..4].copy_from_slice(&length.to_be_bytes());
        self.stream.write_all(&octets)?;

        let mut answer = self.read()?;
        let header = ResponseHeader::decode(&mut answer, A::header_version(version)).map_err(KafkaError::protocol)?;
        if header.correlation_id != self.correlation {
            return Err(KafkaError::Protocol("it is to another request".to_owned()));
        }
        A::decode(&mut answer, version).map_err(KafkaError::protocol)
    }

    fn read(&mut self) -> Result<Bytes, KafkaError> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_ANSWER {
            return Err(KafkaError::Protocol(format!("it has {length} octets")));
        }
        let mut octets = vec![0; length];
        self.stream.read_exact(&mut octets)?;
        Ok(octets.into())
    }
}
