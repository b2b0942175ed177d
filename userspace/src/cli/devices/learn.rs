//! `airlens devices learn`: the entry of a device, from a capture of it.

use std::{collections::BTreeSet, io::Write, path::PathBuf, sync::Arc};

use super::{Exit, analyze, identity::IdentityArgs};
use crate::{
    dot11::Address,
    profile::{Profile, identity::entry},
};

/// Requests that an entry is made from, at the most.
const MOST: usize = 10_000;

/// Print the entry of a device from captures of it, to add to a file for --devices
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Captures, as for `airlens analyze`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the device is called: maker and model, and the version of its software where it matters
    #[arg(long, value_name = "NAME", default_value = "unknown device")]
    name: String,
    /// Take this client only, by its address; may be repeated
    #[arg(long, value_name = "MAC")]
    client: Vec<Address>,
    /// One entry for each kind of device that is not known yet, whatever number of clients there are
    #[arg(long, conflicts_with = "client")]
    unknown: bool,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    let identity = Arc::new(args.identity.load()?);
    let mut profiles: Vec<Profile> = Vec::new();
    let mut found = |profile: &Profile| {
        let wanted = if args.unknown {
            profile.device.is_none()
        } else {
            args.client.is_empty() || args.client.contains(&profile.mac)
        };
        // A request without elements is like any other without.
        if wanted && !profile.signature.assoc.is_empty() && profiles.len() < MOST {
            profiles.push(Profile {
                packet: Vec::new(),
                ..profile.clone()
            });
        }
    };
    let damaged = analyze::each(&args.files, &identity, &mut found, err)?;
    let clients: BTreeSet<_> = profiles.iter().map(|profile| profile.mac).collect();
    if !damaged && profiles.is_empty() {
        let why = if args.unknown {
            "no unknown device asks to associate"
        } else {
            "no such request"
        };
        writeln!(err, "airlens: no client found: {why}")?;
        return Ok(Exit::NoClient);
    }
    if args.unknown {
        let kinds: BTreeSet<_> = profiles.iter().map(|profile| profile.device_kind).collect();
        for (number, kind) in kinds.into_iter().enumerate() {
            let alike: Vec<_> = profiles
                .iter()
                .filter(|profile| profile.device_kind == kind)
                .cloned()
                .collect();
            if number > 0 {
                writeln!(out)?;
            }
            let maker = alike.iter().find_map(|profile| profile.manuf.as_deref());
            let maker = maker.unwrap_or("unknown device");
            let name = kind.map_or_else(|| format!("{maker} of no kind"), |kind| format!("{maker} {kind}"));
            write!(out, "{}", entry(&name, &source(args), &alike))?;
        }
    } else if clients.len() > 1 && args.client.is_empty() {
        writeln!(
            err,
            "airlens: the captures hold {} clients: name the device's with --client, or use --unknown",
            clients.len()
        )?;
        for client in clients {
            writeln!(err, "  {client}")?;
        }
        return Ok(Exit::Usage);
    } else {
        write!(out, "{}", entry(&args.name, &source(args), &profiles))?;
    }
    Ok(if damaged { Exit::BadInput } else { Exit::Success })
}

/// The captures, by name.
fn source(args: &Args) -> String {
    let names = args.files.iter().filter_map(|file| file.file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(", ")
}
