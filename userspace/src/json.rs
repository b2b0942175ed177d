//! JSON that may be looked at: in a terminal, by `curl`, `cat` or `tail -f`, as much as by a program.
//!
//! RFC 8259 asks for escapes below U+0020 alone. Names from the air hold more that steers a terminal: DEL and the C1 controls
//! (U+009B is `ESC [` to xterm), the marks of direction, which show a line in another order, and two separators of lines. They
//! are written as `\u009b`: to a parser the same text.

use std::io::{self, Write};

use serde::Serialize;

/// A document in one line, without an end.
///
/// # Errors
/// The value has a key that is no string, or its own serialisation fails.
pub(crate) fn to_string(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(visible)
}

/// A document indented by two.
///
/// # Errors
/// As [`to_string`].
pub(crate) fn to_string_pretty(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(visible)
}

/// Writes a document in one line, without an end.
///
/// # Errors
/// As [`to_string`], or `out` takes no more.
pub(crate) fn to_writer(out: impl Write, value: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer(Visible(out), value)
}

/// Writes a document indented by two.
///
/// # Errors
/// As [`to_writer`].
pub(crate) fn to_writer_pretty(out: impl Write, value: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer_pretty(Visible(out), value)
}

/// Such characters stand within strings alone: a document stays what it is.
fn visible(json: String) -> String {
    if !json.contains(steers) {
        return json;
    }
    let mut visible = Vec::with_capacity(json.len() + 64);
    // Memory takes whatever is written.
    let _ = escape(&json, &mut visible);
    String::from_utf8(visible).unwrap_or_default()
}

fn escape(json: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = json;
    while let Some(place) = rest.find(steers) {
        let (before, found) = rest.split_at(place);
        out.write_all(before.as_bytes())?;
        let mut letters = found.chars();
        if let Some(letter) = letters.next() {
            write!(out, "\\u{:04x}", u32::from(letter))?;
        }
        rest = letters.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// Controls, marks of direction (UAX #9 2) and separators of lines; those of ASCII but DEL are escaped already, or stand
/// between tokens.
fn steers(letter: char) -> bool {
    matches!(letter,
        '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes what serde_json writes: whole letters at a time.
struct Visible<W>(W);

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.write_all(octets)?;
        Ok(octets.len())
    }

    fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        match std::str::from_utf8(octets) {
            Ok(text) if text.contains(steers) => escape(text, &mut self.0),
            _ => self.0.write_all(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn forms(value: &Value) -> [String; 4] {
        let (mut line, mut pretty) = (Vec::new(), Vec::new());
        to_writer(&mut line, value).unwrap();
        to_writer_pretty(&mut pretty, value).unwrap();
        let written = [line, pretty].map(|octets| String::from_utf8(octets).unwrap());
        let [line, pretty] = written;
        [
            to_string(value).unwrap(),
            line,
            to_string_pretty(value).unwrap(),
            pretty,
        ]
    }

    #[test]
    fn names_cant_steer_a_terminal() {
        let name = "a\u{9b}31m\u{7f}\u{202e}gnp\u{2069}\"\n\u{1b}é👩\u{200d}👧";
        let [one, written, ..] = forms(&json!({ name: name }));
        let shown = r#"a\u009b31m\u007f\u202egnp\u2069\"\n\u001bé👩‍👧"#;
        assert_eq!(one, format!("{{\"{shown}\":\"{shown}\"}}"));
        assert_eq!(one, written);
    }

    proptest! {
        #[test]
        fn a_parser_reads_the_same(key in any::<String>(), text in any::<String>(), letter in proptest::char::range('\u{70}', '\u{2070}')) {
            let value = json!({ key: [text, letter] });
            for form in forms(&value) {
                prop_assert_eq!(&serde_json::from_str::<Value>(&form).unwrap(), &value);
                prop_assert!(!form.contains(|c: char| (c.is_control() && c != '\n') || steers(c)));
            }
        }
    }
}
