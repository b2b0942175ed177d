//! Why the demonstration can't be shown.

use std::sync::Arc;

use crate::{capture::CaptureError, lab::LabError, session::SessionError};

/// An error of the demonstration.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The private network can't be made or used.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// The run in it failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The run failed once it was on.
    #[error("{0}")]
    Run(Arc<SessionError>),
    /// The embedded capture is damaged.
    #[error("the embedded capture {0}: build airlens anew")]
    Capture(#[from] CaptureError),
    /// A thread of the demonstration panicked.
    #[error("the {0} thread ended early: please report this")]
    Thread(&'static str),
}
