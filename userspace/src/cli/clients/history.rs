//! `airlens clients history`: every kept profile of a client.

use std::{io::Write, path::Path};

use comfy_table::{Table, presets::NOTHING};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Exit, NoClient};
use crate::{
    cli::print_json,
    dot11::{Address, Band},
    profile::changes,
    publish::{atomic::AtomicWriter, documents::UtcSeconds, history::read, tree::ClientTree},
};

/// List a client's profiles over time: those that differ from the one before on their band
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the client
    #[arg(value_name = "MAC")]
    client: Address,
}

/// A line of the history, and its number in it, from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) number: usize,
    pub(super) line: &'a Value,
}

impl<'a> Entry<'a> {
    /// All entries of a history.
    pub(super) fn all(lines: &'a [Value]) -> impl DoubleEndedIterator<Item = Self> + Clone {
        let numbered = lines.iter().enumerate();
        numbered.map(|(index, line)| Self {
            number: index + 1,
            line,
        })
    }

    /// A text of the line as it may stand on a terminal.
    pub(super) fn text(self, key: &str) -> String {
        plain(&self.line[key])
    }

    pub(super) fn time(self) -> Option<Timestamp> {
        self.line["time"].as_str()?.parse().ok()
    }

    /// The time to the second.
    pub(super) fn when(self) -> String {
        when(&self.line["time"])
    }

    pub(super) fn band(self) -> &'a str {
        self.line["band"].as_str().unwrap_or_default()
    }

    /// The band in words.
    pub(super) fn band_name(self) -> &'static str {
        Band::of_digit(self.band()).name().unwrap_or("band unknown")
    }
}

/// A line's time to the second.
pub(in crate::cli) fn when(time: &Value) -> String {
    let time = time.as_str().and_then(|time| time.parse::<Timestamp>().ok());
    time.map_or_else(|| "?".to_owned(), |time| UtcSeconds::from(time).to_string())
}

/// A value without quotes, and without what could command a terminal.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.escape_debug().to_string(),
        other => other.to_string(),
    }
}

/// The history of a client; an error where there is none.
pub(super) fn lines(client: Address, files_path: &Path) -> anyhow::Result<Vec<Value>> {
    let path = ClientTree::new(files_path, AtomicWriter::default()).history(client.0);
    let lines = read(&path)
        .map_err(|error| anyhow::Error::new(error).context(format!("can't read {}: try with sudo", path.display())))?;
    if lines.is_empty() {
        anyhow::bail!(NoClient::History(client, files_path.to_owned()));
    }
    Ok(lines)
}

pub(super) fn run(args: &Args, files_path: &Path, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let lines = lines(args.client, files_path)?;
    if as_json {
        let document = json!({ "mac": args.client.to_string(), "history": lines });
        print_json(out, &document)?;
        return Ok(Exit::Success);
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["NUMBER", "TIME", "BAND", "KIND", "SSID", "BSSID", "CHANGED"]);
    for entry in Entry::all(&lines) {
        let before = lines[..entry.number - 1]
            .iter()
            .rfind(|line| line["band"] == entry.line["band"]);
        table.add_row([
            entry.number.to_string(),
            entry.when(),
            entry.band_name().to_owned(),
            entry.text("kind"),
            entry.text("ssid"),
            entry.text("bssid"),
            before.map_or_else(
                || "first".to_owned(),
                |before| changes(before, entry.line).len().to_string(),
            ),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(Exit::Success)
}
