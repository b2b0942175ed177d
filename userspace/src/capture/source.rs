//! A file read in order through one large buffer: records are looked at where they lie, and ahead of them.

use std::io::{self, Read};

use super::CaptureError;

/// Octets that are asked of the file at once, at the most.
const BUFFER: usize = 512 * 1024;

/// The file from the record at hand on.
#[derive(Debug)]
pub(super) struct Source<R> {
    file: R,
    buffer: Vec<u8>,
    /// Where the record at hand starts, and where what was read ends.
    start: usize,
    end: usize,
    /// Of `start` in the file.
    offset: u64,
}

impl<R: Read> Source<R> {
    pub(super) fn new(file: R) -> Self {
        Self {
            file,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// What lies ahead: `length` octets at least, or fewer where the file ends before. Waits for no more than that.
    #[inline]
    pub(super) fn ahead(&mut self, length: usize) -> io::Result<&[u8]> {
        if self.end - self.start < length {
            self.read(length)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// What lies ahead and was read already.
    pub(super) fn read_ahead(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Steps to the next place that `find` names among the `look` octets ahead, from a distance on, or to the file's end.
    /// Gives `error` with what was skipped.
    pub(super) fn resynchronise(
        &mut self,
        look: usize,
        error: CaptureError,
        mut find: impl FnMut(&mut Self, usize) -> Result<Option<usize>, CaptureError>,
    ) -> Result<CaptureError, CaptureError> {
        let offset = self.offset();
        // What is at hand is what is wrong.
        let mut from = 1;
        loop {
            if let Some(at) = find(self, from)? {
                self.advance(at);
                break;
            }
            // Nothing starts in what is ahead: all of it is skipped, to the file's end if need be.
            if self.advance(look).1 < look {
                break;
            }
            from = 0;
        }
        Ok(error.skipping(self.offset() - offset))
    }

    /// `length` is bounded by the callers, by some packets of the largest size.
    fn read(&mut self, length: usize) -> io::Result<()> {
        if self.start + length > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            // Twice as much, so that what is ahead is not moved for each record.
            let wanted = (2 * length).next_power_of_two();
            if length > self.buffer.len() / 2 && wanted > self.buffer.len() {
                self.buffer.resize(wanted.max(BUFFER), 0);
            }
        }
        while self.end - self.start < length {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Steps over octets that were read: where in [`Source::buffer`] they are until the next look ahead, and how many.
    pub(super) fn advance(&mut self, length: usize) -> (usize, usize) {
        let from = self.start;
        let length = length.min(self.end - self.start);
        self.start += length;
        self.offset += length as u64;
        (from, length)
    }

    /// Steps over octets whether read or not; false where the file ends before.
    pub(super) fn skip(&mut self, mut length: u64) -> io::Result<bool> {
        while length > 0 {
            let there = self.ahead(1)?.len();
            if there == 0 {
                return Ok(false);
            }
            let step = usize::try_from(length).unwrap_or(usize::MAX).min(there);
            self.advance(step);
            length -= step as u64;
        }
        Ok(true)
    }

    pub(super) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Where in the file the record at hand starts.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }
}
