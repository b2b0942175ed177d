//! `airlens devices list`: the devices that are known.

use std::io::Write;

use comfy_table::{Table, presets::NOTHING};
use serde_json::json;

use super::{Exit, identity::IdentityArgs};
use crate::{cli::print_json, profile::identity::Device};

/// List the devices that are known: those of the program and those of --devices
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    identity: IdentityArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let identity = args.identity.load()?;
    let devices = identity.devices.all();
    if args.json {
        let devices: Vec<_> = devices.iter().map(document).collect();
        print_json(out, &json!({ "devices": devices }))?;
        return Ok(Exit::Success);
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["NAME", "SIGNATURES", "SOURCE"]);
    for device in devices {
        table.add_row([
            device.name.escape_debug().to_string(),
            device.signatures.len().to_string(),
            device.source.as_deref().unwrap_or("-").escape_debug().to_string(),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(Exit::Success)
}

fn document(device: &Device) -> serde_json::Value {
    let signatures: Vec<_> = device
        .signatures
        .iter()
        .map(|signature| {
            json!({
                "band": signature.band.and_then(crate::profile::Band::name),
                "kind": signature.kind.map(|kind| kind.to_string()),
                "probe": signature.pattern.probe,
                "assoc": signature.pattern.assoc,
            })
        })
        .collect();
    json!({ "name": device.name, "source": device.source, "notes": device.notes, "signatures": signatures })
}
