//! Maps pinned on a bpf file system, where bpftool finds them by name.

use std::{
    ffi::CString,
    fs::{self, File, TryLockError},
    io,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
};

use super::{KernelError, KernelPrograms, load::chain};

/// `BPF_FS_MAGIC` (Linux `include/uapi/linux/magic.h`).
const BPF_FS_MAGIC: u32 = 0xcafe_4a11;

/// Pins, which go with this value. Those of a process that was killed stay.
#[derive(Debug)]
pub struct Pins {
    paths: Vec<PathBuf>,
    /// The folder, locked (flock(2)) as long as this lives.
    _folder: File,
}

impl KernelPrograms {
    /// Pins every map below `directory`, in place of what a run before has left there.
    ///
    /// # Errors
    ///
    /// The folder can't be made, is not on a bpf file system, or holds the pins of a run that lives
    /// ([`KernelError::PinTaken`]).
    pub fn pin(&self, directory: &Path) -> Result<Pins, KernelError> {
        let fail = |path: &Path, reason: String| KernelError::Pin {
            path: path.to_owned(),
            reason,
        };
        let on_bpf = fs::create_dir_all(directory)
            .and_then(|()| is_on_bpf(directory))
            .map_err(|error| fail(directory, error.to_string()))?;
        if !on_bpf {
            return Err(fail(directory, "it is on another file system".to_owned()));
        }
        let mut pins = Pins {
            paths: Vec::new(),
            _folder: lock(directory)?,
        };
        for (name, map) in self.ebpf.maps().filter(|(name, _)| !name.starts_with('.')) {
            let path = directory.join(name);
            // Nothing but pins can stand here.
            let _ = fs::remove_file(&path);
            map.pin(&path).map_err(|error| fail(&path, chain(&error)))?;
            pins.paths.push(path);
        }
        Ok(pins)
    }
}

impl Drop for Pins {
    fn drop(&mut self) {
        for path in &self.paths {
            // Gone already where somebody cleared the folder.
            let _ = fs::remove_file(path);
        }
    }
}

/// Locks a folder: files of other kinds than pins have no place in it.
fn lock(directory: &Path) -> Result<File, KernelError> {
    let fail = |error: io::Error| KernelError::Pin {
        path: directory.to_owned(),
        reason: error.to_string(),
    };
    let folder = File::open(directory).map_err(fail)?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(KernelError::PinTaken {
            path: directory.to_owned(),
            pid: folder
                .metadata()
                .ok()
                .and_then(|found| holder(found.dev(), found.ino())),
        }),
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

/// The process that has a file locked, by proc_locks(5): `1: FLOCK  ADVISORY  WRITE 4711 00:1b:2 0 EOF`.
fn holder(device: u64, inode: u64) -> Option<u32> {
    let file = format!("{:02x}:{:02x}:{inode}", libc::major(device), libc::minor(device));
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let mut locks = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    locks.find_map(|lock| match lock[..] {
        [_, "FLOCK", _, _, pid, found, ..] if found == file => pid.parse().ok(),
        _ => None,
    })
}

fn is_on_bpf(directory: &Path) -> io::Result<bool> {
    let path = CString::new(directory.as_os_str().as_bytes())?;
    // SAFETY: all-zero is a valid statfs.
    let mut found: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: a terminated string and a place for the answer.
    if unsafe { libc::statfs(path.as_ptr(), &raw mut found) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(found.f_type as u32 == BPF_FS_MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_runs_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path()).unwrap();
        let error = lock(folder.path()).unwrap_err().to_string();
        let pid = std::process::id();
        assert!(
            error.contains(&format!("pid {pid}")) && error.contains("another folder"),
            "{error}"
        );
        drop(first);
        lock(folder.path()).unwrap();
    }

    #[test]
    fn another_file_system_is_told_from_bpf() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_on_bpf(folder.path()).unwrap());
        assert!(is_on_bpf(&folder.path().join("missing")).is_err());
    }
}
