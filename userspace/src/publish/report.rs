//! The report of a day: `reports/profiler-YYYY-MM-DD.csv` below the files path, to which lines are appended.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use jiff::civil::Date;

use super::atomic::{At, AtomicWriter, FILE_MODE, Step, WriteError, sync_directory};

/// The end of a line.
const LINE_END: &[u8] = b"\r\n";

/// The reports below a files path.
#[derive(Clone, Debug)]
pub struct Reports {
    folder: PathBuf,
    writer: AtomicWriter,
}

impl Reports {
    /// The reports below `files_path`.
    #[must_use]
    pub fn new(files_path: &Path, writer: AtomicWriter) -> Self {
        Self {
            folder: files_path.join("reports"),
            writer,
        }
    }

    /// Where the report of a day is.
    #[must_use]
    pub fn path(&self, day: Date) -> PathBuf {
        self.folder.join(format!("profiler-{day}.csv"))
    }

    /// Appends whole lines to the report of a day in one write, behind `header` where the report is new, and flushes them to
    /// the medium. A line that a crash cut short is ended first, so that no two lines run together.
    ///
    /// # Errors
    /// The step that failed.
    pub fn append(&self, day: Date, header: &str, lines: &str) -> Result<(), WriteError> {
        if lines.is_empty() {
            return Ok(());
        }
        self.writer.create_directory(&self.folder)?;
        let path = self.path(day);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(FILE_MODE)
            // Never through a link that somebody put there.
            .custom_flags(libc::O_NOFOLLOW)
            .open(&path)
            .at(&path, Step::Create)?;
        let end = End::of(&mut file).at(&path, Step::Write)?;
        if end == End::Empty {
            file.set_permissions(Permissions::from_mode(FILE_MODE))
                .at(&path, Step::Create)?;
            self.writer.give_to_group(&file);
        }
        let start = match end {
            End::Empty => header.as_bytes(),
            End::Line => b"",
            End::Cut => LINE_END,
        };
        file.write_all(&[start, lines.as_bytes()].concat())
            .at(&path, Step::Write)?;
        file.sync_all().at(&path, Step::Sync)?;
        match end {
            End::Empty => sync_directory(&path).at(&path, Step::SyncDirectory),
            _ => Ok(()),
        }
    }
}

/// How a report ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Empty,
    Line,
    Cut,
}

impl End {
    fn of(file: &mut File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::Empty);
        }
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        Ok(if last == *b"\n" { Self::Line } else { Self::Cut })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_header_once_then_lines() {
        let root = tempfile::tempdir().unwrap();
        let reports = Reports::new(&root.path().join("files"), AtomicWriter::default());
        let day = date(2026, 11, 21);
        reports.append(day, "h\r\n", "").unwrap();
        assert!(!reports.folder.exists());
        for lines in ["1\r\n2\r\n", "3\r\n"] {
            reports.append(day, "h\r\n", lines).unwrap();
        }
        let path = root.path().join("files/reports/profiler-2026-11-21.csv");
        assert_eq!(fs::read_to_string(&path).unwrap(), "h\r\n1\r\n2\r\n3\r\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, FILE_MODE);
        fs::write(&path, "h\r\n1,cu").unwrap();
        reports.append(day, "h\r\n", "2\r\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "h\r\n1,cu\r\n2\r\n");
        reports.append(day.tomorrow().unwrap(), "h\r\n", "1\r\n").unwrap();
        assert_eq!(fs::read_dir(&reports.folder).unwrap().count(), 2);
    }

    #[test]
    fn a_link_in_its_place_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let reports = Reports::new(root.path(), AtomicWriter::default());
        let day = date(2026, 11, 21);
        fs::create_dir(&reports.folder).unwrap();
        fs::write(root.path().join("victim"), "mine").unwrap();
        symlink(root.path().join("victim"), reports.path(day)).unwrap();
        let error = reports.append(day, "h\r\n", "1\r\n").unwrap_err();
        assert_eq!((error.step, error.path), (Step::Create, reports.path(day)));
        assert_eq!(fs::read_to_string(root.path().join("victim")).unwrap(), "mine");
    }
}
