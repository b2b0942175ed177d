//! Files of flows: JSON Lines or CSV, a row a flow.

mod output;

use std::path::{Path, PathBuf};

pub(super) use output::FileOutput;
pub use output::{FileError, FileOptions};

use super::InterfaceNames;
use crate::{
    flow::{EndedFlow, Row},
    kernel::Clock,
};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// A JSON object a line (`docs/schemas/flow.schema.json`).
    JsonLines,
    /// RFC 4180, with a line of column names first.
    Csv,
}

/// A name that tells no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{:?} tells no format: end the name in .jsonl or .csv", .0.display().to_string())]
pub struct RowFormatError(PathBuf);

impl RowFormat {
    /// By the end of a file's name.
    ///
    /// # Errors
    ///
    /// It is neither `.jsonl`, `.ndjson` nor `.csv`.
    pub fn of(path: &Path) -> Result<Self, RowFormatError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            Some("csv") => Ok(Self::Csv),
            _ => Err(RowFormatError(path.to_owned())),
        }
    }

    /// What a file starts with.
    #[must_use]
    pub fn head(self) -> String {
        match self {
            Self::JsonLines => String::new(),
            Self::Csv => format!("{}\r\n", Row::COLUMNS.join(",")),
        }
    }

    /// A row, with its line end.
    ///
    /// # Errors
    ///
    /// Never: a row is an object of JSON.
    pub fn line(self, row: &Row) -> serde_json::Result<String> {
        match self {
            Self::JsonLines => crate::json::to_string(row).map(|line| line + "\n"),
            Self::Csv => row.csv(),
        }
    }
}

/// The row of a flow of this machine.
pub(in crate::export) fn row(ended: &EndedFlow, clock: Clock, names: &InterfaceNames) -> Row {
    let mut row = Row::new(&ended.flow, Some(ended.reason), &|time| unix(clock, time));
    row.interface = names.read().get(&ended.flow.key.ifindex).cloned();
    row
}

/// A time of the kernel's clock in ns since 1970.
pub(in crate::export) fn unix(clock: Clock, time: u64) -> u64 {
    u64::try_from(clock.timestamp(time).as_nanosecond()).unwrap_or(0)
}
