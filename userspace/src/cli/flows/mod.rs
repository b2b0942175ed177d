//! `airlens flows`: the foremost flows of a run in progress.

mod rates;
mod table;

use std::{
    io::{self, IsTerminal as _, Write},
    thread,
    time::Duration,
};

use serde_json::Value;

use self::table::FlowTable;
pub(super) use self::{
    rates::{Rates, seconds},
    table::terminal_size,
};
use super::{Exit, air::show, files::RunAt, print_json};
use crate::{
    export::{
        filter::{Filter, FilterError},
        top::{FlowSort, MAX_LIMIT},
    },
    publish::http::encode,
};

/// How long the run may take to look at every flow.
const PATIENCE: Duration = Duration::from_secs(10);

/// Flows that are remembered for each that is shown, so that one that comes up has a rate at once.
const REMEMBERED: usize = 10;

/// Show the foremost flows of a run, with their rates
///
/// FILTER is an expression such as
///   tcp and port 443 and not net 10.0.0.0/8
///   src host fe80::/10 or (udp and dst port 53)
///   interface eth0 and bytes > 10M and idle < 5s
/// of tcp, udp, icmp, icmpv6, sctp, gre, esp, ip, ip6, proto, port, host, net, vlan, interface,
/// bytes, packets, duration, age and idle; src is the end that opened the flow. It may need quotes.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunAt,
    /// Which flows [default: all]
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// What comes first
    #[arg(long, value_name = "BY", default_value = "bytes", value_enum)]
    sort: FlowSort,
    /// How many flows, at most 1000 [default: 20, or as many as the terminal has room for]
    #[arg(short = 'n', long, value_name = "FLOWS", value_parser = clap::value_parser!(u16).range(1..=MAX_LIMIT as i64))]
    limit: Option<u16>,
    /// Print one JSON document; with --watch one a line
    #[arg(long)]
    json: bool,
    /// Show it anew every so many seconds, until interrupted
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    watch: Option<u32>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let filter = args.filter.join(" ");
    if !filter.is_empty()
        && let Err(error) = filter.parse::<Filter>()
    {
        return refuse(&filter, &error);
    }
    let mut rates = Rates::default();
    let terminal = io::stdout().is_terminal();
    loop {
        let size = terminal_size().filter(|_| terminal);
        let fits = size.map_or(20, |(_, lines)| {
            usize::from(lines).saturating_sub(3).clamp(1, MAX_LIMIT)
        });
        let default = if args.watch.is_some() { fits } else { 20 };
        let limit = args.limit.map_or(default, usize::from);
        if args.json {
            let list = ask(&args.run, args.sort, limit, &filter)?;
            if args.watch.is_some() {
                writeln!(out, "{list}")?;
            } else {
                print_json(out, &list)?;
            }
        } else {
            let wanted = if args.watch.is_some() {
                limit * REMEMBERED
            } else {
                limit
            };
            let list = ask(&args.run, args.sort, wanted.min(MAX_LIMIT), &filter)?;
            let mut text = Vec::new();
            let table = FlowTable {
                width: size.map(|(columns, _)| columns.into()),
                limit,
            };
            table.print(&list, &rates, &mut text)?;
            rates.remember(&list);
            show(&text, terminal && args.watch.is_some(), out)?;
        }
        out.flush()?;
        let Some(seconds) = args.watch else {
            return Ok(Exit::Success);
        };
        thread::sleep(Duration::from_secs(seconds.into()));
    }
}

fn ask(run: &RunAt, sort: FlowSort, limit: usize, filter: &str) -> anyhow::Result<Value> {
    let target = format!(
        "/api/flows?limit={limit}&sort={}&filter={}",
        sort.label(),
        encode(filter)
    );
    Ok(run.ask_within(&target, PATIENCE)?)
}

/// Shows the place.
fn refuse(filter: &str, error: &FilterError) -> anyhow::Result<Exit> {
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "airlens: {error}")?;
    writeln!(stderr, "  {filter}")?;
    writeln!(stderr, "  {}^", " ".repeat(error.column - 1))?;
    Ok(Exit::Usage)
}
