//! Forms of output.

use std::{
    io::{self, Write},
    path::Path,
};

use comfy_table::{Table, presets::NOTHING};
use serde_json::{Map, Value, json};

use super::Args;
use crate::profile::{Profile, csv_header, csv_row, record};

/// The forms of output. All but the table, which needs to know how wide its columns are, are printed at once and kept nowhere.
pub(super) enum Show {
    Lines,
    Csv(Begun),
    Document(Begun),
    /// Printed at the end.
    Table(Box<Table>),
}

/// Whether the first request was printed, and before it what stands there once.
type Begun = bool;

impl Show {
    pub(super) fn new(args: &Args) -> Self {
        if args.jsonl {
            return Self::Lines;
        }
        if args.csv {
            return Self::Csv(false);
        }
        if args.json {
            return Self::Document(false);
        }
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_header([
            "Client", "Maker", "Chipset", "SSID", "Band", "Channel", "Wi-Fi", "Streams", "Security", "Frame",
        ]);
        Self::Table(Box::new(table))
    }

    /// Whether nothing is printed before the end.
    pub(super) fn is_late(&self) -> bool {
        matches!(self, Self::Table(_))
    }

    pub(super) fn request(
        &mut self,
        path: &Path,
        frame: u64,
        profile: &Profile,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self {
            Self::Lines => {
                serde_json::to_writer(&mut *out, &object(path, frame, profile))?;
                writeln!(out)?;
            }
            Self::Csv(begun) => {
                if !*begun {
                    out.write_all(csv_header().as_bytes())?;
                    *begun = true;
                }
                out.write_all(csv_row(profile).as_bytes())?;
            }
            Self::Document(begun) => {
                let before = if *begun { "," } else { "{\n  \"requests\": [" };
                *begun = true;
                // A line end within a string is escaped, so each of these is between two tokens.
                let request = serde_json::to_string_pretty(&object(path, frame, profile))?.replace('\n', "\n    ");
                write!(out, "{before}\n    {request}")?;
            }
            Self::Table(table) => {
                table.add_row(row(path, frame, profile));
            }
        }
        Ok(())
    }

    pub(super) fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Lines | Self::Csv(_) => Ok(()),
            Self::Document(true) => writeln!(out, "\n  ]\n}}"),
            Self::Document(false) => writeln!(out, "{{\n  \"requests\": []\n}}"),
            Self::Table(table) if table.is_empty() => Ok(()),
            Self::Table(table) => writeln!(out, "{}", table.trim_fmt()),
        }
    }
}

fn object(path: &Path, frame: u64, profile: &Profile) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("file".to_owned(), json!(path.to_string_lossy()));
    object.insert("frame".to_owned(), json!(frame));
    object.append(&mut record(profile));
    object
}

fn row(path: &Path, frame: u64, profile: &Profile) -> [String; 10] {
    let unknown = || "?".to_owned();
    let (generation, streams) = match profile.features.generation() {
        Some((generation, streams)) => (generation.to_string(), streams),
        None => ("legacy".to_owned(), 1),
    };
    let maker = match &profile.manuf {
        None if profile.mac.is_local() => "(randomised)".to_owned(),
        maker => maker.clone().unwrap_or_else(unknown),
    };
    [
        profile.mac.to_string(),
        maker,
        profile.chipset.map_or_else(unknown, str::to_owned),
        printable(&profile.ssid.to_string()),
        profile.band.name().unwrap_or("?").to_owned(),
        profile.channel.to_string(),
        generation,
        streams.to_string(),
        profile.security.names(),
        format!(
            "{}:{frame}",
            printable(&path.file_name().unwrap_or_default().to_string_lossy())
        ),
    ]
}

/// A name that is made to look like terminal control must not act as one.
pub(super) fn printable(name: &str) -> String {
    let mut printable = String::new();
    for character in name.chars() {
        match character {
            '\'' | '"' => printable.push(character),
            _ => printable.extend(character.escape_debug()),
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cant_steer_the_terminal() {
        assert_eq!(printable("Anna's \u{1f680}\x1b[2J"), "Anna's \u{1f680}\\u{1b}[2J");
    }
}
