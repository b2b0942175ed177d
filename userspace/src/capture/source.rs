//! A file read in order, with the offset of the record at hand.

use std::io::{self, BufReader, Read};

use super::CaptureError;

/// The file, the record's start, and a buffer for one record.
#[derive(Debug)]
pub(super) struct Source<R> {
    file: BufReader<R>,
    offset: u64,
    record_at: u64,
    buffer: Vec<u8>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(file: R) -> Self {
        Self {
            file: BufReader::with_capacity(64 * 1024, file),
            offset: 0,
            record_at: 0,
            buffer: Vec::new(),
        }
    }

    /// Reads `N` octets.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], CaptureError> {
        let mut octets = [0; N];
        self.file.read_exact(&mut octets).map_err(|error| self.at_end(error))?;
        self.offset += N as u64;
        Ok(octets)
    }

    /// Starts a record and reads its first `N` octets; `None` where the file ends before it.
    pub(super) fn record<const N: usize>(&mut self) -> Result<Option<[u8; N]>, CaptureError> {
        self.record_at = self.offset;
        let mut octets = [0; N];
        let mut length = 0;
        while length < N {
            match self.file.read(&mut octets[length..]) {
                Ok(0) if length == 0 => return Ok(None),
                Ok(0) => return Err(CaptureError::Truncated { offset: self.record_at }),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.offset += N as u64;
        Ok(Some(octets))
    }

    /// Reads `length` octets, bounded by the caller, into the buffer.
    pub(super) fn fill(&mut self, length: usize) -> Result<(), CaptureError> {
        self.buffer.resize(length, 0);
        self.file
            .read_exact(&mut self.buffer)
            .map_err(|error| at_end(error, self.record_at))?;
        self.offset += length as u64;
        Ok(())
    }

    /// Steps over `length` octets.
    pub(super) fn skip(&mut self, length: u64) -> Result<(), CaptureError> {
        let skipped = io::copy(&mut (&mut self.file).take(length), &mut io::sink())?;
        self.offset += skipped;
        if skipped < length {
            Err(CaptureError::Truncated { offset: self.record_at })
        } else {
            Ok(())
        }
    }

    /// What [`Source::fill`] read last.
    pub(super) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Where the record at hand starts.
    pub(super) fn record_at(&self) -> u64 {
        self.record_at
    }

    /// That the record at hand is corrupt.
    pub(super) fn corrupt(&self, what: &'static str) -> CaptureError {
        CaptureError::Corrupt {
            offset: self.record_at,
            what,
        }
    }

    fn at_end(&self, error: io::Error) -> CaptureError {
        at_end(error, self.record_at)
    }
}

fn at_end(error: io::Error, offset: u64) -> CaptureError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => CaptureError::Truncated { offset },
        _ => error.into(),
    }
}
