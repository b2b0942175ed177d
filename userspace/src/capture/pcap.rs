//! The classic format (draft-ietf-opsawg-pcap; libpcap `savefile.c`, `sf-pcap.c`).
//!
//! Nothing marks a record's start, so a record is believed if its lengths can be and one that is *plausible* follows it, or
//! the file's end. Where that is not so, the next *chain* of plausible records decides: one that starts within the record
//! shows that its length is wrong.

use std::io::Read;

use super::{CaptureError, MAX_PACKET, Record, Source};

/// Plausible records in a row that are no accident.
const CHAIN: usize = 3;
/// How far a plausible record's time is from that before it, in seconds: 30 days.
const NEAR: u32 = 30 * 24 * 3600;
/// No capture is older, in seconds since 1970: 1986, before tcpdump.
const FIRST: u32 = 16 * 365 * 24 * 3600;
/// Lengths on the wire beyond this are not plausible.
const MAX_ORIGINAL: u32 = 4 * MAX_PACKET as u32;
/// How far ahead of an odd record a chain is looked for, in octets.
const LOOK: usize = 4 * MAX_PACKET;
/// How many odd records in a row are followed to a chain.
const MOST_ODD: usize = 64;

/// What the file's header says, and what was learnt since.
#[derive(Debug)]
pub(super) struct Header {
    big_endian: bool,
    /// ns of one unit of a record's fraction of a second.
    unit: u64,
    /// Octets of a record's header: four words that all variants have, and more.
    size: usize,
    snapshot_length: usize,
    link_type: u32,
    /// The time of the last record that was believed.
    last: Option<u32>,
    /// No chain starts before this offset in the file, but maybe at it.
    clear: u64,
    found: bool,
}

/// A record's four words.
#[derive(Clone, Copy, Debug)]
struct Words {
    seconds: u32,
    fraction: u32,
    length: u32,
    original_length: u32,
}

impl Header {
    pub(super) fn read(magic: [u8; 4], source: &mut Source<impl Read>) -> Result<Self, CaptureError> {
        let (unit, size, big_endian) = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => (1000, 16, false),
            [0xa1, 0xb2, 0xc3, 0xd4] => (1000, 16, true),
            [0x4d, 0x3c, 0xb2, 0xa1] => (1, 16, false),
            [0xa1, 0xb2, 0x3c, 0x4d] => (1, 16, true),
            // Alexey Kuznetzov's: interface, protocol and packet type in every record.
            [0x34, 0xcd, 0xb2, 0xa1] => (1000, 24, false),
            [0xa1, 0xb2, 0xcd, 0x34] => (1000, 24, true),
            _ => return Err(CaptureError::NotACapture),
        };
        // Magic 4, version 4, time zone 4, accuracy 4, snapshot length 4, link type 4.
        let Some(&octets) = source.ahead(24)?.first_chunk::<24>() else {
            return Err(CaptureError::Truncated { offset: 0 });
        };
        source.advance(24);
        let mut header = Self {
            big_endian,
            unit,
            size,
            snapshot_length: MAX_PACKET,
            link_type: 0,
            last: None,
            clear: 0,
            found: false,
        };
        let (words, _) = octets.as_chunks();
        if let length @ 1..=MAX_PACKET = header.word(words[4]) as usize {
            header.snapshot_length = length;
        }
        // The upper bits tell the length of an FCS.
        header.link_type = header.word(words[5]) & 0x03ff_ffff;
        Ok(header)
    }

    fn word(&self, octets: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(octets)
        } else {
            u32::from_le_bytes(octets)
        }
    }

    pub(super) fn link_type(&self) -> u32 {
        self.link_type
    }

    pub(super) fn next_record(
        &mut self,
        source: &mut Source<impl Read>,
        live: bool,
    ) -> Result<Option<Record>, CaptureError> {
        let ahead = source.ahead(self.size)?;
        let Some(words) = self.words(ahead) else {
            let truncated = !ahead.is_empty();
            let offset = source.offset();
            return if truncated {
                Err(CaptureError::Truncated { offset })
            } else {
                Ok(None)
            };
        };
        if let Some(error) = words.unsound(source.offset()) {
            return Err(self.resynchronise(source, error)?);
        }
        let size = self.size + words.length as usize;
        let followed = source.ahead(size)?.len() >= size && self.is_followed(source, words, size, live)?;
        // A wrong length may end where a record starts, but is mostly longer than the packet was. What would have to be
        // waited for is not looked through.
        if !followed || !live && !self.has_lengths(words) {
            if let Some(skipped) = self.lies(source, words, size)? {
                let offset = source.offset();
                source.advance(skipped);
                return Err(CaptureError::Corrupt {
                    offset,
                    what: "is followed by none",
                    skipped: skipped as u64,
                });
            }
            if source.read_ahead().len() < size {
                return Err(CaptureError::Truncated {
                    offset: source.offset(),
                });
            }
            if !followed && !self.is_tolerable(words, self.last) {
                let error = CaptureError::Corrupt {
                    offset: source.offset(),
                    what: "has neither lengths nor a time that can be",
                    skipped: 0,
                };
                return Err(self.resynchronise(source, error)?);
            }
        }
        if followed || self.is_plausible(words, self.last) {
            self.last = Some(words.seconds);
        }
        // A writer that doesn't keep to its own limit.
        if words.length as usize > self.snapshot_length {
            self.snapshot_length = MAX_PACKET;
        }
        let (at, _) = source.advance(size);
        Ok(Some(Record {
            link_type: self.link_type,
            time: Some(u64::from(words.seconds) * 1_000_000_000 + u64::from(words.fraction) * self.unit),
            original_length: words.original_length,
            octets: at + self.size..at + size,
        }))
    }

    /// Whether the file's end or a plausible record follows. From a live source, what has not come yet is not waited for.
    fn is_followed(
        &self,
        source: &mut Source<impl Read>,
        words: Words,
        size: usize,
        live: bool,
    ) -> Result<bool, CaptureError> {
        let ahead = if live {
            source.read_ahead()
        } else {
            source.ahead(size + self.size)?
        };
        let behind = &ahead[size..];
        if behind.is_empty() || live && behind.len() < self.size {
            return Ok(true);
        }
        let next = self.words(behind);
        Ok(next.is_some_and(|next| self.is_plausible(next, Some(words.seconds))))
    }

    /// How far it is to the next record, if the one at hand is not to be believed.
    fn lies(
        &mut self,
        source: &mut Source<impl Read>,
        words: Words,
        size: usize,
    ) -> Result<Option<usize>, CaptureError> {
        // Of the first record, the time at hand may be what is wrong: none is compared with.
        let near = self.last;
        let ends = source.read_ahead().len().min(size);
        // Only its time is wrong where others begin at its end.
        if self.has_lengths(words) && ends == size && self.starts_chain(source, size, near)? {
            return Ok(None);
        }
        // Within its header too: what stands there may be the end of another record, cut short.
        if let Some(inside) = self.find(source, 1, ends, near)? {
            return Ok(Some(inside));
        }
        if self.is_plausible(words, self.last) || ends < size {
            return Ok(None);
        }
        let Some(chain) = self.find(source, size, size + LOOK, near)? else {
            return Ok(None);
        };
        // Odd, but maybe only that: its time was damaged, or the file's writer has its own ways.
        let (mut at, mut next) = (0, words);
        for _ in 0..MOST_ODD {
            if at >= chain || next.unsound(0).is_some() || !self.is_tolerable(next, near) {
                return Ok((at != chain).then_some(chain));
            }
            at += self.size + next.length as usize;
            match source
                .ahead(at + self.size)?
                .get(at..)
                .and_then(|ahead| self.words(ahead))
            {
                Some(words) => next = words,
                None => return Ok(Some(chain)),
            }
        }
        Ok(None)
    }

    /// Steps to the next chain, or the file's end.
    fn resynchronise(
        &mut self,
        source: &mut Source<impl Read>,
        error: CaptureError,
    ) -> Result<CaptureError, CaptureError> {
        source.resynchronise(LOOK, error, |source, from| self.find(source, from, LOOK, self.last))
    }

    /// The first chain that starts between two places ahead. No place is looked at twice, so that a file made for it can't
    /// cost more than its length.
    fn find(
        &mut self,
        source: &mut Source<impl Read>,
        from: usize,
        to: usize,
        near: Option<u32>,
    ) -> Result<Option<usize>, CaptureError> {
        let base = source.offset();
        let clear = usize::try_from(self.clear.saturating_sub(base)).unwrap_or(usize::MAX);
        if clear >= from && self.found {
            return Ok((clear < to).then_some(clear));
        }
        let mut at = from.max(clear);
        while at < to && source.ahead(at + 1)?.len() > at {
            if self.starts_chain(source, at, near)? {
                (self.clear, self.found) = (base + at as u64, true);
                return Ok(Some(at));
            }
            at += 1;
        }
        if base + at as u64 > self.clear {
            (self.clear, self.found) = (base + at as u64, false);
        }
        Ok(None)
    }

    /// Whether plausible records follow one another, or reach the file's end.
    fn starts_chain(
        &self,
        source: &mut Source<impl Read>,
        mut at: usize,
        mut near: Option<u32>,
    ) -> Result<bool, CaptureError> {
        for records in 0..CHAIN {
            let ahead = source.ahead(at + self.size)?;
            match ahead.get(at..) {
                Some([]) => return Ok(records > 0),
                Some(octets) => match self.words(octets) {
                    Some(words) if self.is_plausible(words, near) => {
                        near = Some(words.seconds);
                        at += self.size + words.length as usize;
                    }
                    Some(_) => return Ok(false),
                    None => return Ok(records > 1),
                },
                // The file ends within the record.
                None => return Ok(records > 1),
            }
        }
        Ok(true)
    }

    /// The words of a record's header, where it is whole.
    fn words(&self, ahead: &[u8]) -> Option<Words> {
        let (words, _) = ahead.get(..self.size)?.as_chunks();
        Some(Words {
            seconds: self.word(words[0]),
            fraction: self.word(words[1]),
            length: self.word(words[2]),
            original_length: self.word(words[3]),
        })
    }

    fn is_plausible(&self, words: Words, near: Option<u32>) -> bool {
        self.has_lengths(words) && self.has_time(words, near)
    }

    /// Lengths that are odd, or a time, but not both.
    fn is_tolerable(&self, words: Words, near: Option<u32>) -> bool {
        self.has_lengths(words) || self.has_time(words, near)
    }

    fn has_lengths(&self, words: Words) -> bool {
        (1..=self.snapshot_length).contains(&(words.length as usize))
            && (words.length..=MAX_ORIGINAL).contains(&words.original_length)
    }

    fn has_time(&self, words: Words, near: Option<u32>) -> bool {
        u64::from(words.fraction) * self.unit < 1_000_000_000
            && match near {
                Some(near) => near.abs_diff(words.seconds) <= NEAR,
                None => words.seconds >= FIRST,
            }
    }
}

impl Words {
    /// What no writer writes, however odd.
    fn unsound(self, offset: u64) -> Option<CaptureError> {
        let corrupt = |what| CaptureError::Corrupt {
            offset,
            what,
            skipped: 0,
        };
        if self.length as usize > MAX_PACKET {
            return Some(CaptureError::TooLong {
                offset,
                length: self.length,
                skipped: 0,
            });
        }
        if self.length == 0 && self.original_length == 0 {
            return Some(corrupt("is of a packet without octets"));
        }
        (self.fraction >= 1_000_000_000).then(|| corrupt("has a time that is none"))
    }
}

#[cfg(test)]
mod tests;
