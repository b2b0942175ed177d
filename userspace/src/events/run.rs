//! Of a run's beginning and end.

use tracing::Level;

use super::{Event, Kind};
use crate::logging::AUDIT_ALONE;

/// The run begins.
#[derive(Clone, Copy, Debug)]
pub struct RunStarted<'a> {
    /// Who started it.
    pub uid: u32,
    /// `systemd` or `cli`.
    pub startup_method: &'a str,
    /// airlens's version.
    pub version: &'a str,
    /// This process.
    pub pid: u32,
    /// Its effective capabilities, separated by blanks.
    pub capabilities: &'a str,
    /// What is set otherwise than by default, without secrets: `KEY=VALUE`, separated by blanks.
    pub settings: &'a str,
}

impl Event for RunStarted<'_> {
    const KIND: Kind = Kind::RunStarted;
    const LEVEL: Level = Level::INFO;

    fn log(&self, _: Option<u64>) {
        tracing::info!(
            target: AUDIT_ALONE,
            version = self.version,
            pid = self.pid,
            uid = self.uid,
            startup_method = self.startup_method,
            capabilities = self.capabilities,
            settings = self.settings,
            "airlens starts"
        );
    }
}

/// The run has ended.
#[derive(Clone, Copy, Debug)]
pub struct RunStopped<'a> {
    /// This process.
    pub pid: u32,
    /// Who started it.
    pub uid: u32,
    /// Exit code.
    pub code: u8,
    /// What ended it, if it was not the user.
    pub error: Option<&'a str>,
    /// How long it ran.
    pub seconds: u64,
}

impl Event for RunStopped<'_> {
    const KIND: Kind = Kind::RunStopped;
    const LEVEL: Level = Level::INFO;

    fn log(&self, _: Option<u64>) {
        tracing::info!(
            target: AUDIT_ALONE,
            pid = self.pid,
            uid = self.uid,
            code = self.code,
            error = self.error,
            seconds = self.seconds,
            "airlens has stopped"
        );
    }
}

/// The programs are attached: frames are captured.
#[derive(Clone, Copy, Debug)]
pub struct SessionCreated<'a> {
    /// The monitor interface.
    pub monitor: Option<&'a str>,
    /// How clients are met.
    pub mode: &'a str,
    /// The data interfaces, separated by commas.
    pub data: &'a str,
    /// Programs on interfaces.
    pub attachments: usize,
}

impl Event for SessionCreated<'_> {
    const KIND: Kind = Kind::SessionCreated;
    const LEVEL: Level = Level::INFO;

    fn log(&self, _: Option<u64>) {
        tracing::info!(
            monitor = self.monitor,
            mode = self.mode,
            data = self.data,
            attachments = self.attachments,
            "the session is created"
        );
    }
}

/// Nothing is captured any more.
#[derive(Clone, Copy, Debug)]
pub struct SessionEnded {
    /// How long it went on.
    pub seconds: u64,
    /// Profiles made.
    pub profiles: u64,
    /// Frames seen.
    pub frames: u64,
}

impl Event for SessionEnded {
    const KIND: Kind = Kind::SessionEnded;
    const LEVEL: Level = Level::INFO;

    fn log(&self, _: Option<u64>) {
        tracing::info!(
            seconds = self.seconds,
            profiles = self.profiles,
            frames = self.frames,
            "the session has ended"
        );
    }
}
