//! Captures as files: whole at any time, of the owner and the group alone.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::{
        fd::AsFd as _,
        unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    },
    path::{Path, PathBuf},
};

use crate::publish::atomic::{FILE_MODE, Step, WriteError};

/// A capture that is written block by block.
#[derive(Debug)]
pub struct CaptureFile {
    path: PathBuf,
    file: File,
    /// Octets of whole blocks, where the file can be cut.
    whole: Option<u64>,
    written: u64,
}

impl CaptureFile {
    /// Makes the file, or empties the one of that name. A pipe or device is written as it is.
    ///
    /// # Errors
    ///
    /// It can't be made.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        let error = |source| WriteError {
            path: path.to_owned(),
            step: Step::Create,
            source,
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(FILE_MODE);
        let file = options.open(path).map_err(error)?;
        Self::of(path, file)
    }

    /// The standard output.
    ///
    /// # Errors
    ///
    /// It is closed.
    pub fn standard_output() -> Result<Self, WriteError> {
        let path = Path::new("standard output");
        let file = io::stdout().as_fd().try_clone_to_owned().map_err(|source| WriteError {
            path: path.to_owned(),
            step: Step::Create,
            source,
        })?;
        Self::of(path, file.into())
    }

    fn of(path: &Path, file: File) -> Result<Self, WriteError> {
        let kind = file.metadata().map(|metadata| metadata.file_type());
        let special = kind.is_ok_and(|kind| kind.is_fifo() || kind.is_char_device() || kind.is_socket());
        Ok(Self {
            path: path.to_owned(),
            file,
            whole: (!special).then_some(0),
            written: 0,
        })
    }

    /// Appends whole blocks.
    ///
    /// # Errors
    ///
    /// They can't be written: the file ends with the last block that is whole.
    pub fn write(&mut self, blocks: &[u8]) -> Result<(), WriteError> {
        if let Err(source) = self.file.write_all(blocks) {
            if let Some(whole) = self.whole {
                // Of what came before, all can be read; the error that matters is told.
                let _ = self.file.set_len(whole);
            }
            return Err(WriteError {
                path: self.path.clone(),
                step: Step::Write,
                source,
            });
        }
        self.written += blocks.len() as u64;
        self.whole = self.whole.map(|whole| whole + blocks.len() as u64);
        Ok(())
    }

    /// Octets written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_file_is_of_owner_and_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcapng");
        fs::write(&path, b"something older, and longer").unwrap();
        fs::remove_file(&path).unwrap();
        let mut file = CaptureFile::create(&path).unwrap();
        file.write(b"block").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"block");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777 & !FILE_MODE,
            0
        );
        assert_eq!(file.written(), 5);
    }

    #[test]
    fn what_has_no_place_is_told() {
        let mut full = CaptureFile::create(Path::new("/dev/full")).unwrap();
        let error = full.write(b"block").unwrap_err();
        assert!(error.to_string().contains("/dev/full"), "{error}");
        let error = CaptureFile::create(Path::new("/nowhere/a.pcapng")).unwrap_err();
        assert!(error.to_string().contains("check that its folder exists"), "{error}");
    }
}
