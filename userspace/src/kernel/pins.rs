//! Maps pinned on a bpf file system, where bpftool finds them by name.

use std::{
    ffi::CString,
    fs, io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use super::{KernelError, KernelPrograms, load::chain};

/// `BPF_FS_MAGIC` (Linux `include/uapi/linux/magic.h`).
const BPF_FS_MAGIC: u32 = 0xcafe_4a11;

/// Pins, which go with this value. Those of a process that was killed stay.
#[derive(Debug)]
pub struct Pins(Vec<PathBuf>);

impl KernelPrograms {
    /// Pins every map below `directory`, in place of what a run before has left there.
    ///
    /// # Errors
    ///
    /// The folder can't be made, or is not on a bpf file system.
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
        let mut pins = Pins(Vec::new());
        for (name, map) in self.ebpf.maps().filter(|(name, _)| !name.starts_with('.')) {
            let path = directory.join(name);
            // Nothing but pins can stand here.
            let _ = fs::remove_file(&path);
            map.pin(&path).map_err(|error| fail(&path, chain(&error)))?;
            pins.0.push(path);
        }
        Ok(pins)
    }
}

impl Drop for Pins {
    fn drop(&mut self) {
        for path in &self.0 {
            // Gone already where somebody cleared the folder.
            let _ = fs::remove_file(path);
        }
    }
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
    fn another_file_system_is_told_from_bpf() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_on_bpf(folder.path()).unwrap());
        assert!(is_on_bpf(&folder.path().join("missing")).is_err());
    }
}
