//! The access point that is only injected: for drivers that can't be one. A monitor that is `active` beside the one here
//! acknowledges for it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::UnboundedSender;

use super::{
    ap::TURN,
    beacons::gone,
    inject::{Injector, Kind},
    report::{AirReport, Reports},
    start::{ModeFailure, hurry, is_taken},
};
use crate::{ap::Responder, dot11::link::LinkType, kernel::Clock, session::SessionError};

/// The longest frame that can come (9.2.4.7.1) with its radiotap header.
const MOST_OCTETS: usize = 12 << 10;
/// Where a header has Sequence Control (9.3.3.2).
const SEQUENCE: std::ops::Range<usize> = 22..24;

pub(super) struct Fakeap {
    pub(super) responder: Responder,
    pub(super) injector: Injector,
    /// `CLOCK_MONOTONIC` in ns at which the TSF is 0.
    pub(super) begun: u64,
    /// Shared with the beacons: a transmitter has one row of numbers.
    pub(super) sequence: Arc<AtomicU16>,
    pub(super) reports: Arc<Reports>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) open: Arc<AtomicBool>,
    pub(super) failed: UnboundedSender<ModeFailure>,
}

impl Fakeap {
    pub(super) fn spawn(mut self) -> Result<thread::JoinHandle<()>, SessionError> {
        let work = move || {
            hurry();
            let mut report = AirReport::default();
            if let Err(source) = self.answer(&mut report) {
                let _ = self.failed.send(ModeFailure::Inject("receive frames", source));
            }
            report.responder = self.responder.counts();
            self.reports.air.put(report);
        };
        thread::Builder::new()
            .name("airlens-fakeap".to_owned())
            .spawn(work)
            .map_err(SessionError::thread)
    }

    fn answer(&mut self, report: &mut AirReport) -> io::Result<()> {
        let (mut buffer, mut out) = (vec![0; MOST_OCTETS], Vec::with_capacity(2048));
        let mut told = Instant::now();
        while !self.stop.load(Ordering::Relaxed) {
            if let Some((length, age)) = self.injector.receive(&mut buffer, TURN)? {
                let heard = Instant::now();
                let packet = buffer.get(..length).unwrap_or_default();
                self.packet(packet, &mut out, report, |report| {
                    report.latency.observe(age + heard.elapsed());
                })?;
            }
            if told.elapsed() >= TURN {
                told = Instant::now();
                self.responder.expire(self.tsf());
                for event in self.responder.events() {
                    tracing::debug!(?event, "a station");
                }
                report.responder = self.responder.counts();
                self.reports.air.offer(report);
            }
        }
        Ok(())
    }

    fn tsf(&self) -> Duration {
        Duration::from_nanos(Clock::monotonic().saturating_sub(self.begun))
    }

    fn packet(
        &mut self,
        packet: &[u8],
        out: &mut Vec<u8>,
        report: &mut AirReport,
        sent: impl Fn(&mut AirReport),
    ) -> io::Result<()> {
        let Ok(link) = LinkType::Radiotap.parse(packet) else {
            return Ok(());
        };
        if link.bad_fcs {
            return Ok(());
        }
        let frame = link.frame(packet, packet.len());
        if !is_taken(&self.open, frame) {
            return Ok(());
        }
        let rate = self.responder.announcement().rate();
        for reply in self.responder.frame(frame, self.tsf()) {
            out.clear();
            Injector::header(out, rate, Kind::Station);
            let start = out.len();
            out.extend_from_slice(&reply.frame);
            let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) << 4;
            if let Some(place) = out.get_mut(start + SEQUENCE.start..start + SEQUENCE.end) {
                place.copy_from_slice(&sequence.to_le_bytes());
            }
            match self.injector.send(out) {
                Ok(()) => {
                    report.sent += 1;
                    sent(report);
                }
                Err(error) if gone(&error) => return Err(error),
                Err(_) => report.failed += 1,
            }
        }
        Ok(())
    }
}
