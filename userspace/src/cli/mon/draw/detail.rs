//! Everything that is known about a client.

use ratatui::layout::Rect;
use serde_json::Value;

use super::Pen;
use crate::cli::mon::{
    model::Model,
    skin::{Role, Skin},
};

/// Lines that are shown of a document: more are no one client's.
const LONGEST: usize = 4096;

pub(super) fn draw(
    model: &Model,
    client: &str,
    document: Option<&Result<Value, String>>,
    area: Rect,
    pen: &mut Pen<'_>,
) {
    let inside = pen.panel(area, &pen.skin.name(&format!("Client {client}")));
    let entry = model.clients.iter().find(|entry| entry["client_id"] == client);
    let lines = match document {
        None => vec![Entry(0, "asking the run".to_owned(), String::new())],
        Some(Err(why)) => {
            let mut lines = vec![Entry(0, pen.skin.name(why), String::new())];
            lines.extend(entry.map(|entry| entries(entry, pen.skin)).unwrap_or_default());
            lines
        }
        Some(Ok(document)) => entries(document, pen.skin),
    };
    let room = usize::from(inside.height);
    let first = model.scroll.min(lines.len().saturating_sub(room));
    for (place, Entry(depth, name, value)) in lines.iter().skip(first).take(room).enumerate() {
        let y = inside.y + place as u16;
        let x = inside.x + (depth * 2).min(12) as u16;
        let role = if value.is_empty() { Role::Head } else { Role::Label };
        let next = pen.put(x, y, inside, name, role);
        let column = (inside.x + 34.min(inside.width / 2)).max(next + 1);
        pen.put(column, y, inside, value, Role::Plain);
    }
    if lines.len() > room && area.height > 3 {
        let place = format!(" {}-{} of {} ", first + 1, (first + room).min(lines.len()), lines.len());
        let x = area.right().saturating_sub(place.len() as u16 + 2);
        pen.put(x, area.bottom() - 1, area, &place, Role::Label);
    }
}

/// Depth, name, value; without a value a head.
struct Entry(usize, String, String);

/// A document as lines, in its own order.
fn entries(document: &Value, skin: Skin) -> Vec<Entry> {
    let mut lines = Vec::new();
    add(document, 0, skin, &mut lines);
    lines
}

fn add(value: &Value, depth: usize, skin: Skin, lines: &mut Vec<Entry>) {
    let Value::Object(members) = value else { return };
    for (key, value) in members {
        if lines.len() >= LONGEST {
            return;
        }
        let name = skin.name(&key.replace('_', " "));
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                lines.push(Entry(depth, name, String::new()));
                add(value, depth + 1, skin, lines);
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                for (number, item) in items.iter().enumerate() {
                    lines.push(Entry(depth, format!("{name} {}", number + 1), String::new()));
                    add(item, depth + 1, skin, lines);
                }
            }
            _ => lines.push(Entry(depth, name, plain(value, skin))),
        }
    }
}

fn plain(value: &Value, skin: Skin) -> String {
    match value {
        Value::Null => "?".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => skin.name(text),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| plain(item, skin)).collect();
            items.join(", ")
        }
        Value::Object(_) => "none".to_owned(),
        Value::Number(number) => number.to_string(),
    }
}
