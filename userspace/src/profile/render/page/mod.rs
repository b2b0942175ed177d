//! A client as a page for people, at a terminal or in a browser.

mod columns;
mod headline;
mod identity;
mod layout;
mod links;
mod management;
mod phy;
mod security;
mod seen;
mod sheet;

use crate::{
    dot11::Address,
    profile::{Change, Client, Known},
};
use columns::Column;
pub use layout::PageLine;
use sheet::Sheet;
pub use sheet::{Block, Cell, Tone};

/// How a page looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStyle {
    /// Columns of the terminal, 80 or more.
    pub width: usize,
    /// With colours.
    pub colour: bool,
    /// With ASCII letters alone.
    pub ascii: bool,
}

impl Default for PageStyle {
    /// For a file: 80 columns without colours.
    fn default() -> Self {
        Self {
            width: 80,
            colour: false,
            ascii: false,
        }
    }
}

/// What changed between two profiles of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which two: `5 GHz, 2026-01-23 12:00:00 to 2026-01-24 12:00:00`.
    pub between: String,
    /// What.
    pub changes: Vec<Change>,
}

/// Lines of a section that tells what no other has.
const MOST_LINES: usize = 60;

/// The page of a client as text; see [`client_blocks`].
#[must_use]
pub fn client_page(
    client: &Client,
    file: &dyn Fn(usize) -> String,
    alike: &[Address],
    differences: &[Difference],
    style: PageStyle,
) -> String {
    let blocks = client_blocks(client, file, alike, differences);
    layout::text(&page_lines(&blocks, style.width.max(80), style.ascii), style.colour)
}

/// Blocks laid out in so many columns (60 or more), in ASCII letters alone or not.
#[must_use]
pub fn page_lines(blocks: &[Block], width: usize, ascii: bool) -> Vec<PageLine> {
    layout::lay_out(blocks, width, ascii)
}

/// The page of a client; `file` names the input of a request, `alike` are other clients of its kind, `differences` tell how
/// its profiles changed. What came from the air is escaped.
#[must_use]
pub fn client_blocks(
    client: &Client,
    file: &dyn Fn(usize) -> String,
    alike: &[Address],
    differences: &[Difference],
) -> Vec<Block> {
    let mut sheet = Sheet::default();
    let newest = client.newest();
    let columns = Column::of(&newest);
    headline::draw(client, &newest, &columns, &mut sheet);
    seen::draw(client, file, &mut sheet);
    links::draw(&newest, &columns, &mut sheet);
    phy::draw(&columns, &mut sheet);
    security::draw(&newest, &mut sheet);
    management::draw(&newest, &columns, &mut sheet);
    further(&newest, &mut sheet);
    identity::draw(client, &newest, alike, &mut sheet);
    notes(&newest, &mut sheet);
    changed(differences, &mut sheet);
    sheet.legend();
    sheet.finish()
}

/// The Wi-Fi Alliance's programs and the bits of capability elements by name; apart, what probe requests say.
fn further(newest: &[&Known], sheet: &mut Sheet) {
    let mut sections = [
        ("FURTHER CAPABILITIES", Vec::new()),
        ("IN ITS PROBE REQUESTS", Vec::new()),
    ];
    for known in newest {
        for ((_, lines), new) in sections.iter_mut().zip(super::beyond::beyond(&known.profile)) {
            for line in new {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
    }
    for (name, lines) in sections {
        if lines.is_empty() {
            continue;
        }
        sheet.heading(name);
        told(&lines, sheet);
    }
}

/// A hostile frame can say very much.
fn told(lines: &[super::beyond::Line], sheet: &mut Sheet) {
    for (label, value) in lines.iter().take(MOST_LINES) {
        sheet.pair(label, value);
    }
    if let further @ 1.. = lines.len().saturating_sub(MOST_LINES) {
        sheet.pair("", format!("… and {further} more"));
    }
}

fn notes(newest: &[&Known], sheet: &mut Sheet) {
    let mut notes: Vec<_> = newest
        .iter()
        .flat_map(|known| known.profile.notes.iter().map(ToString::to_string))
        .collect();
    notes.dedup();
    if notes.is_empty() {
        return;
    }
    sheet.heading("NOTES");
    // A hostile frame can be odd in very many ways.
    let more = notes.len().saturating_sub(20);
    for note in notes.iter().take(20) {
        sheet.paragraph(note, 2, Tone::Warning);
    }
    if more > 0 {
        sheet.paragraph(format!("and {more} more, in the JSON"), 2, Tone::Plain);
    }
}

fn changed(differences: &[Difference], sheet: &mut Sheet) {
    if differences.is_empty() {
        return;
    }
    sheet.heading("CHANGED");
    for Difference { between, changes } in differences {
        sheet.paragraph(between, 2, Tone::Plain);
        for change in changes {
            let text = change_text(change);
            sheet.paragraph(text, 4, Tone::Plain);
        }
    }
}

/// A change in a line: what, before, after. What came from the air is escaped.
#[must_use]
pub fn change_text(change: &Change) -> String {
    use serde_json::Value;
    let value = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        Value::Number(number) if number.as_i64() == Some(-1) && !change.key.ends_with("_power") => {
            "not reported".to_owned()
        }
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => super::printable(text),
        other => super::printable(&other.to_string()),
    };
    format!(
        "{}: {} → {}",
        super::printable(&change.label),
        value(&change.before),
        value(&change.after)
    )
}

#[cfg(test)]
mod tests;
