//! What is told.

use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;

use crate::publish::{
    documents::UtcSeconds,
    http::view::{ClientEntry, Status},
    snapshot::Snapshot,
};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The run's status, as it is now.
    Status(Box<Status>),
    /// A client is new or has changed.
    Client(Box<ClientEntry>),
    /// A profile is published: its files are there.
    Profile(ProfileEvent),
    /// The counts now.
    Stats(Box<Snapshot>),
}

/// A profile that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileEvent {
    /// The client's address.
    pub client_id: String,
    /// The band in GHz, `0` if not known.
    pub band: &'static str,
    /// When it was published.
    pub time: UtcSeconds,
    /// It is the client's first on this band, or says something else than the one before: its history has a line more.
    pub changed: bool,
}

/// An event on its way to the listeners.
#[derive(Debug)]
pub(super) struct Message {
    id: u64,
    /// `None`: there are no more.
    event: Option<Event>,
    text: OnceLock<Bytes>,
}

impl Message {
    pub(super) fn new(id: u64, event: Event) -> Self {
        Self {
            id,
            event: Some(event),
            text: OnceLock::new(),
        }
    }

    pub(super) fn end() -> Self {
        Self {
            id: 0,
            event: None,
            text: OnceLock::new(),
        }
    }

    /// As the stream has it; `None` for the end.
    pub(super) fn text(&self) -> Option<Bytes> {
        let event = self.event.as_ref()?;
        let make = || {
            let (name, data) = match event {
                Event::Status(status) => ("status", crate::json::to_string(status)),
                Event::Client(client) => ("client", crate::json::to_string(client)),
                Event::Profile(profile) => ("profile", crate::json::to_string(profile)),
                Event::Stats(stats) => ("stats", crate::json::to_string(stats)),
            };
            // Keys are strings, and numbers finite: nothing that JSON can't say. It has no line breaks of its own.
            let data = data.unwrap_or_default();
            Bytes::from(format!("id: {}\nevent: {name}\ndata: {data}\n\n", self.id))
        };
        Some(self.text.get_or_init(make).clone())
    }
}

/// Tells a listener how many messages it missed.
pub(super) fn lagged(missed: u64) -> Bytes {
    Bytes::from(format!("event: lagged\ndata: {{\"missed\":{missed}}}\n\n"))
}
