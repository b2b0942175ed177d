//! Where a run's files are.

use std::path::{Path, PathBuf};

/// The paths of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPaths {
    /// `STEM.status.json`.
    pub status: PathBuf,
    /// `STEM.info.json`.
    pub info: PathBuf,
    /// `STEM.sock`: the HTTP API on a Unix socket.
    pub socket: PathBuf,
    /// `STEM.lock`: held while the run lasts, and left there.
    pub lock: PathBuf,
    /// The record of the last run's end.
    pub state: PathBuf,
}

impl RunPaths {
    /// The stem that other programs expect.
    pub const DEFAULT_STEM: &str = "/run/wlanpi-profiler";
    /// The state file that other programs expect.
    pub const DEFAULT_STATE: &str = "/var/lib/wlanpi-profiler/state.json";

    /// The paths of a stem, which is a folder and the start of a name.
    #[must_use]
    pub fn new(stem: &Path, state: &Path) -> Self {
        let with = |suffix: &str| {
            let mut path = stem.as_os_str().to_owned();
            path.push(suffix);
            PathBuf::from(path)
        };
        Self {
            status: with(".status.json"),
            info: with(".info.json"),
            socket: with(".sock"),
            lock: with(".lock"),
            state: state.to_owned(),
        }
    }
}

impl Default for RunPaths {
    fn default() -> Self {
        Self::new(Path::new(Self::DEFAULT_STEM), Path::new(Self::DEFAULT_STATE))
    }
}
