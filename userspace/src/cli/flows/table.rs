//! The table: as wide as the terminal, each flow a line.

use std::io::{self, Write};

use serde_json::Value;

use super::rates::{Rates, seconds};

/// How wide it is where there is no terminal.
const WIDE: usize = 160;
/// Columns that an address and its port get at least.
const LEAST_END: usize = 12;

/// A column: its head, its width, whether it is to the right, and what is given up first (0: never).
struct Column {
    head: &'static str,
    width: usize,
    right: bool,
    rank: u8,
}

const fn column(head: &'static str, width: usize, right: bool, rank: u8) -> Column {
    Column {
        head,
        width,
        right,
        rank,
    }
}

/// The ends take what the others leave.
const COLUMNS: [Column; 11] = [
    column("PROTO", 6, false, 0),
    column("SOURCE", 0, false, 0),
    column("DESTINATION", 0, false, 0),
    column("BYTES", 6, true, 0),
    column("PACKETS", 7, true, 0),
    column("BIT/S", 6, true, 0),
    column("PKT/S", 6, true, 2),
    column("AGE", 4, true, 3),
    column("IDLE", 4, true, 4),
    column("FLAGS", 8, false, 5),
    column("IFACE", 8, false, 1),
];

/// How the table is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlowTable {
    /// Columns of the terminal.
    pub(super) width: Option<usize>,
    /// Lines at most.
    pub(super) limit: usize,
}

impl FlowTable {
    pub(super) fn print(&self, list: &Value, rates: &Rates, out: &mut dyn Write) -> io::Result<()> {
        let matched = &list["matched"];
        let count = |value: &Value| short(value.as_f64().unwrap_or_default());
        let line = format!(
            "{} of {} flows active (room for {}), with {} packets, {}B",
            count(&matched["flows"]),
            count(&list["active"]),
            count(&list["capacity"]),
            count(&matched["packets"]),
            count(&matched["bytes"]),
        );
        let width = self.width.unwrap_or(WIDE);
        writeln!(out, "{}", cut(&line, width))?;
        let flows: Vec<_> = list["flows"]
            .as_array()
            .into_iter()
            .flatten()
            .take(self.limit)
            .collect();
        let time = list["time"].as_f64().unwrap_or_default();
        let rows: Vec<_> = flows.iter().map(|flow| cells(flow, time, rates)).collect();
        let layout = Layout::new(&rows, width);
        writeln!(out, "{}", layout.line(&COLUMNS.map(|column| column.head.to_owned())))?;
        for row in &rows {
            writeln!(out, "{}", layout.line(row))?;
        }
        Ok(())
    }
}

/// Widths of the columns; 0: left out.
struct Layout([usize; COLUMNS.len()]);

impl Layout {
    fn new(rows: &[[String; COLUMNS.len()]], width: usize) -> Self {
        let needed = |index: usize| {
            let cells = rows.iter().map(|row| row[index].chars().count());
            cells.max().unwrap_or(0).max(COLUMNS[index].head.len())
        };
        let ends = [needed(1), needed(2)];
        let mut widths = COLUMNS.map(|column| column.width);
        let mut given_up = u8::MAX;
        loop {
            let shown = || COLUMNS.iter().filter(|column| column.rank < given_up);
            let others: usize = shown().map(|column| column.width + 1).sum::<usize>() - 1;
            let room = width.saturating_sub(others);
            let highest = shown().map(|column| column.rank).max().unwrap_or(0);
            if ends[0] + ends[1] <= room || highest == 0 {
                let room = room.max(2 * LEAST_END);
                let half = room / 2;
                // What the shorter end does not need is the longer one's.
                widths[1] = ends[0].min(half.max(room.saturating_sub(ends[1])));
                widths[2] = ends[1].min(room - widths[1]);
                for (width, column) in widths.iter_mut().zip(&COLUMNS) {
                    if column.rank >= given_up {
                        *width = 0;
                    }
                }
                return Self(widths);
            }
            given_up = highest;
        }
    }

    fn line(&self, cells: &[String; COLUMNS.len()]) -> String {
        let mut line = String::new();
        for ((cell, column), &width) in cells.iter().zip(&COLUMNS).zip(&self.0) {
            if width == 0 {
                continue;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            let cell = cut(cell, width);
            let space = " ".repeat(width - cell.chars().count());
            if column.right {
                line.extend([space, cell]);
            } else {
                line.extend([cell, space]);
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn cells(flow: &Value, time: f64, rates: &Rates) -> [String; COLUMNS.len()] {
    let text = |key: &str| flow[key].as_str().map(str::to_owned);
    let end = |address: &str, port: &str| {
        let address = text(address).unwrap_or_default();
        match (flow[port].as_u64(), address.contains(':')) {
            (None, _) => address,
            (Some(port), true) => format!("[{address}]:{port}"),
            (Some(port), false) => format!("{address}:{port}"),
        }
    };
    let rate = rates.of(flow, time);
    let number = |key: &str| short(flow[key].as_f64().unwrap_or_default());
    let since = |key: &str| seconds(&flow[key]).map_or_else(|| "?".to_owned(), |then| span((time - then).max(0.0)));
    let protocol = text("protocol_name").unwrap_or_else(|| flow["protocol"].to_string());
    [
        protocol,
        end("source", "source_port"),
        end("destination", "destination_port"),
        number("bytes"),
        number("packets"),
        rate.map_or_else(|| "?".to_owned(), |rate| short(rate.bits)),
        rate.map_or_else(|| "?".to_owned(), |rate| short(rate.packets)),
        since("start"),
        since("end"),
        flags(flow),
        text("interface").unwrap_or_else(|| flow["interface_index"].to_string()),
    ]
}

/// TCP flags of both ways (RFC 9293 3.1).
fn flags(flow: &Value) -> String {
    let of = |key: &str| flow[key].as_u64().unwrap_or(0);
    let both = of("tcp_flags_forward") | of("tcp_flags_reverse");
    let letters = "FSRPAUEC".chars().enumerate();
    letters
        .filter(|(bit, _)| both >> bit & 1 != 0)
        .map(|(_, letter)| letter)
        .collect()
}

/// Three or four digits and a unit: `999`, `1.23k`, `45.6M`.
fn short(number: f64) -> String {
    const UNITS: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    let (mut number, mut unit) = (number, 0);
    while number >= 999.5 && unit + 1 < UNITS.len() {
        number /= 1000.0;
        unit += 1;
    }
    let digits = match number {
        number if unit == 0 || number >= 99.95 => 0,
        number if number >= 9.995 => 1,
        _ => 2,
    };
    format!("{number:.digits$}{}", UNITS[unit])
}

/// At most four columns.
fn span(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 10.0 => format!("{:.1}s", (seconds * 10.0).floor() / 10.0),
        seconds if seconds < 100.0 => format!("{:.0}s", seconds.floor()),
        seconds if seconds < 6000.0 => format!("{:.0}m", (seconds / 60.0).floor()),
        seconds if seconds < 360_000.0 => format!("{:.0}h", (seconds / 3600.0).floor()),
        seconds => format!("{:.0}d", (seconds / 86_400.0).floor()),
    }
}

/// In so many columns; an address keeps its ends.
fn cut(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let first = kept / 2;
    let start = text.chars().take(first);
    start
        .chain(['…'])
        .chain(text.chars().skip(length - (kept - first)))
        .collect()
}

/// Columns and lines of the terminal on standard output.
pub(in crate::cli) fn terminal_size() -> Option<(u16, u16)> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: room for the answer.
    let result = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    (result == 0 && size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list() -> Value {
        let flow = |source: &str, bytes: u64| {
            json!({
                "start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:01:37.5Z", "interface": "enp0s31f6",
                "protocol": 6, "protocol_name": "tcp", "source": source, "source_port": 54321,
                "destination": "2001:db8:1234:5678:9abc:def0:1234:5678", "destination_port": 443,
                "packets": 1234, "bytes": bytes, "tcp_flags_forward": 2, "tcp_flags_reverse": 18,
            })
        };
        json!({
            "time": 100.0, "active": 1_000_000, "capacity": 1_048_576,
            "matched": { "flows": 2, "packets": 2468, "bytes": 5_000_000_000u64 },
            "flows": [flow("192.0.2.1", 4_999_999_999), flow("2001:db8:1234:5678:9abc:def0:1234:9999", 1)],
        })
    }

    #[test]
    fn fits_every_width() {
        for width in [60, 80, 100, 120, 200] {
            let table = FlowTable {
                width: Some(width),
                limit: 20,
            };
            let mut out = Vec::new();
            table.print(&list(), &Rates::default(), &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
            assert_eq!(text.lines().count(), 4);
            assert!(text.contains("5.00G") && text.contains("400M"), "{text}");
            assert_eq!(text.contains("IFACE"), width >= 200, "{text}");
        }
    }

    #[test]
    fn numbers_are_short() {
        for (number, expected) in [
            (0.0, "0"),
            (999.4, "999"),
            (999.6, "1.00k"),
            (45_600.0, "45.6k"),
            (999_960.0, "1.00M"),
            (1.8e19, "18.0E"),
        ] {
            assert_eq!(short(number), expected);
        }
        for (seconds, expected) in [
            (0.26, "0.2s"),
            (59.9, "59s"),
            (125.0, "2m"),
            (7200.0, "2h"),
            (9e6, "104d"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }
}
