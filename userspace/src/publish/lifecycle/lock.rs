//! One run for one stem: a lock that the kernel lets go of however the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::LifecycleError;
use crate::publish::atomic::{AtomicWriter, FILE_MODE, Step, WriteError};

/// The flock(2) of a run. The file stays behind unlocked: removing it would let two runs hold "the" lock.
#[derive(Debug)]
pub(super) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock and writes the process's number into its file.
    pub(super) fn take(path: &Path, pid: u32, writer: AtomicWriter) -> Result<Self, LifecycleError> {
        match lock_file(path, pid, writer)? {
            Locked::Held(file) => Ok(Self { _file: file }),
            Locked::Taken(pid) => Err(LifecycleError::AlreadyRunning { pid }),
        }
    }
}

/// What came of an attempt to lock.
pub(crate) enum Locked {
    /// Ours, as long as the file is open.
    Held(File),
    /// Another process's, if its file tells.
    Taken(Option<u32>),
}

/// Locks a file and writes the process's number into it.
pub(crate) fn lock_file(path: &Path, pid: u32, writer: AtomicWriter) -> Result<Locked, WriteError> {
    let error = |step| {
        move |source| WriteError {
            path: path.to_owned(),
            step,
            source,
        }
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path)
        .map_err(error(Step::Create))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Locked::Taken(holder(&mut file))),
        Err(TryLockError::Error(source)) => return Err(error(Step::Create)(source)),
    }
    writer.give_to_group(&file);
    file.set_len(0)
        .and_then(|()| writeln!(file, "{pid}"))
        .map_err(error(Step::Write))?;
    Ok(Locked::Held(file))
}

/// The number in a lock file; none if its holder is about to write it.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
