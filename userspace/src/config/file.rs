//! A configuration file: TOML, or the `config.ini` of wlanpi-profiler.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    ops::Range,
    path::Path,
};

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{ConfigError, Layer, Place, Warning, ini, meant};

/// Files are about 1 KiB.
const MAX_FILE: u64 = 1 << 20;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct FileSettings {
    pub(super) layer: Layer,
    /// Where each key stands.
    pub(super) places: BTreeMap<String, Place>,
    pub(super) problems: Vec<ConfigError>,
    pub(super) warnings: Vec<Warning>,
}

impl FileSettings {
    /// Reads a file of either kind.
    pub(super) fn read(path: &Path) -> Self {
        match text(path) {
            Ok(text) if ini::is_one(path, &text) => ini::read(path, &text),
            Ok(text) => Self::of_toml(path, &text),
            Err(source) => Self {
                problems: vec![ConfigError::Read {
                    path: path.to_owned(),
                    source,
                }],
                ..Self::default()
            },
        }
    }

    fn of_toml(path: &Path, text: &str) -> Self {
        let mut settings = Self::default();
        let (mut document, errors) = DeTable::parse_recoverable(text);
        let problem = |error: &toml::de::Error| ConfigError::Parse {
            place: place(path, text, error.span().map_or(0, |span| span.start)),
            message: meant::explained(error.message()),
        };
        if !errors.is_empty() {
            settings.problems = errors.iter().map(problem).collect();
            return settings;
        }
        for (name, span) in spans(document.get_ref()) {
            settings.places.insert(name, place(path, text, span.start));
        }
        // Without what is wrong, the rest tells what else is.
        loop {
            match Layer::deserialize(Deserializer::from(document.clone())) {
                Ok(layer) => {
                    settings.layer = layer;
                    break;
                }
                Err(error) => {
                    settings.problems.push(problem(&error));
                    if !error.span().is_some_and(|span| remove(document.get_mut(), &span)) {
                        break;
                    }
                }
            }
        }
        settings.problems.sort_by_key(|problem| match problem {
            ConfigError::Parse { place, .. } => Some(place.clone()),
            _ => None,
        });
        settings
    }
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let length = File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if length as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
    }
    Ok(text)
}

/// The place of an octet of the text.
fn place(path: &Path, text: &str, start: usize) -> Place {
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

/// Every key with its place; those of a section behind the section's name and a dot. As deep as the parser goes.
fn spans(table: &DeTable<'_>) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    for (key, value) in table {
        if let DeValue::Table(section) = value.get_ref() {
            let within = spans(section).into_iter();
            found.extend(within.map(|(inner, span)| (format!("{}.{inner}", key.get_ref()), span)));
        } else {
            found.push((key.get_ref().to_string(), key.span()));
        }
    }
    found
}

/// Takes away the entry that an error is about.
fn remove(table: &mut DeTable<'_>, error: &Range<usize>) -> bool {
    let about = |span: Range<usize>| span.contains(&error.start);
    for (_, value) in table.iter_mut() {
        if let DeValue::Table(section) = value.get_mut()
            && remove(section, error)
        {
            return true;
        }
    }
    let entry = table
        .iter()
        .find(|(key, value)| about(key.span()) || about(value.span()));
    let name = entry.map(|(key, _)| key.get_ref().to_string());
    name.is_some_and(|name| table.remove(name.as_str()).is_some())
}
