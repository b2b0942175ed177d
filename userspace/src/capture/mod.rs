//! Capture files: pcap and pcapng, read packet by packet in constant memory.
//!
//! Every byte order, times in µs, ns or what a pcapng interface says, sections and interfaces in any number that is sane.
//! A record that is cut off or corrupt ends the reading, with its offset; the packets before it stand.

mod pcap;
mod pcapng;
mod source;

use std::io::{self, Read};

use source::Source;

/// The longest packet that is read, in octets: tcpdump's largest snapshot length. A record that announces more is taken to
/// be corrupt.
pub const MAX_PACKET: usize = 256 * 1024;

/// Why a capture file can't be read, or can't be read further.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file could not be read.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// The file starts like neither format.
    #[error("is no capture file: pcap and pcapng are accepted (a compressed one must be unpacked first)")]
    NotACapture,
    /// The file ends within a record, or within the file's header.
    #[error("ends within the record at byte {offset}")]
    Truncated {
        /// Where the record starts.
        offset: u64,
    },
    /// A record announces more octets than [`MAX_PACKET`].
    #[error("is corrupt: the record at byte {offset} announces {length} octets")]
    TooLong {
        /// Where the record starts.
        offset: u64,
        /// What it announces.
        length: u32,
    },
    /// A record contradicts itself or what came before.
    #[error("is corrupt: the record at byte {offset} {what}")]
    Corrupt {
        /// Where the record starts.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// A packet of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its number in the file, counted from 1.
    pub number: u64,
    /// Link type of its interface; [`crate::dot11::link::LinkType::from_number`] knows those that carry 802.11.
    pub link_type: u32,
    /// When it was captured, in ns since 1970-01-01 UTC; `None` where the file doesn't say.
    pub time: Option<u64>,
    /// Its length on the wire in octets, at least that of `octets`.
    pub original_length: usize,
    /// What was captured of it.
    pub octets: &'a [u8],
}

/// Reads the packets of one file in order.
#[derive(Debug)]
pub struct Reader<R> {
    source: Source<R>,
    format: Format,
    packets: u64,
    ended: bool,
}

#[derive(Debug)]
enum Format {
    Pcap(pcap::Header),
    Pcapng(pcapng::Section),
}

/// A packet's record, its octets left in the source's buffer.
#[derive(Debug)]
struct Record {
    link_type: u32,
    time: Option<u64>,
    original_length: u32,
    /// Where in the buffer.
    octets: std::ops::Range<usize>,
}

impl<R: Read> Reader<R> {
    /// Reads the file's header.
    ///
    /// # Errors
    ///
    /// [`CaptureError`]; `NotACapture` where the file's first octets are of neither format, or missing.
    pub fn new(file: R) -> Result<Self, CaptureError> {
        let mut source = Source::new(file);
        let magic = source.array().map_err(|error| match error {
            CaptureError::Truncated { .. } => CaptureError::NotACapture,
            error => error,
        })?;
        let format = if magic == pcapng::SECTION_HEADER {
            Format::Pcapng(pcapng::Section::read_first(&mut source)?)
        } else {
            Format::Pcap(pcap::Header::read(magic, &mut source)?)
        };
        Ok(Self {
            source,
            format,
            packets: 0,
            ended: false,
        })
    }

    /// The next packet; `None` at the file's end, and after an error.
    ///
    /// # Errors
    ///
    /// [`CaptureError`]: there is nothing more to be read.
    pub fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let record = match &mut self.format {
            Format::Pcap(header) => header.next_record(&mut self.source),
            Format::Pcapng(section) => section.next_record(&mut self.source),
        };
        let Some(record) = record.inspect_err(|_| self.ended = true)? else {
            self.ended = true;
            return Ok(None);
        };
        self.packets += 1;
        let octets = self.source.buffer().get(record.octets).unwrap_or_default();
        Ok(Some(Packet {
            number: self.packets,
            link_type: record.link_type,
            time: record.time,
            original_length: usize::try_from(record.original_length)
                .unwrap_or(usize::MAX)
                .max(octets.len()),
            octets,
        }))
    }

    /// How many packets were read so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// The link types that the file has named so far, in its order, each once.
    pub fn link_types(&self) -> Vec<u32> {
        match &self.format {
            Format::Pcap(header) => vec![header.link_type()],
            Format::Pcapng(section) => section.link_types().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Number, link type, time, original length, octets.
    type Read = (u64, u32, Option<u64>, usize, Vec<u8>);

    /// Every packet of a file, and the error at its end.
    pub(super) fn read(file: &[u8]) -> (Vec<Read>, Option<CaptureError>) {
        let mut packets = Vec::new();
        let mut reader = match Reader::new(file) {
            Ok(reader) => reader,
            Err(error) => return (packets, Some(error)),
        };
        loop {
            match reader.next_packet() {
                Ok(Some(p)) => packets.push((p.number, p.link_type, p.time, p.original_length, p.octets.to_vec())),
                Ok(None) => return (packets, None),
                Err(error) => {
                    assert!(reader.next_packet().unwrap().is_none(), "nothing follows an error");
                    return (packets, Some(error));
                }
            }
        }
    }

    #[test]
    fn files_of_other_kinds() {
        for file in [
            &b""[..],
            b"\x1f\x8b",
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
            b"hello, world",
        ] {
            assert!(matches!(Reader::new(file), Err(CaptureError::NotACapture)), "{file:?}");
        }
    }

    proptest! {
        #[test]
        fn any_octets(mut octets: Vec<u8>, start in 0..5usize) {
            let starts: [&[u8]; 5] = [
                &[],
                &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 127, 0, 0, 0],
                &[0xa1, 0xb2, 0x3c, 0x4d],
                &[10, 13, 13, 10, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255,
                  255, 28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 127, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0],
                &[10, 13, 13, 10],
            ];
            octets.splice(0..0, starts[start].iter().copied());
            let (packets, _) = read(&octets);
            prop_assert!(packets.iter().map(|packet| packet.4.len()).sum::<usize>() <= octets.len());
        }
    }
}
