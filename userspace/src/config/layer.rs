//! One source of settings, before it is checked: nothing is required, everything has its type.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use super::ConfigError;

/// Files are about 1 KiB.
const MAX_FILE: u64 = 1 << 20;

/// How clients are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptureMode {
    /// No transmission: whatever is on the air.
    #[default]
    Listen,
}

/// Where the programs are attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hook {
    /// The first that works: native XDP, TCX, generic XDP.
    #[default]
    Auto,
    /// XDP in the driver.
    Native,
    /// XDP in the stack.
    Generic,
    /// tc ingress.
    Tc,
}

/// What is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What ends or breaks a run.
    Error,
    /// And what harms it.
    Warn,
    /// And what it does.
    #[default]
    Info,
    /// And details.
    Debug,
    /// And every step.
    Trace,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A path, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<PathBuf>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a path or a list of paths")]
    enum OneOrMore {
        One(PathBuf),
        More(Vec<PathBuf>),
    }
    OneOrMore::deserialize(deserializer).map(|paths| match paths {
        OneOrMore::One(path) => Some(vec![path]),
        OneOrMore::More(paths) => Some(paths),
    })
}

/// Settings of one source; keys as in the file, meanings as in [`super::Config`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that the module's documentation shows with its meaning"
)]
pub struct Layer {
    pub interface: Option<String>,
    pub mode: Option<CaptureMode>,
    pub data: Option<Vec<String>>,
    pub listen: Option<SocketAddr>,
    pub files_path: Option<PathBuf>,
    pub run_stem: Option<PathBuf>,
    pub state_path: Option<PathBuf>,
    pub hook: Option<Hook>,
    pub ring_bytes: Option<u64>,
    pub flow_capacity: Option<u64>,
    pub subtypes: Option<Vec<String>>,
    pub pin: Option<PathBuf>,
    #[serde(default, deserialize_with = "one_or_more")]
    pub oui_file: Option<Vec<PathBuf>>,
    #[serde(default, deserialize_with = "one_or_more")]
    pub devices: Option<Vec<PathBuf>>,
    #[serde(default)]
    pub monitoring: MonitoringLayer,
    #[serde(default)]
    pub logging: LoggingLayer,
}

/// `[monitoring]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that the module's documentation shows with its meaning"
)]
pub struct MonitoringLayer {
    pub enabled: Option<bool>,
    pub prometheus_port: Option<u16>,
    pub metrics_path: Option<String>,
    pub namespace: Option<String>,
    pub update_interval: Option<String>,
}

/// `[logging]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that the module's documentation shows with its meaning"
)]
pub struct LoggingLayer {
    pub level: Option<LogLevel>,
    pub format: Option<LogFormat>,
}

impl Layer {
    /// The settings of a TOML file.
    ///
    /// # Errors
    /// [`ConfigError::Read`], [`ConfigError::Parse`].
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let read = || {
            let mut text = String::new();
            let length = File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
            if length as u64 > MAX_FILE {
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
            }
            Ok(text)
        };
        let text = read().map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            ConfigError::Parse {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
                message: error.message().to_owned(),
            }
        })
    }

    /// These settings with those of `higher` over them.
    #[must_use]
    pub fn overridden_by(self, higher: Self) -> Self {
        let (monitoring, logging) = (self.monitoring, self.logging);
        // Whoever names an address over a lower "no TCP listener" wants one.
        let wanted = (higher.listen.is_some() || higher.monitoring.prometheus_port.is_some()).then_some(true);
        // And whoever names one of the two overrides both.
        let lower_port = monitoring.prometheus_port.filter(|_| higher.listen.is_none());
        let lower_listen = self.listen.filter(|_| higher.monitoring.prometheus_port.is_none());
        Self {
            interface: higher.interface.or(self.interface),
            mode: higher.mode.or(self.mode),
            data: higher.data.or(self.data),
            listen: higher.listen.or(lower_listen),
            files_path: higher.files_path.or(self.files_path),
            run_stem: higher.run_stem.or(self.run_stem),
            state_path: higher.state_path.or(self.state_path),
            hook: higher.hook.or(self.hook),
            ring_bytes: higher.ring_bytes.or(self.ring_bytes),
            flow_capacity: higher.flow_capacity.or(self.flow_capacity),
            subtypes: higher.subtypes.or(self.subtypes),
            pin: higher.pin.or(self.pin),
            oui_file: higher.oui_file.or(self.oui_file),
            devices: higher.devices.or(self.devices),
            monitoring: MonitoringLayer {
                enabled: higher.monitoring.enabled.or(wanted).or(monitoring.enabled),
                prometheus_port: higher.monitoring.prometheus_port.or(lower_port),
                metrics_path: higher.monitoring.metrics_path.or(monitoring.metrics_path),
                namespace: higher.monitoring.namespace.or(monitoring.namespace),
                update_interval: higher.monitoring.update_interval.or(monitoring.update_interval),
            },
            logging: LoggingLayer {
                level: higher.logging.level.or(logging.level),
                format: higher.logging.format.or(logging.format),
            },
        }
    }
}
