//! Why there can be no log.

use std::{io, path::PathBuf};

/// A log that can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The system refuses.
    #[error("can't {what} the log {}: {source}; name another with logging.output or logging.audit, or give this user the right to write there", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What failed.
        what: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A device, pipe or folder.
    #[error("{} is no file that can be a log: name a file, or `stderr` for standard error", .path.display())]
    NoFile {
        /// What it was to be.
        path: PathBuf,
    },
    /// Another process holds its lock.
    #[error("another airlens writes the log {}: give each run a log of its own (logging.output, logging.audit)", .path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// There is no systemd-journald.
    #[error("the journal does not listen at {}: {source}; is this system run by systemd? `auto` or `stderr` need no journal", .path.display())]
    Journal {
        /// Its socket.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// No thread.
    #[error("can't start a thread for the log: {0}; too many processes, or too little memory")]
    Thread(io::Error),
}
