//! Capture files: pcap and pcapng, read packet by packet in constant memory; [`write`]: pcapng.
//!
//! Every byte order, times in µs, ns or what a pcapng interface says, sections and interfaces in any number that is sane.
//! A corrupt record is reported with its offset, and reading goes on with the next that can be told from what is damaged.
//! Memory is bounded, and so is time: no file costs more than its length.

mod pcap;
mod pcapng;
mod source;
pub mod write;

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
    /// A record announces more octets than [`MAX_PACKET`]. Reading goes on.
    #[error("is corrupt: the record at byte {offset} announces {length} octets")]
    TooLong {
        /// Where the record starts.
        offset: u64,
        /// What it announces.
        length: u32,
        /// Octets from there to the next record, or to the file's end.
        skipped: u64,
    },
    /// A record contradicts itself, what came before or what follows. Reading goes on.
    #[error("is corrupt: the record at byte {offset} {what}")]
    Corrupt {
        /// Where the record starts.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
        /// Octets from there to the next record, or to the file's end.
        skipped: u64,
    },
}

impl CaptureError {
    /// How many octets are left out, where there may be packets behind them: reading goes on.
    pub fn skipped(&self) -> Option<u64> {
        match self {
            Self::TooLong { skipped, .. } | Self::Corrupt { skipped, .. } => Some(*skipped),
            _ => None,
        }
    }

    /// The same with so many octets left out.
    fn skipping(self, skipped: u64) -> Self {
        match self {
            Self::TooLong { offset, length, .. } => Self::TooLong {
                offset,
                length,
                skipped,
            },
            Self::Corrupt { offset, what, .. } => Self::Corrupt { offset, what, skipped },
            other => other,
        }
    }
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
    live: bool,
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
    /// Where in the source's buffer.
    octets: std::ops::Range<usize>,
}

impl<R: Read> Reader<R> {
    /// Reads the file's header.
    ///
    /// # Errors
    ///
    /// [`CaptureError`]; `NotACapture` where the file's first octets are of neither format, or missing.
    pub fn new(file: R) -> Result<Self, CaptureError> {
        Self::open(file, false)
    }

    /// As [`Reader::new`], for a capture that is still being written: a pcap record is handed out before it is known what
    /// follows it, so that damage to its length is found behind it.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn live(file: R) -> Result<Self, CaptureError> {
        Self::open(file, true)
    }

    fn open(file: R, live: bool) -> Result<Self, CaptureError> {
        let mut source = Source::new(file);
        let Some(&magic) = source.ahead(4)?.first_chunk() else {
            return Err(CaptureError::NotACapture);
        };
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
            live,
        })
    }

    /// The next packet; `None` at the file's end, and after an error that reading can't go on from.
    ///
    /// # Errors
    ///
    /// [`CaptureError`]; the next call goes on behind what is damaged where [`CaptureError::skipped`] says so.
    pub fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let record = match &mut self.format {
            Format::Pcap(header) => header.next_record(&mut self.source, self.live),
            Format::Pcapng(section) => section.next_record(&mut self.source),
        };
        let Some(record) = record.inspect_err(|error| self.ended = error.skipped().is_none())? else {
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
mod damage_tests;
#[cfg(test)]
mod tests;
