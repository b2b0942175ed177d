//! Text for another program: on standard output, or in a file.

use std::{fs, io::Write, path::Path};

use anyhow::Context as _;

use crate::publish::metrics::PrometheusSink;

/// Writes `text` to `file`, or to `out` without one.
pub(super) fn print_or_write(text: &str, file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<()> {
    match file {
        Some(path) => {
            fs::write(path, text).with_context(|| format!("can't write {}: name another file", path.display()))
        }
        None => Ok(out.write_all(text.as_bytes())?),
    }
}

/// What metric names may start with.
pub(super) fn namespace(name: &str) -> Result<String, String> {
    match PrometheusSink::new(name, None) {
        Ok(_) => Ok(name.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
