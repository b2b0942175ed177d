//! A run that fails, as its files and events tell it.

use jiff::Timestamp;

use super::{RunOptions, SessionError};
use crate::{
    events::FrameSourceRefused,
    exit::Exit,
    kernel::KernelError,
    publish::lifecycle::{Failure, RunFiles},
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
