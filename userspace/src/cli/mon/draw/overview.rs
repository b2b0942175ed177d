//! The run at a glance.

use ratatui::layout::Rect;
use serde_json::Value;

use super::{Pen, clients, graph, lists};
use crate::cli::mon::{
    model::Model,
    rates::{Rates, lost},
    skin::Role,
    text::{grouped, percent, scaled, span},
};

/// Columns from which lists stand beside each other.
const WIDE: u16 = 110;

/// Columns from which the status has two of its own.
const TWO_COLUMNS: u16 = 70;

pub(super) fn draw(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let facts = facts(model, pen);
    if area.height < 16 || area.width < 40 {
        return small(model, &facts, area, pen);
    }
    let (left, right) = if area.width >= WIDE {
        let left = area.width * 2 / 3;
        (
            Rect { width: left, ..area },
            Some(Rect {
                x: area.x + left + 1,
                width: area.width - left - 1,
                ..area
            }),
        )
    } else {
        (area, None)
    };
    let columns = if left.width >= TWO_COLUMNS { 2 } else { 1 };
    let rows = facts.len().div_ceil(columns).min(usize::from(area.height) - 6) as u16;
    let [status, under] = cut(left, rows + 2);
    let inside = pen.panel(status, &title(model, pen));
    put_facts(&facts, columns, inside, pen);
    match right {
        Some(right) => {
            let [graphs, under_right] = cut(right, rows + 2);
            let [upper, lower] = cut(graphs, graphs.height / 2);
            frames_graph(model, upper, pen);
            bits_graph(model, lower, pen);
            clients::recent(model, under, pen);
            lists::frames(model, under_right, pen);
        }
        None => {
            let [graphs, list] = cut(under, 4);
            let half = graphs.width / 2;
            let beside = Rect {
                x: graphs.x + half,
                width: graphs.width - half,
                ..graphs
            };
            frames_graph(model, Rect { width: half, ..graphs }, pen);
            bits_graph(model, beside, pen);
            clients::recent(model, list, pen);
        }
    }
}

/// The upper lines of an area, and the others.
fn cut(area: Rect, lines: u16) -> [Rect; 2] {
    let lines = lines.min(area.height);
    let below = Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    };
    [Rect { height: lines, ..area }, below]
}

/// Without frames: what matters most, and who came last where lines are left.
fn small(model: &Model, facts: &[Fact], area: Rect, pen: &mut Pen<'_>) {
    let columns = if area.width >= TWO_COLUMNS { 2 } else { 1 };
    put_facts(facts, columns, area, pen);
    let lines = facts.len().div_ceil(columns) as u16;
    if area.height > lines + 3 {
        clients::recent(model, cut(area, lines)[1], pen);
    }
}

fn title(model: &Model, pen: &Pen<'_>) -> String {
    let interfaces = &model.status["interfaces"];
    let names = ["ap", "monitor"].map(|key| interfaces[key].as_str().unwrap_or_default());
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return "Run".to_owned();
    }
    pen.skin.name(&format!("Run on {}", names.join(", ")))
}

/// A word, what it is, and how it looks.
struct Fact(&'static str, String, Role);

fn put_facts(facts: &[Fact], columns: usize, area: Rect, pen: &mut Pen<'_>) {
    let label = facts.iter().map(|fact| fact.0.len()).max().unwrap_or(0) as u16 + 1;
    // The left ones are the longer ones.
    let second = area.width.saturating_sub(37).max(area.width / 2);
    for (index, Fact(name, value, role)) in facts.iter().enumerate() {
        let y = area.y + (index / columns) as u16;
        if y >= area.bottom() {
            break;
        }
        let (x, end) = match (columns, index % columns) {
            (1, _) => (area.x, area.right()),
            (_, 0) => (area.x, area.x + second - 1),
            _ => (area.x + second, area.right()),
        };
        let cell = Rect {
            x,
            y,
            width: end - x,
            height: 1,
        };
        pen.put(x, y, cell, name, Role::Label);
        pen.put(x + label, y, cell, value, *role);
    }
}

fn facts(model: &Model, pen: &Pen<'_>) -> Vec<Fact> {
    let plain = |name, value: String| Fact(name, value, Role::Plain);
    let unknown = || "?".to_owned();
    let rates = model.rates.as_ref();
    let stats = model.stats.as_ref();
    let status = &model.status;
    let text = |key: &str| status[key].as_str().map(|text| pen.skin.name(text));
    let (up, down) = (pen.skin.either("↑", "up"), pen.skin.either("↓", "down"));
    let (active, total) = model.counted();
    let failed = stats.map_or(0, |stats| stats.profiles.failed);
    let profiles = grouped(stats.map_or(0, |stats| stats.profiles.count));
    let mut facts = vec![
        plain("Uptime", status["uptime_seconds"].as_u64().map_or_else(unknown, span)),
        plain("Mode", text("mode").unwrap_or_else(unknown)),
        plain(
            "Network",
            text("ssid").unwrap_or_else(|| "none, it only listens".to_owned()),
        ),
        plain("Channel", channel(status)),
        plain(
            "Clients",
            format!("{} active, {} total", grouped(active as u64), grouped(total)),
        ),
        plain("Profiles", format!("{profiles}, {} failed", grouped(failed))),
    ];
    facts.push(match stats.filter(|stats| !stats.data.is_empty()) {
        None => plain("Throughput", "no data interface".to_owned()),
        Some(_) => {
            let bits = |of: fn(&Rates) -> f64| rates.map_or_else(unknown, |rates| scaled(of(rates), "bit/s"));
            plain(
                "Throughput",
                format!(
                    "{up} {} {down} {}",
                    bits(|rates| rates.sent),
                    bits(|rates| rates.received)
                ),
            )
        }
    });
    facts.push(plain(
        "Frames",
        rates.map_or_else(unknown, |rates| format!("{}/s", scaled(rates.frames, ""))),
    ));
    facts.push(losses(model));
    facts.push(plain(
        "Flows",
        stats.map_or_else(unknown, |stats| {
            let table = scaled(stats.flows.memory_bytes as f64, "B");
            format!("{} active in {table}", grouped(stats.flows.active))
        }),
    ));
    let memory = stats.and_then(|stats| stats.process).map_or_else(unknown, |process| {
        let share = process.resident_bytes as f64 / process.memory_bytes.max(1) as f64;
        let octets = |octets: u64| scaled(octets as f64, "B");
        format!(
            "{} / {} ({})",
            octets(process.resident_bytes),
            octets(process.memory_bytes),
            percent(share)
        )
    });
    facts.push(plain("Memory", memory));
    facts.push(plain(
        "CPU",
        rates.and_then(|rates| rates.cpu).map_or_else(unknown, percent),
    ));
    facts
}

/// `36, 5180 MHz, 80 wide, US`.
fn channel(status: &Value) -> String {
    let number = |key: &str| status[key].as_u64().filter(|number| *number > 0);
    let Some(channel) = number("channel") else {
        return "?".to_owned();
    };
    let mut text = channel.to_string();
    if let Some(frequency) = number("frequency") {
        text.push_str(&format!(", {frequency} MHz"));
    }
    if let Some(wide) = number("width") {
        text.push_str(&format!(", {wide} wide"));
    }
    if let Some(country) = status["country_code"]
        .as_str()
        .filter(|code| code.len() == 2 && code.is_ascii())
    {
        text.push_str(&format!(", {country}"));
    }
    text
}

fn losses(model: &Model) -> Fact {
    let lost = model.stats.as_ref().map(lost).unwrap_or_default();
    if lost.total() == 0 {
        return Fact("Losses", "none".to_owned(), Role::Good);
    }
    let parts = [
        (lost.frames, "frames"),
        (lost.flow_packets, "packets of flows"),
        (lost.exports, "exported records"),
        (lost.access_point, "at the access point"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(*count)))
        .collect();
    let grows = model.rates.as_ref().is_some_and(|rates| rates.lost > 0.0);
    Fact(
        "Losses",
        parts.join(", "),
        if grows { Role::Bad } else { Role::Warning },
    )
}

fn frames_graph(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let rate = model
        .rates
        .as_ref()
        .map_or_else(String::new, |rates| scaled(rates.frames, ""));
    titled_graph(&model.history.frames, "Frames/s", &rate, area, pen);
}

fn bits_graph(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let both = model.rates.as_ref().map(|rates| rates.received + rates.sent);
    let rate = both.map_or_else(String::new, |both| scaled(both, ""));
    titled_graph(&model.history.bits, "Bit/s", &rate, area, pen);
}

fn titled_graph(values: &std::collections::VecDeque<f64>, title: &str, rate: &str, area: Rect, pen: &mut Pen<'_>) {
    let title = format!("{title} {rate}");
    let inside = pen.panel(area, title.trim_end());
    graph::draw(values.iter(), inside, pen);
}
