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
    report::{AirReport, Reports},
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
            return Vec::new();
        }
        self.responder.frame(frame, now)
    }

    /// Each [`TURN`], forgets who is gone and tells what was counted. `now` is the time since the access point started.
    pub(super) fn turn(&mut self, now: impl FnOnce() -> Duration) {
        if self.told.elapsed() < TURN {
            return;
        }
        self.told = Instant::now();
        self.responder.expire(now());
        for event in self.responder.events() {
            tracing::debug!(?event, "a station");
        }
        self.report.responder = self.responder.counts();
        self.reports.air.offer(&self.report);
    }

    /// The last word.
    pub(super) fn end(mut self, result: Result<(), ModeFailure>) {
        if let Err(failure) = result {
            let _ = self.failed.send(failure);
        }
        self.report.responder = self.responder.counts();
        self.reports.air.put(self.report);
    }
}
