//! One request's trace, while it is on its way.

use std::{borrow::Cow, fmt::Display, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator, SpanData, SpanEvents, SpanLinks};

use crate::{
    kernel::{Clock, Frame},
    profile::Profile,
};

/// From `CLOCK_MONOTONIC` to `CLOCK_MONOTONIC`, in ns.
type Span = (u64, u64);

/// The times of a request so far, by `CLOCK_MONOTONIC` in ns.
#[derive(Clone, Debug)]
pub struct Trace {
    id: TraceId,
    /// When the kernel program saw the frame.
    seen: u64,
    /// When the profiler took it.
    taken: u64,
    /// When it was read.
    decoded: u64,
    /// When its profile was made.
    profiled: u64,
    octets: usize,
    signal: Option<i8>,
}

/// The publishing of a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// `CLOCK_MONOTONIC` in ns.
    pub from: u64,
    /// `CLOCK_MONOTONIC` in ns.
    pub to: u64,
    /// The client's files were written; not so where a newer profile replaced this one before.
    pub written: bool,
    /// A file could not be written.
    pub failed: bool,
}

impl Trace {
    pub(super) fn new(id: TraceId, frame: &Frame) -> Self {
        let now = Clock::monotonic();
        let known = frame.header.flags & airlens_common::monitor::frame_flags::SIGNAL != 0;
        Self {
            id,
            seen: frame.header.time,
            taken: now,
            decoded: now,
            profiled: now,
            octets: frame.packet.len().saturating_sub(frame.header.radiotap_length.into()),
            signal: known.then_some(frame.header.signal),
        }
    }

    /// The frame is read.
    pub fn decoded(&mut self) {
        self.decoded = Clock::monotonic();
    }

    /// Its profile is made.
    pub fn profiled(&mut self) {
        self.profiled = Clock::monotonic();
    }

    pub(super) fn failed(self, clock: Clock, error: &dyn Display) -> [SpanData; 2] {
        let status = Status::error(error.to_string());
        let root = RandomIdGenerator::default().new_span_id();
        let end = Clock::monotonic();
        let mut frame = self.span("frame", root, SpanId::INVALID, (self.seen, end), clock);
        frame.attributes = self.attributes();
        frame.status = status.clone();
        let mut decode = self.child("decode", root, (self.taken, end), clock);
        decode.status = status;
        [frame, decode]
    }

    pub(super) fn published(self, clock: Clock, profile: &Profile, published: Published) -> [SpanData; 4] {
        let root = RandomIdGenerator::default().new_span_id();
        let mut frame = self.span("frame", root, SpanId::INVALID, (self.seen, published.to), clock);
        frame.attributes = self.attributes();
        frame.attributes.extend([
            KeyValue::new("airlens.client", profile.client().to_string()),
            KeyValue::new("airlens.bssid", profile.bssid.to_string()),
            KeyValue::new("airlens.ssid", profile.ssid.to_string()),
            KeyValue::new("airlens.band", profile.band.name().unwrap_or("unknown")),
            KeyValue::new("airlens.channel", i64::from(profile.channel)),
        ]);
        let decode = self.child("decode", root, (self.taken, self.decoded), clock);
        let mut made = self.child("profile", root, (self.decoded, self.profiled), clock);
        made.attributes
            .push(KeyValue::new("airlens.notes", profile.notes.len() as i64));
        if let Some((generation, streams)) = profile.features.generation() {
            made.attributes.extend([
                KeyValue::new("airlens.generation", i64::from(generation)),
                KeyValue::new("airlens.streams", i64::from(streams)),
            ]);
        }
        let mut publish = self.child("publish", root, (published.from, published.to), clock);
        publish
            .attributes
            .push(KeyValue::new("airlens.written", published.written));
        if published.failed {
            publish.status = Status::error("a file is not written");
        }
        [frame, decode, made, publish]
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let octets = KeyValue::new("airlens.frame.octets", self.octets as i64);
        let signal = self
            .signal
            .map(|signal| KeyValue::new("airlens.signal_dbm", i64::from(signal)));
        [octets].into_iter().chain(signal).collect()
    }

    fn child(&self, name: &'static str, parent: SpanId, span: Span, clock: Clock) -> SpanData {
        let id = RandomIdGenerator::default().new_span_id();
        self.span(name, id, parent, span, clock)
    }

    fn span(&self, name: &'static str, id: SpanId, parent: SpanId, (from, to): Span, clock: Clock) -> SpanData {
        let time = |monotonic| SystemTime::from(clock.timestamp(monotonic));
        SpanData {
            span_context: SpanContext::new(self.id, id, TraceFlags::SAMPLED, false, TraceState::default()),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: Cow::Borrowed(name),
            start_time: time(from),
            end_time: time(to.max(from)),
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("airlens")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}
