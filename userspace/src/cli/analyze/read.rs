//! From an input to its requests.

use std::{io::Write, sync::Arc, time::Instant};

use airlens_common::{Count, ieee80211::FrameControl};

use super::{
    input::Input,
    packets::{FileError, Packet, Part, packets},
    show::Tally,
};
use crate::{
    dot11::{
        frame::{AssociationRequest, ProbeRequest},
        link::LinkType,
    },
    profile::{Capture, Clients, Identity, Listener, Profile, ProfileError},
};

/// Stations whose probe requests are remembered while a file is read.
const MOST_STATIONS: usize = 1024;
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
    let mut listener = Listener::new(Arc::clone(identity), MOST_STATIONS);
    let Tally {
        packets: count,
        bad_fcs,
        unreadable,
        forgotten_probes,
        used,
        took,
        ..
    } = tally;
    let begun = Instant::now();
    let mut take = |part: Part<'_>, live: bool| {
        let packet = match part {
            Part::Packet(packet) => packet,
            Part::Message => {
                found(Found::Message, live)?;
                return Ok(None);
            }
            // Packets of other link types hold no request.
            Part::End { .. } if *bad_fcs == 0 => return Ok(None),
            Part::End { .. } => return Ok(Some(format!("{bad_fcs} requests with a wrong FCS were left out"))),
        };
        let Packet {
            number,
            link_type,
            octets,
            capture,
        } = packet;
        *used += Count {
            packets: 1,
            bytes: capture.original_length.unwrap_or(octets.len()) as u64,
        };
        // Most packets are of no use, which their first octets tell.
        let heard = match subtype(link_type, octets) {
            Ok(Some(AssociationRequest::ASSOCIATION | AssociationRequest::REASSOCIATION | ProbeRequest::SUBTYPE)) => {
                listener.packet(link_type, octets, capture)
            }
            Ok(Some(subtype)) if Clients::HEARD.contains(&subtype) => {
                found(Found::Exchange(link_type, octets, capture), live)?;
                Ok(None)
            }
            Ok(_) => Ok(None),
            Err(error) => Err(error),
        };
        match heard {
            Ok(Some(profile)) => found(Found::Request(number, &profile), live)?,
            Ok(None) => {}
            Err(ProfileError::BadFcs) => *bad_fcs += 1,
            Err(error) => {
                *unreadable += 1;
                return Ok(Some(format!("frame {number}: {error}")));
            }
        }
        Ok(None)
    };
    let result = packets(input, progress, count, &mut take, err);
    *forgotten_probes = listener.forgotten();
    *took = begun.elapsed();
    result
}

/// The subtype of a management frame.
fn subtype(link_type: LinkType, packet: &[u8]) -> Result<Option<u8>, ProfileError> {
    let link = link_type.parse(packet)?;
    let control = FrameControl::parse(packet, link.frame_at);
    let management = control.filter(|control| control.kind() == FrameControl::MANAGEMENT);
    Ok(management.map(FrameControl::subtype))
}
