//! pcapng (draft-ietf-opsawg-pcapng).

use std::io::Read;

use airlens_common::Octets;

use super::{CaptureError, MAX_PACKET, Record, Source};

/// Block type of a section header: the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Block types.
mod kind {
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const OLD_PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const ENHANCED_PACKET: u32 = 6;
}

/// Options of an interface description.
mod option {
    pub(super) const TIME_RESOLUTION: u16 = 9;
    pub(super) const TIME_OFFSET: u16 = 14;
}

/// The longest block that is read; others are stepped over.
const MAX_BLOCK: usize = MAX_PACKET + 64 * 1024;
/// Interfaces of a section.
const MAX_INTERFACES: usize = 4096;

/// The section at hand.
#[derive(Debug)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// Of all sections so far, each once.
    link_types: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: u32,
    snapshot_length: u32,
    /// Units of time in a second.
    resolution: u64,
    /// Seconds that are added to every time.
    offset: i64,
}

impl Section {
    /// Reads the file's first section header, whose type was read already.
    pub(super) fn read_first(source: &mut Source<impl Read>) -> Result<Self, CaptureError> {
        let length = source.array()?;
        let mut section = Self {
            big_endian: false,
            interfaces: Vec::new(),
            link_types: Vec::new(),
        };
        section.read_header(length, source)?;
        Ok(section)
    }

    /// Length 4 (read already), byte-order magic 4, version 4, section length 8, options, length 4.
    fn read_header(&mut self, length: [u8; 4], source: &mut Source<impl Read>) -> Result<(), CaptureError> {
        self.big_endian = match source.array()? {
            [0x1a, 0x2b, 0x3c, 0x4d] => true,
            [0x4d, 0x3c, 0x2b, 0x1a] => false,
            _ => return Err(source.corrupt("has no byte-order magic")),
        };
        self.interfaces.clear();
        let [a, b, ..] = source.array::<4>()?;
        if self.half([a, b]) != 1 {
            return Err(source.corrupt("is of a format version other than 1"));
        }
        let length = self.word(length);
        let rest = length
            .checked_sub(20)
            .filter(|rest| *rest >= 8 && length.is_multiple_of(4));
        source.skip(rest.ok_or_else(|| source.corrupt("has a wrong length"))?.into())?;
        self.check_end(length, source)
    }

    pub(super) fn link_types(&self) -> &[u32] {
        &self.link_types
    }

    /// Steps from block to block until one is a packet.
    pub(super) fn next_record(&mut self, source: &mut Source<impl Read>) -> Result<Option<Record>, CaptureError> {
        while let Some([t0, t1, t2, t3, length @ ..]) = source.record::<8>()? {
            if [t0, t1, t2, t3] == SECTION_HEADER {
                self.read_header(length, source)?;
                continue;
            }
            let kind = self.word([t0, t1, t2, t3]);
            let length = self.word(length);
            // Type, length, and length again.
            let body = length.checked_sub(12).filter(|_| length.is_multiple_of(4));
            let body = body.ok_or_else(|| source.corrupt("has a wrong length"))?;
            let known = [
                kind::INTERFACE,
                kind::OLD_PACKET,
                kind::SIMPLE_PACKET,
                kind::ENHANCED_PACKET,
            ];
            if !known.contains(&kind) {
                source.skip(body.into())?;
                self.check_end(length, source)?;
                continue;
            }
            let size = usize::try_from(body).unwrap_or(usize::MAX);
            if size > MAX_BLOCK {
                return Err(CaptureError::TooLong {
                    offset: source.record_at(),
                    length,
                });
            }
            source.fill(size)?;
            self.check_end(length, source)?;
            if kind == kind::INTERFACE {
                self.add_interface(source)?;
                continue;
            }
            let record = self.packet(kind, source.buffer());
            return record.map(Some).map_err(|what| source.corrupt(what));
        }
        Ok(None)
    }

    /// Link type 2, reserved 2, snapshot length 4, options.
    fn add_interface(&mut self, source: &Source<impl Read>) -> Result<(), CaptureError> {
        let body = source.buffer();
        let too_short = || source.corrupt("is shorter than an interface description");
        if self.interfaces.len() == MAX_INTERFACES {
            return Err(source.corrupt("describes one interface too many"));
        }
        let mut interface = Interface {
            link_type: self.half_at(body, 0).ok_or_else(too_short)?.into(),
            snapshot_length: self.word_at(body, 4).ok_or_else(too_short)?,
            resolution: 1_000_000,
            offset: 0,
        };
        let mut options = &body[8..];
        while let (Some(code), Some(length)) = (self.half_at(options, 0), self.half_at(options, 2)) {
            let length = usize::from(length);
            let Some(value) = options.get(4..4 + length) else { break };
            match (code, value) {
                (0, _) => break,
                (option::TIME_RESOLUTION, &[resolution, ..]) => {
                    interface.resolution =
                        resolution_of(resolution).ok_or_else(|| source.corrupt("has an unknown time resolution"))?;
                }
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

    /// A block ends with its length again.
    fn check_end(&self, length: u32, source: &mut Source<impl Read>) -> Result<(), CaptureError> {
        match self.word(source.array()?) == length {
            true => Ok(()),
            false => Err(source.corrupt("has two different lengths")),
        }
    }

    fn word(&self, octets: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(octets)
        } else {
            u32::from_le_bytes(octets)
        }
    }

    fn half(&self, octets: [u8; 2]) -> u16 {
        if self.big_endian {
            u16::from_be_bytes(octets)
        } else {
            u16::from_le_bytes(octets)
        }
    }

    fn word_at(&self, octets: &[u8], at: usize) -> Option<u32> {
        octets.u32_ne(at).map(|word| self.word(word.to_ne_bytes()))
    }

    fn half_at(&self, octets: &[u8], at: usize) -> Option<u16> {
        octets.u16_ne(at).map(|half| self.half(half.to_ne_bytes()))
    }
}

/// Units in a second: a power of ten, or of two where the upper bit is set.
fn resolution_of(option: u8) -> Option<u64> {
    let exponent = u32::from(option & 0x7f);
    if option & 0x80 == 0 {
        10u64.checked_pow(exponent)
    } else {
        1u64.checked_shl(exponent)
    }
}

impl Interface {
    /// ns since 1970-01-01 UTC; `None` where that is no such time.
    fn time(&self, units: u64) -> Option<u64> {
        let ns = u128::from(units) * 1_000_000_000 / u128::from(self.resolution);
        let offset = i128::from(self.offset) * 1_000_000_000;
        u64::try_from(i128::try_from(ns).ok()? + offset).ok()
    }
}

#[cfg(test)]
mod tests;
