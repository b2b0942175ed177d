//! `airlens stats`: the counts of a run in progress.

use std::io::Write;

use comfy_table::{CellAlignment, Table, presets::NOTHING};

use super::{Exit, files::RunAt, print_json};
use crate::publish::snapshot::{AccessPoint, CauseCount, Histogram, Snapshot};

/// Show the counts of a run: frames, losses, packets, flows
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunAt,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let snapshot: Snapshot = args.run.ask("/api/stats")?;
    if args.json {
        print_json(out, &snapshot)?;
    } else {
        print(&snapshot, out)?;
    }
    Ok(Exit::Success)
}

fn print(snapshot: &Snapshot, out: &mut dyn Write) -> std::io::Result<()> {
    for attachment in &snapshot.attachments {
        writeln!(
            out,
            "{:<10} on {:<15} by {}",
            attachment.program, attachment.interface, attachment.hook
        )?;
    }
    if !snapshot.frames.is_empty() {
        writeln!(out, "\n{}", frames(snapshot))?;
    }
    let balance = &snapshot.balance;
    writeln!(
        out,
        "frames seen {} = handed over {} + filtered {} + lost {}",
        balance.seen,
        balance.handed_over,
        causes(&balance.filtered),
        causes(&balance.lost)
    )?;
    let ring = &snapshot.ring;
    writeln!(
        out,
        "ring        {} of {} octets waiting",
        ring.occupied_bytes, ring.capacity_bytes
    )?;
    let profiles = &snapshot.profiles;
    writeln!(
        out,
        "profiles    {} ({} observed) of {} clients, {} failed",
        profiles.count, profiles.observed, profiles.clients, profiles.failed
    )?;
    if let Some(process) = &snapshot.process {
        writeln!(
            out,
            "process     {} octets of memory, {} of them the table of flows, {:.2} s of processor time",
            process.resident_bytes, snapshot.flows.memory_bytes, process.cpu_seconds
        )?;
    }
    if let Some(heard) = profiles.heard {
        writeln!(out, "stations    {heard} heard in the last minute")?;
    }
    if profiles.left_out.iter().any(|cause| cause.count > 0) {
        writeln!(out, "no room for {}", causes(&profiles.left_out))?;
    }
    if let Some(own) = &snapshot.access_point {
        access_point(own, out)?;
    }
    if !snapshot.data.is_empty() {
        writeln!(out, "\n{}", data(snapshot))?;
        let flows = &snapshot.flows;
        writeln!(
            out,
            "flows       {} active, ended: {}",
            flows.active,
            causes(&flows.ended)
        )?;
        let packets = &flows.packets;
        writeln!(
            out,
            "flow packets seen {} = in table {} + exported {} + lost {}",
            packets.seen,
            packets.in_table,
            packets.exported,
            causes(&packets.lost)
        )?;
    }
    for export in &snapshot.exports {
        writeln!(
            out,
            "{:<11} given {} + recovered {} = sent {} + spooled {} + waiting {} + lost {}; {} attempts failed",
            format!("to {}", export.exporter),
            export.given,
            export.recovered,
            export.sent,
            export.spooled,
            export.waiting,
            causes(&export.lost),
            export.failures
        )?;
    }
    Ok(())
}

/// The sum, and in brackets the causes that are not 0.
fn causes(counts: &[CauseCount]) -> String {
    let total: u64 = counts.iter().map(|cause| cause.count).sum();
    let named: Vec<_> = counts
        .iter()
        .filter(|cause| cause.count > 0)
        .map(|cause| format!("{} {}", cause.cause, cause.count))
        .collect();
    if named.is_empty() {
        total.to_string()
    } else {
        format!("{total} ({})", named.join(", "))
    }
}

fn frames(snapshot: &Snapshot) -> Table {
    let mut table = numbers(&["TYPE", "SUBTYPE", "FRAMES", "OCTETS", "RETRIES", "BAD FCS"], 2);
    for count in &snapshot.frames {
        table.add_row([
            count.kind.type_name().to_owned(),
            count.kind.subtype_name().to_owned(),
            count.frames.to_string(),
            count.bytes.to_string(),
            count.retries.to_string(),
            count.bad_fcs.to_string(),
        ]);
    }
    table
}

fn access_point(own: &AccessPoint, out: &mut dyn Write) -> std::io::Result<()> {
    let some = |counts: &[CauseCount]| {
        let counted = counts.iter().filter(|count| count.count > 0).cloned();
        causes(&counted.collect::<Vec<_>>())
    };
    let times = |histogram: &Histogram| {
        let at = |of| histogram.quantile_us(of).unwrap_or_default();
        format!(
            "median {}, 99 % {}, longest {} µs",
            at(0.5),
            at(0.99),
            histogram.longest_us
        )
    };
    writeln!(out, "heard       {}", some(&own.frames))?;
    writeln!(
        out,
        "answers     {}; {}",
        some(&own.answers),
        times(&own.response_latency)
    )?;
    if own.lost.iter().any(|lost| lost.count > 0) {
        writeln!(out, "not taken   {}", some(&own.lost))?;
    }
    if own.beacon_jitter.count() > 0 {
        writeln!(
            out,
            "beacons     {}; late: {}",
            some(&own.beacons),
            times(&own.beacon_jitter)
        )?;
    }
    Ok(())
}

fn data(snapshot: &Snapshot) -> Table {
    let mut table = numbers(&["INTERFACE", "DIRECTION", "PROTOCOL", "PACKETS", "OCTETS"], 3);
    for count in snapshot.data.iter().filter(|count| count.packets > 0) {
        table.add_row([
            count.interface.clone(),
            count.direction.as_str().to_owned(),
            count.protocol.clone(),
            count.packets.to_string(),
            count.bytes.to_string(),
        ]);
    }
    table
}

/// A plain table whose columns from `first_number` on are set to the right.
fn numbers(header: &[&str], first_number: usize) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header);
    for column in table.column_iter_mut().skip(first_number) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
