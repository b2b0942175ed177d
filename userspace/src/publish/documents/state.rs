//! The state document: how the last run ended.

use serde::{Deserialize, Serialize};

use super::{InfoDocument, Mode, Reason, SCHEMA_VERSION, UtcSeconds};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExitStatus {
    /// As asked.
    Success,
    /// By an error that the run reported.
    Failed,
    /// Without a word: killed, crashed, or the power went.
    Interrupted,
}

/// When a run was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its start.
    pub started_at: UtcSeconds,
    /// Its end; for an interrupted run its last sign of life.
    pub ended_at: UtcSeconds,
    /// Whole seconds between them.
    pub duration_seconds: u64,
}

/// How a run ended, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The kind of end.
    pub status: ExitStatus,
    /// The process's exit code; 1 for an interrupted run, whose real one nobody saw.
    pub code: i32,
    /// Why; null after a success.
    pub reason: Option<Reason>,
    /// For people; null after a success.
    pub message: Option<String>,
}

/// What a run was set to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// How clients were met.
    pub mode: Mode,
    /// IEEE 802.11 channel number, 0 if not known.
    pub channel: u32,
    /// The network's name.
    pub ssid: String,
}

/// What a run brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// Profiles published.
    pub profile_count: u64,
    /// Different stations seen.
    pub total_clients_seen: u64,
    /// Requests that gave no profile.
    pub failed_profile_count: u64,
    /// The client profiled last.
    pub last_profile: Option<String>,
    /// When it was profiled.
    pub last_profile_timestamp: Option<UtcSeconds>,
}

/// `state.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateDocument {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// The version that ran.
    pub profiler_version: String,
    /// When.
    pub session: Session,
    /// How it ended.
    pub exit: Exit,
    /// What it was set to do.
    pub configuration: Configuration,
    /// What it brought.
    pub metrics: Metrics,
}

impl StateDocument {
    /// The end of the run that `info` describes.
    #[must_use]
    pub fn new(info: &InfoDocument, ended_at: UtcSeconds, exit: Exit) -> Self {
        let (radio, progress) = (&info.radio, &info.progress);
        Self {
            schema_version: SCHEMA_VERSION.into(),
            profiler_version: info.profiler_version.clone(),
            session: Session {
                started_at: info.started_at,
                ended_at,
                duration_seconds: ended_at.since(info.started_at),
            },
            exit,
            configuration: Configuration {
                mode: radio.mode,
                channel: radio.channel,
                ssid: radio.ssid.clone(),
            },
            metrics: Metrics {
                profile_count: progress.profile_count,
                total_clients_seen: progress.total_clients_seen,
                failed_profile_count: progress.failed_profile_count,
                last_profile: progress.last_profile.clone(),
                last_profile_timestamp: progress.last_profile_timestamp,
            },
        }
    }
}
