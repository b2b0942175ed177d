//! Whom the API answers, as configured.

use std::path::PathBuf;

use super::events::DEFAULT_VIEWERS;

/// Requests a second of each address, unless configured.
pub const DEFAULT_RATE: u32 = 50;

/// Whom the API answers over TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessOptions {
    /// Names that requests to a loopback address may use, beside `localhost`.
    pub hosts: Vec<String>,
    /// The file of the tokens; without one anybody is answered.
    pub token_file: Option<PathBuf>,
    /// Certificate and key, PEM files; plain HTTP without.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Requests a second of each address; 0 is at will.
    pub rate_limit: u32,
    /// Listeners to events at once.
    pub event_listeners: usize,
}

impl Default for AccessOptions {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            token_file: None,
            tls: None,
            rate_limit: DEFAULT_RATE,
            event_listeners: DEFAULT_VIEWERS,
        }
    }
}
