//! Of those who ask the API.

use tracing::Level;

use super::{Event, Kind};
use crate::logging::AUDIT;

/// Somebody looks on.
#[derive(Clone, Copy, Debug)]
pub struct ViewerAttached<'a> {
    /// His address, or `unix`.
    pub remote_addr: &'a str,
}

impl Event for ViewerAttached<'_> {
    const KIND: Kind = Kind::ViewerAttached;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(remote_addr = self.remote_addr, suppressed, "a viewer is attached");
    }
}

/// He is gone.
#[derive(Clone, Copy, Debug)]
pub struct ViewerLeft<'a> {
    /// His address, or `unix`.
    pub remote_addr: &'a str,
    /// How long he looked on.
    pub seconds: u64,
}

impl Event for ViewerLeft<'_> {
    const KIND: Kind = Kind::ViewerLeft;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(
            remote_addr = self.remote_addr,
            seconds = self.seconds,
            suppressed,
            "a viewer has left"
        );
    }
}

/// A request came without the right token. What was sent instead of it is not told.
#[derive(Clone, Copy, Debug)]
pub struct TokenRefused<'a> {
    /// Who sent it.
    pub remote_addr: &'a str,
    /// `missing`, `malformed`, `wrong`.
    pub reason: &'static str,
    /// What was asked for, without its query.
    pub path: &'a str,
}

impl Event for TokenRefused<'_> {
    const KIND: Kind = Kind::TokenRefused;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(
            target: AUDIT,
            remote_addr = self.remote_addr,
            reason = self.reason,
            path = self.path,
            attempt_count = suppressed.unwrap_or(0) + 1,
            "Authentication failed"
        );
    }
}
