//! Flows, channels, frame types.

use ratatui::layout::Rect;
use serde_json::Value;

use super::Pen;
use crate::{
    air::ChannelEntry,
    cli::{
        flows::seconds,
        mon::{
            columns::{Column, ends, left, right},
            model::{Model, View},
            rates,
            skin::Role,
            text::{grouped, percent, scaled, short_span},
        },
    },
};

const FLOWS: [Column; 9] = [
    left("PROTO", 5, 1),
    ends("SOURCE", 21, 0),
    ends("DESTINATION", 21, 0),
    right("BYTES", 7, 2),
    right("PACKETS", 7, 6),
    right("BIT/S", 6, 0),
    right("AGE", 4, 5),
    right("IDLE", 4, 4),
    left("IFACE", 5, 3),
];

pub(super) fn flows(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let list = &model.flows;
    let count = |key: &str| list[key].as_u64().unwrap_or(0);
    let title = format!(
        "Flows: {} active of {}, by {}",
        grouped(count("active")),
        grouped(count("capacity")),
        model.flow_sort.label()
    );
    let inside = pen.panel(area, &title);
    let entries = list["flows"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        let counted = model.stats.as_ref().is_some_and(|stats| !stats.data.is_empty());
        let why = if counted {
            "No flow is active."
        } else {
            "This run counts no flows: it has no data interface (--data eth0)."
        };
        pen.line(inside.y, inside, why, Role::Plain);
        return;
    }
    let time = list["time"].as_f64().unwrap_or_default();
    let rows: Vec<_> = entries.iter().map(|flow| flow_cells(flow, time, model, pen)).collect();
    pen.table(inside, &FLOWS, &rows, Some(model.selected()), &|_| Role::Plain);
}

fn flow_cells(flow: &Value, time: f64, model: &Model, pen: &Pen<'_>) -> Vec<String> {
    let text = |key: &str| flow[key].as_str().map(|text| pen.skin.name(text));
    let end = |address: &str, port: &str| {
        let address = text(address).unwrap_or_default();
        match (flow[port].as_u64(), address.contains(':')) {
            (None, _) => address,
            (Some(port), true) => format!("[{address}]:{port}"),
            (Some(port), false) => format!("{address}:{port}"),
        }
    };
    let number = |key: &str| flow[key].as_f64().unwrap_or_default();
    let since = |key: &str| seconds(&flow[key]).map_or_else(|| "?".to_owned(), |then| short_span(time - then));
    let rate = model.flow_rates.of(flow, time).map(|rate| scaled(rate.bits, ""));
    vec![
        text("protocol_name").unwrap_or_else(|| flow["protocol"].to_string()),
        end("source", "source_port"),
        end("destination", "destination_port"),
        scaled(number("bytes"), "B"),
        grouped(flow["packets"].as_u64().unwrap_or(0)),
        rate.unwrap_or_else(|| "?".to_owned()),
        since("start"),
        since("end"),
        text("interface").unwrap_or_else(|| flow["interface_index"].to_string()),
    ]
}

const CHANNELS: [Column; 10] = [
    right("CHANNEL", 7, 0),
    left("BAND", 6, 4),
    right("MHZ", 4, 6),
    left("UTILISATION", 16, 0),
    right("NOISE", 5, 5),
    right("FRAMES", 9, 1),
    right("RETRIES", 7, 7),
    right("BAD FCS", 7, 8),
    right("NETWORKS", 8, 2),
    right("STATIONS", 8, 3),
];

/// Cells of the bar.
const BAR: usize = 10;

pub(super) fn channels(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let inside = pen.panel(area, &format!("Channels: {}", model.channels.len()));
    if model.channels.is_empty() {
        pen.line(inside.y, inside, "Nothing was heard on any channel yet.", Role::Plain);
        return;
    }
    let rows: Vec<_> = model
        .channels
        .iter()
        .map(|channel| channel_cells(channel, pen))
        .collect();
    let busy = |line: usize| {
        let share = model.channels.get(line).and_then(|channel| channel.utilization_ratio);
        if share.is_some_and(|share| share > 0.7) {
            Role::Warning
        } else {
            Role::Plain
        }
    };
    pen.table(inside, &CHANNELS, &rows, Some(model.selected()), &busy);
}

fn channel_cells(channel: &ChannelEntry, pen: &Pen<'_>) -> Vec<String> {
    let unknown = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
    let name = channel.channel.clone();
    // The radio is there now.
    let name = name.map(|name| if channel.tuned { format!("*{name}") } else { name });
    let share = |count: u64| percent(count as f64 / channel.frames.max(1) as f64);
    let (full, empty) = (pen.skin.either("█", "#"), pen.skin.either("░", "."));
    let bar = channel.utilization_ratio.map(|share| {
        let cells = (share.clamp(0.0, 1.0) * BAR as f64).round() as usize;
        format!("{}{} {}", full.repeat(cells), empty.repeat(BAR - cells), percent(share))
    });
    vec![
        unknown(name),
        unknown(channel.band.clone()),
        unknown(channel.frequency_mhz.map(|mhz| mhz.to_string())),
        unknown(bar),
        unknown(channel.noise_dbm.map(|noise| noise.to_string())),
        grouped(channel.frames),
        share(channel.retries),
        share(channel.bad_fcs),
        grouped(channel.networks),
        grouped(channel.stations),
    ]
}

const FRAMES: [Column; 5] = [
    left("TYPE", 4, 2),
    left("SUBTYPE", 10, 0),
    right("FRAMES", 6, 1),
    right("FRAMES/S", 8, 0),
    right("RETRIES", 7, 3),
];

/// By frequency, the most first.
pub(super) fn frames(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let Some(stats) = &model.stats else { return };
    let inside = pen.panel(area, "Frames by type");
    let mut kinds: Vec<_> = rates::kinds(stats).into_iter().collect();
    if kinds.is_empty() {
        pen.line(inside.y, inside, "No frame was heard yet.", Role::Plain);
        return;
    }
    kinds.sort_by_key(|(kind, frames)| (std::cmp::Reverse(*frames), *kind));
    let rows: Vec<_> = kinds
        .iter()
        .map(|(kind, frames)| {
            let rate = model.rates.as_ref().and_then(|rates| rates.kinds.get(kind));
            let retries: u64 = stats
                .frames
                .iter()
                .filter(|count| count.kind == *kind)
                .map(|count| count.retries)
                .sum();
            vec![
                kind.type_name().to_owned(),
                kind.subtype_name().to_owned(),
                grouped(*frames),
                rate.map_or_else(|| "?".to_owned(), |rate| scaled(*rate, "")),
                percent(retries as f64 / (*frames).max(1) as f64),
            ]
        })
        .collect();
    let chosen = (model.view == View::Frames).then(|| model.selected());
    pen.table(inside, &FRAMES, &rows, chosen, &|_| Role::Plain);
}
