//! The tables, 80 columns wide at most. What is not known is `?`.

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use comfy_table::{CellAlignment, Table, presets::NOTHING};

use crate::{
    air::{ChannelEntry, NetworkEntry, Report, StationEntry},
    profile::printable,
};

/// Which tables, and how.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Tables {
    /// Show the channels; without any of the three, all are shown
    #[arg(long)]
    channels: bool,
    /// Show the networks
    #[arg(long)]
    bss: bool,
    /// Show the stations
    #[arg(long)]
    stations: bool,
    /// Order of networks and stations
    #[arg(long, value_name = "BY", default_value = "channel", value_enum)]
    sort: Sort,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Sort {
    /// By frequency
    #[default]
    Channel,
    /// The loudest
    Signal,
    /// Who sent the most frames
    Frames,
    /// Who was heard last
    Seen,
    /// By the network's name
    Name,
}

impl Tables {
    pub(crate) fn print(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let all = !(self.channels || self.bss || self.stations);
        let mut tables = Vec::new();
        if all || self.channels {
            tables.push(channels(report));
        }
        if all || self.bss {
            tables.push(networks(report, self.sort));
        }
        if all || self.stations {
            tables.push(stations(report, self.sort));
        }
        let tables: Vec<_> = tables.iter().map(Table::trim_fmt).collect();
        writeln!(out, "{}", tables.join("\n\n"))?;
        hopping(report, out)?;
        let left_out = &report.left_out;
        for (count, what) in [
            (left_out.networks, "networks were forgotten for newer ones"),
            (left_out.stations, "stations were forgotten for newer ones"),
            (left_out.unreadable, "beacons and probe responses can't be read"),
        ] {
            if count > 0 {
                writeln!(out, "{count} {what}")?;
            }
        }
        Ok(())
    }
}

fn hopping(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(hopping) = &report.hopping else { return Ok(()) };
    write!(
        out,
        "\n{} visits of {} channels, each again within {:.1} s",
        hopping.visits,
        hopping.channels.len(),
        hopping.bound_seconds
    )?;
    if !hopping.aside.is_empty() {
        write!(out, "; put aside: {}", hopping.aside.join(","))?;
    }
    writeln!(out)
}

fn channels(report: &Report) -> Table {
    let header = [
        "CHANNEL", "MHZ", "BUSY", "NOISE", "FRAMES", "RETRY", "BAD FCS", "BSS", "STA", "DWELL",
    ];
    let mut table = plain(&header, &[0, 2]);
    for channel in &report.channels {
        let name = or_unknown(channel.channel.as_ref());
        let mark = if channel.tuned { "*" } else { "" };
        table.add_row([
            format!("{name}{mark}"),
            or_unknown(channel.frequency_mhz),
            bar(channel),
            or_unknown(channel.noise_dbm),
            short(channel.frames),
            share(channel.retries, channel.frames),
            share(channel.bad_fcs, channel.frames),
            channel.networks.to_string(),
            channel.stations.to_string(),
            channel
                .dwell_seconds
                .map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}s")),
        ]);
    }
    table
}

fn networks(report: &Report, sort: Sort) -> Table {
    let mut networks: Vec<_> = report.networks.iter().collect();
    match sort {
        Sort::Channel => networks.sort_by_key(|network| (network.frequency_mhz, Reverse(network.signal_dbm))),
        Sort::Signal => networks.sort_by_key(|network| Reverse(network.signal_dbm)),
        Sort::Frames => networks.sort_by_key(|network| Reverse(network.frames)),
        Sort::Seen => networks.sort_by(|a, b| b.last_seen.unwrap_or(0.0).total_cmp(&a.last_seen.unwrap_or(0.0))),
        Sort::Name => networks.sort_by_key(|network| network.ssid.clone()),
    }
    let header = ["BSSID", "SSID", "CH", "MHZ", "DBM", "GEN", "SECURITY", "STA", "LOAD"];
    let mut table = plain(&header, &[0, 1, 6]);
    for network in networks {
        table.add_row(network_row(network));
    }
    table
}

fn network_row(network: &NetworkEntry) -> [String; 9] {
    [
        network.bssid.clone(),
        network
            .ssid
            .as_ref()
            .map_or_else(|| "(hidden)".to_owned(), |ssid| cut(ssid, 17)),
        or_unknown(network.channel.as_ref()),
        or_unknown(network.width_mhz),
        or_unknown(network.signal_dbm),
        network
            .generation
            .map_or_else(|| "-".to_owned(), |generation| generation.to_string()),
        cut(&network.security, 14),
        network.stations.to_string(),
        or_unknown(network.load.map(|load| percent(load.utilization_ratio))),
    ]
}

fn stations(report: &Report, sort: Sort) -> Table {
    let mut stations: Vec<_> = report.stations.iter().collect();
    match sort {
        Sort::Channel => stations.sort_by_key(|station| (station.frequency_mhz, Reverse(station.frames))),
        Sort::Signal => stations.sort_by_key(|station| Reverse(station.signal_dbm)),
        Sort::Frames => stations.sort_by_key(|station| Reverse(station.frames)),
        Sort::Seen => stations.sort_by(|a, b| b.last_seen.unwrap_or(0.0).total_cmp(&a.last_seen.unwrap_or(0.0))),
        Sort::Name => stations.sort_by_key(|station| (station.ssid.is_none(), station.ssid.clone())),
    }
    let header = ["STATION", "MAKER", "NETWORK", "CH", "DBM", "FRAMES", "RETRY", "SEEN"];
    let mut table = plain(&header, &[0, 1, 2]);
    for station in stations {
        table.add_row(station_row(station, report.time));
    }
    table
}

fn station_row(station: &StationEntry, now: Option<f64>) -> [String; 8] {
    let maker = match &station.maker {
        Some(maker) => cut(maker, 12),
        None if station.own => "(this host)".to_owned(),
        None if station.randomised => "(randomised)".to_owned(),
        None => "?".to_owned(),
    };
    // A station that only asks around is in no network.
    let network = match (&station.ssid, &station.bssid) {
        (Some(ssid), _) => cut(ssid, 17),
        (None, Some(bssid)) => bssid.clone(),
        (None, None) => "-".to_owned(),
    };
    let ago = now.zip(station.last_seen).map(|(now, seen)| ago((now - seen).max(0.0)));
    [
        station.mac.clone(),
        maker,
        network,
        or_unknown(station.channel.as_ref()),
        or_unknown(station.signal_dbm),
        short(station.frames),
        share(station.retries, station.frames),
        or_unknown(ago),
    ]
}

/// Columns but those named are set to the right; two spaces are between two.
fn plain(header: &[&str], left: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if !left.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

/// Ten steps, then the share.
fn bar(channel: &ChannelEntry) -> String {
    let Some(ratio) = channel.utilization_ratio else {
        return "?".to_owned();
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
    let steps = (ratio.clamp(0.0, 1.0) * 10.0).round() as usize;
    format!("{}{} {:>4}", "#".repeat(steps), ".".repeat(10 - steps), percent(ratio))
}

fn percent(ratio: f64) -> String {
    format!("{:.0}%", ratio * 100.0)
}

fn share(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
    let ratio = part as f64 / whole.max(1) as f64;
    if whole == 0 { "-".to_owned() } else { percent(ratio) }
}

/// At most six digits.
fn short(count: u64) -> String {
    match count {
        0..=999_999 => count.to_string(),
        1_000_000..=999_999_999 => format!("{}k", count / 1000),
        _ => format!("{}M", count / 1_000_000),
    }
}

fn ago(seconds: f64) -> String {
    if seconds < 100.0 {
        format!("{seconds:.0}s")
    } else if seconds < 6000.0 {
        format!("{:.0}m", seconds / 60.0)
    } else {
        format!("{:.0}h", seconds / 3600.0)
    }
}

/// A name from the air in at most so many characters; `…` where it is cut.
fn cut(name: &str, most: usize) -> String {
    let name = printable(name);
    if name.chars().count() <= most {
        return name;
    }
    name.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_fits_80_columns() {
        let long = "\u{1b}[2J and a name that is long".to_owned();
        let mac = || "02:00:00:00:00:01".to_owned();
        let channel = ChannelEntry {
            channel: Some("6g233".to_owned()),
            frequency_mhz: Some(7115),
            tuned: true,
            utilization_ratio: Some(0.456),
            noise_dbm: Some(-100),
            frames: u64::MAX / 1_000_000_000,
            retries: 12,
            bad_fcs: 3,
            networks: 99,
            stations: 999,
            dwell_seconds: Some(1234.5),
            ..ChannelEntry::default()
        };
        let network = NetworkEntry {
            bssid: mac(),
            ssid: Some(long.clone()),
            channel: Some("6g233".to_owned()),
            width_mhz: Some(320),
            signal_dbm: Some(-100),
            generation: Some(7),
            security: "WPA/PSK/SAE/FT-PSK/FT-SAE".to_owned(),
            stations: 999,
            ..NetworkEntry::default()
        };
        let station = StationEntry {
            mac: mac(),
            maker: Some(long.clone()),
            ssid: Some(long),
            channel: Some("6g233".to_owned()),
            signal_dbm: Some(-100),
            frames: 12_345_678_901,
            retries: 12_345_678_901,
            last_seen: Some(0.0),
            ..StationEntry::default()
        };
        let report = Report {
            time: Some(1e9),
            channels: vec![channel, ChannelEntry::default()],
            networks: vec![
                network,
                NetworkEntry {
                    bssid: mac(),
                    ..NetworkEntry::default()
                },
            ],
            stations: vec![
                station,
                StationEntry {
                    mac: mac(),
                    ..StationEntry::default()
                },
            ],
            ..Report::default()
        };
        let mut out = Vec::new();
        Tables::default().print(&report, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", line.chars().count());
        }
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.contains("#####.....  46%") && text.contains("6g233*"), "{text}");
        assert!(text.contains("(hidden)") && text.contains('?'), "{text}");
    }
}
