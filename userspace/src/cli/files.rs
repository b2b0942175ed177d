//! Where the verbs that look at a run find its files.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::de::DeserializeOwned;

use crate::publish::{
    lifecycle::RunPaths,
    query::{Asked, QueryError, Remote},
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
        self.asked().get_json(target, patience)
    }

    fn asked(&self) -> Asked {
        Asked::Socket(self.paths().socket)
    }
}

/// Options of the verbs that need no more of a run than its answers.
#[derive(Debug, clap::Args)]
pub(super) struct RunAt {
    #[command(flatten)]
    files: RunFiles,
    /// Ask there, such as http://127.0.0.1:9474 or https://sensor:9474, instead of the run's socket
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// File with the token that the API at --url asks for; of several the first
    #[arg(long, value_name = "FILE", requires = "url")]
    token_file: Option<PathBuf>,
    /// PEM file with the certificate of an https --url, or with its authority's; without it the system's authorities are trusted
    #[arg(long, value_name = "FILE", requires = "url")]
    ca_file: Option<PathBuf>,
}

impl RunAt {
    /// Where that is.
    pub(super) fn asked(&self) -> Result<Asked, QueryError> {
        let Some(url) = &self.url else {
            return Ok(self.files.asked());
        };
        let read = |path: &PathBuf| {
            Remote::token_of(path).map_err(|error| QueryError::Useless {
                url: url.clone(),
                why: format!("can't read {}: {error}", path.display()),
            })
        };
        let token = self.token_file.as_ref().map(read).transpose()?;
        Remote::new(url, token.as_deref(), self.ca_file.as_deref()).map(Asked::Remote)
    }

    /// Asks the run for `target`, such as `/api/stats`.
    pub(super) fn ask<T: DeserializeOwned>(&self, target: &str) -> Result<T, QueryError> {
        self.ask_within(target, PATIENCE)
    }

    /// The same, of a run that may take so long.
    pub(super) fn ask_within<T: DeserializeOwned>(&self, target: &str, patience: Duration) -> Result<T, QueryError> {
        self.asked()?.get_json(target, patience)
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
