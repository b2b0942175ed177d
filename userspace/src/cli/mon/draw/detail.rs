//! The page of a client, as `airlens clients show` prints it, and its history below.

use ratatui::layout::Rect;
use serde_json::Value;

use super::Pen;
use crate::{
    cli::{
        clients::history::when,
        mon::{
            model::Model,
            skin::{Role, Skin},
            text::width,
        },
    },
    dot11::Band,
    profile::{Block, Cell, PageLine, Tone, change_text, page_lines},
    publish::client_page::{ClientPage, Step},
};

/// Gives the first line that is shown: there may be fewer than the model scrolls by.
pub(super) fn draw(
    model: &Model,
    client: &str,
    page: Option<&Result<ClientPage, String>>,
    area: Rect,
    pen: &mut Pen<'_>,
) -> usize {
    let inside = pen.panel(area, &pen.skin.name(&format!("Client {client}")));
    let blocks = match page {
        None => vec![paragraph("asking the run".to_owned())],
        // What failed has no page.
        Some(Err(why)) => {
            let entry = model.clients.iter().find(|entry| entry["client_id"] == client);
            let mut blocks = vec![paragraph(pen.skin.name(why))];
            blocks.extend(entry.map(|entry| entries(entry, pen.skin)).unwrap_or_default());
            blocks
        }
        Some(Ok(page)) => page
            .blocks
            .iter()
            .cloned()
            .chain(alike(page))
            .chain(history(&page.history, pen.skin))
            .collect(),
    };
    let lines = page_lines(&blocks, inside.width.into(), pen.skin.ascii);
    let room = usize::from(inside.height);
    let first = model.scroll.min(lines.len().saturating_sub(room));
    for (row, line) in (inside.y..).zip(lines.iter().skip(first).take(room)) {
        put(line, row, inside, pen);
    }
    if lines.len() > room && area.height > 3 {
        let place = format!(" {}-{} of {} ", first + 1, (first + room).min(lines.len()), lines.len());
        let x = area.right().saturating_sub(place.len() as u16 + 2);
        pen.put(x, area.bottom() - 1, area, &place, Role::Label);
    }
    first
}

fn put(line: &PageLine, row: u16, inside: Rect, pen: &mut Pen<'_>) {
    let mut column = inside.x;
    for (text, tone) in line {
        let role = match tone {
            Tone::Plain => Role::Plain,
            Tone::Strong => Role::Head,
            Tone::Good => Role::Good,
            Tone::Faint => Role::Label,
            Tone::Warning => Role::Warning,
        };
        pen.put(column, row, inside, text, role);
        column = column.saturating_add(width(text) as u16);
    }
}

fn paragraph(text: String) -> Block {
    Block::Paragraph {
        text,
        indent: 0,
        tone: Tone::Plain,
    }
}

fn pair(label: String, text: String, meaning: String) -> Block {
    let tone = Tone::Plain;
    let value = Cell { text, tone };
    Block::Pair { label, value, meaning }
}

/// What a list knows of a client, in its order.
fn entries(entry: &Value, skin: Skin) -> Vec<Block> {
    let members = entry.as_object().into_iter().flatten();
    let known = members.filter(|(_, value)| !value.is_null());
    known
        .map(|(key, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pair(skin.name(&key.replace('_', " ")), skin.name(&value), String::new())
        })
        .collect()
}

/// Other clients whose requests are the same: perhaps one device with several addresses.
fn alike(page: &ClientPage) -> Vec<Block> {
    if page.alike.is_empty() {
        return Vec::new();
    }
    let name = "OTHERS OF ITS KIND".to_owned();
    let mut text = page.alike.join(", ");
    let more = page.alike_count.saturating_sub(page.alike.len());
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    vec![Block::Heading { name }, paragraph(text)]
}

/// What each profile told otherwise than the one before.
fn history(steps: &[Step], skin: Skin) -> Vec<Block> {
    if steps.is_empty() {
        return Vec::new();
    }
    let name = "HISTORY".to_owned();
    let mut blocks = vec![Block::Heading { name }];
    for step in steps {
        let text = |value: &Value| skin.name(value.as_str().unwrap_or("?"));
        let band = Band::of_digit(step.band.as_str().unwrap_or_default()).words();
        let band = band.unwrap_or("unknown band");
        let (meaning, changes) = match &step.changes {
            None => ("the first on its band", &[][..]),
            Some(changes) => ("", &changes[..]),
        };
        let what = format!("{band}, “{}”", text(&step.ssid));
        blocks.push(pair(when(&step.time), what, meaning.to_owned()));
        blocks.extend(
            changes
                .iter()
                .map(|change| pair(String::new(), change_text(change), String::new())),
        );
    }
    blocks
}
