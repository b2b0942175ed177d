//! What happens during a run, told and counted in one: an event is a value, [`Events::emit`] adds it to its count
//! (`airlens_events_total`) and logs it. Lines that frames or remote hosts could call up without end are limited: so many at
//! once, then one a second that says how many were left out; the count has all.

mod clients;
mod export;
mod kind;
mod limit;
mod machine;
mod remote;
mod run;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tracing::{Level, level_filters::LevelFilter};

pub use clients::{ClientFailed, ClientLeft, ClientRegistered, ProfileWritten, RequestAnswered, RequestUnreadable};
pub use export::{ExportFailed, ExporterLost, ExporterRegained};
pub use kind::Kind;
use limit::{Limit, Verdict};
pub use machine::{
    CountersUnreadable, EventsMissed, FileNotWritten, FlowsNotDrained, FrameSourceRefused, InterfaceGone,
    InterfaceReturned, RadarHeard, RegulatoryDomainChanged,
};
pub use remote::{TokenRefused, ViewerAttached, ViewerLeft};
pub use run::{RunStarted, RunStopped, SessionCreated, SessionEnded};

/// Something that happened.
pub trait Event {
    /// Where it is counted.
    const KIND: Kind;
    /// How important its line is.
    const LEVEL: Level;

    /// How many things it stands for.
    fn amount(&self) -> u64 {
        1
    }

    /// Writes the line. `suppressed` lines of its kind were left out before it.
    fn log(&self, suppressed: Option<u64>);
}

#[derive(Debug, Default)]
struct Series {
    count: AtomicU64,
    limit: Limit,
}

/// The counts of a run's events.
#[derive(Debug)]
pub struct Events {
    series: [Series; Kind::ALL.len()],
}

impl Default for Events {
    fn default() -> Self {
        Self {
            series: std::array::from_fn(|_| Series::default()),
        }
    }
}

impl Events {
    /// Counts and logs.
    pub fn emit<E: Event>(&self, event: &E) {
        let series = &self.series[E::KIND as usize];
        series.count.fetch_add(event.amount(), Ordering::Relaxed);
        if E::LEVEL > LevelFilter::current() {
            return;
        }
        match E::KIND.burst() {
            None => event.log(None),
            Some(burst) => {
                if let Verdict::Log { suppressed } = series.limit.ask(Instant::now(), burst) {
                    event.log(suppressed);
                }
            }
        }
    }

    /// How often it happened.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.series[kind as usize].count.load(Ordering::Relaxed)
    }

    /// Every kind with its count.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        Kind::ALL.into_iter().map(|kind| (kind, self.count(kind)))
    }

    /// Tells of lines that were left out and that no later line told of: call it now and then, and at the end.
    pub fn tell_suppressed(&self, last: bool) {
        for (kind, series) in Kind::ALL.into_iter().zip(&self.series) {
            if let Some(burst) = kind.burst()
                && let Some(suppressed) = series.limit.left_out(Instant::now(), burst, last)
            {
                tracing::info!(event = kind.label(), suppressed, "lines of this kind were left out");
            }
        }
    }
}
