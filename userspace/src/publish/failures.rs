//! `failures.json` below the files path: clients that tried to join an access point and gave no profile, and why.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    atomic::{AtomicWriter, WriteError},
    documents::{UtcSeconds, to_file},
};

/// Failures that are kept, those seen last.
const MOST: usize = 256;
/// A file of [`MOST`] failures is some 100 KiB.
const MOST_OCTETS: u64 = 1 << 20;

/// A client that failed with an access point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedClient {
    /// Its address, `aa:bb:cc:dd:ee:ff`.
    pub mac: String,
    /// Its maker; empty where unknown.
    pub manuf: String,
    /// The access point.
    pub bssid: String,
    /// It was another one than the run's own.
    pub observed: bool,
    /// Channel frequency in MHz, 0 where unknown.
    pub frequency: u16,
    /// Authentication Algorithm Number (IEEE Std 802.11-2020 9.4.1.1).
    pub algorithm: u16,
    /// Why: one of a few words.
    pub cause: String,
    /// Status Code (9.4.1.9) of the access point's last answer, where heard.
    pub status_code: Option<u16>,
    /// Reason Code (9.4.1.7) of the frame that ended the attempt, where heard and readable.
    pub reason_code: Option<u16>,
    /// When it failed so first.
    pub first_seen: UtcSeconds,
    /// And last.
    pub last_seen: UtcSeconds,
    /// How often.
    pub count: u64,
}

/// `failures.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailuresDocument {
    /// By when they were seen last.
    pub failures: Vec<FailedClient>,
}

/// The file, and what it holds.
#[derive(Debug)]
pub struct Failures {
    path: PathBuf,
    writer: AtomicWriter,
    document: FailuresDocument,
}

impl Failures {
    /// The file below a files path.
    #[must_use]
    pub fn path(files_path: &Path) -> PathBuf {
        files_path.join("failures.json")
    }

    /// Goes on with the file below `files_path`; one that can't be read is begun anew.
    #[must_use]
    pub fn open(files_path: &Path, writer: AtomicWriter) -> Self {
        let path = Self::path(files_path);
        let document = read(&path).unwrap_or_default();
        Self { path, writer, document }
    }

    /// Adds failures and writes the file. A client that fails with the same access point for the same cause is listed once.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn add(&mut self, failed: Vec<FailedClient>) -> Result<(), WriteError> {
        let list = &mut self.document.failures;
        for mut new in failed {
            let same = |old: &FailedClient| (&old.mac, &old.bssid, &old.cause) == (&new.mac, &new.bssid, &new.cause);
            if let Some(place) = list.iter().position(same) {
                let old = list.remove(place);
                new.count = old.count.saturating_add(new.count);
                new.first_seen = old.first_seen;
            }
            list.push(new);
        }
        list.drain(..list.len().saturating_sub(MOST));
        if let Some(folder) = self.path.parent() {
            self.writer.create_directory(folder)?;
        }
        self.writer.write(&self.path, &to_file(&self.document))
    }
}

fn read(path: &Path) -> Option<FailuresDocument> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(MOST_OCTETS).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(number: usize, second: i64) -> FailedClient {
        let time = jiff::Timestamp::from_second(second).unwrap().into();
        FailedClient {
            mac: format!("02:00:00:00:{:02x}:{:02x}", number >> 8, number & 255),
            manuf: String::new(),
            bssid: "02:00:00:00:00:01".to_owned(),
            observed: false,
            frequency: 5180,
            algorithm: 3,
            cause: "wrong-password".to_owned(),
            status_code: Some(15),
            reason_code: None,
            first_seen: time,
            last_seen: time,
            count: 1,
        }
    }

    #[test]
    fn the_same_failure_is_listed_once_and_the_oldest_give_way() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Failures::open(folder.path(), AtomicWriter::new(None));
        open().add(vec![failed(1, 10), failed(2, 11)]).unwrap();
        // Another run.
        open().add(vec![failed(1, 20)]).unwrap();
        let document = read(&Failures::path(folder.path())).unwrap();
        let again = FailedClient {
            count: 2,
            last_seen: failed(1, 20).last_seen,
            ..failed(1, 10)
        };
        assert_eq!(document.failures, [failed(2, 11), again]);
        open()
            .add((0..MOST + 2).map(|number| failed(number, 30)).collect())
            .unwrap();
        let document = read(&Failures::path(folder.path())).unwrap();
        assert_eq!(
            (document.failures.len(), &document.failures[0].mac),
            (MOST, &failed(2, 0).mac)
        );
        std::fs::write(Failures::path(folder.path()), "{").unwrap();
        open().add(vec![failed(9, 40)]).unwrap();
        assert_eq!(read(&Failures::path(folder.path())).unwrap().failures.len(), 1);
    }
}
