//! What a run is told.

use std::{path::PathBuf, sync::Arc, time::Duration};

use super::{EngineOptions, HopOptions, Listen, StageOptions, Telemetry};
use crate::{
    config::Radio,
    profile::Identity,
    publish::{
        atomic::AtomicWriter,
        http::{AccessOptions, MetricsPath},
        lifecycle::{RunIdentity, RunPaths},
    },
};

/// Everything that a run needs to know.
#[derive(Debug)]
pub struct RunOptions {
    /// The interfaces and how to prepare them; without one for Wi-Fi and without `data`, the only one that there is.
    pub stage: StageOptions,
    /// The radio and the access point.
    pub radio: Radio,
    /// The kernel side.
    pub engine: EngineOptions,
    /// The run's own files.
    pub paths: RunPaths,
    /// Client files go below this folder.
    pub files: PathBuf,
    /// How files are written.
    pub writer: AtomicWriter,
    /// Who runs.
    pub identity: RunIdentity,
    /// What clients are told by.
    pub known: Arc<Identity>,
    /// The metrics' prefix.
    pub namespace: String,
    /// Where metrics are served.
    pub metrics_path: MetricsPath,
    /// How old counts may be at a scrape.
    pub metrics_age: Duration,
    /// The API's address.
    pub listen: Listen,
    /// Whom it answers there.
    pub access: AccessOptions,
    /// A client that authenticated and asked for nothing more in this time has failed.
    pub attempt_timeout: Duration,
    /// Channels to visit; the radio stays where it is without.
    pub hop: Option<HopOptions>,
    /// Events, log and spans; the engine's events go there too.
    pub telemetry: Telemetry,
}
