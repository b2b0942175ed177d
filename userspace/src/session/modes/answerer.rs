//! What the threads that answer stations have in common.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc::UnboundedSender;

use super::{
    report::{AirReport, Lost, Reports},
    start::ModeFailure,
};
use crate::ap::{Reply, Responder};

/// How often a thread looks whether it is to end, and tells what it counted.
pub(super) const TURN: Duration = Duration::from_millis(100);
/// A probe request by its first octet.
const PROBE_REQUEST: u8 = 0x40;

/// The answers of an access point, and the count of them.
pub(super) struct Answerer {
    responder: Responder,
    pub(super) report: AirReport,
    reports: Arc<Reports>,
    told: Instant,
    stop: Arc<AtomicBool>,
    open: Arc<AtomicBool>,
    failed: UnboundedSender<ModeFailure>,
}

impl Answerer {
    pub(super) fn new(
        responder: Responder,
        reports: &Arc<Reports>,
        stop: &Arc<AtomicBool>,
        open: &Arc<AtomicBool>,
        failed: UnboundedSender<ModeFailure>,
    ) -> Self {
        Self {
            responder,
            report: AirReport::default(),
            reports: Arc::clone(reports),
            told: Instant::now(),
            stop: Arc::clone(stop),
            open: Arc::clone(open),
            failed,
        }
    }

    pub(super) fn responder(&self) -> &Responder {
        &self.responder
    }

    /// Whether its thread is to end.
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The answers to a frame; only to probe requests before the access point is open.
    pub(super) fn answer(&mut self, frame: &[u8], now: Duration) -> Vec<Reply> {
        if !self.open.load(Ordering::Relaxed) && frame.first() != Some(&PROBE_REQUEST) {
            self.report.lost.not_open += 1;
            return Vec::new();
        }
        self.responder.frame(frame, now)
    }

    /// Each [`TURN`], forgets who is gone and tells what was counted. `now` is the time since the access point started, and
    /// `lost` adds what its socket lost.
    pub(super) fn turn(&mut self, now: impl FnOnce() -> Duration, lost: impl FnOnce(&mut Lost)) {
        if self.told.elapsed() < TURN {
            return;
        }
        self.told = Instant::now();
        lost(&mut self.report.lost);
        self.responder.expire(now());
        for event in self.responder.events() {
            tracing::debug!(?event, "a station");
        }
        self.count();
        self.reports.air.offer(&self.report);
    }

    fn count(&mut self) {
        self.report.responder = self.responder.counts();
        self.report.lost.log_full = self.report.responder.events_lost;
    }

    /// The last word.
    pub(super) fn end(mut self, result: Result<(), ModeFailure>, lost: impl FnOnce(&mut Lost)) {
        lost(&mut self.report.lost);
        if let Err(failure) = result {
            let _ = self.failed.send(failure);
        }
        self.count();
        self.reports.air.put(self.report);
    }
}
