//! `/api/events`: what happens, told to whoever listens, as server-sent events (WHATWG HTML 9.2).
//!
//! All listeners share one ring of the last messages. Telling never waits: who reads too slowly misses the oldest ones, and is
//! told how many. A message becomes text when the first listener takes it, once for all. Without a listener nothing is told.

mod message;
mod seats;
mod stream;

pub use message::{Event, ProfileEvent};
pub use seats::{Full, Viewer};

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, watch};

use self::{
    message::Message,
    seats::{Seat, Seats},
};
use super::view::{ClientEntry, Status};

/// Messages that a listener may be behind: the counts of a run each second, and a burst of clients.
const RING: usize = 256;

/// Listeners at once, unless configured.
pub const DEFAULT_VIEWERS: usize = 16;

/// Tells what happens.
#[derive(Debug)]
pub struct Events {
    ring: broadcast::Sender<Arc<Message>>,
    /// The last message's number. Held while one is told, so that numbers ascend for every listener.
    last: Mutex<u64>,
    seats: Seats,
}

/// A listener's place, and what it is told.
#[derive(Debug)]
pub struct Attached {
    first: Arc<Message>,
    messages: broadcast::Receiver<Arc<Message>>,
    _seat: Seat,
}

impl Events {
    /// For at most so many listeners at once.
    #[must_use]
    pub fn new(viewers: usize) -> Self {
        Self::telling(viewers, Arc::default())
    }

    /// As [`Events::new`]; who comes and goes is told to `events`.
    #[must_use]
    pub fn telling(viewers: usize, events: Arc<crate::events::Events>) -> Self {
        Self {
            ring: broadcast::channel(RING).0,
            last: Mutex::new(0),
            seats: Seats::new(viewers, events),
        }
    }

    /// Whether anyone listens.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.ring.receiver_count() > 0
    }

    /// How many listen, and when that changes.
    #[must_use]
    pub fn audience(&self) -> watch::Receiver<usize> {
        self.seats.count()
    }

    /// Tells of `event`, which is made only where someone listens. Never waits for a listener.
    pub fn tell(&self, event: impl FnOnce() -> Event) {
        self.tell_some(|| Some(event()));
    }

    /// As [`Self::tell`], if there is something to tell.
    pub fn tell_some(&self, event: impl FnOnce() -> Option<Event>) {
        if self.is_heard()
            && let Some(event) = event()
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            *last += 1;
            // Fails without listeners: then nobody misses it.
            let _ = self.ring.send(Arc::new(Message::new(*last, event)));
        }
    }

    /// Ends every stream once it has told what waits.
    pub fn close(&self) {
        let _last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.seats.close();
        let _ = self.ring.send(Arc::new(Message::end()));
    }

    /// Takes a listener, who is first told of `status`.
    ///
    /// # Errors
    ///
    /// [`Full`]: every place is taken, or the run ends.
    pub fn attach(&self, viewer: Viewer, status: Status) -> Result<Attached, Full> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let seat = self.seats.take(viewer)?;
        *last += 1;
        Ok(Attached {
            first: Arc::new(Message::new(*last, Event::Status(Box::new(status)))),
            messages: self.ring.subscribe(),
            _seat: seat,
        })
    }

    /// Who listens, as clients of the API.
    #[must_use]
    pub fn viewers(&self) -> Vec<ClientEntry> {
        self.seats.entries()
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new(DEFAULT_VIEWERS)
    }
}

#[cfg(test)]
mod tests;
