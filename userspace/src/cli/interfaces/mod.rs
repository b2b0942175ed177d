//! `airlens interfaces`: which interfaces and wireless devices there are, and what airlens can do on each.

mod devices;

use std::io::Write;

use comfy_table::{Table, presets::NOTHING};
use serde::Serialize;

use super::{Exit, print_json};
use crate::nl80211::{
    Interface, InterfaceKind, Kind, ModeReport, Nl80211, Nl80211Error, Regulatory, Wiphy, WirelessInterface, interfaces,
};

/// Show network interfaces, wireless devices and what airlens can do on each
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show what each wireless device can do: modes, bands and widths, Wi-Fi generations, interfaces at the same time
    #[arg(long)]
    wiphy: bool,
    /// Show the channels of each wireless device: the widest that it can be tuned to there, power, flags
    #[arg(long)]
    channels: bool,
    /// Print one JSON document; with --wiphy or --channels also all of each wireless device
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    interface: Interface,
    /// What it is used as: managed, ap, monitor …
    mode: Option<InterfaceKind>,
    /// Index of the wireless device.
    wiphy: Option<u32>,
    /// Channel frequency in MHz.
    frequency: Option<u32>,
    width_mhz: Option<u16>,
    /// Centre of the whole width in MHz.
    center: Option<u32>,
    ssid: Option<String>,
    /// The option that takes this interface.
    usable_as: Vec<&'static str>,
}

/// A wireless device, what it can be used for, and the rules that it is under.
#[derive(Serialize)]
struct Device {
    #[serde(flatten)]
    wiphy: Wiphy,
    modes: Vec<ModeReport>,
    regulatory: Regulatory,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.wiphy || args.channels {
        return run_devices(args, out);
    }
    let rows = rows(&wireless());
    if args.json {
        print_json(out, &serde_json::json!({ "interfaces": rows }))?;
    } else {
        writeln!(out, "{}", table(&rows))?;
    }
    Ok(Exit::Success)
}

fn run_devices(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (found, devices) = runtime.block_on(read_devices())?;
    if args.json {
        print_json(
            out,
            &serde_json::json!({ "interfaces": rows(&found), "wiphys": devices }),
        )?;
        return Ok(Exit::Success);
    }
    if args.wiphy {
        devices::print_abilities(&devices, out)?;
    }
    if args.channels {
        writeln!(out, "{}", devices::channels(&devices))?;
    }
    Ok(Exit::Success)
}

async fn read_devices() -> Result<(Vec<WirelessInterface>, Vec<Device>), Nl80211Error> {
    let nl80211 = Nl80211::connect()?;
    let found = nl80211.interfaces().await?;
    let mut devices = Vec::new();
    for wiphy in nl80211.wiphys().await? {
        devices.push(Device {
            regulatory: nl80211.regulatory(Some(wiphy.index)).await?,
            modes: wiphy.modes(),
            wiphy,
        });
    }
    Ok((found, devices))
}

/// Channels are an extra here: without wireless, or without the right to ask, the columns stay empty.
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

fn rows(wireless: &[WirelessInterface]) -> Vec<Row> {
    interfaces()
        .into_iter()
        .map(|interface| row(interface, wireless))
        .collect()
}

fn row(interface: Interface, wireless: &[WirelessInterface]) -> Row {
    let mut usable_as = Vec::new();
    if matches!(interface.kind, Kind::Monitor | Kind::Wireless) {
        usable_as.push("-i");
    }
    if interface.kind.carries_ethernet() {
        usable_as.push("--data");
    }
    let found = wireless.iter().find(|found| found.index == interface.index);
    Row {
        mode: found.map(|found| found.kind),
        wiphy: found.map(|found| found.wiphy),
        frequency: found.and_then(|found| found.frequency),
        width_mhz: found.and_then(|found| Some(found.width?.mhz())),
        center: found.and_then(|found| found.center),
        ssid: found.and_then(|found| Some(String::from_utf8_lossy(found.ssid.as_ref()?).into_owned())),
        interface,
        usable_as,
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "NAME", "KIND", "STATE", "ADDRESS", "PHY", "MODE", "CHANNEL", "DRIVER", "USE WITH",
    ]);
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
            row.mode.map(|mode| mode.to_string()).unwrap_or_default(),
            row.frequency
                .map(|frequency| devices::channel_text(frequency, row.width_mhz))
                .unwrap_or_default(),
            interface.driver.clone().unwrap_or_default(),
            row.usable_as.join(" "),
        ]);
    }
    table
}
