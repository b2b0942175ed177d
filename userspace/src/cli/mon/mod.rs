//! `airlens mon`: a run, watched in a terminal.
//!
//! [`source`] asks the run, [`model`] is what is known and chosen, [`draw`] a pure function of it, [`terminal`] the loop.

mod columns;
mod document;
mod draw;
mod keys;
mod model;
mod rates;
mod skin;
mod source;
mod terminal;
#[cfg(test)]
mod tests;
mod text;

use std::{
    io::{self, IsTerminal as _, Write},
    thread,
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;
use ratatui::{buffer::Buffer, layout::Rect};

use self::{
    document::Document,
    model::{Model, View},
    skin::Skin,
};
use super::{Exit, files::RunAt, flows::terminal_size};

/// The frame of `--once` where there is no terminal.
const PLAIN: (u16, u16) = (80, 24);

/// Watch a run in the terminal: its state, rates, clients, flows, channels and frames
///
/// Keys are shown at the bottom; ? tells all of them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunAt,
    /// How often to look, such as 500ms, 1s or 1m
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    interval: Duration,
    /// What to show first
    #[arg(long, value_name = "VIEW", default_value = "overview", value_enum)]
    view: View,
    /// Print one frame as plain text and end; it takes one interval, for the rates
    #[arg(long)]
    once: bool,
    /// Print a JSON document a line, one each interval; with --once one alone
    #[arg(long)]
    json: bool,
    /// Draw with ASCII alone
    #[arg(long)]
    ascii: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let model = Model::new(args.view);
    if args.once || args.json {
        return print(args, model, out);
    }
    if !io::stdout().is_terminal() {
        writeln!(
            io::stderr(),
            "airlens: standard output is no terminal: use --once or --json"
        )?;
        return Ok(Exit::Usage);
    }
    terminal::show(
        args.run.asked()?,
        args.interval,
        model,
        Skin::of_environment(args.ascii),
    )?;
    Ok(Exit::Success)
}

/// Without a terminal.
fn print(args: &Args, mut model: Model, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let run = args.run.asked()?;
    let started = Instant::now();
    let at = || started.elapsed().as_secs_f64();
    // Nobody waits for a run that is not there; one that goes away comes back.
    model.apply(source::look(&run, &model.want(), at())?);
    let mut next = started;
    loop {
        next += args.interval;
        thread::sleep(next.saturating_duration_since(Instant::now()));
        match source::look(&run, &model.want(), at()) {
            Ok(look) => model.apply(look),
            Err(error) if args.once => return Err(error.into()),
            Err(error) => model.unanswered(at(), error.to_string()),
        }
        if args.json {
            crate::json::to_writer(&mut *out, &Document::of(&model))?;
            writeln!(out)?;
        } else {
            let (columns, lines) = terminal_size().unwrap_or(PLAIN);
            let skin = Skin {
                colour: false,
                ascii: args.ascii,
            };
            out.write_all(frame(&model, skin, columns, lines).as_bytes())?;
        }
        out.flush()?;
        if args.once {
            return Ok(Exit::Success);
        }
    }
}

/// The picture as plain text, without the line of keys.
fn frame(model: &Model, skin: Skin, columns: u16, lines: u16) -> String {
    let area = Rect::new(0, 0, columns, lines.saturating_add(1));
    let mut buffer = Buffer::empty(area);
    draw::draw(model, skin, &TimeZone::system(), area, &mut buffer);
    let text = plain(&buffer);
    text.split_inclusive('\n').take(lines.into()).collect()
}

/// The letters of a picture.
fn plain(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.rows() {
        let mut line = String::new();
        let mut covered = 0;
        for x in y.columns() {
            let symbol = buffer.cell((x.x, x.y)).map_or(" ", |cell| cell.symbol());
            // What a wide letter covers is no cell of its own.
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// `500ms`, `1s`, `2m`; a number alone is seconds.
fn interval(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time from 100ms to 1h such as 500ms, 1s or 1m");
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(wrong()),
    };
    if (0.1..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(wrong())
    }
}
