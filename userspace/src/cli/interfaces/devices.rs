//! Wireless devices as people read them.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets::NOTHING};

use super::Device;
use crate::{
    dot11::Channel,
    nl80211::{BandInfo, InterfaceKind, Wiphy},
};

/// `36 (5180 MHz), 80 MHz`.
pub(super) fn channel_text(frequency: u32, width_mhz: Option<u16>) -> String {
    let channel = match Channel::at(frequency) {
        Ok(channel) => format!("{channel} ({frequency} MHz)"),
        Err(_) => format!("{frequency} MHz"),
    };
    match width_mhz {
        Some(width) => format!("{channel}, {width} MHz"),
        None => channel,
    }
}

/// What each device can do, a block each.
pub(super) fn print_abilities(devices: &[Device], out: &mut dyn Write) -> io::Result<()> {
    for device in devices {
        let wiphy = &device.wiphy;
        let driver = wiphy.driver.as_deref().unwrap_or("driver unknown");
        writeln!(out, "{}  {driver}", wiphy.name)?;
        for mode in &device.modes {
            let verdict = if mode.possible { "yes" } else { "no" };
            let note = mode.note.map(|note| format!(": {note}")).unwrap_or_default();
            line(out, &format!("--mode {}", mode.mode), &format!("{verdict}{note}"))?;
        }
        let kinds: Vec<_> = wiphy.interface_kinds.iter().map(ToString::to_string).collect();
        line(out, "interfaces", &kinds.join(" "))?;
        for combination in &wiphy.combinations {
            line(out, "at the same time", &combination.to_string())?;
        }
        let yes = |able| if able { "yes" } else { "no" };
        line(out, "active monitor", yes(wiphy.active_monitor))?;
        line(out, "multi-link", yes(wiphy.multi_link))?;
        let own = if wiphy.self_managed {
            ", the device's own rules"
        } else {
            ""
        };
        line(out, "country", &format!("{}{own}", device.regulatory.country))?;
        for band in &wiphy.bands {
            if let Some(name) = band.band.words() {
                line(out, name, &band_text(wiphy, band))?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {name:<17} {value}")
}

/// `25 channels, 9 open to transmit, up to 160 MHz; ap: HT VHT HE EHT; managed: HT VHT HE EHT`.
fn band_text(wiphy: &Wiphy, band: &BandInfo) -> String {
    let open = |channel: &&_| {
        let channel: &crate::nl80211::ChannelInfo = channel;
        !(channel.disabled || channel.no_ir || channel.radar)
    };
    let widest = band
        .channels
        .iter()
        .filter(|channel| !channel.disabled)
        .filter_map(|channel| Some(wiphy.widest(channel.channel?, InterfaceKind::Monitor).width().mhz()))
        .max();
    let mut text = format!(
        "{} channels, {} open to transmit",
        band.channels.len(),
        band.channels.iter().filter(open).count()
    );
    if let Some(widest) = widest {
        text += &format!(", up to {widest} MHz");
    }
    for kind in [InterfaceKind::Ap, InterfaceKind::Managed] {
        if wiphy.supports(kind) {
            text += &format!("; {kind}: {}", generations(band, kind).join(" "));
        }
    }
    text
}

fn generations(band: &BandInfo, kind: InterfaceKind) -> Vec<&'static str> {
    let with = |able: bool, name| able.then_some(name);
    [
        with(band.ht.is_some(), "HT"),
        with(band.vht.is_some(), "VHT"),
        with(band.caps(kind).any(|caps| caps.he.is_some()), "HE"),
        with(band.caps(kind).any(|caps| caps.eht.is_some()), "EHT"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The channels of all devices.
pub(super) fn channels(devices: &[Device]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["PHY", "BAND", "CHANNEL", "MHZ", "WIDEST", "DBM", "FLAGS"]);
    let bands = devices
        .iter()
        .flat_map(|device| device.wiphy.bands.iter().map(move |band| (device, band)));
    for (device, band, name) in bands.filter_map(|(device, band)| Some((device, band, band.band.words()?))) {
        for info in &band.channels {
            let widest = info
                .channel
                .filter(|_| !info.disabled)
                .map(|channel| device.wiphy.widest(channel, InterfaceKind::Monitor).width().mhz());
            let psd = info.psd.map(|psd| format!(" psd={psd}")).unwrap_or_default();
            table.add_row([
                device.wiphy.name.clone(),
                name.to_owned(),
                info.channel.map(|channel| channel.to_string()).unwrap_or_default(),
                info.frequency.to_string(),
                widest.map(|width| width.to_string()).unwrap_or_default(),
                format!("{:.1}", f64::from(info.max_power_mbm) / 100.0),
                info.flags().join(" ") + &psd,
            ]);
        }
    }
    for column in [3, 4, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dot11::Band,
        nl80211::{ChannelInfo, HtCaps, Regulatory},
    };

    fn device() -> Device {
        let channel = |frequency, radar| ChannelInfo {
            channel: Channel::at(frequency).ok(),
            frequency,
            radar,
            max_power_mbm: 2350,
            psd: radar.then_some(-1),
            ..ChannelInfo::default()
        };
        let band = BandInfo {
            band: Band::Ghz5,
            channels: vec![channel(5180, false), channel(5200, false), channel(5260, true)],
            ht: Some(HtCaps {
                info: 2,
                ..HtCaps::default()
            }),
            ..BandInfo::default()
        };
        let wiphy = Wiphy {
            name: "phy0".to_owned(),
            interface_kinds: vec![InterfaceKind::Managed, InterfaceKind::Monitor],
            bands: vec![band],
            ..Wiphy::default()
        };
        Device {
            modes: wiphy.modes(),
            wiphy,
            regulatory: Regulatory {
                country: "DE".to_owned(),
                ..Regulatory::default()
            },
        }
    }

    #[test]
    fn what_a_device_can_do() {
        let mut out = Vec::new();
        print_abilities(&[device()], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for part in [
            "phy0  driver unknown",
            "--mode ap         no: the driver can't be an access point",
            "--mode listen     yes\n",
            "interfaces        managed monitor",
            "country           DE\n",
            "5 GHz             3 channels, 2 open to transmit, up to 40 MHz; managed: HT\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn channels_with_their_flags() {
        let text = channels(&[device()]).to_string();
        let rows: Vec<Vec<_>> = text.lines().map(|row| row.split_whitespace().collect()).collect();
        assert_eq!(rows[1], ["phy0", "5", "GHz", "36", "5180", "40", "23.5"]);
        assert_eq!(
            rows[3],
            ["phy0", "5", "GHz", "52", "5260", "20", "23.5", "radar", "psd=-1"]
        );
    }

    #[test]
    fn a_channel_in_words() {
        assert_eq!(channel_text(5975, Some(160)), "6g5 (5975 MHz), 160 MHz");
        assert_eq!(channel_text(58320, None), "58320 MHz");
    }
}
