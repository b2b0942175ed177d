//! How a run tells of itself beside its files, and who is told to read files anew.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    events::Events,
    logging::{LineLoss, LogControl, LogCounts},
    publish::snapshot::{CauseCount, LogCount, SpanCount},
    spans::{SpanLoss, Traces},
};

/// Events, log and spans of a run.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    /// What happens is told and counted here.
    pub events: Arc<Events>,
    /// The log, for its counts.
    pub log: LogControl,
    /// Spans, where they are asked for.
    pub traces: Option<Arc<Traces>>,
    /// Tells the run's parts to read files anew.
    pub reload: Reload,
}

impl Telemetry {
    pub(super) fn event_counts(&self) -> Vec<CauseCount> {
        let counts = self.events.counts();
        counts
            .map(|(kind, count)| CauseCount::new(kind.label(), count))
            .collect()
    }

    pub(super) fn log_counts(&self) -> Vec<LogCount> {
        let count = |(log, counts): (&str, Arc<LogCounts>)| LogCount {
            log: log.to_owned(),
            written: counts.written(),
            lost: LineLoss::ALL
                .map(|cause| CauseCount::new(cause.label(), counts.lost(cause)))
                .into(),
        };
        self.log.counts().into_iter().map(count).collect()
    }

    pub(super) fn span_counts(&self) -> Option<SpanCount> {
        let counts = self.traces.as_ref()?.counts();
        Some(SpanCount {
            sent: counts.sent(),
            lost: SpanLoss::ALL
                .map(|cause| CauseCount::new(cause.label(), counts.lost(cause)))
                .into(),
        })
    }
}

/// Tells parts of a run that files of theirs may be others now: certificates, tokens, logs (SIGHUP).
#[derive(Clone, Debug)]
pub struct Reload(watch::Sender<u64>);

impl Default for Reload {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Reload {
    /// Tells all who have subscribed.
    pub fn call(&self) {
        self.0.send_modify(|calls| *calls += 1);
    }

    /// Changes at each call: wait by [`watch::Receiver::changed`].
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
