//! HTTP to a collector: a connection a request, some a minute at the most.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
};

use axum::body::{Body, to_bytes};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::net::TcpStream;

use super::Endpoint;

/// Answers are some octets.
const MAX_ANSWER: usize = 64 << 10;

/// What the collector said last.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// 0 where it was not reached.
    pub(super) status: AtomicU16,
    /// Spans that it took the request without.
    pub(super) rejected: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Client {
    pub(super) endpoint: Endpoint,
    pub(super) answer: Arc<Answer>,
}

impl Client {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let stream = TcpStream::connect(self.endpoint.address()).await?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let (mut head, body) = request.into_parts();
        let authority = head.uri.authority().map(ToString::to_string).unwrap_or_default();
        head.headers.insert("host", authority.parse()?);
        // HTTP/1.1 asks for the path alone (RFC 9112 3.2.1).
        head.uri = head.uri.path().parse()?;
        let answer = sender.send_request(Request::from_parts(head, Body::from(body))).await?;
        let (head, body) = answer.into_parts();
        let body = to_bytes(Body::new(body), MAX_ANSWER).await?;
        connection.abort();
        Ok(Response::from_parts(head, body))
    }
}

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.answer.status.store(0, Ordering::Relaxed);
            let response = self.send(request).await?;
            self.answer.status.store(response.status().as_u16(), Ordering::Relaxed);
            let rejected = rejected_spans(response.body()).unwrap_or(0);
            self.answer.rejected.fetch_add(rejected, Ordering::Relaxed);
            Ok(response)
        })
    }
}

/// `partial_success.rejected_spans` of an `ExportTraceServiceResponse`: field 1 of field 1, where they are there and first, as
/// protobuf writers put them.
fn rejected_spans(answer: &[u8]) -> Option<u64> {
    let (&0x0a, rest) = answer.split_first()? else {
        return None;
    };
    let (length, rest) = varint(rest)?;
    let (&0x08, rest) = rest.get(..usize::try_from(length).ok()?)?.split_first()? else {
        return None;
    };
    varint(rest).map(|(rejected, _)| rejected)
}

fn varint(octets: &[u8]) -> Option<(u64, &[u8])> {
    let length = octets.iter().take(9).position(|octet| octet & 0x80 == 0)? + 1;
    let (number, rest) = octets.split_at(length);
    let value = number
        .iter()
        .rev()
        .fold(0, |value, octet| value << 7 | u64::from(octet & 0x7f));
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_success() {
        assert_eq!(rejected_spans(&[]), None);
        assert_eq!(rejected_spans(&[0x0a, 0]), None);
        assert_eq!(rejected_spans(&[0x0a, 3, 0x08, 0xac, 0x02]), Some(300));
        assert_eq!(rejected_spans(&[0x0a, 7, 0x08, 1, 0x12, 3, b'b', b'a', b'd']), Some(1));
        // Hostile.
        assert_eq!(rejected_spans(&[0x0a, 200, 0x08, 1]), None);
        assert_eq!(
            rejected_spans(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            None
        );
        assert_eq!(rejected_spans(&[0x0a, 2, 0x08, 0x80]), None);
    }
}
