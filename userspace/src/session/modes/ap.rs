//! The access point that airlens is itself: the kernel beacons, a thread of this process answers.

use std::{
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    answerer::{Answerer, TURN},
    report::Lost,
    start::{ModeFailure, Transmit, hurry},
};
use crate::{
    ap::Announcement,
    nl80211::{ApEvent, ApLost, ApSocket, Nl80211Error, Rsn, StartAp},
    session::SessionError,
};

/// Frames that it takes, by the octets of their frame control: those before and around an association.
pub(super) const FRAMES: [u16; 6] = [0x00, 0x20, 0x40, 0xa0, 0xb0, 0xc0];
/// CCMP-128 (9.4.2.24.2).
const CCMP: u32 = 0x000f_ac04;
/// How often an access point that the kernel stopped is started again, and the first pause before it.
const MOST_RESTARTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct ApThread {
    pub(super) transmit: Transmit,
    pub(super) answerer: Answerer,
}

impl ApThread {
    /// Starts the access point in a thread of its own; returns when it beacons.
    pub(super) async fn spawn(self) -> Result<thread::JoinHandle<()>, SessionError> {
        let (ready, started) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("airlens-ap".to_owned())
            .spawn(move || self.run(ready))
            .map_err(SessionError::thread)?;
        match started.await {
            Ok(Ok(())) => Ok(thread),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(SessionError::thread(std::io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn run(mut self, ready: oneshot::Sender<Result<(), Nl80211Error>>) {
        hurry();
        // The socket belongs to the thread that uses it: the kernel ends the AP with it.
        let socket = self.start();
        let mut socket = match socket {
            Ok(socket) => socket,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        if ready.send(Ok(())).is_err() {
            return;
        }
        let result = self.answer(&mut socket).map_err(ModeFailure::Ap);
        self.answerer.end(result, |lost| count(&socket, lost));
        // Its end is what stops it; an error means that it has been stopped already.
        let _ = socket.stop_ap(self.transmit.index);
    }

    fn start(&self) -> Result<ApSocket, Nl80211Error> {
        let mut socket = ApSocket::open()?;
        for kind in FRAMES {
            socket.register_frames(self.transmit.index, kind, &[])?;
        }
        self.begin(&mut socket)?;
        Ok(socket)
    }

    fn begin(&self, socket: &mut ApSocket) -> Result<(), Nl80211Error> {
        let announcement: &Announcement = self.answerer.responder().announcement();
        let options = announcement.options();
        let akms: Vec<_> = options
            .security
            .akms(options.band())
            .iter()
            .map(|suite| u32::from_be_bytes(suite.0))
            .collect();
        let start = StartAp {
            head: announcement.beacon_head(),
            tail: announcement.beacon_tail(),
            beacon_interval: options.beacon_interval,
            dtim_period: options.dtim_period,
            ssid: &options.ssid,
            tuning: options.tuning,
            privacy: true,
            rsn: Some(Rsn {
                group: CCMP,
                pairwise: &[CCMP],
                akms: &akms,
            }),
            inactivity: None,
        };
        socket.start_ap(self.transmit.index, &start)
    }

    /// Takes frames and answers them until the end.
    fn answer(&mut self, socket: &mut ApSocket) -> Result<(), SessionError> {
        let begun = Instant::now();
        while !self.answerer.is_over() {
            match socket.next(TURN)? {
                Some(ApEvent::Frame { octets, .. }) => self.frame(socket, &octets, begun),
                Some(ApEvent::Status { acknowledged: true, .. }) => self.answerer.report.acknowledged += 1,
                Some(ApEvent::Status { .. }) => self.answerer.report.unacknowledged += 1,
                Some(ApEvent::Stopped) => self.again(socket)?,
                Some(ApEvent::InterfaceGone) => {
                    return Err(SessionError::InterfaceGone {
                        name: self.transmit.name.clone(),
                    });
                }
                None => {}
            }
            self.answerer.turn(|| begun.elapsed(), |lost| count(socket, lost));
        }
        Ok(())
    }

    fn frame(&mut self, socket: &mut ApSocket, octets: &[u8], begun: Instant) {
        let heard = Instant::now();
        for reply in self.answerer.answer(octets, heard.duration_since(begun)) {
            let report = &mut self.answerer.report;
            match socket.send_frame(self.transmit.index, self.transmit.frequency, &reply.frame) {
                Ok(_) => {
                    report.sent += 1;
                    report.latency.observe(heard.elapsed());
                }
                // Full queues are the air's way; an interface that is gone tells so itself.
                Err(error) => {
                    report.failed += 1;
                    tracing::debug!(%error, "an answer is not sent");
                }
            }
        }
    }

    /// The kernel stopped the access point: starts it again, unless the channel is closed or the radio off.
    fn again(&mut self, socket: &mut ApSocket) -> Result<(), SessionError> {
        let mut pause = PAUSE;
        let mut last = None;
        for _ in 0..MOST_RESTARTS {
            if self.answerer.is_over() {
                return Ok(());
            }
            thread::sleep(pause);
            pause *= 2;
            match self.begin(socket) {
                Ok(()) => {
                    self.answerer.report.restarts += 1;
                    tracing::warn!(
                        interface = self.transmit.name,
                        "the kernel stopped the access point, it is on again"
                    );
                    return Ok(());
                }
                Err(error) => last = Some(error),
            }
        }
        Err(SessionError::ApStopped {
            name: self.transmit.name.clone(),
            why: last.map(|error| error.to_string()).unwrap_or_default(),
        })
    }
}

fn count(socket: &ApSocket, lost: &mut Lost) {
    let ApLost {
        queue_full,
        buffer_full,
    } = socket.lost();
    (lost.queue_full, lost.buffer_full) = (queue_full, buffer_full);
}
