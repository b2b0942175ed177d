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
    /// What else wlanpi-profiler writes, where that is asked for.
    pub wlanpi: Option<WlanpiPaths>,
}

/// Files of wlanpi-profiler that say what ours do, for programs that read only these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WlanpiPaths {
    /// `STEM.ssid`: the network's name, while there is one.
    pub ssid: PathBuf,
    /// `STEM.last_profile`: the address of the client profiled last, as 12 hexadecimal digits; kept.
    pub last_profile: PathBuf,
    /// `last-session.json` beside the state.
    pub session: PathBuf,
}

impl RunPaths {
    /// The stem that other programs expect.
    pub const DEFAULT_STEM: &str = "/run/wlanpi-profiler";
    /// The state file that other programs expect.
    pub const DEFAULT_STATE: &str = "/var/lib/wlanpi-profiler/state.json";

    /// The paths of a stem, which is a folder and the start of a name.
    #[must_use]
    pub fn new(stem: &Path, state: &Path) -> Self {
        let with = |suffix: &str| beside(stem, suffix);
        Self {
            status: with(".status.json"),
            info: with(".info.json"),
            socket: with(".sock"),
            lock: with(".lock"),
            state: state.to_owned(),
            wlanpi: None,
        }
    }

    /// The same, with those of wlanpi-profiler.
    #[must_use]
    pub fn with_wlanpi(self, stem: &Path) -> Self {
        let wlanpi = WlanpiPaths {
            ssid: beside(stem, ".ssid"),
            last_profile: beside(stem, ".last_profile"),
            session: self.state.with_file_name("last-session.json"),
        };
        Self {
            wlanpi: Some(wlanpi),
            ..self
        }
    }
}

fn beside(stem: &Path, suffix: &str) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

impl Default for RunPaths {
    fn default() -> Self {
        Self::new(Path::new(Self::DEFAULT_STEM), Path::new(Self::DEFAULT_STATE))
    }
}
