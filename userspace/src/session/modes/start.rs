//! A mode, from its start to its end.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread::JoinHandle,
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{answerer::Answerer, ap::ApThread, beacons::Beacons, fakeap::Fakeap, inject::Injector, report::Reports};
use crate::{
    ap::{Announcement, ApOptions, Responder, ResponderSettings, sae::Entropy},
    kernel::Clock,
    publish::snapshot::{AccessPoint, CauseCount},
    session::{
        SessionError,
        hostapd::{Hostapd, HostapdError, HostapdEvent, HostapdOptions},
    },
};

/// The interface by which a mode transmits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::session) struct Transmit {
    pub(in crate::session) index: u32,
    pub(in crate::session) name: String,
    /// MHz.
    pub(in crate::session) frequency: u32,
}

/// What meets the clients.
#[derive(Debug)]
pub(in crate::session) enum Plan {
    /// An access point over nl80211; [`Transmit`] is of kind AP.
    Ap(ApOptions, ResponderSettings),
    /// Injection; [`Transmit`] is a monitor on the channel.
    Fakeap(ApOptions, ResponderSettings),
    /// hostapd.
    Hostapd(Box<HostapdOptions>),
}

/// Why a mode can't go on.
#[derive(Debug)]
pub(in crate::session) enum ModeFailure {
    Ap(SessionError),
    /// What could not be done any more.
    Inject(&'static str, io::Error),
    Hostapd(HostapdError),
}

/// A mode that is on.
#[derive(Debug)]
pub(in crate::session) struct Mode {
    reports: Arc<Reports>,
    stop: Arc<AtomicBool>,
    /// Stations are answered; before that, only probe requests.
    open: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    hostapd: Option<Hostapd>,
    failures: Option<UnboundedReceiver<ModeFailure>>,
}

impl Mode {
    /// Starts it; when this returns, it beacons. Stations that want to join are left unanswered, and try again, until
    /// [`Self::open`].
    pub(in crate::session) async fn start(plan: Plan, transmit: Transmit) -> Result<Self, SessionError> {
        let (failed, failures) = unbounded_channel();
        let mut mode = Self {
            reports: Arc::default(),
            stop: Arc::default(),
            open: Arc::default(),
            threads: Vec::new(),
            hostapd: None,
            failures: Some(failures),
        };
        match plan {
            Plan::Ap(options, settings) => mode.ap(&options, settings, transmit, failed).await?,
            Plan::Fakeap(options, settings) => mode.fakeap(&options, settings, &transmit, failed)?,
            Plan::Hostapd(options) => mode.run_hostapd(*options, failed).await?,
        }
        Ok(mode)
    }

    async fn ap(
        &mut self,
        options: &ApOptions,
        settings: ResponderSettings,
        transmit: Transmit,
        failed: UnboundedSender<ModeFailure>,
    ) -> Result<(), SessionError> {
        let thread = ApThread {
            transmit,
            answerer: self.answerer(Announcement::new(options)?, settings, failed)?,
        };
        self.threads.push(thread.spawn().await?);
        Ok(())
    }

    fn fakeap(
        &mut self,
        options: &ApOptions,
        settings: ResponderSettings,
        transmit: &Transmit,
        failed: UnboundedSender<ModeFailure>,
    ) -> Result<(), SessionError> {
        let announcement = Announcement::new(options)?;
        let refused = |source| SessionError::Inject {
            what: "open a packet socket",
            source,
        };
        let hearing = Injector::hearing(transmit.index, options.bssid).map_err(refused)?;
        let sending = Injector::sending(transmit.index).map_err(refused)?;
        let (begun, sequence) = (Clock::monotonic(), Arc::new(AtomicU16::new(0)));
        let fakeap = Fakeap {
            answerer: self.answerer(announcement.clone(), settings, failed.clone())?,
            injector: hearing,
            begun,
            sequence: Arc::clone(&sequence),
        };
        let beacons = Beacons {
            announcement,
            injector: sending,
            begun,
            sequence,
            reports: Arc::clone(&self.reports),
            stop: Arc::clone(&self.stop),
            failed,
        };
        self.threads.push(fakeap.spawn()?);
        self.threads.push(beacons.spawn()?);
        Ok(())
    }

    fn answerer(
        &self,
        announcement: Announcement,
        settings: ResponderSettings,
        failed: UnboundedSender<ModeFailure>,
    ) -> Result<Answerer, SessionError> {
        let entropy = Entropy::of_system().map_err(|error| SessionError::Entropy(error.to_string()))?;
        let responder = Responder::new(announcement, settings, entropy);
        Ok(Answerer::new(responder, &self.reports, &self.stop, &self.open, failed))
    }

    async fn run_hostapd(
        &mut self,
        options: HostapdOptions,
        failed: UnboundedSender<ModeFailure>,
    ) -> Result<(), SessionError> {
        let (hostapd, mut events) = Hostapd::start(options).await?;
        self.hostapd = Some(hostapd);
        // It ends with hostapd's thread, which has the other end.
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let HostapdEvent::Failed(error) = event {
                    let _ = failed.send(ModeFailure::Hostapd(error));
                }
            }
        });
        Ok(())
    }

    /// From now on stations are answered: there is who profiles them.
    pub(in crate::session) fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// What hinders it from going on, to be taken once.
    pub(in crate::session) fn failures(&mut self) -> Option<UnboundedReceiver<ModeFailure>> {
        self.failures.take()
    }

    /// What it counts.
    pub(in crate::session) fn snapshot(&self) -> AccessPoint {
        let mut snapshot = self.reports.snapshot();
        if let Some(hostapd) = &self.hostapd {
            snapshot.restarts = hostapd.starts().saturating_sub(1);
            (snapshot.frames, snapshot.lost) = (Vec::<CauseCount>::new(), Vec::new());
        }
        snapshot
    }

    /// Ends it; it may take some seconds. Threads that wait for frames see it within a turn.
    pub(in crate::session) fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the access point panicked");
            }
        }
        if let Some(hostapd) = &mut self.hostapd {
            hostapd.stop();
        }
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        self.stop();
    }
}

impl From<ModeFailure> for SessionError {
    fn from(failure: ModeFailure) -> Self {
        match failure {
            ModeFailure::Ap(error) => error,
            ModeFailure::Inject(what, source) => Self::Inject { what, source },
            ModeFailure::Hostapd(error) => Self::Hostapd(error),
        }
    }
}

/// Puts the calling thread before others: stations wait for answers and beacons only milliseconds. A real-time thread, at the
/// lowest priority of these, runs as soon as it is woken; one that is only nice to itself may wait for the end of another's
/// time slice (3 ms and more). Without `CAP_SYS_NICE` it stays as it is. What it does is bounded: the responder limits its answers.
pub(super) fn hurry() {
    const NICE: libc::c_int = -15;
    let lowest = libc::sched_param { sched_priority: 1 };
    // SAFETY: plain calls with a valid parameter; 0 is the calling thread, for on Linux the nice value is a thread's own
    // (setpriority(2)).
    unsafe {
        if libc::sched_setscheduler(0, libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, &raw const lowest) != 0 {
            libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
        }
        // Sleep to the point: the default slack is 50 µs.
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
    }
}
