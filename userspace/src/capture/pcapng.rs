//! pcapng (draft-ietf-opsawg-pcapng).

mod octets;
mod search;

use std::io::Read;

use airlens_common::Octets;

use super::{CaptureError, MAX_PACKET, Record, Source};
use octets::{byte_order, half, resolution_of, word_of};
use search::LOOK;

/// Block type of a section header: the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Block types.
mod kind {
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const OLD_PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const ENHANCED_PACKET: u32 = 6;
    /// Name resolution 4, statistics 5, journal 9, secrets 10, custom.
    pub(super) const ALL: [u32; 10] = [1, 2, 3, 4, 5, 6, 9, 10, 0xbad, 0x4000_0bad];
    /// Those that may be longer than what is looked ahead, and are stepped over unseen.
    pub(super) const UNLIMITED: [u32; 5] = [4, 9, 10, 0xbad, 0x4000_0bad];
}

/// The block at hand.
struct Block {
    kind: u32,
    /// Octets of the whole of it.
    length: usize,
    /// It was not read.
    is_large: bool,
}

/// Options of an interface description.
mod option {
    pub(super) const TIME_RESOLUTION: u16 = 9;
    pub(super) const TIME_OFFSET: u16 = 14;
}

/// The longest block that is read.
const MAX_BLOCK: usize = MAX_PACKET + 64 * 1024;
/// Octets of a damaged block that are looked at.
const SALVAGED: usize = 256;
/// Interfaces of a section.
const MAX_INTERFACES: usize = 4096;

/// The section at hand.
#[derive(Debug)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// Of all sections so far, each once.
    link_types: Vec<u32>,
    /// That of the file's first section header, still to be reported.
    damage: Option<CaptureError>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: u32,
    snapshot_length: u32,
    /// Units of time in a second; `None` where that can't be expressed.
    resolution: Option<u64>,
    /// Seconds that are added to every time.
    offset: i64,
}

impl Section {
    /// Reads the file's first section header.
    pub(super) fn read_first(source: &mut Source<impl Read>) -> Result<Self, CaptureError> {
        let mut section = Self {
            big_endian: false,
            interfaces: Vec::new(),
            link_types: Vec::new(),
            damage: None,
        };
        match section.block(source) {
            Ok(block) => {
                source.advance(block.ok_or(CaptureError::NotACapture)?.length);
            }
            // All but its byte order can be done without.
            Err(error) if error.skipped().is_some() && source.ahead(12)?.get(8..).and_then(byte_order).is_some() => {
                section.salvage(source)?;
                section.damage = Some(section.resynchronise(source, error)?);
            }
            Err(error) => return Err(error),
        }
        Ok(section)
    }

    pub(super) fn link_types(&self) -> &[u32] {
        &self.link_types
    }

    /// Steps from block to block until one is a packet.
    pub(super) fn next_record(&mut self, source: &mut Source<impl Read>) -> Result<Option<Record>, CaptureError> {
        if let Some(error) = self.damage.take() {
            return Err(error);
        }
        loop {
            let block = match self.block(source) {
                Ok(Some(block)) => block,
                Ok(None) => return Ok(None),
                Err(CaptureError::Truncated { offset }) => {
                    // Or is it the block's length that is damaged?
                    let Some(at) = self.next_block(source, 1, LOOK)? else {
                        return Err(CaptureError::Truncated { offset });
                    };
                    self.salvage(source)?;
                    return Err(step(source, at, "is longer than the file"));
                }
                Err(error) if error.skipped().is_some() => {
                    self.salvage(source)?;
                    return Err(self.resynchronise(source, error)?);
                }
                Err(error) => return Err(error),
            };
            let body = 8..block.length - 4;
            let offset = source.offset();
            let done = match block.kind {
                kind::INTERFACE => self.add_interface(&source.read_ahead()[body]).map(|()| None),
                kind::OLD_PACKET | kind::SIMPLE_PACKET | kind::ENHANCED_PACKET => {
                    self.packet(block.kind, &source.read_ahead()[body]).map(Some)
                }
                _ if block.is_large => {
                    // Or is it a short one, and its length damaged?
                    if let Some(at) = self.next_block(source, 1, block.length.min(LOOK))? {
                        return Err(step(source, at, "has packets of others in it"));
                    }
                    if !source.skip(block.length as u64)? {
                        return Err(CaptureError::Truncated { offset });
                    }
                    continue;
                }
                _ => Ok(None),
            };
            let (at, _) = source.advance(block.length);
            match done {
                Ok(None) => {}
                Ok(Some(mut record)) => {
                    record.octets = at + 8 + record.octets.start..at + 8 + record.octets.end;
                    return Ok(Some(record));
                }
                // Only its content: the next block is where it ends.
                Err(what) => {
                    return Err(CaptureError::Corrupt {
                        offset,
                        what,
                        skipped: block.length as u64,
                    });
                }
            }
        }
    }

    /// The block at hand: type 4, length 4, body, length 4. A section header changes the section.
    fn block(&mut self, source: &mut Source<impl Read>) -> Result<Option<Block>, CaptureError> {
        let offset = source.offset();
        let truncated = CaptureError::Truncated { offset };
        let corrupt = |what| CaptureError::Corrupt {
            offset,
            what,
            skipped: 0,
        };
        let ahead = source.ahead(8)?;
        if ahead.is_empty() {
            return Ok(None);
        }
        let Some(&[t0, t1, t2, t3, l0, l1, l2, l3]) = ahead.first_chunk() else {
            return Err(truncated);
        };
        let is_section = [t0, t1, t2, t3] == SECTION_HEADER;
        let mut big_endian = self.big_endian;
        if is_section {
            // Byte-order magic 4, version 4, section length 8.
            let Some(header) = source.ahead(28)?.get(8..28) else {
                return Err(truncated);
            };
            big_endian = byte_order(header).ok_or_else(|| corrupt("has no byte-order magic"))?;
            if half(big_endian, header, 4) != Some(1) {
                return Err(corrupt("is of a format version other than 1"));
            }
        }
        let length = word_of(big_endian, [l0, l1, l2, l3]);
        let kind = word_of(big_endian, [t0, t1, t2, t3]);
        let shortest = if is_section { 28 } else { 12 };
        if length < shortest || !length.is_multiple_of(4) {
            return Err(corrupt("has a wrong length"));
        }
        let length = length as usize;
        let is_large = length > MAX_BLOCK;
        if is_large && !kind::UNLIMITED.contains(&kind) {
            return Err(CaptureError::TooLong {
                offset,
                length: length as u32,
                skipped: 0,
            });
        }
        if !is_large {
            let ahead = source.ahead(length)?;
            let Some(last) = ahead.get(length - 4..length) else {
                return Err(truncated);
            };
            if last != [l0, l1, l2, l3] {
                return Err(corrupt("has two different lengths"));
            }
        }
        if is_section {
            self.big_endian = big_endian;
            self.interfaces.clear();
        }
        Ok(Some(Block { kind, length, is_large }))
    }

    /// A block that is damaged says what it can: an interface's packets can be read without its lengths, and a section's
    /// interfaces are not those of the one before.
    fn salvage(&mut self, source: &mut Source<impl Read>) -> Result<(), CaptureError> {
        let ahead = source.ahead(SALVAGED)?;
        let Some((kind, rest)) = ahead[..ahead.len().min(SALVAGED)].split_first_chunk() else {
            return Ok(());
        };
        if *kind == SECTION_HEADER {
            self.interfaces.clear();
            if let Some(big_endian) = rest.get(4..).and_then(byte_order) {
                self.big_endian = big_endian;
            }
        } else if word_of(self.big_endian, *kind) == kind::INTERFACE
            && let Some(body) = rest.get(4..)
        {
            // One that says too little stays unknown.
            let _ = self.add_interface(body);
        }
        Ok(())
    }

    /// Link type 2, reserved 2, snapshot length 4, options.
    fn add_interface(&mut self, body: &[u8]) -> Result<(), &'static str> {
        let too_short = "is shorter than an interface description";
        if self.interfaces.len() == MAX_INTERFACES {
            return Err("describes one interface too many");
        }
        let mut interface = Interface {
            link_type: self.half_at(body, 0).ok_or(too_short)?.into(),
            snapshot_length: self.word_at(body, 4).ok_or(too_short)?,
            resolution: Some(1_000_000),
            offset: 0,
        };
        let mut options = &body[8..];
        while let (Some(code), Some(length)) = (self.half_at(options, 0), self.half_at(options, 2)) {
            let length = usize::from(length);
            let Some(value) = options.get(4..4 + length) else { break };
            match (code, value) {
                (0, _) => break,
                (option::TIME_RESOLUTION, &[resolution, ..]) => interface.resolution = resolution_of(resolution),
                (option::TIME_OFFSET, value) => {
                    if let Some(&octets) = value.first_chunk() {
                        interface.offset = if self.big_endian {
                            i64::from_be_bytes(octets)
                        } else {
                            i64::from_le_bytes(octets)
                        };
                    }
                }
                _ => {}
            }
            options = options.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
        }
        if !self.link_types.contains(&interface.link_type) {
            self.link_types.push(interface.link_type);
        }
        self.interfaces.push(interface);
        Ok(())
    }

    /// Where in a packet block's body the packet is, and what the block says about it.
    fn packet(&self, kind: u32, body: &[u8]) -> Result<Record, &'static str> {
        let too_short = "is shorter than a packet block";
        let word = |at| self.word_at(body, at).ok_or(too_short);
        let unknown = "names an interface that is not described";
        if kind == kind::SIMPLE_PACKET {
            // Original length 4, then the packet of interface 0, padded.
            let interface = self.interfaces.first().ok_or(unknown)?;
            let original_length = word(0)?;
            let snapshot = if interface.snapshot_length == 0 {
                u32::MAX
            } else {
                interface.snapshot_length
            };
            let length = original_length.min(snapshot).min(body.len() as u32 - 4);
            let octets = 4..4 + length as usize;
            return Ok(Record {
                link_type: interface.link_type,
                time: None,
                original_length,
                octets,
            });
        }
        // Interface 4 (in the obsolete block interface 2, drops 2), time 8, captured length 4, original length 4.
        let interface = match kind {
            kind::OLD_PACKET => self.half_at(body, 0).ok_or(too_short)?.into(),
            _ => word(0)?,
        };
        let interface = self.interfaces.get(interface as usize).ok_or(unknown)?;
        let time = interface.time(u64::from(word(4)?) << 32 | u64::from(word(8)?));
        let (length, original_length) = (word(12)? as usize, word(16)?);
        if body.len() - 20 < length || length > MAX_PACKET {
            return Err("announces a packet longer than itself");
        }
        Ok(Record {
            link_type: interface.link_type,
            time,
            original_length,
            octets: 20..20 + length,
        })
    }

    fn word_at(&self, octets: &[u8], at: usize) -> Option<u32> {
        octets
            .u32_ne(at)
            .map(|word| word_of(self.big_endian, word.to_ne_bytes()))
    }

    fn half_at(&self, octets: &[u8], at: usize) -> Option<u16> {
        half(self.big_endian, octets, at)
    }
}

/// Leaves the block at hand for one that starts `at` octets on.
fn step(source: &mut Source<impl Read>, at: usize, what: &'static str) -> CaptureError {
    let offset = source.offset();
    source.advance(at);
    CaptureError::Corrupt {
        offset,
        what,
        skipped: at as u64,
    }
}

impl Interface {
    /// ns since 1970-01-01 UTC; `None` where that is no such time.
    fn time(&self, units: u64) -> Option<u64> {
        let ns = u128::from(units) * 1_000_000_000 / u128::from(self.resolution?);
        let offset = i128::from(self.offset) * 1_000_000_000;
        u64::try_from(i128::try_from(ns).ok()? + offset).ok()
    }
}

#[cfg(test)]
mod tests;
