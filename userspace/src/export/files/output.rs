//! A file that grows, is finished at some size or age, and gets its name then.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;

use super::{
    super::{
        LossCause,
        line::{Line, Output, count_lost},
    },
    RowFormat, row,
};
use crate::{events::ExportFailed, flow::EndedFlow, kernel::Clock, publish::atomic::FILE_MODE};

/// Octets after which rows are written.
const BLOCK: usize = 64 << 10;

/// Where rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOptions {
    /// The file; while it is written, `.part` is behind the name.
    pub path: PathBuf,
    /// How.
    pub format: RowFormat,
    /// Octets after which the next file begins; 0: never.
    pub rotate_bytes: u64,
    /// Age at which the next file begins; zero: never.
    pub rotate_interval: Duration,
}

/// A file that can't be made.
#[derive(Debug, thiserror::Error)]
#[error("can't write flows to {}: {source}; check that the folder exists and that airlens may write there", .path.display())]
pub struct FileError {
    path: PathBuf,
    source: io::Error,
}

/// The exporter.
#[derive(Debug)]
pub(in crate::export) struct FileOutput {
    options: FileOptions,
    part: PathBuf,
    file: File,
    length: u64,
    opened: Instant,
    started: Timestamp,
    rows: u64,
}

impl FileOutput {
    /// Makes the file. What a killed run left gets its name, with the time of its last row in it.
    pub(in crate::export) fn open(options: &FileOptions) -> Result<Self, FileError> {
        let part = with_end(&options.path, ".part");
        let open = || {
            if let Ok(left) = fs::metadata(&part) {
                let time = left.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
                fs::rename(&part, dated(&options.path, time))?;
            }
            create(&part, options.format)
        };
        let (file, length) = open().map_err(|source| FileError {
            path: part.clone(),
            source,
        })?;
        Ok(Self {
            options: options.clone(),
            part,
            file,
            length,
            opened: Instant::now(),
            started: Timestamp::now(),
            rows: 0,
        })
    }

    fn rotates(&self) -> bool {
        self.options.rotate_bytes > 0 || !self.options.rotate_interval.is_zero()
    }

    fn is_full(&self) -> bool {
        let (bytes, interval) = (self.options.rotate_bytes, self.options.rotate_interval);
        self.rows > 0 && (bytes > 0 && self.length >= bytes || !interval.is_zero() && self.opened.elapsed() >= interval)
    }

    fn write(&mut self, octets: &[u8], flows: &[EndedFlow], line: &Line) {
        match self.file.write_all(octets) {
            Ok(()) => {
                self.length += octets.len() as u64;
                self.rows += flows.len() as u64;
                line.tally.sent(flows.len() as u64);
            }
            Err(error) => {
                // No half row stays.
                let _ = self.file.set_len(self.length);
                count_lost(line, LossCause::WriteFailed, flows);
                line.failed(&self.failure("write flows", &error));
            }
        }
    }

    fn failure<'a>(&'a self, what: &'static str, error: &'a io::Error) -> ExportFailed<'a> {
        ExportFailed {
            exporter: "files",
            what,
            path: &self.part,
            error,
        }
    }

    /// Gives the file its name.
    fn close(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        let name = if self.rotates() {
            dated(&self.options.path, self.started)
        } else {
            self.options.path.clone()
        };
        fs::rename(&self.part, &name)?;
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    fn rotate(&mut self, line: &Line) {
        let next = self.close().and_then(|()| create(&self.part, self.options.format));
        match next {
            Ok((file, length)) => (self.file, self.length) = (file, length),
            Err(error) => {
                // Rows go on into the file that is open.
                line.failed(&self.failure("begin the next file", &error));
            }
        }
        (self.rows, self.opened, self.started) = (0, Instant::now(), Timestamp::now());
    }
}

impl Output<EndedFlow> for FileOutput {
    fn export(&mut self, flows: &[EndedFlow], line: &Line) {
        let clock = Clock::now();
        let (mut octets, mut from) = (Vec::with_capacity(BLOCK), 0);
        for (index, ended) in flows.iter().enumerate() {
            match self.options.format.line(&row(ended, clock, &line.names)) {
                Ok(row) => octets.extend(row.as_bytes()),
                Err(error) => tracing::error!(%error, "a flow has no row; please report it"),
            }
            if octets.len() >= BLOCK || index + 1 == flows.len() {
                self.write(&octets, &flows[from..=index], line);
                octets.clear();
                from = index + 1;
                if self.is_full() {
                    self.rotate(line);
                }
            }
        }
    }

    fn work(&mut self, line: &Line) {
        if self.is_full() {
            self.rotate(line);
        }
    }

    fn finish(&mut self, line: &Line) {
        let unused = self.rotates() && self.rows == 0;
        let closed = if unused {
            fs::remove_file(&self.part)
        } else {
            self.close()
        };
        if let Err(error) = closed {
            line.failed(&self.failure("give the file its name", &error));
        }
    }
}

fn create(part: &Path, format: RowFormat) -> io::Result<(File, u64)> {
    let mut file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(part)?;
    let head = format.head();
    file.write_all(head.as_bytes())?;
    Ok((file, head.len() as u64))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// `flows-20261121T224731Z.jsonl` for `flows.jsonl`, and one further on where that exists.
fn dated(path: &Path, time: Timestamp) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path.extension().unwrap_or_default().to_string_lossy();
    let time = time.strftime("%Y%m%dT%H%M%SZ");
    let name = |number: u32| match number {
        0 => format!("{stem}-{time}.{end}"),
        number => format!("{stem}-{time}-{number}.{end}"),
    };
    let mut paths = (0..10_000).map(|number| path.with_file_name(name(number)));
    paths.find(|path| !path.exists()).unwrap_or_else(|| path.to_owned())
}
