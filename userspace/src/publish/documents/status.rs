//! The status document: what state a run is in.

use serde::{Deserialize, Serialize};

use super::UtcSeconds;

/// States of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Programs are loaded, interfaces prepared.
    Starting,
    /// Frames are captured.
    Running,
    /// The run ended as asked.
    Stopped,
    /// The run ended by an error.
    Failed,
}

/// Why a state was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Everything is attached.
    StartupComplete,
    /// A signal, or the end of the time asked for.
    UserRequested,
    /// The regulatory domain is not known.
    CountryCodeDetection,
    /// The interface is missing or cannot do what is asked.
    InterfaceValidation,
    /// The configuration is wrong.
    ConfigValidation,
    /// A program or kernel feature that is needed is missing.
    MissingTools,
    /// A capability is missing.
    InsufficientPermissions,
    /// Another run holds the lock.
    AlreadyRunning,
    /// A named file does not exist.
    FileNotFound,
    /// hostapd did not start.
    HostapdStartFailed,
    /// hostapd ended during the run.
    HostapdCrashed,
    /// The injected access point ended during the run.
    FakeapCrashed,
    /// Any other failure.
    UnknownError,
}

/// Who started the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartupMethod {
    /// A systemd unit.
    Systemd,
    /// A command line.
    Cli,
}

impl StartupMethod {
    /// Reads the method from the environment, handed in as a lookup: systemd sets `INVOCATION_ID` for every unit
    /// and `NOTIFY_SOCKET` for those of `Type=notify` (systemd.exec(5)).
    pub fn detect(environment: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| environment(name).is_some_and(|value| !value.is_empty());
        if set("INVOCATION_ID") || set("NOTIFY_SOCKET") {
            Self::Systemd
        } else {
            Self::Cli
        }
    }
}

/// `STEM.status.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDocument {
    /// [`super::SCHEMA_VERSION`].
    pub schema_version: String,
    /// The state entered at `timestamp`.
    pub state: RunState,
    /// Why; absent while starting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Who started the run.
    pub startup_method: StartupMethod,
    /// The process.
    pub pid: u32,
    /// When the state was entered.
    pub timestamp: UtcSeconds,
    /// For people: what failed and what to do. Only in state `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn startup_method_follows_the_units_environment() {
        let with = |name: &'static str| StartupMethod::detect(move |asked| (asked == name).then(|| "x".into()));
        assert_eq!(with("INVOCATION_ID"), StartupMethod::Systemd);
        assert_eq!(with("NOTIFY_SOCKET"), StartupMethod::Systemd);
        assert_eq!(with("HOME"), StartupMethod::Cli);
        assert_eq!(StartupMethod::detect(|_| Some(String::new())), StartupMethod::Cli);
    }
}
