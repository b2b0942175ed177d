//! Spans on their way to the collector: a bounded queue and a thread. A collector that is away disturbs nobody; spans wait for it
//! as long as there is room, and what is lost is counted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanExporter as _},
};

use super::{
    Endpoint, SpanError,
    client::{Answer, Client},
};
use crate::events::{Events, ExporterLost, ExporterRegained};

/// Spans that may wait.
const MOST_WAITING: usize = 4096;
/// Spans of a request.
const BATCH: usize = 512;
/// How long spans wait for others.
const LINGER: Duration = Duration::from_secs(1);
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between attempts.
const BACKOFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// Why a span is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanLoss {
    /// No room: the collector is away or slow.
    QueueFull,
    /// The collector does not want it.
    Rejected,
    /// The run ended before the collector took it.
    Unsent,
}

impl SpanLoss {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::QueueFull, Self::Rejected, Self::Unsent];

    /// Its name as a label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::Rejected => "rejected",
            Self::Unsent => "unsent",
        }
    }
}

/// Spans by what became of them.
#[derive(Debug, Default)]
pub struct SpanCounts {
    sent: AtomicU64,
    lost: [AtomicU64; 3],
}

impl SpanCounts {
    /// Spans that the collector has taken.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Spans that are lost.
    #[must_use]
    pub fn lost(&self, cause: SpanLoss) -> u64 {
        self.lost[cause as usize].load(Ordering::Relaxed)
    }

    fn lose(&self, cause: SpanLoss, spans: usize) {
        self.lost[cause as usize].fetch_add(spans as u64, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<SpanData>,
    /// The run is over, and so is at this time what is left to do.
    end: Option<Instant>,
    gone: bool,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end of the run, at most so long.
    fn sleep(&self, time: Duration) -> Option<Instant> {
        let state = self.lock();
        let waited = self
            .changed
            .wait_timeout_while(state, time, |state| state.end.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.end
    }
}

#[derive(Debug)]
pub(super) struct Sender {
    queue: Arc<Queue>,
    counts: Arc<SpanCounts>,
}

impl Sender {
    pub(super) fn spawn(
        endpoint: &Endpoint,
        headers: Vec<(String, String)>,
        resource: &Resource,
        events: Arc<Events>,
    ) -> Result<Self, SpanError> {
        let answer = Arc::new(Answer::default());
        let client = Client {
            endpoint: endpoint.clone(),
            answer: Arc::clone(&answer),
        };
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(endpoint.to_string())
            .with_headers(headers.into_iter().collect::<HashMap<_, _>>())
            .with_timeout(TIMEOUT)
            .with_retry_policy(RetryPolicy::disabled())
            .build()
            .map_err(|error| SpanError::Exporter(error.to_string()))?;
        exporter.set_resource(resource);
        let sender = Self {
            queue: Arc::default(),
            counts: Arc::default(),
        };
        let carrier = Carrier {
            queue: Arc::clone(&sender.queue),
            counts: Arc::clone(&sender.counts),
            exporter,
            answer,
            events,
            endpoint: endpoint.clone(),
            lost: false,
        };
        thread::Builder::new()
            .name("airlens-spans".to_owned())
            .spawn(move || carrier.work())
            .map_err(SpanError::Thread)?;
        Ok(sender)
    }

    pub(super) fn counts(&self) -> &SpanCounts {
        &self.counts
    }

    pub(super) fn put<const N: usize>(&self, spans: [SpanData; N]) {
        let mut state = self.queue.lock();
        // A trace goes as a whole.
        if state.gone || state.waiting.len() + N > MOST_WAITING {
            return self.counts.lose(SpanLoss::QueueFull, N);
        }
        let first = state.waiting.is_empty();
        state.waiting.extend(spans);
        drop(state);
        if first {
            self.queue.changed.notify_all();
        }
    }

    pub(super) fn finish(&self, patience: Duration) {
        let mut state = self.queue.lock();
        state.end = Some(Instant::now() + patience);
        self.queue.changed.notify_all();
        let _gone = self
            .queue
            .changed
            .wait_timeout_while(state, patience + Duration::from_millis(100), |state| !state.gone);
    }
}

/// The thread's own.
struct Carrier {
    queue: Arc<Queue>,
    counts: Arc<SpanCounts>,
    exporter: SpanExporter,
    answer: Arc<Answer>,
    events: Arc<Events>,
    endpoint: Endpoint,
    /// The collector was not reached last.
    lost: bool,
}

impl Carrier {
    fn work(mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = &runtime {
            while let Some(batch) = self.next() {
                self.send(runtime, &batch);
            }
        }
        let mut state = self.queue.lock();
        state.gone = true;
        self.counts
            .lose(SpanLoss::Unsent, std::mem::take(&mut state.waiting).len());
        drop(state);
        self.queue.changed.notify_all();
    }

    /// The next spans; `None` at the end.
    fn next(&self) -> Option<Vec<SpanData>> {
        let idle = |state: &mut State| state.waiting.is_empty() && state.end.is_none();
        let state = self.queue.changed.wait_while(self.queue.lock(), idle);
        let ended = state.unwrap_or_else(PoisonError::into_inner).end;
        if ended.is_none() {
            self.queue.sleep(LINGER);
        }
        let mut state = self.queue.lock();
        let count = state.waiting.len().min(BATCH);
        (count > 0).then(|| state.waiting.drain(..count).collect())
    }

    /// Tries until the collector has taken them, refused them, or the run is over.
    fn send(&mut self, runtime: &tokio::runtime::Runtime, batch: &[SpanData]) {
        let mut backoff = BACKOFF[0];
        loop {
            let end = self.queue.lock().end;
            let time = end.map_or(TIMEOUT, |end| {
                end.saturating_duration_since(Instant::now()).min(TIMEOUT)
            });
            let rejected = self.answer.rejected.load(Ordering::Relaxed);
            let export = async { tokio::time::timeout(time, self.exporter.export(batch.to_vec())).await };
            let result = runtime.block_on(export);
            let status = self.answer.status.load(Ordering::Relaxed);
            let error = match result {
                Ok(Ok(())) => {
                    let rejected = self.answer.rejected.load(Ordering::Relaxed) - rejected;
                    let rejected = usize::try_from(rejected).unwrap_or(usize::MAX).min(batch.len());
                    self.counts.lose(SpanLoss::Rejected, rejected);
                    let sent = (batch.len() - rejected) as u64;
                    self.counts.sent.fetch_add(sent, Ordering::Relaxed);
                    return self.reached();
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer in time".to_owned(),
            };
            // Those of the specification ("Retryable Response Codes") may come again.
            if status != 0 && ![429, 502, 503, 504].contains(&status) {
                self.counts.lose(SpanLoss::Rejected, batch.len());
                return self.missed(&error);
            }
            self.missed(&error);
            let late = |end: Option<Instant>| end.is_some_and(|end| Instant::now() + BACKOFF[0] >= end);
            if late(end) || late(self.queue.sleep(backoff)) {
                return self.counts.lose(SpanLoss::Unsent, batch.len());
            }
            backoff = (backoff * 2).min(BACKOFF[1]);
        }
    }

    fn reached(&mut self) {
        if std::mem::take(&mut self.lost) {
            self.events.emit(&ExporterRegained {
                exporter: "otlp",
                to: &self.endpoint,
            });
        }
    }

    fn missed(&mut self, error: &str) {
        if !std::mem::replace(&mut self.lost, true) {
            self.events.emit(&ExporterLost {
                exporter: "otlp",
                to: &self.endpoint,
                error: &error,
            });
        }
    }
}
