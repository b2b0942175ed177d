//! The packets of an input, read on behind what is damaged.

use std::{
    fmt,
    io::{self, Read, Write},
};

use indicatif::{ProgressBar, ProgressBarIter};

use super::{
    input::{Input, InputError},
    progress,
};
use crate::{
    capture::{self, CaptureError, Reader},
    dot11::link::{LinkType, UnknownLinkType},
    profile::Capture,
};

/// Damaged places of a file that are told one by one.
const MOST_TOLD: u64 = 10;

/// What went wrong with an input; reading goes on with the next.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Capture(CaptureError),
    #[error("{error}; {}", before(.packets))]
    Broken { error: CaptureError, packets: u64 },
    #[error("{0}")]
    Damaged(Damages),
    #[error(transparent)]
    LinkType(#[from] UnknownLinkType),
    #[error("link type {0} is not read for flows: Ethernet, raw IP, Linux cooked and 802.11 are")]
    NoPackets(u32),
}

fn before(packets: &u64) -> String {
    match packets {
        0 => "no packet is before it".to_owned(),
        1 => "the one packet before it was read".to_owned(),
        _ => format!("the {packets} packets before it were read"),
    }
}

impl FileError {
    /// Whether it says no more than that the file is of another kind.
    pub(super) fn is_other_kind(&self) -> bool {
        matches!(
            self,
            Self::Capture(CaptureError::NotACapture) | Self::LinkType(_) | Self::NoPackets(_)
        )
    }
}

/// Places of a file that are damaged, and that reading went on behind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Damages {
    places: u64,
    /// Octets.
    skipped: u64,
    /// Packets before the first.
    before: u64,
    /// Packets of the file.
    packets: u64,
}

impl fmt::Display for Damages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.packets - self.before {
            1 => f.write_str("was read on behind the damage: 1 packet")?,
            packets => write!(f, "was read on behind the damage: {packets} packets")?,
        }
        match self.places {
            1 => Ok(()),
            places => write!(f, "; {places} damaged places, {} bytes in all", self.skipped),
        }
    }
}

impl Damages {
    /// Takes a damaged place, and gives what is to be told of it.
    fn add(&mut self, error: &CaptureError, skipped: u64, packets: u64) -> Option<String> {
        if self.places == 0 {
            self.before = packets;
        }
        self.places += 1;
        self.skipped += skipped;
        (self.places <= MOST_TOLD).then(|| format!("{error}; {}, {skipped} bytes were skipped", before(&packets)))
    }
}

/// A packet of a link type that carries 802.11.
pub(super) struct Packet<'a> {
    /// In the file, from 1.
    pub(super) number: u64,
    pub(super) link_type: LinkType,
    pub(super) octets: &'a [u8],
    pub(super) capture: Capture,
}

/// What an input holds, in its order.
pub(super) enum Part<'a> {
    Packet(Packet<'a>),
    /// Something is going to be told on standard error, behind what was found before.
    Message,
    /// All was read.
    End {
        /// Packets of other link types: those of a wired interface, say, in the same file.
        others: u64,
    },
}

/// What takes the parts, and gives what is to be told of them. It learns whether the input is live: whether somebody may be
/// waiting for what is in it.
pub(super) type Taker<'a> = dyn FnMut(Part<'_>, bool) -> anyhow::Result<Option<String>> + 'a;

/// Gives the packets of an input that carry 802.11 to `take`, and the number of all to `count`. The outer error is one of
/// writing, the inner one of the input.
pub(super) fn packets(
    input: &Input,
    progress: bool,
    count: &mut u64,
    take: &mut Taker<'_>,
    err: &mut dyn Write,
) -> anyhow::Result<Result<(), FileError>> {
    let mut opened = match Opened::of(input, progress) {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error)),
    };
    // A pcap file has one link type and tells it first: there is no need to read on.
    if let Some(error) = opened.foreign(carries_wireless) {
        return Ok(Err(wired(error)));
    }
    let (live, mut others) = (opened.live, 0);
    let read = opened.read(
        count,
        &mut |found| {
            let part = match found {
                Found::Message => Part::Message,
                Found::End => Part::End { others },
                Found::Packet(packet) => {
                    let Ok(link_type) = LinkType::from_number(packet.link_type) else {
                        others += 1;
                        return Ok(None);
                    };
                    Part::Packet(Packet {
                        number: packet.number,
                        link_type,
                        octets: packet.octets,
                        capture: Capture {
                            time: packet.time,
                            original_length: Some(packet.original_length),
                            ..Capture::default()
                        },
                    })
                }
            };
            take(part, live)
        },
        err,
    )?;
    Ok(read.and_then(|()| {
        opened
            .foreign(carries_wireless)
            .map_or(Ok(()), |first| Err(wired(first)))
    }))
}

fn carries_wireless(link_type: u32) -> bool {
    LinkType::from_number(link_type).is_ok()
}

fn wired(link_type: u32) -> FileError {
    UnknownLinkType(link_type).into()
}

/// Gives every packet of an input to `each`, whatever its link type, and tells how many there are. A file that names link types,
/// and none that is `known`, is of another kind. The errors are those of [`packets`].
pub(super) fn every_packet(
    input: &Input,
    progress: bool,
    known: impl Fn(u32) -> bool,
    each: &mut impl FnMut(&capture::Packet<'_>),
    err: &mut dyn Write,
) -> anyhow::Result<(u64, Result<(), FileError>)> {
    let mut opened = match Opened::of(input, progress) {
        Ok(opened) => opened,
        Err(error) => return Ok((0, Err(error))),
    };
    let mut count = 0;
    let mut take = |found: Found<'_, '_>| {
        if let Found::Packet(packet) = found {
            each(packet);
        }
        Ok(None)
    };
    let read = opened.read(&mut count, &mut take, err)?;
    let foreign = || {
        opened
            .foreign(known)
            .map_or(Ok(()), |first| Err(FileError::NoPackets(first)))
    };
    Ok((count, read.and_then(|()| foreign())))
}

/// What is in a file, in its order.
enum Found<'a, 'b> {
    Packet(&'a capture::Packet<'b>),
    /// See [`Part::Message`].
    Message,
    End,
}

/// An input that is being read.
struct Opened<'a> {
    input: &'a Input,
    reader: Reader<ProgressBarIter<Box<dyn Read>>>,
    bar: ProgressBar,
    /// It has no end that is known: somebody may be waiting for what is in it.
    live: bool,
}

impl<'a> Opened<'a> {
    fn of(input: &'a Input, progress: bool) -> Result<Self, FileError> {
        let (file, length) = input.open()?;
        let bar = progress::bar(&input.name(), length, progress);
        let (live, file) = (length.is_none(), bar.wrap_read(file));
        let reader = if live { Reader::live(file) } else { Reader::new(file) };
        let reader = reader.map_err(FileError::Capture)?;
        Ok(Self {
            input,
            reader,
            bar,
            live,
        })
    }

    /// Of link types that the file has named, and of which none is `known`, the first.
    fn foreign(&self, known: impl Fn(u32) -> bool) -> Option<u32> {
        let link_types = self.reader.link_types();
        let none = !link_types.iter().copied().any(known);
        link_types.first().copied().filter(|_| none)
    }

    /// Gives what it holds to `take`, which gives what is to be told, and the number of packets to `count`. Reads on behind what is
    /// damaged. The outer error is one of writing.
    fn read(
        &mut self,
        count: &mut u64,
        take: &mut impl FnMut(Found<'_, '_>) -> anyhow::Result<Option<String>>,
        err: &mut dyn Write,
    ) -> anyhow::Result<Result<(), FileError>> {
        let mut damages = Damages::default();
        loop {
            *count = self.reader.packets();
            let message = match self.reader.next_packet() {
                Ok(Some(packet)) => take(Found::Packet(&packet))?,
                Ok(None) => break,
                Err(error) => match error.skipped() {
                    Some(skipped) => damages.add(&error, skipped, *count),
                    None => {
                        self.bar.finish_and_clear();
                        let packets = *count;
                        return Ok(Err(FileError::Broken { error, packets }));
                    }
                },
            };
            if let Some(message) = message {
                take(Found::Message)?;
                self.tell(&message, err)?;
            }
        }
        self.bar.finish_and_clear();
        if let Some(message) = take(Found::End)? {
            take(Found::Message)?;
            self.tell(&message, err)?;
        }
        if damages.places > 0 {
            damages.packets = *count;
            return Ok(Err(FileError::Damaged(damages)));
        }
        Ok(Ok(()))
    }

    fn tell(&self, message: &str, err: &mut dyn Write) -> io::Result<()> {
        let name = self.input.name();
        self.bar.suspend(|| writeln!(err, "airlens: {name}: {message}"))
    }
}
