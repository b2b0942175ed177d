//! The access point that is only injected: for drivers that can't be one. A monitor that is `active` beside the one here
//! acknowledges for it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    answerer::{Answerer, TURN},
    beacons::gone,
    inject::{Injector, Kind},
    start::{ModeFailure, hurry},
};
use crate::{dot11::link::LinkType, kernel::Clock, session::SessionError};

/// The longest frame that can come (9.2.4.7.1) with its radiotap header.
const MOST_OCTETS: usize = 12 << 10;
/// Where a header has Sequence Control (9.3.3.2).
const SEQUENCE: std::ops::Range<usize> = 22..24;

pub(super) struct Fakeap {
    pub(super) answerer: Answerer,
    pub(super) injector: Injector,
    /// `CLOCK_MONOTONIC` in ns at which the TSF is 0.
    pub(super) begun: u64,
    /// Shared with the beacons: a transmitter has one row of numbers.
    pub(super) sequence: Arc<AtomicU16>,
}

impl Fakeap {
    pub(super) fn spawn(mut self) -> Result<thread::JoinHandle<()>, SessionError> {
        let work = move || {
            hurry();
            let failure = |source| ModeFailure::Inject("receive frames", source);
            let result = self.answer().map_err(failure);
            self.answerer
                .end(result, |lost| lost.buffer_full += self.injector.dropped());
        };
        thread::Builder::new()
            .name("airlens-fakeap".to_owned())
            .spawn(work)
            .map_err(SessionError::thread)
    }

    fn answer(&mut self) -> io::Result<()> {
        let (mut buffer, mut out) = (vec![0; MOST_OCTETS], Vec::with_capacity(2048));
        while !self.answerer.is_over() {
            if let Some((length, age)) = self.injector.receive(&mut buffer, TURN)? {
                let heard = Instant::now();
                let packet = buffer.get(..length).unwrap_or_default();
                self.packet(packet, &mut out, || age + heard.elapsed())?;
            }
            let begun = self.begun;
            self.answerer
                .turn(|| tsf(begun), |lost| lost.buffer_full += self.injector.dropped());
        }
        Ok(())
    }

    /// Answers a packet; `since` tells how long ago it came.
    fn packet(&mut self, packet: &[u8], out: &mut Vec<u8>, since: impl Fn() -> Duration) -> io::Result<()> {
        let lost = &mut self.answerer.report.lost;
        let Ok(link) = LinkType::Radiotap.parse(packet) else {
            lost.unreadable += 1;
            return Ok(());
        };
        if link.bad_fcs {
            lost.bad_fcs += 1;
            return Ok(());
        }
        let frame = link.frame(packet, packet.len());
        let rate = self.answerer.responder().announcement().rate();
        for reply in self.answerer.answer(frame, tsf(self.begun)) {
            out.clear();
            Injector::header(out, rate, Kind::Station);
            let start = out.len();
            out.extend_from_slice(&reply.frame);
            let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) << 4;
            if let Some(place) = out.get_mut(start + SEQUENCE.start..start + SEQUENCE.end) {
                place.copy_from_slice(&sequence.to_le_bytes());
            }
            let report = &mut self.answerer.report;
            match self.injector.send(out) {
                Ok(()) => {
                    report.sent += 1;
                    report.latency.observe(since());
                }
                Err(error) if gone(&error) => return Err(error),
                Err(_) => report.failed += 1,
            }
        }
        Ok(())
    }
}

/// The time since the TSF was 0.
fn tsf(begun: u64) -> Duration {
    Duration::from_nanos(Clock::monotonic().saturating_sub(begun))
}
