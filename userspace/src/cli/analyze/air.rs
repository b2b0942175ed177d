//! `--air`: the channels, networks and stations of capture files, in the tables of `airlens air`.

use std::{io::Write, sync::Arc};

use super::{
    Args,
    input::Inputs,
    packets::{Part, packets},
    passed_over,
};
use crate::{
    air::{Air, Limits},
    cli::{Exit, air::Tables, print_json},
    profile::Identity,
};

pub(super) fn run(
    args: &Args,
    identity: &Arc<Identity>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let mut air = Air::new(Arc::clone(identity), Limits::default());
    let (mut last, mut damaged, mut frames, mut passed) = (None, false, 0u64, 0);
    let mut inputs = Inputs::new(&args.files);
    for (input, listed) in inputs.by_ref() {
        let mut take = |part: Part<'_>, _live: bool| match part {
            Part::Packet(packet) => {
                last = last.max(packet.capture.time);
                frames += 1;
                air.packet(packet.link_type, packet.octets, packet.capture);
                Ok(None)
            }
            Part::Message | Part::End { others: 0 } => Ok(None),
            Part::End { others } => Ok(Some(format!("packets of other link types, left out: {others}"))),
        };
        let result = match listed {
            Ok(()) => packets(&input, true, &mut 0, &mut take, err)?,
            Err(error) => Err(error.into()),
        };
        match result {
            Ok(()) => {}
            Err(error) if input.found && error.is_other_kind() => passed += 1,
            Err(error) => {
                damaged = true;
                writeln!(err, "airlens: {}: {error}", input.name())?;
            }
        }
    }
    let report = air.report(last, None);
    if args.json {
        print_json(out, &report)?;
    } else {
        Tables::default().print(&report, out)?;
    }
    passed_over(passed + inputs.passed(), err)?;
    if damaged {
        return Ok(Exit::BadInput);
    }
    if frames == 0 {
        writeln!(err, "airlens: there is no frame of 802.11")?;
        return Ok(Exit::NoClient);
    }
    Ok(Exit::Success)
}
