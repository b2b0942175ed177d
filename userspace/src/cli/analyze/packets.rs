//! The packets of an input, read on behind what is damaged.

use std::{
    fmt,
    io::{Read, Write},
};

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

/// Gives the packets of an input to `take`, and their number to `count`. The outer error is one of writing, the inner one of
/// the input.
pub(super) fn packets(
    input: &Input,
    progress: bool,
    count: &mut u64,
    take: &mut Taker<'_>,
    err: &mut dyn Write,
) -> anyhow::Result<Result<(), FileError>> {
    let (file, length) = match input.open() {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error.into())),
    };
    let bar = progress::bar(&input.name(), length, progress);
    let (live, file) = (length.is_none(), bar.wrap_read(file));
    let reader = if live { Reader::live(file) } else { Reader::new(file) };
    let mut reader = match reader {
        Ok(reader) => reader,
        Err(error) => return Ok(Err(FileError::Capture(error))),
    };
    // A pcap file has one link type and tells it first: there is no need to read on.
    if let Some(error) = foreign(&reader) {
        return Ok(Err(error.into()));
    }
    let (mut damages, mut others) = (Damages::default(), 0);
    let mut tell = |message: String, take: &mut Taker<'_>| {
        take(Part::Message, live)?;
        Ok::<_, anyhow::Error>(bar.suspend(|| writeln!(err, "airlens: {}: {message}", input.name()))?)
    };
    loop {
        *count = reader.packets();
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => match error.skipped() {
                Some(skipped) => {
                    if let Some(message) = damages.add(&error, skipped, *count) {
                        tell(message, take)?;
                    }
                    continue;
                }
                None => {
                    bar.finish_and_clear();
                    let packets = *count;
                    return Ok(Err(FileError::Broken { error, packets }));
                }
            },
        };
        let Ok(link_type) = LinkType::from_number(packet.link_type) else {
            others += 1;
            continue;
        };
        let packet = Packet {
            number: packet.number,
            link_type,
            octets: packet.octets,
            capture: Capture {
                time: packet.time,
                original_length: Some(packet.original_length),
                ..Capture::default()
            },
        };
        if let Some(message) = take(Part::Packet(packet), live)? {
            tell(message, take)?;
        }
    }
    bar.finish_and_clear();
    if let Some(message) = take(Part::End { others }, live)? {
        tell(message, take)?;
    }
    if damages.places > 0 {
        damages.packets = reader.packets();
        return Ok(Err(FileError::Damaged(damages)));
    }
    Ok(match foreign(&reader) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    })
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
    let (file, length) = match input.open() {
        Ok(opened) => opened,
        Err(error) => return Ok((0, Err(error.into()))),
    };
    let bar = progress::bar(&input.name(), length, progress);
    let (live, file) = (length.is_none(), bar.wrap_read(file));
    let reader = if live { Reader::live(file) } else { Reader::new(file) };
    let mut reader = match reader {
        Ok(reader) => reader,
        Err(error) => return Ok((0, Err(FileError::Capture(error)))),
    };
    let mut damages = Damages::default();
    loop {
        match reader.next_packet() {
            Ok(Some(packet)) => each(&packet),
            Ok(None) => break,
            Err(error) => {
                let packets = reader.packets();
                let Some(skipped) = error.skipped() else {
                    bar.finish_and_clear();
                    return Ok((packets, Err(FileError::Broken { error, packets })));
                };
                if let Some(message) = damages.add(&error, skipped, packets) {
                    bar.suspend(|| writeln!(err, "airlens: {}: {message}", input.name()))?;
                }
            }
        }
    }
    bar.finish_and_clear();
    let packets = reader.packets();
    if damages.places > 0 {
        damages.packets = packets;
        return Ok((packets, Err(FileError::Damaged(damages))));
    }
    let link_types = reader.link_types();
    let first = link_types.first().filter(|_| !link_types.iter().copied().any(known));
    Ok((packets, first.map_or(Ok(()), |first| Err(FileError::NoPackets(*first)))))
}

/// Of a file that has named link types, and none that carries 802.11, the first.
fn foreign<R: Read>(reader: &Reader<R>) -> Option<UnknownLinkType> {
    let mut link_types = reader.link_types().into_iter().map(LinkType::from_number);
    let first = link_types.next()?.err()?;
    link_types.all(|link_type| link_type.is_err()).then_some(first)
}
