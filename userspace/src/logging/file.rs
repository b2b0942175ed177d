//! A log's file. However the process ends, a rotation included, each line that was written is in the file or in one backup;
//! what a crash leaves between two steps the next start mends.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use super::{
    LogError,
    backups::{Backups, Keeper},
    queue::Batch,
    sink::{Lost, write_some},
};

/// Its owner writes, its group reads.
pub(super) const MODE: u32 = 0o640;
/// How often it is seen whether the file is still there.
const LOOK: Duration = Duration::from_secs(5);

/// A file and how it rotates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOptions {
    /// The file; backups stand beside it.
    pub path: PathBuf,
    /// Octets that it may have before the next one begins; 0: it is never full.
    pub max_size: u64,
    /// Backups that are kept.
    pub max_backups: usize,
    /// Backups that are older go; a file that is older makes room for the next one. 0: age does not matter.
    pub max_age: Duration,
    /// Backups are compressed by gzip.
    pub compress: bool,
    /// Lines are on the medium before the next ones are taken.
    pub sync: bool,
}

impl FileOptions {
    /// Octets of a file, unless configured.
    pub const MAX_SIZE: u64 = 100_000_000;
    /// Backups, unless configured.
    pub const MAX_BACKUPS: usize = 10;

    /// The usual way: 100 MB, 10 backups, compressed.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            max_size: Self::MAX_SIZE,
            max_backups: Self::MAX_BACKUPS,
            max_age: Duration::ZERO,
            compress: true,
            sync: false,
        }
    }
}

/// A log's file, locked for this process.
#[derive(Debug)]
pub struct LogFile {
    options: FileOptions,
    file: File,
    length: u64,
    began: SystemTime,
    looked: Instant,
    /// Not ours by the last look already.
    strange: bool,
    torn: bool,
    backups: Backups,
    keeper: Keeper,
}

impl LogFile {
    /// Opens the file behind its last whole line, or makes it, and its folder.
    ///
    /// # Errors
    ///
    /// It can't be written, is no file, or another process has it.
    pub fn open(options: FileOptions) -> Result<Self, LogError> {
        let path = &options.path;
        let error = |what| {
            move |source| LogError::File {
                path: path.clone(),
                what,
                source,
            }
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let made = DirBuilder::new().recursive(true).mode(0o750).create(folder);
            made.map_err(error("make the folder of"))?;
        }
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(LogError::NoFile { path: path.clone() });
        }
        let file = open(path).map_err(error("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Taken { path: path.clone() }),
            Err(TryLockError::Error(source)) => return Err(error("lock")(source)),
        }
        // Made for a rotation that did not come.
        let _ = fs::remove_file(next(path));
        let (length, torn) = mend(&file).map_err(error("read"))?;
        let backups = Backups::of(path).map_err(error("list the backups of"))?;
        let keeper = Keeper::spawn(&options).map_err(LogError::Thread)?;
        Ok(Self {
            began: began(&file),
            file,
            length,
            looked: Instant::now(),
            strange: false,
            torn,
            backups,
            keeper,
            options,
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.options.path
    }

    /// Its last line was not whole, and was cut off.
    pub(super) fn was_torn(&self) -> bool {
        self.torn
    }

    /// Writes lines, into further files where this one is full.
    pub(super) fn write(&mut self, batch: &Batch) -> Lost {
        let mut lost = Lost::default();
        let (mut line, mut from) = (0, 0);
        while let Some(&first) = batch.ends.get(line) {
            if self.is_full(first - from)
                && let Err(error) = self.rotate()
            {
                // Lines go on into the file that is open.
                lost.error = Some(error);
            }
            // As many as fit, one at the least.
            let room = if self.options.max_size == 0 || lost.error.is_some() {
                usize::MAX
            } else {
                usize::try_from(self.options.max_size.saturating_sub(self.length)).unwrap_or(usize::MAX)
            };
            let fit = batch.ends[line..].partition_point(|end| end - from <= room).max(1);
            let end = batch.ends[line + fit - 1];
            let (written, error) = self.append(&batch.octets[from..end]);
            if let Some(error) = error {
                let whole = batch.ends[line..line + fit].partition_point(|end| end - from <= written);
                let whole_octets = batch.ends[line..line + whole].last().map_or(0, |end| end - from);
                self.cut(written - whole_octets);
                lost.lines += (fit - whole) as u64;
                lost.error = Some(error);
            } else {
                self.length += written as u64;
            }
            (line, from) = (line + fit, end);
        }
        lost
    }

    fn append(&mut self, octets: &[u8]) -> (usize, Option<io::Error>) {
        let mut written = 0;
        let mut result = write_some(&mut self.file, octets, &mut written);
        if result.is_ok() && self.options.sync {
            result = self.file.sync_data();
        }
        (written, result.err())
    }

    /// No half line stays where the disk was full.
    fn cut(&mut self, octets: usize) {
        if let Ok(found) = self.file.metadata() {
            self.length = found.len().saturating_sub(octets as u64);
            // It takes no room to make a file shorter.
            let _ = self.file.set_len(self.length);
        }
    }

    fn is_full(&self, more: usize) -> bool {
        let FileOptions { max_size, max_age, .. } = self.options;
        let large = max_size > 0 && self.length + more as u64 > max_size;
        let old = !max_age.is_zero() && self.began.elapsed().is_ok_and(|age| age >= max_age);
        self.length > 0 && (large || old)
    }

    /// The file becomes a backup and an empty one takes its name: two renames, of which a crash may leave the first.
    fn rotate(&mut self) -> io::Result<()> {
        if !self.is_ours() {
            return self.reopen();
        }
        let (path, next) = (&self.options.path, next(&self.options.path));
        let _ = fs::remove_file(&next);
        let file = open(&next)?;
        file.lock()?;
        let backup = self.backups.next_name();
        if let Err(error) = fs::rename(path, &backup) {
            let _ = fs::remove_file(&next);
            return Err(error);
        }
        if let Err(error) = fs::rename(&next, path) {
            let _ = fs::rename(&backup, path);
            return Err(error);
        }
        if self.options.sync {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        (self.file, self.length, self.began) = (file, 0, SystemTime::now());
        self.keeper.call();
        Ok(())
    }

    /// Whether the path still leads to the open file.
    fn is_ours(&self) -> bool {
        let identity = |found: fs::Metadata| (found.dev(), found.ino());
        let there = fs::metadata(&self.options.path).map(identity);
        there.is_ok_and(|there| self.file.metadata().map(identity).is_ok_and(|ours| ours == there))
    }

    /// Goes on in the file that has the name now, a new one where there is none.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        self.strange = false;
        if self.is_ours() {
            return Ok(());
        }
        let file = open(&self.options.path)?;
        file.try_lock()?;
        let (length, _) = mend(&file)?;
        (self.began, self.length, self.file) = (began(&file), length, file);
        Ok(())
    }

    /// Now and then: goes on in a new file where this one was removed or renamed for long and nobody has said so, and learns
    /// its length where others cut it.
    pub(super) fn look(&mut self) -> io::Result<()> {
        if self.looked.elapsed() < LOOK {
            return Ok(());
        }
        self.looked = Instant::now();
        if let Ok(found) = self.file.metadata() {
            self.length = found.len();
        }
        if self.is_ours() {
            self.strange = false;
            return Ok(());
        }
        if std::mem::replace(&mut self.strange, true) {
            return self.reopen();
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(MODE)
        .open(path)
}

/// What the file is called before it has its name.
fn next(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".next");
    path.with_file_name(name)
}

/// When the file was made, where the file system knows.
fn began(file: &File) -> SystemTime {
    let made = file.metadata().and_then(|found| found.created());
    made.unwrap_or_else(|_| SystemTime::now())
}

/// Cuts off what is behind the last whole line: the length, and whether there was something.
fn mend(file: &File) -> io::Result<(u64, bool)> {
    let length = file.metadata()?.len();
    let mut block = [0; 4096];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = &mut block[..usize::try_from(end - start).unwrap_or(0)];
        file.read_exact_at(part, start)?;
        if let Some(last) = part.iter().rposition(|octet| *octet == b'\n') {
            end = start + last as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok((end, end < length))
}
