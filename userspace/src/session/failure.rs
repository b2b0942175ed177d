//! A run that fails, as its files and events tell it.

use jiff::Timestamp;

use super::{RunOptions, SessionError};
use crate::{
    config::CaptureMode,
    events::FrameSourceRefused,
    exit::Exit,
    kernel::KernelError,
    publish::{
        atomic::AtomicWriter,
        lifecycle::{Failure, RunFiles, RunIdentity, RunPaths},
    },
};

/// An interface whose frames can't be taken, or must not be.
pub(super) fn refused_source(options: &RunOptions, error: &SessionError) {
    let named = options.stage.interface.as_deref().unwrap_or_default();
    let interface = match error {
        SessionError::NotWireless { name } | SessionError::NoEthernet { name } => name,
        SessionError::Held { interface, .. } => interface,
        SessionError::Kernel(KernelError::NoInterface { name, .. }) => name,
        SessionError::RadioInUse { .. } | SessionError::RadioOff { .. } => named,
        _ => return,
    };
    options.telemetry.events.emit(&FrameSourceRefused {
        interface,
        reason: error,
    });
}

/// Tells in a run's files why it did not begin; those of another run that is alive stay as they are.
pub fn refuse(options: &RefusedRun<'_>, failure: Failure) {
    let radio = super::writer::first_radio(options.interface, options.mode);
    let now = Timestamp::now();
    let files = RunFiles::start(
        options.paths.clone(),
        options.writer,
        options.identity.clone(),
        radio,
        now,
    );
    if let Err(unwritten) = files.and_then(|files| files.failed(failure, now)) {
        tracing::error!(error = %unwritten, "the failure is not recorded");
    }
}

/// A run that did not begin.
#[derive(Debug)]
pub struct RefusedRun<'a> {
    /// Where its files are.
    pub paths: &'a RunPaths,
    /// Who writes them.
    pub writer: AtomicWriter,
    /// What it is.
    pub identity: RunIdentity,
    /// The interface that was named.
    pub interface: Option<&'a str>,
    /// The mode that was asked for.
    pub mode: CaptureMode,
}

/// Writes a failure into the run's files and hands it on.
pub(super) fn record(files: RunFiles, error: SessionError) -> SessionError {
    if let Err(unwritten) = files.failed(failure_of(&error), Timestamp::now()) {
        tracing::error!(error = %unwritten, "the failure is not recorded");
    }
    error
}

pub(super) fn failure_of(error: &SessionError) -> Failure {
    Failure {
        code: Exit::of_cause(error).unwrap_or(Exit::Failure) as i32,
        reason: error.reason(),
        message: error.to_string(),
    }
}
