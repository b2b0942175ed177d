//! `[capture]`: packets that a run keeps for whoever asks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    ConfigError,
    check::{Problems, duration, wrong},
    export::within,
};

const OFF: &str = "0s";
const LONGEST: Duration = Duration::from_secs(86_400);
const DEFAULT_SNAP_LENGTH: u64 = 65_535;
const DEFAULT_MEMORY: u64 = 64 << 20;

/// The packets of the last seconds that a run keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastOptions {
    /// Packets of so long.
    pub span: Duration,
    /// Octets of memory, a quarter of them the kernel's ring.
    pub memory: usize,
    /// Octets of a packet.
    pub snap_length: u32,
    /// Which packets, in tcpdump's language; all without.
    pub filter: Option<String>,
    /// Of the monitor interface too; without a choice where it is the only one.
    pub monitor: Option<bool>,
}

/// `[capture]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct CaptureLayer {
    pub last: Option<String>,
    pub filter: Option<String>,
    pub monitor: Option<bool>,
    pub snap_length: Option<u64>,
    pub memory_bytes: Option<u64>,
}

impl CaptureLayer {
    /// What holds where nothing is said.
    pub(super) fn defaults() -> Self {
        Self {
            last: Some(OFF.to_owned()),
            filter: None,
            monitor: None,
            snap_length: Some(DEFAULT_SNAP_LENGTH),
            memory_bytes: Some(DEFAULT_MEMORY),
        }
    }

    pub(super) fn overridden_by(self, higher: Self) -> Self {
        Self {
            last: higher.last.or(self.last),
            filter: higher.filter.or(self.filter),
            monitor: higher.monitor.or(self.monitor),
            snap_length: higher.snap_length.or(self.snap_length),
            memory_bytes: higher.memory_bytes.or(self.memory_bytes),
        }
    }

    /// Checks these settings; none where no packets are kept.
    pub(super) fn check(self, problems: &mut Problems) -> Option<LastOptions> {
        let span = problems.keep(span(self.last.as_deref().unwrap_or(OFF)));
        let snap_length = within("capture.snap_length", self.snap_length, DEFAULT_SNAP_LENGTH, 1, 65_535);
        let memory = within(
            "capture.memory_bytes",
            self.memory_bytes,
            DEFAULT_MEMORY,
            8 << 20,
            1 << 34,
        );
        let options = LastOptions {
            span,
            memory: problems.keep(memory) as usize,
            snap_length: problems.keep(snap_length) as u32,
            filter: self.filter.filter(|text| !text.trim().is_empty()),
            monitor: self.monitor,
        };
        (!span.is_zero()).then_some(options)
    }
}

fn span(text: &str) -> Result<Duration, ConfigError> {
    match duration(text) {
        Some(span) if span <= LONGEST => Ok(span),
        _ => wrong(
            "capture.last",
            format!("{text:?}: use a time like \"30s\", at most 24h; 0s keeps nothing"),
        ),
    }
}
