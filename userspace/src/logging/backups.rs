//! Backups of a log: `NAME.20261128T101530.123Z`, and `.gz` behind it once compressed. Their names are in the order of time.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::mpsc::{SyncSender, sync_channel},
    thread,
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use jiff::{Timestamp, tz::TimeZone};

use super::{FileOptions, file::MODE};

const COMPRESSED: &str = ".gz";
const PART: &str = ".gz.part";
/// Compressing is nobody's hurry.
const NICE: i32 = 19;

/// Names for further backups.
#[derive(Debug)]
pub(super) struct Backups {
    path: PathBuf,
    last: Option<Timestamp>,
}

impl Backups {
    /// Those of the log at `path`.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let last = list(path)?.last().map(|backup| backup.time);
        Ok(Self {
            path: path.to_owned(),
            last,
        })
    }

    /// Behind all others, wherever the clock was set to.
    pub(super) fn next_name(&mut self) -> PathBuf {
        let step = jiff::SignedDuration::from_millis(1);
        let now = milliseconds(Timestamp::now());
        let after = self.last.and_then(|last| last.checked_add(step).ok());
        let time = after.map_or(now, |after| after.max(now));
        self.last = Some(time);
        named(&self.path, &stamp(time))
    }
}

fn milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

fn stamp(time: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(time);
    format!("{}.{:03}Z", civil.strftime("%Y%m%dT%H%M%S"), civil.millisecond())
}

fn named(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(end);
    path.with_file_name(name)
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Backup {
    time: Timestamp,
    compressed: bool,
    path: PathBuf,
}

/// What a name is behind `NAME.`: when the backup was made, and what is behind that.
fn parse(end: &str) -> Option<(Timestamp, &str)> {
    const LENGTH: usize = "20261128T101530.123Z".len();
    let (time, rest) = end.split_at_checked(LENGTH)?;
    let parsed = milliseconds(time.parse().ok()?);
    // Nothing but what this module writes.
    (stamp(parsed) == time).then_some((parsed, rest))
}

/// The backups by age, the oldest first. What a crash left half compressed is removed.
fn list(path: &Path) -> io::Result<Vec<Backup>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let end = prefix.to_str().and_then(|prefix| name.strip_prefix(prefix));
        match end.and_then(parse) {
            Some((time, rest @ ("" | COMPRESSED))) => found.push(Backup {
                time,
                compressed: !rest.is_empty(),
                path,
            }),
            Some((_, PART)) => fs::remove_file(path)?,
            _ => {}
        }
    }
    found.sort();
    Ok(found)
}

/// Removes backups that are too many or too old, and compresses the others.
fn sweep(options: &FileOptions) -> io::Result<()> {
    let mut backups = list(&options.path)?;
    // Compressed as a whole, and not removed yet.
    let whole: Vec<_> = backups
        .iter()
        .filter(|backup| backup.compressed)
        .map(|backup| backup.time)
        .collect();
    let (twice, kept) = backups
        .into_iter()
        .partition(|backup| !backup.compressed && whole.contains(&backup.time));
    backups = kept;
    let more = backups.len().saturating_sub(options.max_backups);
    let oldest = jiff::SignedDuration::try_from(options.max_age)
        .ok()
        .filter(|age| !age.is_zero())
        .and_then(|age| Timestamp::now().checked_sub(age).ok());
    let late = backups.partition_point(|backup| oldest.is_some_and(|oldest| backup.time < oldest));
    for backup in Vec::into_iter(twice).chain(backups.drain(..more.max(late))) {
        fs::remove_file(backup.path)?;
    }
    for backup in backups.iter().filter(|backup| options.compress && !backup.compressed) {
        compress(&backup.path)?;
    }
    Ok(())
}

/// The compressed file is whole before it has its name, and has it before the other one goes.
fn compress(path: &Path) -> io::Result<()> {
    let with = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let part = with(PART);
    let write = || {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(MODE)
            .open(&part)?;
        let mut encoder = GzEncoder::new(file, Compression::default());
        io::copy(&mut File::open(path)?, &mut encoder)?;
        encoder.finish()?.sync_all()?;
        fs::rename(&part, with(COMPRESSED))
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&part);
    })?;
    fs::remove_file(path)
}

/// The thread that keeps backups in order, off the writer's way.
#[derive(Debug)]
pub(super) struct Keeper(SyncSender<()>);

impl Keeper {
    /// Starts it; it begins with what an earlier process left, and looks for what is too old once an hour.
    pub(super) fn spawn(options: &FileOptions) -> io::Result<Self> {
        // One call is enough for any number of backups.
        let (sender, calls) = sync_channel(1);
        let options = options.clone();
        thread::Builder::new().name("airlens-backups".to_owned()).spawn(move || {
            // SAFETY: 0 is this thread; nothing else is touched.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
            loop {
                if let Err(error) = sweep(&options) {
                    tracing::warn!(log = %options.path.display(), %error, "backups of the log are not kept in order");
                }
                match calls.recv_timeout(Duration::from_secs(3600)) {
                    Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
                    Ok(()) | Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                }
            }
        })?;
        Ok(Self(sender))
    }

    /// There is a new backup.
    pub(super) fn call(&self) {
        // Full: it is called already.
        let _ = self.0.try_send(());
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, os::unix::fs::MetadataExt as _};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_crashes_left_is_put_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        for name in [
            "a.log.20251128T101530.001Z",
            "a.log.20251128T101530.002Z.gz",
            // Compressed, and not removed.
            "a.log.20251128T101530.003Z",
            "a.log.20251128T101530.003Z.gz",
            // Not compressed to the end.
            "a.log.20251128T101530.004Z",
            "a.log.20251128T101530.004Z.gz.part",
            // None of ours.
            "a.log.1",
            "a.log.20251128T101530.004Z.txt",
            "b.log.20251128T101530.000Z",
        ] {
            write(name, name);
        }
        let options = FileOptions {
            max_backups: 3,
            ..FileOptions::new(path.clone())
        };
        sweep(&options).unwrap();
        assert_eq!(
            names(folder.path()),
            [
                "a.log.1",
                "a.log.20251128T101530.002Z.gz",
                "a.log.20251128T101530.003Z.gz",
                "a.log.20251128T101530.004Z.gz",
                "a.log.20251128T101530.004Z.txt",
                "b.log.20251128T101530.000Z",
            ]
        );
        let last = folder.path().join("a.log.20251128T101530.004Z.gz");
        let mut text = String::new();
        let file = File::open(&last).unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o640);
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        assert_eq!(text, "a.log.20251128T101530.004Z");
        sweep(&FileOptions {
            max_age: Duration::from_secs(60),
            ..options
        })
        .unwrap();
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn names_stay_in_order_when_the_clock_is_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        fs::write(folder.path().join("a.log.29991231T235959.999Z"), "").unwrap();
        let mut backups = Backups::of(&path).unwrap();
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(name(backups.next_name()), "a.log.30000101T000000.000Z");
        assert_eq!(name(backups.next_name()), "a.log.30000101T000000.001Z");
        assert!(Backups::of(&folder.path().join("b.log")).unwrap().last.is_none());
    }
}
