//! The file: one JSON object a line.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use serde_json::Value;

/// Octets of a file that are read, its last ones: several times what [`super::MAX_LINES`] lines take.
const MAX_OCTETS: u64 = 4 << 20;

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
    let lines = text.split(|octet| *octet == b'\n');
    Ok(lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .filter(Value::is_object)
        .collect())
}

/// The content of a file with these lines.
pub(super) fn text(lines: &[Value]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.to_string());
        text.push('\n');
    }
    text.into_bytes()
}
