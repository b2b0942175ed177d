//! The picture of a model: a pure function of it, the skin and the room that there is.

mod clients;
mod detail;
mod graph;
mod help;
mod lists;
mod overview;

use jiff::{Timestamp, tz::TimeZone};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Block, Widget as _},
};

use super::{
    columns::{Column, Layout},
    model::{Link, Model, View},
    skin::{Role, Skin},
    text::{fit, span, width},
};

/// Draws `model` into `area`. Gives the first line that is shown of a client's page, if one is.
pub(super) fn draw(model: &Model, skin: Skin, zone: &TimeZone, area: Rect, buffer: &mut Buffer) -> Option<usize> {
    if area.height == 0 || area.width == 0 {
        return None;
    }
    let pen = &mut Pen { skin, zone, buffer };
    head(model, area, pen);
    if area.height < 3 {
        return None;
    }
    let mut first = None;
    let mut body = Rect {
        y: area.y + 1,
        height: area.height - 2,
        ..area
    };
    if let Some((words, role)) = word(model, skin) {
        pen.line(body.y, body, &words, role);
        body.y += 1;
        body.height -= 1;
    }
    if model.help {
        help::draw(body, pen);
    } else if model.stats.is_none() {
        waiting(model, body, pen);
    } else if let Some((client, page)) = &model.detail {
        first = Some(detail::draw(model, client, page.as_ref(), body, pen));
    } else {
        match model.view {
            View::Overview => overview::draw(model, body, pen),
            View::Clients => clients::draw(model, body, pen),
            View::Flows => lists::flows(model, body, pen),
            View::Channels => lists::channels(model, body, pen),
            View::Frames => lists::frames(model, body, pen),
        }
    }
    foot(model, area, pen);
    first
}

/// What draws: cells, and how they look.
struct Pen<'a> {
    skin: Skin,
    zone: &'a TimeZone,
    buffer: &'a mut Buffer,
}

impl Pen<'_> {
    /// A safe text at a place, cut at the area's right edge. Gives the column behind it.
    fn put(&mut self, x: u16, y: u16, area: Rect, text: &str, role: Role) -> u16 {
        if x >= area.right() || y >= area.bottom() || y < area.y {
            return x;
        }
        let room = usize::from(area.right() - x);
        let text = fit(text, room, self.skin.end());
        let style = self.skin.style(role);
        self.buffer.set_stringn(x, y, text, room, style).0
    }

    /// A line of an area, from its left edge; a chosen one in its whole width.
    fn line(&mut self, y: u16, area: Rect, text: &str, role: Role) {
        self.put(area.x, y, area, text, role);
        if role == Role::Chosen && y < area.bottom() {
            let line = Rect { y, height: 1, ..area };
            self.buffer.set_style(line, self.skin.style(role));
        }
    }

    /// A frame with a title; gives what is inside. Without room for one, a title line alone.
    fn panel(&mut self, area: Rect, title: &str) -> Rect {
        if area.height < 4 || area.width < 24 {
            self.line(area.y, area, title, Role::Head);
            let height = area.height.saturating_sub(1);
            return Rect {
                y: area.y + area.height - height,
                height,
                ..area
            };
        }
        let block = Block::bordered()
            .border_set(self.skin.border())
            .border_style(self.skin.style(Role::Label));
        let inside = block.inner(area);
        block.render(area, self.buffer);
        let room = Rect {
            x: area.x + 2,
            width: area.width - 4,
            ..area
        };
        self.put(room.x, area.y, room, &format!(" {title} "), Role::Head);
        Rect {
            x: inside.x + 1,
            width: inside.width - 2,
            ..inside
        }
    }

    /// A table in a panel, around its chosen line. `roles` tells how a line looks.
    fn table(
        &mut self,
        area: Rect,
        columns: &[Column],
        rows: &[Vec<String>],
        chosen: Option<usize>,
        roles: &dyn Fn(usize) -> Role,
    ) {
        let layout = Layout::new(columns, rows, area.width.into(), self.skin.end());
        self.line(area.y, area, &layout.head(), Role::Label);
        let room = usize::from(area.height.saturating_sub(1));
        let first = chosen.map_or(0, |line| (line + 1).saturating_sub(room));
        for (place, (index, row)) in rows.iter().enumerate().skip(first).take(room).enumerate() {
            let role = if chosen == Some(index) {
                Role::Chosen
            } else {
                roles(index)
            };
            self.line(area.y + 1 + place as u16, area, &layout.line(row), role);
        }
    }

    fn clock(&self, time: f64) -> String {
        let time = Timestamp::from_microsecond((time * 1e6) as i64).unwrap_or_default();
        time.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }
}

/// The name, the views, and whether it goes on.
fn head(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let line = Rect { height: 1, ..area };
    let mut x = pen.put(line.x, line.y, line, "airlens ", Role::Head);
    let (state, role) = match &model.link {
        Link::Up if model.paused => ("paused", Role::Warning),
        Link::Up => (model.status["state"].as_str().unwrap_or("running"), Role::Good),
        Link::Asking => ("asking", Role::Plain),
        Link::Down { .. } => ("no run", Role::Bad),
    };
    let clock = if model.time > 0.0 {
        pen.clock(model.time)
    } else {
        String::new()
    };
    let right = format!("{state} {clock}");
    let right = right.trim_end();
    let tabs: usize = View::ALL.iter().map(|view| view.name().len() + 4).sum();
    let all = usize::from(area.width) > 8 + tabs + width(right);
    for (number, view) in View::ALL.iter().enumerate() {
        let chosen = *view == model.view;
        if all || chosen {
            let role = if chosen { Role::Chosen } else { Role::Plain };
            x = pen.put(x, line.y, line, &format!(" {} {} ", number + 1, view.name()), role);
        }
    }
    let start = line.right().saturating_sub(width(right) as u16);
    if start > x {
        let clock_at = pen.put(start, line.y, line, state, role);
        pen.put(clock_at, line.y, line, &right[state.len()..], Role::Label);
    }
}

/// What there is to say about the link.
fn word(model: &Model, skin: Skin) -> Option<(String, Role)> {
    match &model.link {
        Link::Down { since, why } if model.stats.is_some() => {
            let gone = span((model.at - since).max(0.0) as u64);
            Some((
                format!("no answer for {gone}, these are old: {}", skin.name(why)),
                Role::Bad,
            ))
        }
        _ => model.notice().map(|words| (words.to_owned(), Role::Warning)),
    }
}

fn waiting(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let why = match &model.link {
        Link::Down { why, .. } => pen.skin.name(why),
        _ => String::new(),
    };
    let lines = ["Waiting for a run to watch.".to_owned(), why];
    for (place, line) in lines.iter().enumerate() {
        let rows = wrapped(line, area.width.into());
        for (more, row) in rows.iter().enumerate() {
            let y = area.y + (place * 2 + more) as u16;
            pen.line(y, area, row, Role::Plain);
        }
    }
}

/// At spaces, in lines of so many columns.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last().map_or(0, |line| width(line));
        if last > 0 && last + 1 + width(word) > columns {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The keys that do something here.
fn foot(model: &Model, area: Rect, pen: &mut Pen<'_>) {
    let arrows = pen.skin.either("↑↓", "up/down");
    let enter = pen.skin.either("⏎", "Enter");
    let keys: &[(&str, &str)] = if model.help {
        &[("any key", "back"), ("q", "quit")]
    } else if model.detail.is_some() {
        &[("Esc", "back"), (arrows, "scroll"), ("?", "help"), ("q", "quit")]
    } else {
        match model.view {
            View::Overview => &[
                (enter, "client"),
                ("Tab", "next view"),
                (arrows, "choose"),
                ("p", "pause"),
                ("?", "help"),
                ("q", "quit"),
            ],
            View::Clients => &[
                (enter, "details"),
                ("s", "sort"),
                (arrows, "choose"),
                ("Tab", "next view"),
                ("p", "pause"),
                ("?", "help"),
                ("q", "quit"),
            ],
            View::Flows => &[
                ("s", "sort"),
                (arrows, "scroll"),
                ("Tab", "next view"),
                ("p", "pause"),
                ("?", "help"),
                ("q", "quit"),
            ],
            View::Channels | View::Frames => &[
                (arrows, "scroll"),
                ("Tab", "next view"),
                ("p", "pause"),
                ("?", "help"),
                ("q", "quit"),
            ],
        }
    };
    let line = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    // Help and the way out stay when the others find no room.
    let needed = |keys: &[(&str, &str)]| {
        keys.iter()
            .map(|(key, does)| width(key) + does.len() + 3)
            .sum::<usize>()
    };
    let room = usize::from(area.width) + 2;
    let (others, last) = keys.split_at(keys.len() - 2);
    let mut shown = others.len();
    while shown > 0 && needed(&others[..shown]) + needed(last) > room {
        shown -= 1;
    }
    let mut x = line.x;
    for (key, does) in others[..shown].iter().chain(last) {
        x = pen.put(x, line.y, line, key, Role::Head);
        x = pen.put(x, line.y, line, &format!(" {does}"), Role::Label) + 2;
    }
}
