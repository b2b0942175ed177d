//! `--pcapng`: the requests that are shown, as one capture.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::{
    capture::write::WrittenBy,
    profile::{Pcapng, Profile},
    publish::atomic::{Step, WriteError},
};

/// A file that is written request by request.
pub(super) struct Export {
    path: PathBuf,
    file: BufWriter<File>,
    format: Pcapng,
    /// Device and number of the file.
    identity: Option<(u64, u64)>,
}

impl Export {
    /// # Errors
    ///
    /// The file can't be created.
    pub(super) fn create(path: &Path) -> Result<Self, WriteError> {
        let error = |step, source| WriteError {
            path: path.to_owned(),
            step,
            source,
        };
        let file = File::create(path).map_err(|source| error(Step::Create, source))?;
        let (format, start) = Pcapng::start(&WrittenBy::default());
        let mut export = Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            format,
            identity: identity(path),
        };
        export.write(&start)?;
        Ok(export)
    }

    /// Whether an input is this very file: it must not be read while it grows.
    pub(super) fn is(&self, path: &Path) -> bool {
        self.identity.is_some() && identity(path) == self.identity
    }

    pub(super) fn add(&mut self, profile: &Profile) -> Result<(), WriteError> {
        let blocks = self.format.packet(profile);
        self.write(&blocks)
    }

    /// Hands all that was added to the file.
    pub(super) fn flush(&mut self) -> Result<(), WriteError> {
        self.file.flush().map_err(|source| self.error(source))
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), WriteError> {
        self.file.write_all(octets).map_err(|source| self.error(source))
    }

    fn error(&self, source: std::io::Error) -> WriteError {
        WriteError {
            path: self.path.clone(),
            step: Step::Write,
            source,
        }
    }
}

/// That of a regular file.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((metadata.dev(), metadata.ino()))
}
