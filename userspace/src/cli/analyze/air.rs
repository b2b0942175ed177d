//! `--air`: the channels, networks and stations of capture files, in the tables of `airlens air`.

use std::{io::Write, sync::Arc};

use super::{
    Args,
    input::{Input, Inputs},
};
use crate::{
    air::{Air, Limits},
    capture::{CaptureError, Reader},
    cli::{Exit, air::Tables, print_json},
    dot11::link::LinkType,
    profile::{Capture, Identity},
};

/// What is told of a damaged file, once.
fn tell(input: &Input, error: &dyn std::fmt::Display, err: &mut dyn Write) -> std::io::Result<()> {
    writeln!(err, "airlens: {}: {error}", input.name())
}

pub(super) fn run(
    args: &Args,
    identity: &Arc<Identity>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let mut air = Air::new(Arc::clone(identity), Limits::default());
    let (mut last, mut damaged, mut frames) = (None, false, 0u64);
    for (input, listed) in Inputs::new(&args.files) {
        let opened = listed.and_then(|()| input.open());
        let file = match opened {
            Ok((file, _)) => file,
            Err(error) => {
                damaged = true;
                tell(&input, &error, err)?;
                continue;
            }
        };
        let mut reader = match Reader::new(file) {
            Ok(reader) => reader,
            // Whatever else is in a folder.
            Err(CaptureError::NotACapture) if input.found => continue,
            Err(error) => {
                damaged = true;
                tell(&input, &error, err)?;
                continue;
            }
        };
        loop {
            match reader.next_packet() {
                Ok(None) => break,
                Ok(Some(packet)) => {
                    let Ok(link_type) = LinkType::from_number(packet.link_type) else {
                        continue;
                    };
                    let capture = Capture {
                        time: packet.time,
                        original_length: Some(packet.original_length),
                        ..Capture::default()
                    };
                    last = last.max(packet.time);
                    frames += 1;
                    air.packet(link_type, packet.octets, capture);
                }
                Err(error) => {
                    damaged = true;
                    tell(&input, &error, err)?;
                    if error.skipped().is_none() {
                        break;
                    }
                }
            }
        }
    }
    let report = air.report(last, None);
    if args.json {
        print_json(out, &report)?;
    } else {
        Tables::default().print(&report, out)?;
    }
    if damaged {
        return Ok(Exit::BadInput);
    }
    if frames == 0 {
        writeln!(err, "airlens: there is no frame of 802.11")?;
        return Ok(Exit::NoClient);
    }
    Ok(Exit::Success)
}
