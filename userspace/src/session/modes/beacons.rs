//! Beacons at their times: target beacon transmission times (IEEE Std 802.11-2020 11.1.3.2) by an absolute clock.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::mpsc::UnboundedSender;

use super::{
    inject::{Injector, Kind},
    report::{BeaconReport, Reports},
    start::{ModeFailure, hurry},
};
use crate::{ap::Announcement, kernel::Clock, session::SessionError};

/// Nanoseconds of a time unit (3.1).
const TU: u64 = 1_024_000;
/// Beacons in a row that the driver does not take: then it takes none any more.
const MOST_FAILURES: u64 = 50;

pub(super) struct Beacons {
    pub(super) announcement: Announcement,
    pub(super) injector: Injector,
    /// `CLOCK_MONOTONIC` in ns at which the TSF is 0.
    pub(super) begun: u64,
    pub(super) sequence: Arc<AtomicU16>,
    pub(super) reports: Arc<Reports>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) failed: UnboundedSender<ModeFailure>,
}

impl Beacons {
    pub(super) fn spawn(self) -> Result<thread::JoinHandle<()>, SessionError> {
        thread::Builder::new()
            .name("airlens-beacons".to_owned())
            .spawn(move || self.run())
            .map_err(SessionError::thread)
    }

    fn run(self) {
        hurry();
        let mut report = BeaconReport::default();
        if let Err(source) = self.beacon(&mut report) {
            let _ = self.failed.send(ModeFailure::Inject("send beacons", source));
        }
        self.reports.beacons.put(report);
    }

    fn beacon(&self, report: &mut BeaconReport) -> io::Result<()> {
        let options = self.announcement.options();
        let interval = u64::from(options.beacon_interval) * TU;
        let period = u64::from(options.dtim_period);
        let mut buffer = Vec::with_capacity(2048);
        let (mut number, mut failures) = (0, 0);
        while !self.stop.load(Ordering::Relaxed) {
            let due = self.begun + number * interval;
            sleep_until(due);
            let now = Clock::monotonic();
            buffer.clear();
            Injector::header(&mut buffer, self.announcement.rate(), Kind::Group);
            // As a DTIM comes every so many: the count falls to 0 in it.
            let count = u8::try_from((period - number % period) % period).unwrap_or(0);
            let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) & 0xfff;
            self.announcement
                .append_beacon(&mut buffer, (now - self.begun) / 1000, sequence, count);
            match self.injector.send(&buffer) {
                Ok(()) => {
                    failures = 0;
                    report.sent += 1;
                    report
                        .jitter
                        .observe(Duration::from_nanos(Clock::monotonic().saturating_sub(due)));
                }
                Err(error) => {
                    report.failed += 1;
                    failures += 1;
                    if failures >= MOST_FAILURES || gone(&error) {
                        return Err(error);
                    }
                }
            }
            // One that is late by a whole interval is left out: stations expect one at each time, not two.
            let next = (Clock::monotonic() - self.begun) / interval + 1;
            report.missed += next - (number + 1);
            number = next;
            if report.sent.is_multiple_of(8) {
                self.reports.beacons.offer(report);
            }
        }
        Ok(())
    }
}

/// The interface is no more, or down.
pub(super) fn gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENODEV | libc::ENXIO | libc::ENETDOWN))
}

/// Sleeps until `time`, `CLOCK_MONOTONIC` in ns; not at all where it is over.
fn sleep_until(time: u64) {
    let spec = libc::timespec {
        tv_sec: i64::try_from(time / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: (time % 1_000_000_000) as i64,
    };
    // SAFETY: `spec` is valid; nothing is written back with an absolute time.
    while unsafe {
        libc::clock_nanosleep(
            libc::CLOCK_MONOTONIC,
            libc::TIMER_ABSTIME,
            &raw const spec,
            std::ptr::null_mut(),
        )
    } == libc::EINTR
    {}
}
