//! Log lines: formatted where they arise, queued, and written by a thread of their own, so that a slow disk or terminal holds
//! up nothing else. What finds no room or can't be written is counted.
//!
//! A line goes to the log by its level; one of the target [`AUDIT`] or [`AUDIT_ALONE`] also to the audit log, whatever the level,
//! where each is on the medium before the next is written.

mod backups;
mod counts;
mod error;
mod file;
mod format;
mod journal;
mod layer;
mod line;
mod queue;
mod sink;
#[cfg(test)]
mod tests;
mod writer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub use counts::{LineLoss, LogCounts};
pub use error::LogError;
pub use file::{FileOptions, LogFile};
pub use format::Form;
pub use journal::{JOURNAL_SOCKET, is_journal};
pub use layer::LogLayer;
use sink::Sink;
use writer::Writer;

/// The target of security events.
pub const AUDIT: &str = "airlens::audit";
/// The target of those that tell the log nothing which others do not: in there they are of level debug, whatever theirs is.
pub const AUDIT_ALONE: &str = "airlens::audit::alone";

/// How long the last lines may take to be written.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Where lines go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogOutput {
    /// Standard error; where that is the journal's, in the form that the journal understands.
    #[default]
    Auto,
    /// Standard error.
    Stderr,
    /// The journal's own socket, with fields.
    Journald,
    /// A file, as large and as old as [`FileOptions`] say.
    File(PathBuf),
}

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// What is logged, how and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// Lines of this level and of more important ones.
    pub level: LevelFilter,
    /// How lines look.
    pub format: LineFormat,
    /// Where they go.
    pub output: LogOutput,
    /// How files rotate; its path is not used.
    pub rotation: FileOptions,
    /// The audit log.
    pub audit: Option<PathBuf>,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            level: LevelFilter::INFO,
            format: LineFormat::default(),
            output: LogOutput::default(),
            rotation: FileOptions::new(PathBuf::new()),
            audit: None,
        }
    }
}

/// The way to the log while it is written.
#[derive(Clone, Debug, Default)]
pub struct LogControl(Vec<Writer>);

/// The log of a process. At its end the last lines are written.
#[derive(Debug)]
pub struct Logging {
    control: LogControl,
}

impl Logging {
    /// Opens the log and gives the layer that feeds it.
    ///
    /// # Errors
    ///
    /// A file can't be written, another process writes it, or there is no journal.
    pub fn open(options: &LogOptions) -> Result<(Self, LogLayer), LogError> {
        let (sink, form) = Sink::open(options)?;
        let run = Writer::spawn("log", sink)?;
        let audit = match &options.audit {
            Some(path) => {
                let file = FileOptions {
                    path: path.clone(),
                    sync: true,
                    ..options.rotation.clone()
                };
                Some(Writer::spawn("audit", Sink::file(file)?)?)
            }
            None => None,
        };
        let layer = LogLayer::new(options.level, form, run.clone(), audit.clone());
        let control = LogControl([Some(run), audit].into_iter().flatten().collect());
        Ok((Self { control }, layer))
    }

    /// Opens the log and takes the lines of the whole process, the kernel programs' and the libraries' included. Once a
    /// process: where that was done before, lines go on there.
    ///
    /// # Errors
    ///
    /// As [`Logging::open`].
    pub fn start(options: &LogOptions) -> Result<Self, LogError> {
        let (logging, layer) = Self::open(options)?;
        let _ = tracing_subscriber::registry().with(layer).try_init();
        Ok(logging)
    }

    /// The way to it.
    #[must_use]
    pub fn control(&self) -> LogControl {
        self.control.clone()
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        for writer in &self.control.0 {
            writer.finish(LAST_LINES);
        }
    }
}

impl LogControl {
    /// Files are opened anew: whoever renamed them has done so.
    pub fn reopen(&self) {
        self.0.iter().for_each(Writer::reopen);
    }

    /// Waits until what was logged so far is written; false if that takes longer.
    #[must_use]
    pub fn flush(&self, patience: Duration) -> bool {
        self.0.iter().all(|writer| writer.flush(patience))
    }

    /// What became of the lines, by log: `log`, `audit`.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, Arc<LogCounts>)> {
        self.0.iter().map(|writer| (writer.name(), writer.counts())).collect()
    }
}
