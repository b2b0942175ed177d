//! `--flows`: the flows of capture files.

use std::{
    io::{self, IsTerminal as _, Write},
    time::{Duration, Instant},
};

use airlens_common::Count;

use super::{Args, flows_show::Show, input::Inputs, metrics, packets::every_packet, show::Tally};
use crate::{
    cli::Exit,
    flow::{
        EndedFlow, Layers, Timeouts,
        features::Sets,
        offline::{Assembler, reads},
    },
};

/// What flows are made of, and when they are over.
#[derive(Debug, Default, clap::Args)]
pub(super) struct FlowArgs {
    /// Show the flows instead of the clients: as a table, or with --json, --jsonl or --csv
    #[arg(
        long,
        conflicts_with_all = ["air", "page", "table", "pcapng", "client", "ssid", "bssid", "since"]
    )]
    pub(super) flows: bool,
    /// Add to each flow what its packets tell: any of lengths, times, tcp, tls, dns
    #[arg(long, value_name = "SET", value_delimiter = ',', requires = "flows")]
    features: Vec<String>,
    /// Show the flows of what GRE and VXLAN carry, not of the tunnels
    #[arg(long, requires = "flows")]
    inner_flows: bool,
    /// End flows that are silent for so long, of every protocol, or as tcp=600,udp=30; 0 for never
    /// [default: tcp=300,udp=60,icmp=30,other=60]
    #[arg(long, value_name = "SECONDS", value_delimiter = ',', value_parser = idle, requires = "flows")]
    idle_timeout: Vec<Idle>,
    /// Give out a long flow in pieces of so long; 0 for never [default: 1800]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "flows")]
    active_timeout: Option<Duration>,
    /// Keep a TCP connection that FIN or RST closed for so long, for its last packets [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "flows")]
    linger: Option<Duration>,
    /// Flows that may be active at a time; beyond, those that would be over first are ended
    #[arg(long, value_name = "NUMBER", default_value_t = CAPACITY, requires = "flows")]
    flow_capacity: usize,
}

/// A million, 150 MB.
const CAPACITY: usize = 1 << 20;

impl FlowArgs {
    fn timeouts(&self) -> Timeouts {
        let usual = Timeouts::default();
        let mut timeouts = Timeouts {
            active: self.active_timeout.unwrap_or(usual.active),
            linger: self.linger.unwrap_or(usual.linger),
            ..usual
        };
        for idle in &self.idle_timeout {
            for (protocol, timeout) in [
                (Protocol::Tcp, &mut timeouts.tcp),
                (Protocol::Udp, &mut timeouts.udp),
                (Protocol::Icmp, &mut timeouts.icmp),
                (Protocol::Other, &mut timeouts.other),
            ] {
                if idle.of.is_none_or(|of| of == protocol) {
                    *timeout = idle.time;
                }
            }
        }
        timeouts
    }
}

/// Protocols that have an idle time-out of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Tcp,
    Udp,
    Icmp,
    Other,
}

/// An idle time-out of a protocol, or of every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Idle {
    of: Option<Protocol>,
    time: Duration,
}

fn idle(text: &str) -> Result<Idle, String> {
    let (of, time) = match text.split_once('=') {
        None => (None, text),
        Some((name, time)) => {
            let of = match name {
                "tcp" => Protocol::Tcp,
                "udp" => Protocol::Udp,
                "icmp" => Protocol::Icmp,
                "other" => Protocol::Other,
                _ => return Err(format!("{name:?}: choose from tcp, udp, icmp, other")),
            };
            (Some(of), time)
        }
    };
    Ok(Idle {
        of,
        time: seconds(time)?,
    })
}

/// 0 for never.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(0) => Ok(Duration::MAX),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => Err("use a whole number of seconds; 0 is never".to_owned()),
    }
}

fn since(now: Count, before: Count) -> Count {
    Count {
        packets: now.packets - before.packets,
        bytes: now.bytes - before.bytes,
    }
}

/// How much earlier than the end of the one before a file may begin that goes on with it, in ns: clocks are set.
const BACK: u64 = 1_000_000_000;

/// Prints every flow of the inputs. Files that follow one another in time are one capture: of a file's flows, those that go on
/// in the next do so.
pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut sets = Sets::default();
    for name in &args.flows.features {
        if !sets.add(name) {
            let names = Sets::NAMES.join(", ");
            writeln!(
                err,
                "airlens: there is no set of features `{name}`: give any of {names}"
            )?;
            return Ok(Exit::Usage);
        }
    }
    let mut show = Show::new(args);
    show.begin(out)?;
    let progress = show.is_late() || !io::stdout().is_terminal();
    let layers = Layers {
        inner: args.flows.inner_flows,
    };
    let mut assembler = Assembler::new(args.flows.flow_capacity, args.flows.timeouts(), sets, layers);
    let mut tallies: Vec<Tally> = Vec::new();
    let (mut others, mut damaged) = (0u64, false);
    let mut written = Ok(());
    let mut ended = |flow: EndedFlow| {
        if written.is_ok() {
            written = show.flow(&flow, out);
        }
    };
    let mut inputs = Inputs::new(&args.files);
    for (input, listed) in inputs.by_ref() {
        let (begun, before) = (Instant::now(), assembler.table().total());
        let mut first = true;
        let mut each = |packet: &crate::capture::Packet<'_>| {
            if first {
                first = false;
                if packet
                    .time
                    .is_some_and(|time| time.saturating_add(BACK) < assembler.time())
                {
                    assembler.finish(&mut ended);
                }
            }
            assembler.packet(packet, &mut ended);
        };
        let (packets, result) = match listed {
            Ok(()) => every_packet(&input, progress, reads, &mut each, err)?,
            Err(error) => (0, Err(error.into())),
        };
        let mut tally = Tally {
            file: input.path.clone(),
            packets,
            used: since(assembler.table().total(), before),
            took: begun.elapsed(),
            ..Tally::default()
        };
        if let Err(error) = result {
            if input.found && error.is_other_kind() {
                others += 1;
                continue;
            }
            damaged = true;
            tally.damaged = Some(error.to_string());
            writeln!(err, "airlens: {}: {error}", input.name())?;
        }
        tallies.push(tally);
    }
    assembler.finish(&mut ended);
    written?;
    show.finish(&assembler, &tallies, out)?;
    out.flush()?;
    if let Some(path) = &args.metrics {
        metrics::write(path, &tallies, Some(assembler.table()))?;
    }
    let others = others + inputs.passed();
    if others > 0 {
        writeln!(
            err,
            "airlens: {others} files were passed over: they are no captures of packets"
        )?;
    }
    if damaged {
        return Ok(Exit::BadInput);
    }
    if assembler.table().total().packets == 0 {
        writeln!(err, "airlens: there is no packet of a flow")?;
        return Ok(Exit::NoClient);
    }
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_time_out_of_a_protocol_counts() {
        let args = FlowArgs {
            idle_timeout: ["10", "udp=0", "other=7"].map(|text| idle(text).unwrap()).into(),
            active_timeout: Some(seconds("0").unwrap()),
            ..FlowArgs::default()
        };
        let [ten, seven] = [10, 7].map(Duration::from_secs);
        let expected = Timeouts {
            tcp: ten,
            udp: Duration::MAX,
            icmp: ten,
            other: seven,
            active: Duration::MAX,
            linger: Timeouts::default().linger,
        };
        assert_eq!(args.timeouts(), expected);
        for wrong in ["", "tcp", "tcp=", "sctp=1", "-1", "1.5"] {
            assert!(idle(wrong).is_err(), "{wrong}");
        }
    }
}
