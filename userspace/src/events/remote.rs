//! Of those who ask the API.

use tracing::Level;

use super::{Event, Kind};
use crate::logging::AUDIT;

/// Somebody looks on.
#[derive(Clone, Copy, Debug)]
pub struct ViewerAttached<'a> {
    /// As `/api/clients` has it.
    pub client: &'a str,
    /// The program, if it tells.
    pub program: &'a str,
}

impl Event for ViewerAttached<'_> {
    const KIND: Kind = Kind::ViewerAttached;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            client = self.client,
            program = self.program,
            suppressed,
            "a viewer is attached"
        );
    }
}

/// He is gone.
#[derive(Clone, Copy, Debug)]
pub struct ViewerLeft<'a> {
    /// As `/api/clients` has it.
    pub client: &'a str,
    /// How long he looked on.
    pub seconds: u64,
}

impl Event for ViewerLeft<'_> {
    const KIND: Kind = Kind::ViewerLeft;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            client = self.client,
            seconds = self.seconds,
            suppressed,
            "a viewer has left"
        );
    }
}

/// A request came without the right token. What was sent instead of it is not told.
#[derive(Clone, Copy, Debug)]
pub struct TokenRefused<'a> {
    /// Who sent it, where that is known.
    pub remote_addr: Option<&'a str>,
    /// What was asked for: the route's pattern.
    pub route: &'a str,
}

impl Event for TokenRefused<'_> {
    const KIND: Kind = Kind::TokenRefused;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(
            target: AUDIT,
            remote_addr = self.remote_addr,
            route = self.route,
            attempt_count = suppressed.unwrap_or(0) + 1,
            "a token was refused"
        );
    }
}
