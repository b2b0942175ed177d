//! The file: one JSON object a line.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use serde_json::Value;

use crate::json;

/// Octets of a file that are read, its last ones: several times what [`super::MAX_LINES`] lines take.
const MAX_OCTETS: u64 = 4 << 20;

/// Lines of a file that are read, its last ones: of lines of two octets there is room for a million.
const MAX_READ: usize = 10 * super::MAX_LINES;

/// The lines of a history, the oldest first; none where there is no file. What is no JSON object is left out: a line that
/// was cut short, say.
///
/// # Errors
/// The file is there and can't be read.
pub fn read(path: &Path) -> io::Result<Vec<Value>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    let beyond = file.metadata()?.len().saturating_sub(MAX_OCTETS);
    file.seek(SeekFrom::Start(beyond))?;
    let mut text = Vec::new();
    file.take(MAX_OCTETS).read_to_end(&mut text)?;
    let newest = text.rsplit(|octet| *octet == b'\n').take(MAX_READ + 1);
    let newest = newest.filter_map(|line| serde_json::from_slice(line).ok());
    let mut lines: Vec<Value> = newest.filter(Value::is_object).collect();
    lines.reverse();
    Ok(lines)
}

/// The content of a file with these lines.
pub(super) fn text(lines: &[Value]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        // What was JSON is again.
        text.push_str(&json::to_string(line).unwrap_or_default());
        text.push('\n');
    }
    text.into_bytes()
}
