//! Who listens: a bounded number, each shown as a client of the API.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    events::{Events, ViewerAttached, ViewerLeft},
    publish::http::view::{ClientEntry, ClientKind},
};

/// No place for another listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("all {0} places for listeners are taken: close one, or set monitoring.event_listeners higher")]
pub struct Full(usize);

/// Who wants to listen.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// A viewer or a sensor.
    pub kind: ClientKind,
    /// What it calls itself, if it does.
    pub name: Option<String>,
    /// The program, if it tells.
    pub program: String,
}

/// The places.
#[derive(Debug)]
pub(super) struct Seats {
    most: usize,
    closed: AtomicBool,
    next: AtomicU64,
    taken: Arc<Taken>,
}

#[derive(Debug)]
struct Taken {
    seats: Mutex<BTreeMap<u64, (Viewer, Timestamp, Instant)>>,
    count: watch::Sender<usize>,
    events: Arc<Events>,
}

/// A listener's place, free again once this is gone.
#[derive(Debug)]
pub(super) struct Seat {
    number: u64,
    taken: Arc<Taken>,
}

impl Seats {
    pub(super) fn new(most: usize, events: Arc<Events>) -> Self {
        Self {
            most,
            closed: AtomicBool::new(false),
            next: AtomicU64::new(1),
            taken: Arc::new(Taken {
                seats: Mutex::default(),
                count: watch::Sender::new(0),
                events,
            }),
        }
    }

    pub(super) fn take(&self, viewer: Viewer) -> Result<Seat, Full> {
        let mut seats = self.taken.seats();
        if seats.len() >= self.most || self.closed.load(Ordering::Relaxed) {
            return Err(Full(self.most));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.taken.events.emit(&ViewerAttached {
            client: &name(number, &viewer),
            program: &viewer.program,
        });
        seats.insert(number, (viewer, Timestamp::now(), Instant::now()));
        self.taken.count.send_replace(seats.len());
        Ok(Seat {
            number,
            taken: Arc::clone(&self.taken),
        })
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.taken.count.subscribe()
    }

    pub(super) fn entries(&self) -> Vec<ClientEntry> {
        let seats = self.taken.seats();
        let entry = |(number, (viewer, since, clock)): (&u64, &(Viewer, Timestamp, Instant))| {
            let id = name(*number, viewer);
            let since = since.as_millisecond() as f64 / 1000.0;
            ClientEntry {
                platform: viewer.program.clone(),
                ..ClientEntry::new(id, viewer.kind, since, clock.elapsed().as_secs())
            }
        };
        seats.iter().map(entry).collect()
    }
}

/// Two may call themselves the same.
fn name(number: u64, viewer: &Viewer) -> String {
    let kind = match viewer.kind {
        ClientKind::Sensor => "sensor",
        ClientKind::Viewer | ClientKind::Device => "viewer",
    };
    match &viewer.name {
        Some(name) => format!("{kind}-{number}-{name}"),
        None => format!("{kind}-{number}"),
    }
}

impl Taken {
    fn seats(&self) -> MutexGuard<'_, BTreeMap<u64, (Viewer, Timestamp, Instant)>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.taken.seats();
        if let Some((viewer, _, since)) = seats.remove(&self.number) {
            self.taken.events.emit(&ViewerLeft {
                client: &name(self.number, &viewer),
                seconds: since.elapsed().as_secs(),
            });
        }
        self.taken.count.send_replace(seats.len());
    }
}
