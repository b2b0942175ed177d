//! One run a wireless device: a lock that the kernel lets go of however the process ends.

use std::{fs::File, path::Path};

use super::SessionError;
use crate::publish::{
    atomic::AtomicWriter,
    lifecycle::{LifecycleError, Locked, lock_file},
};

/// The flock(2) of a device, held as long as this lives. The file stays behind unlocked.
#[derive(Debug)]
pub(crate) struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lock at `path` for the device `phy`.
    ///
    /// # Errors
    ///
    /// [`SessionError::RadioInUse`] with the pid of the run that has it; a path that can't be written.
    pub(crate) fn take(path: &Path, phy: &str, pid: u32, writer: AtomicWriter) -> Result<Self, SessionError> {
        match lock_file(path, pid, writer).map_err(LifecycleError::from)? {
            Locked::Held(file) => Ok(Self { _file: file }),
            Locked::Taken(pid) => Err(SessionError::RadioInUse {
                phy: phy.to_owned(),
                pid,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_told_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phy7.lock");
        let take = || Lease::take(&path, "phy7", 4711, AtomicWriter::default());
        let first = take().unwrap();
        let error = take().unwrap_err().to_string();
        assert!(error.contains("phy7") && error.contains("pid 4711"), "{error}");
        drop(first);
        take().unwrap();
    }
}
