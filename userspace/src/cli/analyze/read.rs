//! From an input to its requests.

use std::{
    fmt,
    io::{Read, Write},
    sync::Arc,
};

use airlens_common::ieee80211::FrameControl;

use super::{
    input::{Input, InputError},
    progress,
    show::Tally,
};
use crate::{
    capture::{CaptureError, Packet, Reader},
    dot11::{
        frame::{AssociationRequest, ProbeRequest},
        link::{LinkType, UnknownLinkType},
    },
    profile::{Capture, Clients, Identity, Listener, Profile, ProfileError},
};

/// Stations whose probe requests are remembered while a file is read.
const MOST_STATIONS: usize = 1024;
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

/// What an input holds, in its order.
pub(super) enum Found<'a> {
    /// A request, with the number of its packet.
    Request(u64, &'a Profile),
    /// A frame between the requests, of those that tell what became of one.
    Exchange(LinkType, &'a [u8], Capture),
    /// Something to be told on standard error, behind what was found before.
    Message,
}

/// What takes it, and learns whether the input is live: whether somebody may be waiting for what is in it.
pub(super) type Sink<'a> = dyn FnMut(Found<'_>, bool) -> anyhow::Result<()> + 'a;

/// Gives all that an input holds to `found`. The outer error is one of writing, the inner one of the input.
pub(super) fn read(
    input: &Input,
    identity: &Arc<Identity>,
    progress: bool,
    tally: &mut Tally,
    found: &mut Sink<'_>,
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
    let mut listener = Listener::new(Arc::clone(identity), MOST_STATIONS);
    let mut damages = Damages::default();
    let mut tell = |message: String, found: &mut Sink<'_>| {
        found(Found::Message, live)?;
        Ok::<_, anyhow::Error>(bar.suspend(|| writeln!(err, "airlens: {}: {message}", input.name()))?)
    };
    loop {
        let packets = reader.packets();
        tally.packets = packets;
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => match error.skipped() {
                Some(skipped) => {
                    if let Some(message) = damages.add(&error, skipped, packets) {
                        tell(message, found)?;
                    }
                    continue;
                }
                None => {
                    bar.finish_and_clear();
                    return Ok(Err(FileError::Broken { error, packets }));
                }
            },
        };
        // Other interfaces of the same file, a wired one say, are none of our business.
        let Ok(link_type) = LinkType::from_number(packet.link_type) else {
            continue;
        };
        let capture = Capture {
            time: packet.time,
            original_length: Some(packet.original_length),
            ..Capture::default()
        };
        // Most packets are of no use, which their first octets tell.
        let heard = match subtype(link_type, packet.octets) {
            Ok(Some(AssociationRequest::ASSOCIATION | AssociationRequest::REASSOCIATION | ProbeRequest::SUBTYPE)) => {
                listener.packet(link_type, packet.octets, capture)
            }
            Ok(Some(subtype)) if Clients::HEARD.contains(&subtype) => {
                found(Found::Exchange(link_type, packet.octets, capture), live)?;
                continue;
            }
            Ok(_) => continue,
            Err(error) => Err(error),
        };
        match heard {
            Ok(Some(profile)) => found(Found::Request(packet.number, &profile), live)?,
            Ok(None) => {}
            Err(ProfileError::BadFcs) => tally.bad_fcs += 1,
            Err(error) => tell(format!("frame {}: {error}", packet.number), found)?,
        }
    }
    bar.finish_and_clear();
    let bad_fcs = tally.bad_fcs;
    if bad_fcs > 0 {
        tell(format!("{bad_fcs} requests with a wrong FCS were left out"), found)?;
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

/// Gives every packet of an input to `each`, and tells how many there are. The outer error is one of writing, the inner one of
/// the input; `known` says which link types are of use, and a file that names others alone is of another kind.
pub(super) fn packets(
    input: &Input,
    progress: bool,
    known: impl Fn(u32) -> bool,
    each: &mut impl FnMut(&Packet<'_>) -> anyhow::Result<()>,
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
            Ok(Some(packet)) => each(&packet)?,
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
    let foreign = link_types.first().filter(|_| !link_types.iter().copied().any(known));
    Ok((
        packets,
        foreign.map_or(Ok(()), |&link_type| Err(FileError::NoPackets(link_type))),
    ))
}

/// The subtype of a management frame.
fn subtype(link_type: LinkType, packet: &[u8]) -> Result<Option<u8>, ProfileError> {
    let link = link_type.parse(packet)?;
    let control = FrameControl::parse(packet, link.frame_at);
    let management = control.filter(|control| control.kind() == FrameControl::MANAGEMENT);
    Ok(management.map(FrameControl::subtype))
}

/// Of a file that has named link types, and none that carries 802.11, the first.
fn foreign<R: Read>(reader: &Reader<R>) -> Option<UnknownLinkType> {
    let mut link_types = reader.link_types().into_iter().map(LinkType::from_number);
    let first = link_types.next()?.err()?;
    link_types.all(|link_type| link_type.is_err()).then_some(first)
}
