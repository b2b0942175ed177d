//! A ring of files: the newest are kept.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::publish::atomic::{Step, WriteError};

/// Names for one file after another, and the removal of the oldest.
///
/// As dumpcap names them: `NAME_00001_20260102030405.pcapng`, the number counted from 1, the time that of the file's start.
#[derive(Debug)]
pub struct FileRing {
    pattern: PathBuf,
    most: Option<usize>,
    number: u64,
    zone: TimeZone,
    names: VecDeque<PathBuf>,
}

impl FileRing {
    /// A ring of at the most so many files (`None`: no bound), named after `pattern`, with times of a zone.
    #[must_use]
    pub fn new(pattern: &Path, most: Option<usize>, zone: TimeZone) -> Self {
        Self {
            pattern: pattern.to_owned(),
            most,
            number: 0,
            zone,
            names: VecDeque::new(),
        }
    }

    /// The name of the next file. Those that are too many by it are removed.
    ///
    /// # Errors
    ///
    /// An old file can't be removed.
    pub fn next(&mut self, now: Timestamp) -> Result<PathBuf, WriteError> {
        self.number += 1;
        let time = now.to_zoned(self.zone.clone()).strftime("%Y%m%d%H%M%S").to_string();
        let mut name = OsString::from(self.pattern.file_stem().unwrap_or_default());
        name.push(format!("_{:05}_{time}", self.number));
        if let Some(extension) = self.pattern.extension() {
            name.push(".");
            name.push(extension);
        }
        let path = self.pattern.with_file_name(name);
        self.names.push_back(path.clone());
        while self.most.is_some_and(|most| self.names.len() > most) {
            let Some(oldest) = self.names.pop_front() else { break };
            match fs::remove_file(&oldest) {
                Ok(()) => {}
                // Somebody took it away already.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Err(WriteError {
                        path: oldest,
                        step: Step::Remove,
                        source,
                    });
                }
            }
        }
        Ok(path)
    }

    /// Files so far, removed ones too.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut ring = FileRing::new(&folder.path().join("a.b.pcapng"), Some(2), TimeZone::UTC);
        for second in 0..4 {
            let path = ring
                .next(Timestamp::from_second(1_700_000_000 + second).unwrap())
                .unwrap();
            fs::write(path, b"").unwrap();
        }
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(
            left,
            ["a.b_00003_20231114221322.pcapng", "a.b_00004_20231114221323.pcapng"]
        );
        assert_eq!(ring.files(), 4);
    }

    #[test]
    fn a_name_without_an_extension() {
        let mut ring = FileRing::new(Path::new("x/all"), None, TimeZone::UTC);
        let path = ring.next(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(path, Path::new("x/all_00001_19700101000000"));
    }
}
