//! What a service manager is told of a run (sd_notify(3)): that it is ready, how far it is, that it lives, that it opens files anew,
//! that it ends.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sd_notify::NotifyState;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval},
};

use crate::publish::snapshot::{SharedSource, Snapshot};

/// How often it is told how far the run is, at least.
const STATUS_INTERVAL: Duration = Duration::from_secs(10);

/// The service manager, where there is one that listens.
#[derive(Clone, Debug, Default)]
pub struct ServiceManager {
    socket: Option<Arc<UnixDatagram>>,
    watchdog: Option<Duration>,
    /// It was told that the run is ready, and not yet that it ends.
    serving: Arc<AtomicBool>,
}

impl ServiceManager {
    /// Reads the environment, handed in as a lookup: `NOTIFY_SOCKET`, and for this process `WATCHDOG_USEC`.
    ///
    /// # Errors
    ///
    /// There is a socket that can't be spoken to.
    pub fn of(environment: impl Fn(&str) -> Option<String>) -> io::Result<Self> {
        let Some(path) = environment("NOTIFY_SOCKET").filter(|path| !path.is_empty()) else {
            return Ok(Self::default());
        };
        let address = match path.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(&path)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address)?;
        // A manager that is too slow misses a word; the run does not wait.
        socket.set_nonblocking(true)?;
        let ours = environment("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let watchdog = environment("WATCHDOG_USEC").and_then(|time| time.parse().ok());
        Ok(Self {
            socket: Some(Arc::new(socket)),
            watchdog: watchdog.filter(|time| ours && *time > 0).map(Duration::from_micros),
            serving: Arc::default(),
        })
    }

    /// The run has begun.
    pub fn ready(&self, snapshot: &Snapshot) {
        self.tell(&[NotifyState::Ready, NotifyState::Status(&progress(snapshot))]);
        self.serving.store(true, Ordering::Relaxed);
    }

    /// Files are opened anew: true if that is told, then [`ServiceManager::reloaded`] is to follow. Before the run is ready, and when
    /// it ends, nothing is told: what follows would say that it is ready.
    #[must_use]
    pub fn reloading(&self) -> bool {
        let told = self.serving.load(Ordering::Relaxed);
        if told {
            // By the time the manager tells this from an earlier reload (`Type=notify-reload`).
            let now = NotifyState::monotonic_usec_now().ok();
            let states: Vec<_> = [Some(NotifyState::Reloading), now].into_iter().flatten().collect();
            self.tell(&states);
        }
        told
    }

    /// They are.
    pub fn reloaded(&self) {
        self.tell(&[NotifyState::Ready]);
    }

    /// The run ends.
    pub fn stopping(&self) {
        self.serving.store(false, Ordering::Relaxed);
        self.tell(&[
            NotifyState::Stopping,
            NotifyState::Status("stopping: interfaces are given back"),
        ]);
    }

    /// Goes on telling how far the run is, and that it lives: that its counts can be read, which takes its locks. Ends when it is
    /// aborted.
    #[must_use]
    pub fn follow(&self, source: SharedSource) -> Option<JoinHandle<()>> {
        self.socket.as_ref()?;
        let manager = self.clone();
        // Twice in the time that it grants (sd_watchdog_enabled(3)).
        let every = self
            .watchdog
            .map_or(STATUS_INTERVAL, |time| (time / 2).min(STATUS_INTERVAL));
        Some(tokio::spawn(async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut last = String::new();
            loop {
                ticks.tick().await;
                let source = Arc::clone(&source);
                let Ok(snapshot) = spawn_blocking(move || source.snapshot()).await else {
                    return;
                };
                let status = progress(&snapshot);
                if manager.watchdog.is_some() {
                    manager.tell(&[NotifyState::Watchdog]);
                }
                if status != last {
                    manager.tell(&[NotifyState::Status(&status)]);
                    last = status;
                }
            }
        }))
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        let Some(socket) = &self.socket else { return };
        let lines: String = states.iter().map(|state| format!("{state}\n")).collect();
        if let Err(error) = socket.send(lines.as_bytes()) {
            tracing::debug!(%error, "the service manager is not told");
        }
    }
}

/// `systemctl status` shows it.
fn progress(snapshot: &Snapshot) -> String {
    let profiles = &snapshot.profiles;
    let lost: u64 = snapshot.balance.lost.iter().map(|cause| cause.count).sum();
    format!(
        "{} profiles of {} clients, {} failed; {} frames, {lost} lost; {} flows active",
        profiles.count, profiles.clients, profiles.failed, snapshot.balance.seen, snapshot.flows.active
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_manager_nothing_is_told() {
        let manager = ServiceManager::of(|_| None).unwrap();
        manager.ready(&Snapshot::default());
        manager.stopping();
        assert!(manager.socket.is_none());
        let gone = |name: &str| (name == "NOTIFY_SOCKET").then(|| "/nowhere/notify".to_owned());
        assert_eq!(ServiceManager::of(gone).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn a_manager_hears_of_a_life() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let hearing = UnixDatagram::bind(&path).unwrap();
        hearing.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let heard = || {
            let mut text = [0; 512];
            let length = hearing.recv(&mut text).unwrap();
            String::from_utf8_lossy(&text[..length]).into_owned()
        };
        let manager = ServiceManager::of(|name| match name {
            "NOTIFY_SOCKET" => Some(path.display().to_string()),
            "WATCHDOG_USEC" => Some("100000".to_owned()),
            _ => None,
        })
        .unwrap();
        let snapshot = Snapshot::default();
        assert!(!manager.reloading(), "it is not ready");
        manager.ready(&snapshot);
        let status = "STATUS=0 profiles of 0 clients, 0 failed; 0 frames, 0 lost; 0 flows active\n";
        assert_eq!(heard(), format!("READY=1\n{status}"));
        let before = monotonic();
        assert!(manager.reloading());
        let said = heard();
        let time = said.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
        assert!(
            (before..=monotonic()).contains(&time.trim_end().parse().unwrap()),
            "{said}"
        );
        manager.reloaded();
        assert_eq!(heard(), "READY=1\n");
        let task = manager.follow(Arc::new(Snapshot::default)).unwrap();
        let told = spawn_blocking({
            let hearing = hearing.try_clone().unwrap();
            move || {
                let mut told = Vec::new();
                while told.len() < 3 {
                    let mut text = [0; 512];
                    let length = hearing.recv(&mut text).unwrap();
                    told.push(String::from_utf8_lossy(&text[..length]).into_owned());
                }
                told
            }
        });
        assert_eq!(told.await.unwrap(), ["WATCHDOG=1\n", status, "WATCHDOG=1\n"]);
        task.abort();
        let _ = task.await;
        manager.stopping();
        let last = std::iter::repeat_with(heard).find(|text| text != "WATCHDOG=1\n");
        assert!(last.unwrap().starts_with("STOPPING=1\n"));
        assert!(!manager.reloading());
    }

    fn monotonic() -> i128 {
        match NotifyState::monotonic_usec_now() {
            Ok(NotifyState::MonotonicUsec(time)) => time,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_watchdog_of_another_process_is_none_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let _hearing = UnixDatagram::bind(&path).unwrap();
        let manager = |pid: u32| {
            ServiceManager::of(|name| match name {
                "NOTIFY_SOCKET" => Some(path.display().to_string()),
                "WATCHDOG_USEC" => Some("1000".to_owned()),
                "WATCHDOG_PID" => Some(pid.to_string()),
                _ => None,
            })
            .unwrap()
        };
        assert_eq!(manager(std::process::id()).watchdog, Some(Duration::from_millis(1)));
        assert_eq!(manager(std::process::id() + 1).watchdog, None);
    }
}
