//! The answer that does not end.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::{sync::broadcast::error::RecvError, time::timeout};

use super::{Attached, message::lagged};

/// A comment comes so often where nothing else does: who is gone is noticed, and proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a listener waits before it asks anew, in ms.
const RETRY: &str = "retry: 2000\n";

impl Attached {
    /// The messages from the first on, with keep-alives in between; ends with the run.
    pub(in crate::publish::http) fn into_response(self) -> Response {
        let first = self.first.text().unwrap_or_default();
        let first = Bytes::from([RETRY.as_bytes(), &first].concat());
        let stream = unfold((Some(first), self), |(first, mut attached)| async {
            let next = match first {
                Some(first) => first,
                None => attached.next(KEEP_ALIVE).await?,
            };
            Some((Ok::<_, Infallible>(next), (None, attached)))
        });
        let mut response = Body::from_stream(stream).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        // Nothing follows on this connection.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// What to send next, after `silence` at the latest; `None` at the end.
    pub(super) async fn next(&mut self, silence: Duration) -> Option<Bytes> {
        match timeout(silence, self.messages.recv()).await {
            Err(_) => Some(Bytes::from_static(b": keep-alive\n\n")),
            Ok(Ok(message)) => message.text(),
            Ok(Err(RecvError::Lagged(missed))) => Some(lagged(missed)),
            Ok(Err(RecvError::Closed)) => None,
        }
    }
}
