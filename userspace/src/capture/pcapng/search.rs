//! Where a block starts behind damage.

use std::io::Read;

use super::{
    MAX_BLOCK, SECTION_HEADER, Section, kind,
    octets::{byte_order, word_of},
};
use crate::capture::{CaptureError, Source};

/// A block that is looked for has a body: words that lie side by side look like an empty one.
const SHORTEST: usize = 16;
/// How far ahead of damage a block is looked for at once.
pub(super) const LOOK: usize = 2 * MAX_BLOCK;

impl Section {
    /// Steps to the next block that looks like one, or the file's end.
    pub(super) fn resynchronise(
        &self,
        source: &mut Source<impl Read>,
        error: CaptureError,
    ) -> Result<CaptureError, CaptureError> {
        source.resynchronise(LOOK, error, |source, from| self.next_block(source, from, LOOK))
    }

    /// Where a block starts, from `from` on and before `to`.
    pub(super) fn next_block(
        &self,
        source: &mut Source<impl Read>,
        from: usize,
        to: usize,
    ) -> Result<Option<usize>, CaptureError> {
        for at in from..to {
            if source.ahead(at + 8)?.len() < at + 8 {
                break;
            }
            if self.starts(source, at)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Whether a block starts at `at`, whose first eight octets were read: a kind and two equal lengths, which may be met by accident, and what belongs to them.
    fn starts(&self, source: &mut Source<impl Read>, at: usize) -> Result<bool, CaptureError> {
        let Some(&[t0, t1, t2, t3, l0, l1, l2, l3]) = source.read_ahead().get(at..).and_then(<[u8]>::first_chunk)
        else {
            return Ok(false);
        };
        let is_section = [t0, t1, t2, t3] == SECTION_HEADER;
        let kind = word_of(self.big_endian, [t0, t1, t2, t3]);
        if !is_section && !kind::ALL.contains(&kind) {
            return Ok(false);
        }
        let big_endian = match source.ahead(at + 12)?.get(at + 8..).and_then(byte_order) {
            Some(big_endian) if is_section => big_endian,
            _ => self.big_endian,
        };
        let length = word_of(big_endian, [l0, l1, l2, l3]) as usize;
        if !length.is_multiple_of(4) || !(SHORTEST..=MAX_BLOCK).contains(&length) {
            return Ok(false);
        }
        let ahead = source.ahead(at + length)?;
        if ahead.get(at + length - 4..at + length) != Some(&[l0, l1, l2, l3]) {
            return Ok(false);
        }
        let body = &ahead[at + 8..at + length - 4];
        // Its five words agree: no accident, whatever follows.
        let is_certain = kind == kind::ENHANCED_PACKET && self.is_filled(kind, body);
        Ok(is_certain || self.could_be(kind, body) && is_followed(source, at + length, big_endian)?)
    }

    /// Whether a block's body could be of its kind.
    fn could_be(&self, kind: u32, body: &[u8]) -> bool {
        match kind {
            kind::OLD_PACKET | kind::ENHANCED_PACKET => self.packet(kind, body).is_ok(),
            // It has no options.
            kind::SIMPLE_PACKET => self.is_filled(kind, body),
            _ => true,
        }
    }

    /// Whether a body is that of a packet that fills it.
    fn is_filled(&self, kind: u32, body: &[u8]) -> bool {
        self.packet(kind, body)
            .is_ok_and(|record| record.octets.end.next_multiple_of(4) == body.len())
    }
}

/// Whether the file's end is at `at`, or what could be a block, of whatever kind.
fn is_followed(source: &mut Source<impl Read>, at: usize, big_endian: bool) -> Result<bool, CaptureError> {
    let Some(&[t0, t1, t2, t3, octets @ ..]) = source.ahead(at + 8)?.get(at..).and_then(<[u8]>::first_chunk::<8>)
    else {
        return Ok(true);
    };
    // Its byte order may be another.
    if [t0, t1, t2, t3] == SECTION_HEADER {
        return Ok(true);
    }
    let length = word_of(big_endian, octets) as usize;
    if !(12..=MAX_BLOCK).contains(&length) || !length.is_multiple_of(4) {
        return Ok(false);
    }
    let ahead = source.ahead(at + length)?;
    let last = ahead.get(at + length - 4..at + length);
    Ok(last.is_none_or(|last| last == octets))
}
