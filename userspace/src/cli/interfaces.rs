//! `airlens interfaces`: which interfaces there are, and what airlens can do on each.

use std::io::Write;

use comfy_table::{Table, presets::NOTHING};
use serde::Serialize;

use super::Exit;
use crate::nl80211::{Interface, Kind, Nl80211, WirelessInterface, interfaces};

/// Show network interfaces and what airlens can do on each
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    interface: Interface,
    /// Channel frequency in MHz.
    frequency: Option<u32>,
    /// The option that takes this interface.
    usable_as: Vec<&'static str>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let wireless = wireless();
    let rows: Vec<_> = interfaces()
        .into_iter()
        .map(|interface| row(interface, &wireless))
        .collect();
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &serde_json::json!({ "interfaces": rows }))?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", table(&rows))?;
    }
    Ok(Exit::Success)
}

/// Channels are an extra here: without wireless, or without the right to ask, the column stays empty.
fn wireless() -> Vec<WirelessInterface> {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return Vec::new();
    };
    runtime.block_on(async {
        match Nl80211::connect() {
            Ok(nl80211) => nl80211.interfaces().await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    })
}

fn row(interface: Interface, wireless: &[WirelessInterface]) -> Row {
    let mut usable_as = Vec::new();
    if matches!(interface.kind, Kind::Monitor | Kind::Wireless) {
        usable_as.push("-i");
    }
    if interface.kind.carries_ethernet() {
        usable_as.push("--data");
    }
    Row {
        frequency: wireless
            .iter()
            .find(|found| found.index == interface.index)
            .and_then(|found| found.frequency),
        interface,
        usable_as,
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["NAME", "KIND", "STATE", "ADDRESS", "PHY", "MHZ", "DRIVER", "USE WITH"]);
    for row in rows {
        let interface = &row.interface;
        table.add_row([
            interface.name.clone(),
            serde_json::to_value(interface.kind)
                .ok()
                .and_then(|kind| Some(kind.as_str()?.to_owned()))
                .unwrap_or_default(),
            if interface.up { "up" } else { "down" }.to_owned(),
            interface.address.clone(),
            interface.phy.clone().unwrap_or_default(),
            row.frequency.map(|mhz| mhz.to_string()).unwrap_or_default(),
            interface.driver.clone().unwrap_or_default(),
            row.usable_as.join(" "),
        ]);
    }
    table
}
