//! Traces of requests by OTLP: from the kernel's sight of a frame to the client's files, with the times of decoding, profiling and
//! publishing in between.
//!
//! A run without them has a `None` where others have [`Traces`]: a branch a frame, no allocation. With them a trace is made for
//! association and reassociation requests alone, of as many as are to be sampled. Times are the kernel's own: what lies
//! between two spans is the time that the request waited.

mod client;
mod endpoint;
mod headers;
mod resource;
mod sender;
#[cfg(test)]
mod tests;
mod trace;

use std::{path::PathBuf, sync::Arc, time::Duration};

use opentelemetry::trace::TraceId;
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator};

pub use endpoint::{Endpoint, EndpointError};
pub use headers::HeadersError;
use sender::Sender;
pub use sender::{SpanCounts, SpanLoss};
pub use trace::{Published, Trace};

use crate::{
    events::Events,
    kernel::{Clock, Frame},
    profile::Profile,
};

/// Where spans go, and which.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanOptions {
    /// The collector.
    pub endpoint: Endpoint,
    /// Lines `NAME: VALUE` that each request to it carries; the place of its token.
    pub headers_file: Option<PathBuf>,
    /// Of requests, so many parts of one are traced.
    pub sample_ratio: f64,
}

impl Eq for SpanOptions {}

/// Who sends spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanSource {
    /// airlens's version.
    pub version: String,
    /// This process.
    pub pid: u32,
    /// This host.
    pub host: String,
}

/// Spans that can't be sent.
#[derive(Debug, thiserror::Error)]
pub enum SpanError {
    /// The headers can't be used.
    #[error(transparent)]
    Headers(#[from] HeadersError),
    /// The exporter refuses.
    #[error("spans can't be exported: {0}; check [tracing]")]
    Exporter(String),
    /// No thread.
    #[error("can't start a thread for spans: {0}; too many processes, or too little memory")]
    Thread(std::io::Error),
}

/// Makes traces and sends them.
#[derive(Debug)]
pub struct Traces {
    /// Of the trace's number, the lower 63 bits are below.
    threshold: u64,
    sender: Sender,
}

impl Traces {
    /// Begins to send; whether anybody is there is seen with the first spans.
    ///
    /// # Errors
    ///
    /// Headers that can't be read or sent.
    pub fn start(options: &SpanOptions, source: &SpanSource, events: Arc<Events>) -> Result<Self, SpanError> {
        let headers = match &options.headers_file {
            Some(path) => headers::read(path)?,
            None => Vec::new(),
        };
        let resource = resource::of(source);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "from 0 to 2^63"
        )]
        let threshold = (options.sample_ratio.clamp(0.0, 1.0) * (1u64 << 63) as f64) as u64;
        Ok(Self {
            threshold,
            sender: Sender::spawn(&options.endpoint, headers, &resource, events)?,
        })
    }

    /// The trace of a frame, if it is one that is traced.
    #[must_use]
    pub fn begin(&self, frame: &Frame) -> Option<Box<Trace>> {
        let control = *frame.packet.get(usize::from(frame.header.radiotap_length))?;
        // Association and reassociation request: type 0, subtypes 0 and 2 (IEEE Std 802.11-2020 9.2.4.1.3).
        if control & !0x20 != 0 {
            return None;
        }
        let id = RandomIdGenerator::default().new_trace_id();
        self.samples(id).then(|| Box::new(Trace::new(id, frame)))
    }

    /// By the number itself, as others sample it (OpenTelemetry's `TraceIdRatioBased`).
    fn samples(&self, id: TraceId) -> bool {
        let [.., a, b, c, d, e, f, g, h] = id.to_bytes();
        (u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1) < self.threshold
    }

    /// The frame gives no profile.
    pub fn failed(&self, trace: Trace, clock: Clock, error: &dyn std::fmt::Display) {
        self.sender.put(trace.failed(clock, error));
    }

    /// The frame's profile is published.
    pub fn published(&self, trace: Trace, clock: Clock, profile: &Profile, published: Published) {
        self.sender.put(trace.published(clock, profile, published));
    }

    /// What became of the spans.
    #[must_use]
    pub fn counts(&self) -> &SpanCounts {
        self.sender.counts()
    }

    /// Sends what is left, as long as it may take.
    pub fn finish(&self, patience: Duration) {
        self.sender.finish(patience);
    }
}
