//! What the threads of a mode count, handed over without ever making them wait.

use std::sync::{Mutex, PoisonError, TryLockError};

use crate::{
    ap::{FrameOutcome, ResponderCounts},
    publish::snapshot::{AccessPoint, CauseCount, Histogram},
};

/// What the thread that answers counts.
#[derive(Clone, Debug)]
pub(super) struct AirReport {
    /// Frames heard, by what became of them.
    pub(super) responder: ResponderCounts,
    /// From the time at which a frame came to the sending of its answer.
    pub(super) latency: Histogram,
    /// Answers sent.
    pub(super) sent: u64,
    /// Answers that the driver did not take.
    pub(super) failed: u64,
    /// Answers that were acknowledged, as far as the driver tells.
    pub(super) acknowledged: u64,
    /// Answers that were not.
    pub(super) unacknowledged: u64,
    /// How often the kernel stopped the access point and it was started again.
    pub(super) restarts: u64,
    pub(super) lost: Lost,
}

/// What the thread that answers did not take, by cause.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    /// Frames from before stations are answered, other than probe requests.
    pub(super) not_open: u64,
    /// Packets whose radiotap header can't be read.
    pub(super) unreadable: u64,
    /// Frames with a wrong frame check sequence.
    pub(super) bad_fcs: u64,
    /// Events that came while an answer was sent, more than wait.
    pub(super) queue_full: u64,
    /// Frames or events that the socket had no room for.
    pub(super) buffer_full: u64,
    /// Events of stations that are told in the log only.
    pub(super) log_full: u64,
}

impl Lost {
    fn causes(self) -> Vec<CauseCount> {
        [
            ("not-open", self.not_open),
            ("unreadable", self.unreadable),
            ("bad-fcs", self.bad_fcs),
            ("queue-full", self.queue_full),
            ("buffer-full", self.buffer_full),
            ("log-full", self.log_full),
        ]
        .map(|(cause, count)| CauseCount::new(cause, count))
        .into()
    }
}

impl Default for AirReport {
    fn default() -> Self {
        Self {
            responder: ResponderCounts::default(),
            latency: Histogram::of_radio(),
            sent: 0,
            failed: 0,
            acknowledged: 0,
            unacknowledged: 0,
            restarts: 0,
            lost: Lost::default(),
        }
    }
}

/// What the thread that beacons counts.
#[derive(Clone, Debug)]
pub(super) struct BeaconReport {
    pub(super) sent: u64,
    /// Left out: their time was over.
    pub(super) missed: u64,
    pub(super) failed: u64,
    /// From the time at which each was due to its sending.
    pub(super) jitter: Histogram,
}

impl Default for BeaconReport {
    fn default() -> Self {
        Self {
            sent: 0,
            missed: 0,
            failed: 0,
            jitter: Histogram::of_radio(),
        }
    }
}

/// A place for the last report. Its writer never waits: a report that finds a reader there is left out, the next has all.
#[derive(Debug, Default)]
pub(super) struct Slot<T>(Mutex<T>);

impl<T: Clone> Slot<T> {
    pub(super) fn offer(&self, report: &T) {
        match self.0.try_lock() {
            Ok(mut place) => place.clone_from(report),
            Err(TryLockError::Poisoned(place)) => place.into_inner().clone_from(report),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// The last word, which may wait.
    pub(super) fn put(&self, report: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = report;
    }

    fn take(&self) -> T {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The last reports of a mode's threads.
#[derive(Debug, Default)]
pub(in crate::session) struct Reports {
    pub(super) air: Slot<AirReport>,
    pub(super) beacons: Slot<BeaconReport>,
}

impl Reports {
    /// As a snapshot has them.
    pub(in crate::session) fn snapshot(&self) -> AccessPoint {
        let (air, beacons) = (self.air.take(), self.beacons.take());
        let named = FrameOutcome::ALL.iter();
        let failures = air.responder.sae_failures.iter();
        AccessPoint {
            frames: named
                .map(|&outcome| CauseCount::new(outcome.name(), air.responder.of(outcome)))
                .collect(),
            sae_failures: failures.map(|(cause, count)| CauseCount::new(*cause, *count)).collect(),
            answers: vec![
                CauseCount::new("sent", air.sent),
                CauseCount::new("failed", air.failed),
                CauseCount::new("acknowledged", air.acknowledged),
                CauseCount::new("unacknowledged", air.unacknowledged),
            ],
            response_latency: air.latency,
            beacons: vec![
                CauseCount::new("sent", beacons.sent),
                CauseCount::new("missed", beacons.missed),
                CauseCount::new("failed", beacons.failed),
            ],
            beacon_jitter: beacons.jitter,
            restarts: air.restarts,
            lost: air.lost.causes(),
        }
    }
}
