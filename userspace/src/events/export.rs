//! Of exporters.

use std::{fmt, path::Path};

use tracing::Level;

use super::{Event, Kind};

/// An exporter's other side can't be reached.
#[derive(Clone, Copy)]
pub struct ExporterLost<'a> {
    /// `ipfix`, `kafka`, `kafka-profiles`, `otlp`.
    pub exporter: &'static str,
    /// Where it exports to.
    pub to: &'a dyn fmt::Display,
    /// Why.
    pub error: &'a dyn fmt::Display,
}

impl Event for ExporterLost<'_> {
    const KIND: Kind = Kind::ExporterLost;
    const LEVEL: Level = Level::WARN;

    fn log(&self, suppressed: Option<u64>) {
        tracing::warn!(exporter = self.exporter, to = %self.to, error = %self.error, suppressed, "an exporter's connection is lost");
    }
}

/// An exporter's other side can be reached.
#[derive(Clone, Copy)]
pub struct ExporterRegained<'a> {
    /// `ipfix`, `kafka`, `kafka-profiles`, `otlp`.
    pub exporter: &'static str,
    /// Where it exports to.
    pub to: &'a dyn fmt::Display,
}

impl Event for ExporterRegained<'_> {
    const KIND: Kind = Kind::ExporterRegained;
    const LEVEL: Level = Level::INFO;

    fn log(&self, suppressed: Option<u64>) {
        tracing::info!(exporter = self.exporter, to = %self.to, suppressed, "an exporter is connected");
    }
}

/// An exporter failed on this host.
#[derive(Clone, Copy)]
pub struct ExportFailed<'a> {
    /// `files`, `kafka`, `kafka-profiles`.
    pub exporter: &'static str,
    /// What it can't do.
    pub what: &'static str,
    /// The file or folder.
    pub path: &'a Path,
    /// Why.
    pub error: &'a dyn fmt::Display,
}

impl Event for ExportFailed<'_> {
    const KIND: Kind = Kind::ExportFailed;
    const LEVEL: Level = Level::ERROR;

    fn log(&self, suppressed: Option<u64>) {
        tracing::error!(
            exporter = self.exporter,
            what = self.what,
            path = %self.path.display(),
            error = %self.error,
            suppressed,
            "an exporter has failed"
        );
    }
}
