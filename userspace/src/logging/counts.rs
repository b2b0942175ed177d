//! What became of log lines.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a line is in no log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineLoss {
    /// The writer was too slow.
    QueueFull,
    /// The disk is full, the file system read-only, nobody reads.
    WriteFailed,
    /// Written in part when an earlier process was killed, and cut off.
    Torn,
}

impl LineLoss {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::QueueFull, Self::WriteFailed, Self::Torn];

    /// Its name as a label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::WriteFailed => "write-failed",
            Self::Torn => "torn",
        }
    }
}

/// Lines of one log by what became of them.
#[derive(Debug, Default)]
pub struct LogCounts {
    written: AtomicU64,
    lost: [AtomicU64; 3],
}

impl LogCounts {
    pub(super) fn add_written(&self, lines: u64) {
        self.written.fetch_add(lines, Ordering::Relaxed);
    }

    pub(super) fn add_lost(&self, cause: LineLoss, lines: u64) {
        self.lost[cause as usize].fetch_add(lines, Ordering::Relaxed);
    }

    /// Lines handed to the system.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Lines that are in no log.
    #[must_use]
    pub fn lost(&self, cause: LineLoss) -> u64 {
        self.lost[cause as usize].load(Ordering::Relaxed)
    }
}
