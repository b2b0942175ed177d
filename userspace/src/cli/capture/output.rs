//! Where a capture goes: one file or pipe, a ring of files, or memory until it is asked for.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    capture::write::{CaptureFile, FileRing, Recent},
    publish::atomic::WriteError,
};

/// Where blocks go.
#[derive(Debug)]
pub(super) enum Output {
    One(CaptureFile),
    Ring(Ring),
    Memory { recent: Recent, names: FileRing },
}

/// When the next file of a ring begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) octets: Option<u64>,
    pub(super) time: Option<Duration>,
}

/// Files in turn.
#[derive(Debug)]
pub(super) struct Ring {
    names: FileRing,
    bounds: Bounds,
    file: CaptureFile,
    /// Unix time in ns.
    opened: u64,
}

impl Output {
    /// A file, or for `-` the standard output.
    pub(super) fn one(path: &Path) -> Result<Self, WriteError> {
        let file = if path == Path::new("-") {
            CaptureFile::standard_output()
        } else {
            CaptureFile::create(path)
        };
        file.map(Self::One)
    }

    pub(super) fn ring(path: &Path, files: usize, bounds: Bounds, now: u64) -> Result<Self, WriteError> {
        let mut names = FileRing::new(path, Some(files), TimeZone::system());
        let file = CaptureFile::create(&names.next(timestamp(now))?)?;
        Ok(Self::Ring(Ring {
            names,
            bounds,
            file,
            opened: now,
        }))
    }

    pub(super) fn memory(path: &Path, span: Duration, octets: usize) -> Self {
        Self::Memory {
            recent: Recent::new(span, octets),
            names: FileRing::new(path, None, TimeZone::system()),
        }
    }

    /// Adds packet blocks, the newest of which is of this time.
    pub(super) fn add(&mut self, blocks: &[u8], last: u64) -> Result<(), WriteError> {
        match self {
            Self::One(file) | Self::Ring(Ring { file, .. }) => file.write(blocks),
            Self::Memory { recent, .. } => {
                recent.add(blocks, last);
                Ok(())
            }
        }
    }

    /// Adds what stands at a file's start or end.
    pub(super) fn frame(&mut self, blocks: &[u8]) -> Result<(), WriteError> {
        match self {
            Self::One(file) | Self::Ring(Ring { file, .. }) => file.write(blocks),
            // Each snapshot has its own.
            Self::Memory { .. } => Ok(()),
        }
    }

    /// The file at hand has reached its bound, `waiting` octets that are not yet added included.
    pub(super) fn is_full(&self, waiting: usize, now: u64) -> bool {
        let Self::Ring(ring) = self else { return false };
        let octets = ring.file.written() + waiting as u64;
        let age = Duration::from_nanos(now.saturating_sub(ring.opened));
        ring.bounds.octets.is_some_and(|most| octets >= most) || ring.bounds.time.is_some_and(|most| age >= most)
    }

    /// Begins the next file of a ring: between `end` of the old one and `start` of the new one.
    pub(super) fn turn(&mut self, end: &[u8], start: &[u8], now: u64) -> Result<(), WriteError> {
        if let Self::Ring(ring) = self {
            ring.file.write(end)?;
            ring.file = CaptureFile::create(&ring.names.next(timestamp(now))?)?;
            ring.opened = now;
            ring.file.write(start)?;
        }
        Ok(())
    }

    /// Writes a snapshot: its path, its packets' octets, and whether packets of the span are missing. `None` where captures are
    /// written anyway.
    pub(super) fn snapshot(
        &mut self,
        start: &[u8],
        end: &[u8],
        now: u64,
    ) -> Result<Option<(PathBuf, u64, bool)>, WriteError> {
        let Self::Memory { recent, names } = self else {
            return Ok(None);
        };
        let mut file = CaptureFile::create(&names.next(timestamp(now))?)?;
        file.write(start)?;
        for blocks in recent.excerpt(now, None) {
            file.write(&blocks)?;
        }
        let octets = file.written() - start.len() as u64;
        file.write(end)?;
        Ok(Some((file.path().to_owned(), octets, recent.is_incomplete(now, None))))
    }
}

fn timestamp(now: u64) -> Timestamp {
    Timestamp::from_nanosecond(now.into()).unwrap_or(Timestamp::UNIX_EPOCH)
}
