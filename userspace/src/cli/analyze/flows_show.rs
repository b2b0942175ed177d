//! Forms of output of flows. Memory does not grow with their number: they are printed as they end, or the largest are kept.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io::{self, Write},
};

use comfy_table::{CellAlignment, Table, presets::NOTHING};
use serde_json::json;

use super::{Args, show::Tally};
use crate::flow::{EndedFlow, Row, offline::Assembler};

/// Flows of the table.
const MOST_SHOWN: usize = 50;

pub(super) enum Show {
    Lines,
    Csv,
    /// Whether a flow was printed.
    Document(bool),
    /// The largest, by octets and then by their order.
    Table(BinaryHeap<Reverse<Large>>, u64),
}

/// A flow by its size.
pub(super) struct Large {
    bytes: u64,
    /// The later the smaller.
    order: Reverse<u64>,
    row: Box<Row>,
}

impl Large {
    fn size(&self) -> (u64, Reverse<u64>) {
        (self.bytes, self.order)
    }
}

impl PartialEq for Large {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size()
    }
}

impl Eq for Large {}

impl PartialOrd for Large {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Large {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.size().cmp(&other.size())
    }
}

impl Show {
    pub(super) fn new(args: &Args) -> Self {
        match args {
            Args { jsonl: true, .. } => Self::Lines,
            Args { csv: true, .. } => Self::Csv,
            Args { json: true, .. } => Self::Document(false),
            _ => Self::Table(BinaryHeap::new(), 0),
        }
    }

    /// Whether nothing is printed before the end.
    pub(super) fn is_late(&self) -> bool {
        matches!(self, Self::Table(..))
    }

    pub(super) fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Csv => write!(out, "{}\r\n", Row::COLUMNS.join(",")),
            Self::Document(_) => {
                writeln!(
                    out,
                    "{{\n  \"schema\": \"urn:airlens:schema:flows\",\n  \"schema_version\": 1,"
                )?;
                writeln!(out, "  \"airlens_version\": {},", json!(env!("CARGO_PKG_VERSION")))?;
                write!(out, "  \"flows\": [")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn flow(&mut self, ended: &EndedFlow, out: &mut dyn Write) -> io::Result<()> {
        let row = || Row::new(&ended.flow, Some(ended.reason), &|time| time);
        match self {
            Self::Lines => {
                crate::json::to_writer(&mut *out, &row())?;
                out.write_all(b"\n")?;
            }
            Self::Csv => out.write_all(row().csv()?.as_bytes())?,
            Self::Document(begun) => {
                write!(out, "{}\n    ", if *begun { "," } else { "" })?;
                *begun = true;
                crate::json::to_writer(&mut *out, &row())?;
            }
            Self::Table(largest, all) => {
                *all += 1;
                let bytes = ended.flow.value.bytes[0] + ended.flow.value.bytes[1];
                if largest.len() == MOST_SHOWN {
                    if largest.peek().is_some_and(|Reverse(least)| bytes <= least.bytes) {
                        return Ok(());
                    }
                    largest.pop();
                }
                largest.push(Reverse(Large {
                    bytes,
                    order: Reverse(*all),
                    row: Box::new(row()),
                }));
            }
        }
        Ok(())
    }

    /// Prints what is late.
    pub(super) fn finish(self, assembler: &Assembler, inputs: &[Tally], out: &mut dyn Write) -> io::Result<()> {
        let (total, outside) = (assembler.table().total(), assembler.outside());
        match self {
            Self::Lines | Self::Csv => {}
            Self::Document(begun) => {
                let ended = assembler.table().ended().iter();
                let ended: serde_json::Map<_, _> = ended
                    .map(|(reason, flows)| (reason.label().to_owned(), json!(flows)))
                    .collect();
                let files: Vec<_> = inputs
                    .iter()
                    .map(|tally| json!({"file": tally.file.to_string_lossy(), "packets": tally.packets, "damaged": tally.damaged}))
                    .collect();
                writeln!(out, "{}],", if begun { "\n  " } else { "" })?;
                writeln!(out, "  \"ended\": {},", json!(ended))?;
                writeln!(out, "  \"packets\": {},", assembler.packets())?;
                writeln!(out, "  \"packets_of_flows\": {},", total.packets)?;
                writeln!(out, "  \"bytes_of_flows\": {},", total.bytes)?;
                writeln!(out, "  \"packets_outside\": {},", json!(outside))?;
                writeln!(out, "  \"inputs\": {}\n}}", json!(files))?;
            }
            Self::Table(largest, all) => {
                if all > 0 {
                    let rows = largest.into_sorted_vec().into_iter().map(|Reverse(large)| large.row);
                    writeln!(out, "{}\n", table(rows).trim_fmt())?;
                }
                let left_out = all.saturating_sub(MOST_SHOWN as u64);
                if left_out > 0 {
                    writeln!(out, "{left_out} smaller flows are not shown: --jsonl prints every one")?;
                }
                writeln!(out, "{all} flows, {} packets, {} bytes", total.packets, total.bytes)?;
                let outside = [
                    (outside.arp, "ARP"),
                    (outside.other, "other than IP"),
                    (outside.malformed, "malformed"),
                    (outside.snapped, "cut within their headers by the capture"),
                    (outside.link_type, "of link types that are not read"),
                ];
                let outside: Vec<_> = outside
                    .into_iter()
                    .filter(|(packets, _)| *packets > 0)
                    .map(|(packets, what)| format!("{packets} {what}"))
                    .collect();
                if !outside.is_empty() {
                    writeln!(out, "Packets of no flow: {}", outside.join(", "))?;
                }
            }
        }
        Ok(())
    }
}

fn table(rows: impl Iterator<Item = Box<Row>>) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "Start",
        "Seconds",
        "Protocol",
        "Source",
        "Destination",
        "Packets",
        "",
        "Bytes",
        "",
        "End",
    ]);
    let end = |address: std::net::IpAddr, port: Option<u16>| match (port, address.is_ipv6()) {
        (None, _) => address.to_string(),
        (Some(port), true) => format!("[{address}]:{port}"),
        (Some(port), false) => format!("{address}:{port}"),
    };
    for row in rows {
        table.add_row([
            format!("{:.3}", row.start),
            format!("{:.3}", row.duration_ms / 1000.0),
            row.protocol_name
                .map_or_else(|| row.protocol.to_string(), str::to_owned),
            end(row.source, row.source_port),
            end(row.destination, row.destination_port),
            format!("{} →", row.packets_forward),
            format!("← {}", row.packets_reverse),
            format!("{} →", row.bytes_forward),
            format!("← {}", row.bytes_reverse),
            row.reason.unwrap_or_default().to_owned(),
        ]);
    }
    for column in [1, 5, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
