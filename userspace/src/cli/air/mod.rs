//! `airlens air`: channels, networks and stations around a run in progress.

mod tables;

use std::{
    io::{self, IsTerminal as _, Write},
    thread,
    time::Duration,
};

use super::{Exit, files::RunAt, print_json};
use crate::air::Report;

pub(super) use tables::Tables;

/// Show the channels, networks and stations that a run hears
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunAt,
    /// Print one JSON document; with --watch one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    tables: Tables,
    /// Show it anew every so many seconds, until interrupted
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    watch: Option<u32>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let ask = || args.run.ask::<Report>("/api/air");
    let Some(seconds) = args.watch else {
        let report = ask()?;
        if args.json {
            print_json(out, &report)?;
        } else {
            args.tables.print(&report, out)?;
        }
        return Ok(Exit::Success);
    };
    let terminal = io::stdout().is_terminal() && !args.json;
    loop {
        let report = ask()?;
        if args.json {
            crate::json::to_writer(&mut *out, &report)?;
            writeln!(out)?;
        } else {
            let mut text = Vec::new();
            args.tables.print(&report, &mut text)?;
            show(&text, terminal, out)?;
        }
        out.flush()?;
        thread::sleep(Duration::from_secs(seconds.into()));
    }
}

/// In place on a terminal: each line overwrites the one that was there, so nothing flickers.
pub(super) fn show(text: &[u8], terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    if !terminal {
        out.write_all(text)?;
        return writeln!(out);
    }
    out.write_all(b"\x1b[H")?;
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        out.write_all(line.strip_suffix(b"\n").unwrap_or(line))?;
        out.write_all(b"\x1b[K\r\n")?;
    }
    out.write_all(b"\x1b[J")
}
