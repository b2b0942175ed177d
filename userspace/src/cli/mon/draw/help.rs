//! What the keys do.

use ratatui::layout::Rect;

use super::Pen;
use crate::cli::mon::skin::Role;

const KEYS: [(&str, &str); 13] = [
    ("1 to 5", "overview, clients, flows, channels, frames"),
    ("Tab, Right", "the next view"),
    ("Shift-Tab, Left", "the one before"),
    ("Up, Down, k, j", "choose a line, scroll"),
    ("PgUp, PgDn", "ten lines at once"),
    ("Home, g", "the first line"),
    ("End, G", "the last line"),
    ("Enter", "everything about a client"),
    ("Esc, Backspace", "back from there"),
    ("s", "another order"),
    ("p, Space", "hold the picture, go on"),
    ("?, h", "this help"),
    ("q, Ctrl-C", "quit"),
];

pub(super) fn draw(area: Rect, pen: &mut Pen<'_>) {
    let inside = pen.panel(area, "Help");
    for (place, (keys, does)) in KEYS.iter().enumerate() {
        let y = inside.y + place as u16;
        if y >= inside.bottom() {
            break;
        }
        pen.put(inside.x, y, inside, keys, Role::Head);
        pen.put(inside.x + 17, y, inside, does, Role::Plain);
    }
}
