//! The files of a run from its start to its end.
//!
//! | moment | status | info | state |
//! | --- | --- | --- | --- |
//! | [`RunFiles::start`] | `starting` | written | an earlier run that was killed is recorded as `interrupted` |
//! | [`RunFiles::running`] | `running` | written | |
//! | [`RunFiles::tick`], [`RunFiles::profile_seen`] | | written | |
//! | [`RunFiles::stopped`] | `stopped`, then removed | removed | `success` |
//! | [`RunFiles::failed`] | `failed`, kept | kept | `failed` |
//! | killed, or dropped | kept | kept | the next start writes it |

mod leftover;
mod lock;
mod paths;
mod wlanpi;

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;

use super::atomic::{AtomicWriter, WriteError};
use super::documents::{
    Exit, ExitStatus, InfoDocument, Progress, Radio, Reason, RunState, SCHEMA_VERSION, StartupMethod, StateDocument,
    StatusDocument, UtcSeconds, to_file,
};
use lock::RunLock;
pub(crate) use lock::{Locked, lock_file};
pub use paths::{RunPaths, WlanpiPaths};

/// How often [`RunFiles::tick`] is to be called.
pub const INFO_INTERVAL: Duration = Duration::from_secs(5);

/// Why the files of a run could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// Another run holds the lock; nothing of its files was touched.
    #[error(
        "airlens is already running{}: stop it first, or give this run a stem of its own (run_stem)",
        .pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    AlreadyRunning {
        /// Its process, if the lock file tells.
        pid: Option<u32>,
    },
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Who runs.
#[derive(Clone, Debug)]
pub struct RunIdentity {
    /// airlens's version.
    pub version: String,
    /// The process.
    pub pid: u32,
    /// Who started it.
    pub startup_method: StartupMethod,
}

/// A failure that ends a run.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code that the process is going to give.
    pub code: i32,
    /// The kind, for programs.
    pub reason: Reason,
    /// What failed and what to do, for people.
    pub message: String,
}

/// The files of one run, held from its start to its end.
#[derive(Debug)]
pub struct RunFiles {
    writer: AtomicWriter,
    paths: RunPaths,
    identity: RunIdentity,
    info: InfoDocument,
    interrupted: Option<StateDocument>,
    /// Released when this value goes, by whatever way the process ends.
    _lock: RunLock,
}

impl RunFiles {
    /// Takes the run's lock, records an earlier run that was killed, and writes state `starting`.
    /// `radio` is what is known by now: its mode at least.
    ///
    /// # Errors
    /// [`LifecycleError::AlreadyRunning`], or a path that cannot be written.
    pub fn start(
        paths: RunPaths,
        writer: AtomicWriter,
        identity: RunIdentity,
        radio: Radio,
        now: Timestamp,
    ) -> Result<Self, LifecycleError> {
        for path in [&paths.lock, &paths.state] {
            if let Some(folder) = path.parent() {
                writer.create_directory(folder)?;
            }
        }
        let lock = RunLock::take(&paths.lock, identity.pid, writer)?;
        let interrupted = leftover::find(&paths, now);
        if let Some((state, info)) = &interrupted {
            writer.write(&paths.state, &to_file(state))?;
            if let Some(wlanpi) = &paths.wlanpi {
                wlanpi.ended(writer, state, info)?;
            }
        }
        let info = InfoDocument::new(&identity.version, radio, now.into());
        let files = Self {
            writer,
            paths,
            identity,
            info,
            interrupted: interrupted.map(|(state, _)| state),
            _lock: lock,
        };
        files.write_info()?;
        files.write_status(RunState::Starting, None, None, now)?;
        Ok(files)
    }

    /// The record of an earlier run that ended without a word, if this start found one.
    #[must_use]
    pub fn interrupted(&self) -> Option<&StateDocument> {
        self.interrupted.as_ref()
    }

    /// What the info file holds.
    #[must_use]
    pub fn info(&self) -> &InfoDocument {
        &self.info
    }

    /// Replaces what the run works with; the next write of the info file shows it.
    pub fn set_radio(&mut self, radio: Radio) {
        self.info.radio = radio;
    }

    /// Everything is attached: writes info and state `running`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn running(&mut self, now: Timestamp) -> Result<(), LifecycleError> {
        self.refresh(now);
        self.write_info()?;
        if let Some(wlanpi) = &self.paths.wlanpi {
            wlanpi.network(self.writer, &self.info.radio.ssid)?;
        }
        Ok(self.write_status(RunState::Running, Some(Reason::StartupComplete), None, now)?)
    }

    /// A client was profiled: writes the info file at once. `mac` has colons; `counts` replace the last ones,
    /// except for its last profile, which is this one.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn profile_seen(&mut self, mac: &str, counts: Progress, now: Timestamp) -> Result<(), LifecycleError> {
        self.info.progress = counts;
        self.info.progress.last_profile = Some(mac.to_owned());
        self.info.progress.last_profile_timestamp = Some(now.into());
        self.refresh(now);
        if let Some(wlanpi) = &self.paths.wlanpi {
            wlanpi.profiled(self.writer, mac)?;
        }
        Ok(self.write_info()?)
    }

    /// [`INFO_INTERVAL`] has passed: writes the info file. Without a last profile in `counts` the last one stays.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn tick(&mut self, counts: Progress, now: Timestamp) -> Result<(), LifecycleError> {
        self.count(counts);
        self.refresh(now);
        Ok(self.write_info()?)
    }

    /// The last counts before the end; written by [`Self::stopped`] or [`Self::failed`].
    pub fn count(&mut self, counts: Progress) {
        let last = &self.info.progress;
        self.info.progress = Progress {
            last_profile: counts.last_profile.or_else(|| last.last_profile.clone()),
            last_profile_timestamp: counts.last_profile_timestamp.or(last.last_profile_timestamp),
            ..counts
        };
    }

    /// The run ends as asked: status `stopped`, state `success`, then info and status are removed.
    ///
    /// # Errors
    /// The first file that could not be written or removed; the others were tried all the same.
    pub fn stopped(mut self, now: Timestamp) -> Result<(), LifecycleError> {
        self.refresh(now);
        let exit = Exit {
            status: ExitStatus::Success,
            code: 0,
            reason: None,
            message: None,
        };
        let written = self.write_status(RunState::Stopped, Some(Reason::UserRequested), None, now);
        let recorded = self.write_state(exit, now);
        let info_removed = self.writer.remove(&self.paths.info);
        let status_removed = self.writer.remove(&self.paths.status);
        Ok(written.and(recorded).and(info_removed).and(status_removed)?)
    }

    /// The run ends by an error: status `failed` and info are kept, state `failed`.
    ///
    /// # Errors
    /// The first file that could not be written; the others were tried all the same.
    pub fn failed(mut self, failure: Failure, now: Timestamp) -> Result<(), LifecycleError> {
        self.refresh(now);
        let Failure { code, reason, message } = failure;
        let kept = self.write_info();
        let written = self.write_status(RunState::Failed, Some(reason), Some(message.clone()), now);
        let exit = Exit {
            status: ExitStatus::Failed,
            code,
            reason: Some(reason),
            message: Some(message),
        };
        Ok(written.and(self.write_state(exit, now)).and(kept)?)
    }

    fn refresh(&mut self, now: Timestamp) {
        self.info.uptime_seconds = UtcSeconds::from(now).since(self.info.started_at);
    }

    fn write_info(&self) -> Result<(), WriteError> {
        self.writer.write(&self.paths.info, &to_file(&self.info))
    }

    fn write_status(
        &self,
        state: RunState,
        reason: Option<Reason>,
        error: Option<String>,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let document = StatusDocument {
            schema_version: SCHEMA_VERSION.into(),
            state,
            reason,
            startup_method: self.identity.startup_method,
            pid: self.identity.pid,
            timestamp: now.into(),
            error,
        };
        self.writer.write(&self.paths.status, &to_file(&document))
    }

    fn write_state(&self, exit: Exit, now: Timestamp) -> Result<(), WriteError> {
        let state = StateDocument::new(&self.info, now.into(), exit);
        let written = self.writer.write(&self.paths.state, &to_file(&state));
        match &self.paths.wlanpi {
            Some(wlanpi) => written.and(wlanpi.ended(self.writer, &state, &self.info)),
            None => written,
        }
    }
}
