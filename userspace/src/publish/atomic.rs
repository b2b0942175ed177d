//! One way to write a file: a reader sees the old content or the new, never a part, whatever happens in between.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// The mode of every published file: the owner writes, the group reads.
pub const FILE_MODE: u32 = 0o640;
/// The mode of every folder that airlens makes.
pub const DIRECTORY_MODE: u32 = 0o750;
/// The group that reads the files, where the system has it.
pub const GROUP: &str = "wlanpi";

/// The part of a write that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Making the folder.
    CreateDirectory,
    /// Creating the temporary file.
    Create,
    /// Writing the content.
    Write,
    /// Flushing the content to the medium.
    Sync,
    /// Giving the temporary file the final name.
    Rename,
    /// Flushing the folder's new entry to the medium.
    SyncDirectory,
    /// Removing the file.
    Remove,
    /// Reading the old content, where the new one continues it.
    Read,
}

impl Step {
    fn verb(self) -> &'static str {
        match self {
            Self::CreateDirectory => "make the folder",
            Self::Create => "create a file beside",
            Self::Write => "write",
            Self::Sync => "flush",
            Self::Rename => "replace",
            Self::SyncDirectory => "flush the folder of",
            Self::Remove => "remove",
            Self::Read => "read",
        }
    }
}

/// A file that could not be written or removed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {} {}: {source}; {}", .step.verb(), .path.display(), advice(.source))]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was being done.
    pub step: Step,
    /// The system's answer.
    pub source: io::Error,
}

impl WriteError {
    /// What is to be continued can't be read.
    pub(super) fn read(path: PathBuf, source: io::Error) -> Self {
        Self {
            path,
            step: Step::Read,
            source,
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "run as root, or choose a path that this user may write",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space on that file system",
        io::ErrorKind::ReadOnlyFilesystem => "choose a path on a writable file system",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file stands where a folder is needed: move it away, or choose another path"
        }
        io::ErrorKind::NotFound => "check that its folder exists",
        _ => "check the path and its file system",
    }
}

/// Attaches the path and the step to an I/O error.
pub(super) trait At<T> {
    fn at(self, path: &Path, step: Step) -> Result<T, WriteError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path, step: Step) -> Result<T, WriteError> {
        self.map_err(|source| WriteError {
            path: path.to_owned(),
            step,
            source,
        })
    }
}

/// Writes files with the project's mode and group.
#[derive(Clone, Copy, Debug, Default)]
pub struct AtomicWriter {
    gid: Option<u32>,
}

impl AtomicWriter {
    /// A writer whose files belong to the group with this number; `None` leaves the process's own group.
    #[must_use]
    pub fn new(gid: Option<u32>) -> Self {
        Self { gid }
    }

    /// A writer whose files belong to [`GROUP`], if `/etc/group` has it.
    #[must_use]
    pub fn for_system() -> Self {
        Self::new(
            fs::read_to_string("/etc/group")
                .ok()
                .and_then(|groups| group_id(&groups, GROUP)),
        )
    }

    /// Replaces `path` by `content`: temporary file in the same folder, fsync, rename, fsync of the folder.
    /// The temporary file has a fixed name, so that one left by a crash is overwritten by the next write.
    ///
    /// # Errors
    /// The step that failed; the old file stands as it was.
    pub fn write(&self, path: &Path, content: &[u8]) -> Result<(), WriteError> {
        let temporary = temporary_name(path);
        let written = self.write_temporary(&temporary, path, content);
        let renamed = written.and_then(|()| fs::rename(&temporary, path).at(path, Step::Rename));
        if renamed.is_err() {
            // Best effort: the write's own error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        renamed?;
        sync_directory(path).at(path, Step::SyncDirectory)
    }

    /// Makes `path` and its missing parents, mode [`DIRECTORY_MODE`]. What is there already is left alone.
    ///
    /// # Errors
    /// The folder that could not be made.
    pub fn create_directory(&self, path: &Path) -> Result<(), WriteError> {
        if path.is_dir() || path.as_os_str().is_empty() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.create_directory(parent)?;
        }
        match DirBuilder::new().mode(DIRECTORY_MODE).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
            made => made.at(path, Step::CreateDirectory)?,
        }
        let folder = File::open(path).at(path, Step::CreateDirectory)?;
        folder
            .set_permissions(Permissions::from_mode(DIRECTORY_MODE))
            .at(path, Step::CreateDirectory)?;
        self.give_to_group(&folder);
        Ok(())
    }

    /// Removes `path`; one that is not there is fine.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub fn remove(&self, path: &Path) -> Result<(), WriteError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.at(path, Step::Remove),
        }
    }

    fn write_temporary(&self, temporary: &Path, path: &Path, content: &[u8]) -> Result<(), WriteError> {
        self.remove(temporary)?;
        // create_new never follows a link that somebody put there.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(temporary)
            .at(path, Step::Create)?;
        file.set_permissions(Permissions::from_mode(FILE_MODE))
            .at(path, Step::Create)?;
        self.give_to_group(&file);
        file.write_all(content).at(path, Step::Write)?;
        file.sync_all().at(path, Step::Sync)
    }

    /// A missing group or right is no failure: the files then belong to the process's own group.
    pub(crate) fn give_to_group(&self, file: &File) {
        if self.gid.is_some() {
            let _ = fchown(file, None, self.gid);
        }
    }
}

/// `.NAME.tmp` in the folder of `path`.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".tmp");
    path.with_file_name(name)
}

pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// The number of the group `name` in a text of group(5).
#[must_use]
pub fn group_id(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn writes_replaces_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let writer = AtomicWriter::default();
        let path = folder.path().join("a/b/x.json");
        writer.create_directory(path.parent().unwrap()).unwrap();
        fs::write(temporary_name(&path), "left by a crash").unwrap();
        for content in ["first", "second"] {
            writer.write(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (FILE_MODE, DIRECTORY_MODE));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        writer.remove(&path).unwrap();
        writer.remove(&path).unwrap();
    }

    #[test]
    fn a_link_in_place_of_the_temporary_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("x"), folder.path().join("victim"));
        fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, temporary_name(&path)).unwrap();
        AtomicWriter::default().write(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(victim).unwrap(), "mine");
    }

    #[test]
    fn errors_name_path_step_and_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/x.json");
        let error = AtomicWriter::default().write(&path, b"").unwrap_err();
        assert_eq!(error.step, Step::Create);
        let text = error.to_string();
        assert!(
            text.contains("missing/x.json") && text.contains("check that its folder exists"),
            "{text}"
        );
        fs::write(folder.path().join("file"), "").unwrap();
        let error = AtomicWriter::default()
            .create_directory(&folder.path().join("file/sub"))
            .unwrap_err();
        assert_eq!(error.step, Step::CreateDirectory);
    }

    #[test]
    fn group_file() {
        let groups = "root:x:0:\nwlanpi-x:x:7:\nbroken\nwlanpi:x:1000:me,you\n";
        assert_eq!(group_id(groups, "wlanpi"), Some(1000));
        assert_eq!(group_id(groups, "nobody"), None);
    }
}
