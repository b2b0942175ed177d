//! How much of a file system is left to others.

use std::{ffi::CString, io, mem::MaybeUninit, os::unix::ffi::OsStrExt as _, path::Path};

/// What files of new clients leave free. Addresses are free to an attacker: some 100 new ones a second, 20 KiB each, would
/// fill a memory card in hours, and whatever else lives on it would stop with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reserve {
    /// Octets, or
    octets: u64,
    /// one part in so many of the file system, where that is less. Of its inodes too.
    part: u64,
}

impl Default for Reserve {
    fn default() -> Self {
        Self {
            octets: 256 << 20,
            part: 20,
        }
    }
}

impl Reserve {
    /// Whether the file system of `folder`, which is there, has room beyond the reserve.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] where it has none.
    pub(super) fn check(self, folder: &Path) -> io::Result<()> {
        let space = Space::of(folder)?;
        if self.has_room(space) {
            return Ok(());
        }
        let free = space.free >> 20;
        let why = format!("{free} MiB are free, which are kept: files of new clients are not written");
        Err(io::Error::new(io::ErrorKind::StorageFull, why))
    }

    fn has_room(self, space: Space) -> bool {
        // Some file systems have no fixed number of inodes, and say 0.
        let inodes = space.inodes == 0 || space.free_inodes > space.inodes / self.part;
        inodes && space.free > self.octets.min(space.all / self.part)
    }
}

/// Octets and inodes of a file system, all and those free to us.
#[derive(Clone, Copy, Debug)]
struct Space {
    all: u64,
    free: u64,
    inodes: u64,
    free_inodes: u64,
}

impl Space {
    fn of(path: &Path) -> io::Result<Self> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        let mut found = MaybeUninit::<libc::statvfs>::uninit();
        // SAFETY: a string with its end, and room for the answer.
        if unsafe { libc::statvfs(path.as_ptr(), found.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has filled it.
        let found = unsafe { found.assume_init() };
        Ok(Self {
            all: found.f_blocks.saturating_mul(found.f_frsize),
            free: found.f_bavail.saturating_mul(found.f_frsize),
            inodes: found.f_files,
            free_inodes: found.f_favail,
        })
    }
}

#[cfg(test)]
impl Reserve {
    /// More than any file system has.
    pub(super) const EVERYTHING: Self = Self {
        octets: u64::MAX,
        part: 1,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_left_to_others() {
        let room = |all, free, inodes, free_inodes| {
            Reserve::default().has_room(Space {
                all,
                free,
                inodes,
                free_inodes,
            })
        };
        let (mib, gib) = (1 << 20, 1 << 30);
        assert!(room(100 * gib, gib, 0, 0) && !room(100 * gib, 256 * mib, 0, 0));
        assert!(room(100 * mib, 6 * mib, 0, 0) && !room(100 * mib, 5 * mib, 0, 0));
        assert!(room(gib, gib, 1000, 51) && !room(gib, gib, 1000, 50));
    }

    #[test]
    fn a_file_system_tells() {
        let folder = tempfile::tempdir().unwrap();
        let space = Space::of(folder.path()).unwrap();
        assert!(space.free > 0 && space.free <= space.all);
        let full = Reserve::EVERYTHING.check(folder.path()).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(
            Space::of(Path::new("/nowhere")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
