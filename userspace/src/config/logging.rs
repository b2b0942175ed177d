//! `[logging]` and `[tracing]`: what is told of a run, how and where.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tracing::level_filters::LevelFilter;

use super::{
    ConfigError, LogFormat, LogLevel,
    check::{Problems, duration, wrong},
};
use crate::{
    logging::{FileOptions, LogOptions, LogOutput},
    spans::{Endpoint, SpanOptions},
};

const DEFAULT_OUTPUT: &str = "auto";
const DEFAULT_SIZE: &str = "100MB";
const NEVER: &str = "0s";
const MOST_BACKUPS: u64 = 10_000;

/// `[logging]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct LoggingLayer {
    pub level: Option<LogLevel>,
    pub format: Option<LogFormat>,
    pub output: Option<String>,
    pub max_size: Option<String>,
    pub max_backups: Option<u64>,
    pub max_age: Option<String>,
    pub compress: Option<bool>,
    pub audit: Option<PathBuf>,
}

/// `[tracing]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct TracingLayer {
    pub otlp_endpoint: Option<String>,
    pub headers_file: Option<PathBuf>,
    pub sample_ratio: Option<Ratio>,
}

impl LoggingLayer {
    /// What holds where nothing is said.
    pub(super) fn defaults() -> Self {
        Self {
            level: Some(LogLevel::default()),
            format: Some(LogFormat::default()),
            output: Some(DEFAULT_OUTPUT.to_owned()),
            max_size: Some(DEFAULT_SIZE.to_owned()),
            max_backups: Some(FileOptions::MAX_BACKUPS as u64),
            max_age: Some(NEVER.to_owned()),
            compress: Some(true),
            audit: None,
        }
    }

    pub(super) fn overridden_by(self, higher: Self) -> Self {
        Self {
            level: higher.level.or(self.level),
            format: higher.format.or(self.format),
            output: higher.output.or(self.output),
            max_size: higher.max_size.or(self.max_size),
            max_backups: higher.max_backups.or(self.max_backups),
            max_age: higher.max_age.or(self.max_age),
            compress: higher.compress.or(self.compress),
            audit: higher.audit.or(self.audit),
        }
    }

    /// Checks these settings.
    pub(super) fn check(self, problems: &mut Problems) -> LogOptions {
        let rotation = FileOptions {
            max_size: problems.keep(size(self.max_size.as_deref().unwrap_or(DEFAULT_SIZE))),
            max_backups: problems.keep(backups(self.max_backups)),
            max_age: problems.keep(age(self.max_age.as_deref().unwrap_or(NEVER))),
            compress: self.compress.unwrap_or(true),
            ..FileOptions::new(PathBuf::new())
        };
        let output = problems.keep(output(self.output.as_deref().unwrap_or(DEFAULT_OUTPUT)));
        let audit = problems.keep(audit(self.audit, &output));
        LogOptions {
            level: filter(self.level.unwrap_or_default()),
            format: self.format.unwrap_or_default(),
            output,
            rotation,
            audit,
        }
    }
}

impl TracingLayer {
    /// What holds where nothing is said.
    pub(super) fn defaults() -> Self {
        Self {
            sample_ratio: Some(Ratio::default()),
            ..Self::default()
        }
    }

    pub(super) fn overridden_by(self, higher: Self) -> Self {
        Self {
            otlp_endpoint: higher.otlp_endpoint.or(self.otlp_endpoint),
            headers_file: higher.headers_file.or(self.headers_file),
            sample_ratio: higher.sample_ratio.or(self.sample_ratio),
        }
    }

    /// Checks these settings; `None` where spans go nowhere.
    pub(super) fn check(self, problems: &mut Problems) -> Option<SpanOptions> {
        let Self {
            otlp_endpoint,
            headers_file,
            sample_ratio,
        } = self;
        let endpoint = otlp_endpoint.map(|endpoint| {
            endpoint
                .parse::<Endpoint>()
                .or_else(|error| wrong("tracing.otlp_endpoint", error.to_string()))
        });
        let endpoint = problems.keep(endpoint.transpose())?;
        Some(SpanOptions {
            endpoint,
            headers_file,
            sample_ratio: sample_ratio.unwrap_or_default().value(),
        })
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

fn output(text: &str) -> Result<LogOutput, ConfigError> {
    match text {
        "auto" => Ok(LogOutput::Auto),
        "stderr" => Ok(LogOutput::Stderr),
        "journald" => Ok(LogOutput::Journald),
        path if path.contains('/') && !path.ends_with('/') => Ok(LogOutput::File(path.into())),
        _ => wrong(
            "logging.output",
            format!("{text:?}: use auto, stderr, journald, or the path of a file, with a /"),
        ),
    }
}

fn audit(path: Option<PathBuf>, output: &LogOutput) -> Result<Option<PathBuf>, ConfigError> {
    match path {
        Some(path) if *output == LogOutput::File(path.clone()) => {
            wrong("logging.audit", "is the log itself (logging.output): name another file")
        }
        Some(path) if path.file_name().is_none() => wrong("logging.audit", "name a file"),
        path => Ok(path),
    }
}

/// `100MB` (decimal), `64MiB` (binary) or plain octets; 0 is no limit.
fn size(text: &str) -> Result<u64, ConfigError> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text[digits.len()..].trim_start();
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "kb" => Some(1_000),
        "mb" => Some(1_000_000),
        "gb" => Some(1_000_000_000),
        "kib" => Some(1 << 10),
        "mib" => Some(1 << 20),
        "gib" => Some(1 << 30),
        _ => None,
    };
    let octets = digits.parse::<u64>().ok().zip(factor);
    match octets.and_then(|(number, factor)| number.checked_mul(factor)) {
        Some(octets) if octets == 0 || (4096..=1 << 50).contains(&octets) => Ok(octets),
        _ => wrong(
            "logging.max_size",
            format!("{text:?}: use a size like \"100MB\" or \"64MiB\", 4096 octets at least; 0 is no limit"),
        ),
    }
}

fn backups(number: Option<u64>) -> Result<usize, ConfigError> {
    match number.unwrap_or(FileOptions::MAX_BACKUPS as u64) {
        number @ 1..=MOST_BACKUPS => Ok(number as usize),
        _ => wrong("logging.max_backups", format!("use a number from 1 to {MOST_BACKUPS}")),
    }
}

/// Days too, which clocks take for 24 hours here.
fn age(text: &str) -> Result<Duration, ConfigError> {
    let days = text.strip_suffix('d').and_then(|days| days.trim().parse::<u64>().ok());
    let age = match days {
        Some(days) => days.checked_mul(86_400).map(Duration::from_secs),
        None => duration(text),
    };
    let fits =
        |age: &Duration| age.is_zero() || (Duration::from_secs(1)..=Duration::from_hours(24 * 36_500)).contains(age);
    match age.filter(fits) {
        Some(age) => Ok(age),
        None => wrong(
            "logging.max_age",
            format!("{text:?}: use a time like \"7d\" or \"36h\"; 0s is for ever"),
        ),
    }
}

/// A number from 0 to 1, kept in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio(u32);

const WHOLE: u32 = 1_000_000;

impl Ratio {
    fn of(number: f64) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to a million"
        )]
        (0.0..=1.0)
            .contains(&number)
            .then(|| Self((number * f64::from(WHOLE)).round() as u32))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self(WHOLE)
    }
}

/// No ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatioError;

impl fmt::Display for RatioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("use a number from 0 to 1, such as 0.1 for one request in ten")
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        text.parse().ok().and_then(Self::of).ok_or(RatioError)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::of(number).ok_or_else(|| serde::de::Error::custom(RatioError))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages() {
        for (text, octets) in [
            ("100MB", 100_000_000),
            ("64MiB", 64 << 20),
            ("1 GB", 1_000_000_000),
            ("4096", 4096),
            ("0", 0),
        ] {
            assert_eq!(size(text).unwrap(), octets, "{text}");
        }
        for text in ["", "MB", "100M", "4095", "-1", "1.5GB", "99999999999GB", "100MBé"] {
            assert!(size(text).is_err(), "{text}");
        }
        for (text, seconds) in [("7d", 604_800), ("36h", 129_600), ("0s", 0)] {
            assert_eq!(age(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        for text in ["", "d", "7", "-1s", "999999999999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn outputs() {
        assert_eq!(output("/var/log/a").unwrap(), LogOutput::File("/var/log/a".into()));
        assert_eq!(output("./a").unwrap(), LogOutput::File("./a".into()));
        assert!(
            ["", "stdout", "a.log", "/var/log/"]
                .iter()
                .all(|text| output(text).is_err())
        );
        assert!(audit(Some("/a".into()), &LogOutput::File("/a".into())).is_err());
        assert_eq!(
            audit(Some("/b".into()), &LogOutput::File("/a".into())).unwrap(),
            Some("/b".into())
        );
    }

    #[test]
    fn ratios() {
        assert_eq!("0.25".parse::<Ratio>().unwrap().value(), 0.25);
        assert!(
            ["1.1", "-0.1", "NaN", "x"]
                .iter()
                .all(|text| text.parse::<Ratio>().is_err())
        );
    }
}
