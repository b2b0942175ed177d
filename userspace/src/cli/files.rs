//! Where the verbs that look at a run find its files.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::de::DeserializeOwned;

use crate::publish::{
    lifecycle::RunPaths,
    query::{QueryError, get_json},
};

/// How long the run may take to answer, unless the verb says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Options of the verbs that look at a run.
#[derive(Debug, clap::Args)]
pub(super) struct RunFiles {
    /// Start of the paths of status, info and socket
    #[arg(long, value_name = "PATH", env = "AIRLENS_RUN_STEM", default_value = RunPaths::DEFAULT_STEM)]
    run_stem: PathBuf,
    /// File that records the end of the last run
    #[arg(long, value_name = "FILE", env = "AIRLENS_STATE_PATH", default_value = RunPaths::DEFAULT_STATE)]
    state_path: PathBuf,
}

impl RunFiles {
    pub(super) fn paths(&self) -> RunPaths {
        RunPaths::new(&self.run_stem, &self.state_path)
    }

    /// Asks the run for `target`, such as `/api/stats`.
    pub(super) fn ask<T: DeserializeOwned>(&self, target: &str) -> Result<T, QueryError> {
        self.ask_within(target, PATIENCE)
    }

    /// The same, of a run that may take so long.
    pub(super) fn ask_within<T: DeserializeOwned>(&self, target: &str, patience: Duration) -> Result<T, QueryError> {
        get_json(&self.paths().socket, target, patience)
    }
}

/// A JSON document; `None` where there is no such file.
pub(super) fn read_json(path: &Path) -> anyhow::Result<Option<serde_json::Value>> {
    use anyhow::Context as _;
    match std::fs::read(path) {
        Ok(text) => {
            let value =
                serde_json::from_slice(&text).with_context(|| format!("{} is no JSON document", path.display()))?;
            Ok(Some(value))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}: try with sudo", path.display())),
    }
}
