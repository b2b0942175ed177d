//! `airlens devices kinds`: clients in captures that are the same kind of device.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::PathBuf,
    sync::Arc,
};

use comfy_table::{Table, presets::NOTHING};
use serde_json::json;

use super::{Exit, analyze, identity::IdentityArgs};
use crate::{
    cli::print_json,
    dot11::Address,
    profile::{DeviceKind, Profile},
};

/// Addresses that are kept; they are free to whoever sends them.
const MOST: usize = 65_536;

/// Group the clients in captures by kind: those of one kind are alike, and may be one device with several addresses or several
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Captures, as for `airlens analyze`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What is known of a kind.
#[derive(Default)]
struct Kind {
    names: BTreeSet<String>,
    clients: BTreeSet<Address>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    let identity = Arc::new(args.identity.load()?);
    let mut kinds = BTreeMap::<Option<DeviceKind>, Kind>::new();
    let mut kept = 0;
    let mut found = |profile: &Profile| {
        if kept < MOST {
            let kind = kinds.entry(profile.device_kind).or_default();
            kept += usize::from(kind.clients.insert(profile.mac));
            kind.names
                .extend(profile.device.iter().flat_map(|device| device.names.clone()));
        }
    };
    let damaged = analyze::each(&args.files, &identity, &mut found, err)?;
    if kinds.is_empty() && !damaged {
        writeln!(err, "airlens: no client found: the files hold no association request")?;
        return Ok(Exit::NoClient);
    }
    if args.json {
        let kinds: Vec<_> = kinds
            .iter()
            .map(|(id, kind)| {
                let clients: Vec<_> = kind.clients.iter().map(ToString::to_string).collect();
                json!({ "kind": id.map(|id| id.to_string()), "devices": kind.names, "clients": clients })
            })
            .collect();
        print_json(out, &json!({ "kinds": kinds }))?;
    } else {
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_header(["KIND", "CLIENTS", "RANDOMISED", "DEVICE", "ADDRESSES"]);
        for (id, kind) in &kinds {
            let random = kind.clients.iter().filter(|client| client.is_local()).count();
            let names: Vec<_> = kind.names.iter().map(|name| name.escape_debug().to_string()).collect();
            let clients: Vec<_> = kind.clients.iter().map(ToString::to_string).collect();
            table.add_row([
                id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                kind.clients.len().to_string(),
                random.to_string(),
                if names.is_empty() {
                    "?".to_owned()
                } else {
                    names.join(" or ")
                },
                clients.join(" "),
            ]);
        }
        writeln!(out, "{}", table.trim_fmt())?;
    }
    Ok(if damaged { Exit::BadInput } else { Exit::Success })
}
