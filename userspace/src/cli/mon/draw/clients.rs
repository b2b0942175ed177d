//! Clients: all of them, and those that came last.

use ratatui::layout::Rect;
use serde_json::Value;

use super::Pen;
use crate::{
    cli::mon::{
        columns::{Column, left, right},
        model::{Model, is_station, seen},
        skin::{Role, Skin},
        text::{grouped, short_span},
    },
    dot11::Address,
};

const COLUMNS: [Column; 11] = [
    left("CLIENT", 17, 0),
    left("MAKER", 8, 1),
    left("WI-FI", 7, 2),
    right("SS", 2, 6),
    left("BANDS", 5, 5),
    right("WIDTH", 5, 8),
    left("SECURITY", 8, 7),
    left("NETWORK", 8, 4),
    right("SIGNAL", 6, 9),
    left("STATE", 8, 10),
    right("SEEN", 4, 3),
];

pub(super) fn draw(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let (active, total) = model.counted();
    let title = format!(
        "Clients: {} active, {} total, by {}",
        grouped(active as u64),
        grouped(total),
        model.client_sort.name()
    );
    list(model, &title, area, pen);
}

/// The list of the overview.
pub(super) fn recent(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    list(model, "Recent clients", area, pen);
}

fn list(model: &Model, title: &str, area: Rect, pen: &mut Pen<'_>) {
    let inside = pen.panel(area, title);
    if model.clients.is_empty() {
        pen.line(
            inside.y,
            inside,
            "No client has asked to join a network yet.",
            Role::Plain,
        );
        return;
    }
    let rows: Vec<_> = model
        .clients
        .iter()
        .map(|client| cells(client, model.time, pen.skin))
        .collect();
    let failed = |line: usize| match model.clients.get(line) {
        Some(client) if client["failure"].is_string() => Role::Warning,
        _ => Role::Plain,
    };
    pen.table(inside, &COLUMNS, &rows, Some(model.selected()), &failed);
}

fn cells(client: &Value, time: f64, skin: Skin) -> Vec<String> {
    let text = |key: &str| {
        client[key]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(|text| skin.name(text))
    };
    let number = |key: &str| client[key].as_i64().map(|number| number.to_string());
    let list = |key: &str| {
        let list = client[key].as_array()?;
        let entries = list.iter().map(|entry| {
            entry
                .as_str()
                .map_or_else(|| entry.to_string(), |entry| skin.name(entry))
        });
        Some(entries.collect::<Vec<_>>())
    };
    let unknown = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
    let profiled = !client["security"].is_null();
    let generation = match client["generation"].as_u64() {
        Some(generation) => Some(format!("Wi-Fi {generation}")),
        None => profiled.then(|| "legacy".to_owned()),
    };
    let bands = list("bands").map(|bands| bands.join("/").replace('2', "2.4"));
    let widest = list("widths").and_then(|widths| widths.iter().filter_map(|width| width.parse::<u64>().ok()).max());
    vec![
        unknown(text("client_id")),
        unknown(
            text("manuf")
                .or_else(|| text("platform"))
                .or_else(|| randomised(client)),
        ),
        unknown(generation),
        unknown(number("streams")),
        unknown(bands),
        unknown(widest.map(|widest| widest.to_string())),
        unknown(text("security")),
        unknown(text("ssid")),
        unknown(number("signal_dbm")),
        state(client, skin),
        short_span(time - seen(client)),
    ]
}

/// Of an address that is made up (IEEE Std 802-2014 8.4), which no maker has.
fn randomised(client: &Value) -> Option<String> {
    let address: Address = client["client_id"].as_str()?.parse().ok()?;
    address.is_local().then(|| "(randomised)".to_owned())
}

fn state(client: &Value, skin: Skin) -> String {
    if !is_station(client) {
        return skin.name(client["type"].as_str().unwrap_or_default());
    }
    match (client["failure"].as_str(), client["status_code"].as_u64()) {
        (Some(failure), _) => skin.name(failure),
        (None, Some(0)) => "accepted".to_owned(),
        (None, Some(code)) => format!("refused, {code}"),
        (None, None) if client["security"].is_null() => "seen".to_owned(),
        (None, None) => "profiled".to_owned(),
    }
}
