//! Journals as files: `FOLDER/PHY.journal`, beside the lock that tells whether its run is alive.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{
    Journal, Live, Undone,
    change::SCHEMA_VERSION,
    undo::{foresee, undo},
};
use crate::{
    publish::atomic::AtomicWriter,
    session::{SessionError, lease::Lease},
};

/// Journals have a few KiB.
const MAX_FILE: u64 = 1 << 20;

/// A journal that can't be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "can't read the journal {}: {message}; look what it says (interfaces to set back, then `airlens interfaces`) and remove the file", .path.display()
)]
pub struct JournalError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub message: String,
}

/// Where a journal is kept.
pub(crate) trait Store {
    /// Keeps this in place of what was kept; without entries, nothing.
    fn write(&mut self, journal: &Journal) -> Result<(), SessionError>;
}

/// A journal's file.
#[derive(Debug)]
pub(crate) struct JournalFile {
    path: PathBuf,
    writer: AtomicWriter,
}

impl Store for JournalFile {
    fn write(&mut self, journal: &Journal) -> Result<(), SessionError> {
        let written = if journal.entries.is_empty() {
            self.writer.remove(&self.path)
        } else {
            // Texts and numbers alone: this cannot fail.
            let mut octets = serde_json::to_vec_pretty(journal).unwrap_or_default();
            octets.push(b'\n');
            self.writer.write(&self.path, &octets)
        };
        Ok(written.map_err(crate::publish::lifecycle::LifecycleError::from)?)
    }
}

/// The folder of locks and journals.
#[derive(Clone, Debug)]
pub struct Journals {
    folder: PathBuf,
    writer: AtomicWriter,
}

/// What a journal's run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Over: the journal was undone, or would be.
    Ended,
    /// Alive: the journal is its own.
    Running,
    /// In another network namespace: it is to be undone there.
    Elsewhere,
    /// Before the machine was started anew: nothing of it is left.
    BeforeBoot,
}

/// A journal that was found, and what became of it.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The wireless device.
    pub phy: String,
    /// The run's process.
    pub pid: u32,
    /// Whether it is over.
    pub state: State,
    /// Its entries, from the end.
    pub undone: Vec<Undone>,
}

impl Journals {
    /// Those of a folder.
    #[must_use]
    pub fn new(folder: &Path, writer: AtomicWriter) -> Self {
        Self {
            folder: folder.to_owned(),
            writer,
        }
    }

    /// Takes the lock of a wireless device.
    pub(crate) fn lease(&self, phy: &str, pid: u32) -> Result<Lease, SessionError> {
        self.writer
            .create_directory(&self.folder)
            .map_err(crate::publish::lifecycle::LifecycleError::from)?;
        Lease::take(&self.path(phy, "lock"), phy, pid, self.writer)
    }

    /// A device's journal, and its file: empty but for what could not be undone yet. Its lock is to be held.
    pub(crate) fn open(&self, phy: &str, pid: u32) -> (Journal, JournalFile) {
        let mut journal = Journal {
            schema_version: SCHEMA_VERSION.to_owned(),
            boot_id: boot_id(),
            network_namespace: network_namespace(),
            pid,
            phy: phy.to_owned(),
            entries: Vec::new(),
        };
        if let Ok(left) = self.load(phy)
            && (&left.boot_id, left.network_namespace) == (&journal.boot_id, journal.network_namespace)
        {
            journal.entries = left.entries;
        }
        (journal, self.file(phy))
    }

    fn file(&self, phy: &str) -> JournalFile {
        JournalFile {
            path: self.path(phy, "journal"),
            writer: self.writer,
        }
    }

    fn path(&self, phy: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{phy}.{extension}"))
    }

    /// The devices that have a journal.
    fn devices(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut devices: Vec<_> = entries
            .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".journal")?.to_owned()))
            .filter(|name| !name.starts_with('.'))
            .collect();
        devices.sort();
        devices
    }

    /// Undoes every journal whose run is over; in a dry run, only looks.
    ///
    /// # Errors
    ///
    /// A journal that can't be read or written, or nl80211 that can't be reached. What can't be undone is an
    /// [`super::Outcome`] of its entry.
    pub async fn recover(&self, dry_run: bool) -> Result<Vec<Recovered>, SessionError> {
        let mut recovered = Vec::new();
        for phy in self.devices() {
            let mut journal = self.load(&phy)?;
            let (state, lease) = self.state(&journal)?;
            let undone = match state {
                State::Running | State::Elsewhere => Vec::new(),
                State::BeforeBoot => {
                    journal.entries.clear();
                    if !dry_run {
                        self.file(&phy).write(&journal)?;
                    }
                    Vec::new()
                }
                State::Ended => {
                    let (mut live, mut file) = (Live::connect()?, self.file(&phy));
                    if dry_run {
                        foresee(&journal, &mut live).await
                    } else {
                        undo(&mut journal, &mut live, |journal| file.write(journal)).await?
                    }
                }
            };
            drop(lease);
            recovered.push(Recovered {
                phy,
                pid: journal.pid,
                state,
                undone,
            });
        }
        Ok(recovered)
    }

    /// What the journal's run is, with its lock where it is over.
    fn state(&self, journal: &Journal) -> Result<(State, Option<Lease>), SessionError> {
        if journal.boot_id != boot_id() {
            return Ok((State::BeforeBoot, None));
        }
        if journal.network_namespace != network_namespace() {
            return Ok((State::Elsewhere, None));
        }
        match self.lease(&journal.phy, std::process::id()) {
            Ok(lease) => Ok((State::Ended, Some(lease))),
            Err(SessionError::RadioInUse { .. }) => Ok((State::Running, None)),
            Err(error) => Err(error),
        }
    }

    fn load(&self, phy: &str) -> Result<Journal, SessionError> {
        let path = self.path(phy, "journal");
        let read = || -> io::Result<Journal> {
            let mut text = Vec::new();
            File::open(&path)?.take(MAX_FILE).read_to_end(&mut text)?;
            let journal: Journal = serde_json::from_slice(&text)?;
            if journal.schema_version != SCHEMA_VERSION || journal.phy != phy {
                return Err(io::Error::other(
                    "it is of another version of airlens, or of another device",
                ));
            }
            Ok(journal)
        };
        read().map_err(|error| {
            let message = error.to_string();
            SessionError::Journal(JournalError { path, message })
        })
    }
}

/// Which start of the machine this is (`/proc/sys/kernel/random/boot_id`, proc(5)).
fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

/// The inode of the calling thread's network namespace (namespaces(7)); 0 where procfs is not mounted.
fn network_namespace() -> u64 {
    fs::metadata("/proc/thread-self/ns/net").map_or(0, |found| found.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::journal::Change;

    #[test]
    fn what_could_not_be_undone_stays_with_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let journals = Journals::new(folder.path(), AtomicWriter::default());
        let _lease = journals.lease("phy0", 1).unwrap();
        let (mut journal, mut file) = journals.open("phy0", 1);
        assert_eq!(journal.entries, []);
        let (before, after) = ("00".to_owned(), "DE".to_owned());
        journal.entries.push(Change::Country { before, after }.into());
        file.write(&journal).unwrap();
        let (next, mut file) = journals.open("phy0", 2);
        assert_eq!((&next.entries, next.pid), (&journal.entries, 2));
        journal.boot_id = "another".to_owned();
        file.write(&journal).unwrap();
        assert_eq!(journals.open("phy0", 3).0.entries, []);
        assert_eq!(journals.open("phy1", 3).0.entries, []);
        journal.entries.clear();
        file.write(&journal).unwrap();
        assert_eq!(journals.devices(), [""; 0]);
    }
}
