//! How a line looks.

use std::{fmt::Write as _, io};

use jiff::Timestamp;
use tracing::Level;

use super::{
    journal,
    line::{Line, Value},
};

/// The form of a log's lines. Each is one line, whatever it says: control characters are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `2026-11-28T10:15:30.123Z  INFO message key=value`.
    Text {
        /// The level has a colour.
        colour: bool,
    },
    /// `{"timestamp": …, "level": …, "message": …, "fields": {…}}`.
    Json,
    /// Text or JSON behind the journal's `<6>`, the former without a time: the journal has its own (sd-daemon(3)).
    Prefixed {
        /// JSON behind it.
        json: bool,
    },
    /// A datagram of systemd's native journal protocol.
    Native,
}

impl Form {
    /// The line's octets, its end included.
    pub(super) fn octets(self, line: &Line, time: Timestamp) -> Vec<u8> {
        let mut out = Vec::with_capacity(192);
        match self {
            Self::Text { colour } => {
                let _ = io::Write::write_fmt(&mut out, format_args!("{time:.3} {} ", level(line.level, colour)));
                text(&mut out, line);
            }
            Self::Json => json(&mut out, line, time),
            Self::Prefixed { json: as_json } => {
                let _ = io::Write::write_fmt(&mut out, format_args!("<{}>", priority(line.level)));
                if as_json {
                    json(&mut out, line, time);
                } else {
                    text(&mut out, line);
                }
            }
            Self::Native => return journal::datagram(line),
        }
        out.push(b'\n');
        out
    }
}

/// Severity of syslog (RFC 5424).
pub(super) fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

fn level(level: Level, colour: bool) -> &'static str {
    match (level, colour) {
        (Level::ERROR, false) => "ERROR",
        (Level::WARN, false) => " WARN",
        (Level::INFO, false) => " INFO",
        (Level::DEBUG, false) => "DEBUG",
        (_, false) => "TRACE",
        (Level::ERROR, true) => "\x1b[31mERROR\x1b[0m",
        (Level::WARN, true) => "\x1b[33m WARN\x1b[0m",
        (Level::INFO, true) => "\x1b[32m INFO\x1b[0m",
        (Level::DEBUG, true) => "\x1b[34mDEBUG\x1b[0m",
        (_, true) => "\x1b[35mTRACE\x1b[0m",
    }
}

fn text(out: &mut Vec<u8>, line: &Line) {
    let mut written = String::with_capacity(128);
    escape(&mut written, &line.message);
    for (name, value) in &line.fields {
        let _ = write!(written, " {name}=");
        match value {
            Value::Plain(text) => written.push_str(text),
            Value::Text(text) if is_word(text) => written.push_str(text),
            Value::Text(text) => {
                let _ = write!(written, "{text:?}");
            }
        }
    }
    out.extend(written.into_bytes());
}

/// Whether a reader sees where the value ends.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '=' | '\\'))
}

/// Names from the air reach messages: none of them is to move a terminal's cursor or begin a line.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() || (!c.is_ascii() && c.escape_debug().len() > 1) {
            out.extend(c.escape_debug());
        } else {
            out.push(c);
        }
    }
}

fn json(out: &mut Vec<u8>, line: &Line, time: Timestamp) {
    let level = match line.level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        _ => "trace",
    };
    let _ = io::Write::write_fmt(
        out,
        format_args!("{{\"timestamp\":\"{time:.3}\",\"level\":\"{level}\",\"message\":"),
    );
    string(out, &line.message);
    out.extend(b",\"fields\":{");
    for (index, (name, value)) in line.fields.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        string(out, name);
        out.push(b':');
        match value {
            Value::Plain(text) => out.extend(text.as_bytes()),
            Value::Text(text) => string(out, text),
        }
    }
    out.extend(b"}}");
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Memory takes whatever is written.
    let _ = crate::json::to_writer(out, &text);
}
