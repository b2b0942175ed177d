//! Records that wait on disk for a broker: files of lines, bounded, given back in order, also to the next run.
//!
//! A file `N.spool` starts with a line that says how far it is acknowledged, as 20 digits: the offset of the first record that
//! may still be needed. Each record is a line of its time (ms since 1970), its key, which may be empty, and its value, with tabs
//! between them. Files are read in the order of their numbers; one that is acknowledged whole is removed. What was acknowledged by
//! the broker but not noted here when a run was killed is sent again.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::Record;

/// Octets of a file, about.
const SEGMENT: u64 = 4 << 20;
/// Octets before the first record: 20 digits and a line feed.
const HEAD: u64 = 21;

/// A spool that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the Kafka spool {}: {source}; name a folder that airlens may write, on a file system with room", .path.display())]
pub struct SpoolError {
    path: PathBuf,
    source: io::Error,
}

trait At<T> {
    fn at(self, path: &Path) -> Result<T, SpoolError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, SpoolError> {
        self.map_err(|source| SpoolError {
            path: path.to_owned(),
            source,
        })
    }
}

#[derive(Debug)]
struct Segment {
    number: u64,
    path: PathBuf,
    length: u64,
    /// Records that are not acknowledged.
    records: u64,
    /// Up to where it is acknowledged.
    position: u64,
}

/// A folder of records.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    limit: u64,
    segments: VecDeque<Segment>,
    /// The last segment, where this run writes to it.
    tail: Option<File>,
    next: u64,
    /// Held as long as the spool is in use.
    _lock: File,
}

/// Records of the spool's head, and what to acknowledge once they are out.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) records: Vec<Record>,
    end: u64,
}

impl Spool {
    /// Opens a folder of at most `limit` octets, with what an earlier run left in it.
    pub(super) fn open(folder: &Path, limit: u64) -> Result<Self, SpoolError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .at(folder)?;
        let path = folder.join("lock");
        let lock = File::create(&path).at(&path)?;
        lock.try_lock().map_err(io::Error::from).at(&path)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).at(folder)? {
            let path = entry.at(folder)?.path();
            let number = path
                .file_name()
                .and_then(|name| name.to_str()?.strip_suffix(".spool")?.parse().ok());
            if let Some(number) = number {
                found.extend(recover(number, path)?);
            }
        }
        found.sort_by_key(|segment: &Segment| segment.number);
        let next = found.last().map_or(0, |last| last.number + 1);
        Ok(Self {
            folder: folder.to_owned(),
            limit,
            segments: found.into(),
            tail: None,
            next,
            _lock: lock,
        })
    }

    /// Records in it.
    pub(super) fn records(&self) -> u64 {
        self.segments.iter().map(|segment| segment.records).sum()
    }

    /// Octets on disk.
    fn length(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Adds records behind the others, as many as there is room for, and flushes them to the medium; gives how many.
    pub(super) fn append(&mut self, records: &[Record]) -> Result<usize, SpoolError> {
        let mut room = self.limit.saturating_sub(self.length());
        let (mut octets, mut taken) = (Vec::new(), 0);
        for record in records {
            let before = octets.len();
            // Writing to a vector can't fail.
            let _ = writeln!(
                octets,
                "{}\t{}\t{}",
                record.time,
                record.key.as_deref().unwrap_or_default(),
                record.value
            );
            let length = (octets.len() - before) as u64;
            if length + HEAD > room {
                octets.truncate(before);
                break;
            }
            room -= length;
            taken += 1;
        }
        if taken > 0 {
            self.write(&octets, taken as u64)?;
        }
        Ok(taken)
    }

    fn write(&mut self, octets: &[u8], records: u64) -> Result<(), SpoolError> {
        let full = self.segments.back().is_none_or(|last| last.length >= SEGMENT);
        if full || self.tail.is_none() {
            self.start()?;
        }
        let (Some(segment), Some(tail)) = (self.segments.back_mut(), &mut self.tail) else {
            return Ok(());
        };
        let written = tail.write_all(octets).and_then(|()| tail.sync_data());
        if written.is_err() {
            // No half record stays; the next goes to a file of its own.
            let _ = tail.set_len(segment.length);
            self.tail = None;
            return written.at(&segment.path);
        }
        segment.length += octets.len() as u64;
        segment.records += records;
        Ok(())
    }

    fn start(&mut self) -> Result<(), SpoolError> {
        let path = self.folder.join(format!("{:020}.spool", self.next));
        let mut file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .at(&path)?;
        self.next += 1;
        file.write_all(&head(HEAD)).at(&path)?;
        self.tail = Some(file);
        self.segments.push_back(Segment {
            number: self.next - 1,
            path,
            length: HEAD,
            records: 0,
            position: HEAD,
        });
        Ok(())
    }

    /// The oldest records, at most so many and about so many octets.
    pub(super) fn head(&self, most: usize, octets: usize) -> Result<Head, SpoolError> {
        let Some(segment) = self.segments.front() else {
            return Ok(Head::default());
        };
        let file = File::open(&segment.path).at(&segment.path)?;
        let left = segment.length.saturating_sub(segment.position);
        // At least one record, however long.
        let mut wanted = left.min(octets as u64);
        loop {
            let mut text = vec![0; wanted as usize];
            file.read_exact_at(&mut text, segment.position).at(&segment.path)?;
            let head = parse(&text, segment.position, most);
            if !head.records.is_empty() || wanted == left {
                return Ok(head);
            }
            wanted = left.min(wanted * 2);
        }
    }

    /// What [`Spool::head`] gave is not needed any more.
    pub(super) fn acknowledge(&mut self, gone: &Head) -> Result<(), SpoolError> {
        let Some(segment) = self.segments.front_mut() else {
            return Ok(());
        };
        segment.position = gone.end;
        segment.records = segment.records.saturating_sub(gone.records.len() as u64);
        if segment.position < segment.length && segment.records > 0 {
            let file = OpenOptions::new().write(true).open(&segment.path).at(&segment.path)?;
            return file.write_all_at(&head(segment.position), 0).at(&segment.path);
        }
        if self.segments.len() == 1 {
            self.tail = None;
        }
        match self.segments.pop_front() {
            Some(segment) => fs::remove_file(&segment.path).at(&segment.path),
            None => Ok(()),
        }
    }
}

fn head(position: u64) -> Vec<u8> {
    format!("{position:020}\n").into_bytes()
}

/// A segment of an earlier run; none, and no file, where nothing is left to send.
fn recover(number: u64, path: PathBuf) -> Result<Option<Segment>, SpoolError> {
    let mut octets = Vec::new();
    let mut file = OpenOptions::new().read(true).write(true).open(&path).at(&path)?;
    file.read_to_end(&mut octets).at(&path)?;
    let end = octets
        .iter()
        .rposition(|octet| *octet == b'\n')
        .map_or(0, |last| last + 1);
    if end < octets.len() {
        tracing::warn!(path = %path.display(), "the last record of the Kafka spool was not written whole: it is left out");
        file.set_len(end as u64).at(&path)?;
    }
    let said = octets
        .get(..HEAD as usize - 1)
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let boundary = |position: &usize| (HEAD as usize..=end).contains(position) && octets[position - 1] == b'\n';
    // In doubt, a record too many is sent.
    let position = said.filter(boundary).unwrap_or(HEAD as usize);
    let records = octets.get(position..end).unwrap_or_default();
    let records = records.iter().filter(|octet| **octet == b'\n').count() as u64;
    if records == 0 {
        fs::remove_file(&path).at(&path)?;
        return Ok(None);
    }
    Ok(Some(Segment {
        number,
        path,
        length: end as u64,
        records,
        position: position as u64,
    }))
}

fn parse(text: &[u8], start: u64, most: usize) -> Head {
    let mut head = Head {
        records: Vec::new(),
        end: start,
    };
    for line in text.split_inclusive(|octet| *octet == b'\n').take(most) {
        let Some(record) = line.strip_suffix(b"\n") else {
            break;
        };
        head.end += line.len() as u64;
        let record = String::from_utf8_lossy(record);
        let mut parts = record.splitn(3, '\t');
        let time = parts.next().and_then(|time| time.parse().ok()).unwrap_or_default();
        let key = parts.next().filter(|key| !key.is_empty()).map(str::to_owned);
        head.records.push(Record {
            time,
            key,
            value: parts.next().unwrap_or_default().to_owned(),
        });
    }
    head
}
