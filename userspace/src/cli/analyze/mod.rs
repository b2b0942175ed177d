//! `airlens analyze`: the clients in capture files.

mod air;
mod export;
mod fifo;
mod filter;
mod flows;
mod flows_show;
mod input;
mod metrics;
mod packets;
mod progress;
mod read;
mod show;

use std::{
    io::{self, BufWriter, IsTerminal as _, Write},
    path::PathBuf,
    sync::Arc,
};

use super::{Exit, identity::IdentityArgs, page::Look};
use crate::profile::{Identity, Origin, Profile};
use export::Export;
use filter::Filter;
pub(super) use filter::time;
use input::{Input, Inputs};
use read::{Found, read};
use show::{Show, Tally};

/// Show the clients in capture files (pcap or pcapng) and what they can do; needs no privileges
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Capture files, recorded in monitor mode; folders, with all captures below them; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object for each (re)association request, a line each, in the order of the files
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
    /// Print one JSON document: the clients, each put together from its requests
    #[arg(long)]
    json: bool,
    /// Print the report of wlanpi-profiler: a header, and a line for each (re)association request
    #[arg(long, conflicts_with_all = ["json", "jsonl"])]
    csv: bool,
    /// Print a page for each client, the default for one client: what it can do, and what that means
    #[arg(long, conflicts_with_all = ["json", "jsonl", "csv", "table"])]
    page: bool,
    /// Print a table of the requests, the default for several clients
    #[arg(long, conflicts_with_all = ["json", "jsonl", "csv"])]
    table: bool,
    /// Show the channels, networks and stations instead of the clients, as tables or with --json as one document
    #[arg(long, conflicts_with_all = ["jsonl", "csv", "page", "table", "pcapng", "client", "ssid", "bssid", "since"])]
    air: bool,
    #[command(flatten)]
    flows: flows::FlowArgs,
    #[command(flatten)]
    look: Look,
    /// Write metrics of the work to this file, for the textfile collector of Prometheus's node exporter
    #[arg(long, value_name = "FILE", conflicts_with = "air")]
    metrics: Option<PathBuf>,
    /// Write the requests that are shown to this file too, as one capture with each profile as its packet's comment
    #[arg(short = 'w', long, value_name = "FILE")]
    pcapng: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    identity: IdentityArgs,
}

/// Octets of output that are written at once where nobody waits for them.
const OUTPUT: usize = 64 * 1024;

/// Prints every request that the inputs hold; what can't be read is told on `err`.
///
/// # Errors
///
/// `out` or `err` can't be written, or a file of makers or devices can't be used.
pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.files.iter().filter(|path| Input::is_standard(path)).count() > 1 {
        writeln!(err, "airlens: standard input can be read once: give `-` once")?;
        return Ok(Exit::Usage);
    }
    if args.flows.flows {
        return flows::run(args, &mut BufWriter::with_capacity(OUTPUT, out), err);
    }
    let identity = Arc::new(args.identity.load()?);
    if args.air {
        return air::run(args, &identity, &mut BufWriter::with_capacity(OUTPUT, out), err);
    }
    let written = args.pcapng.as_deref().and_then(export::identity);
    if written.is_some() && args.files.iter().any(|path| export::identity(path) == written) {
        writeln!(
            err,
            "airlens: the file of --pcapng is one of those to be read: give another"
        )?;
        return Ok(Exit::Usage);
    }
    let mut export = args.pcapng.as_deref().map(Export::create).transpose()?;
    let out = &mut BufWriter::with_capacity(OUTPUT, out);
    let mut show = Show::new(args);
    // Lines on the same terminal would run into the bar, and show themselves how far it is.
    let is_terminal = io::stdout().is_terminal();
    let progress = show.is_late() || !is_terminal;
    let (mut requests, mut shown) = (0u64, 0u64);
    let (mut files, mut others, mut damaged) = (0u64, 0u64, false);
    let mut tallies: Vec<Tally> = Vec::new();
    let mut inputs = Inputs::new(&args.files);
    for (input, listed) in inputs.by_ref() {
        if export.as_ref().is_some_and(|export| export.is(&input.path)) {
            continue;
        }
        let (place, before) = (tallies.len(), requests);
        let mut tally = Tally {
            file: input.path.clone(),
            ..Tally::default()
        };
        let mut found = |found: Found<'_>, live: bool| -> anyhow::Result<()> {
            let (frame, profile) = match found {
                Found::Request(frame, profile) => (frame, profile),
                Found::Exchange(link_type, packet, capture) => {
                    show.exchange(link_type, packet, capture);
                    return Ok(());
                }
                Found::Message => return Ok(out.flush()?),
            };
            requests += 1;
            if !args.filter.matches(profile) {
                return Ok(());
            }
            shown += 1;
            show.request(&input.path, Origin { input: place, frame }, profile, out)?;
            if let Some(export) = &mut export {
                export.add(profile)?;
            }
            // Whoever listens to a live capture sees it now.
            if live || is_terminal {
                out.flush()?;
                export.as_mut().map_or(Ok(()), Export::flush)?;
            }
            Ok(())
        };
        let result = match listed {
            Ok(()) => read(&input, &identity, progress, &mut tally, &mut found, err)?,
            Err(error) => Err(error.into()),
        };
        match result {
            Ok(()) => files += 1,
            Err(error) if input.found && error.is_other_kind() => {
                others += 1;
                continue;
            }
            Err(error) => {
                damaged = true;
                tally.damaged = Some(error.to_string());
                // What was found before belongs before the message.
                out.flush()?;
                writeln!(err, "airlens: {}: {error}", input.name())?;
            }
        }
        tally.requests = requests - before;
        tallies.push(tally);
    }
    show.finish(&tallies, out, err)?;
    out.flush()?;
    export.as_mut().map_or(Ok(()), Export::flush)?;
    if let Some(path) = &args.metrics {
        metrics::write(path, &tallies, None)?;
    }
    passed_over(others + inputs.passed(), err)?;
    if damaged {
        return Ok(Exit::BadInput);
    }
    if shown == 0 {
        let why = match (requests, files) {
            (0, 0) => "there is no capture of 802.11",
            (0, 1) => "the file holds no association request",
            (0, _) => "the files hold no association request",
            _ => "no association request matches the filter",
        };
        writeln!(err, "airlens: no client found: {why}")?;
        return Ok(Exit::NoClient);
    }
    Ok(Exit::Success)
}

fn passed_over(files: u64, err: &mut dyn Write) -> io::Result<()> {
    match files {
        0 => Ok(()),
        1 => writeln!(err, "airlens: 1 file was passed over: it is no capture of 802.11"),
        files => writeln!(
            err,
            "airlens: {files} files were passed over: they are no captures of 802.11"
        ),
    }
}

/// Gives every request of the files to `found`, for other verbs; what can't be read is told on `err`. Whether there was such.
pub(super) fn each(
    files: &[PathBuf],
    identity: &Arc<Identity>,
    found: &mut dyn FnMut(&Profile),
    err: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut damaged = false;
    for (input, listed) in Inputs::new(files) {
        let mut found = |request: Found<'_>, _live: bool| {
            if let Found::Request(_, profile) = request {
                found(profile);
            }
            Ok(())
        };
        let result = match listed {
            Ok(()) => read(&input, identity, false, &mut Tally::default(), &mut found, err)?,
            Err(error) => Err(error.into()),
        };
        match result {
            Err(error) if !(input.found && error.is_other_kind()) => {
                damaged = true;
                writeln!(err, "airlens: {}: {error}", input.name())?;
            }
            _ => {}
        }
    }
    Ok(damaged)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{client_pcap, tests::profile};

    struct Run {
        exit: Exit,
        out: String,
        err: String,
    }

    fn analyze(files: Vec<PathBuf>, jsonl: bool) -> Run {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let args = Args {
            files,
            jsonl,
            json: false,
            csv: false,
            page: false,
            table: !jsonl,
            air: false,
            flows: flows::FlowArgs::default(),
            look: Look::default(),
            metrics: None,
            pcapng: None,
            filter: Filter::default(),
            identity: IdentityArgs::default(),
        };
        let exit = run(&args, &mut out, &mut err).unwrap();
        Run {
            exit,
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap(),
        }
    }

    #[test]
    fn a_line_a_request_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = [b'a', b'b']
            .map(|name| {
                let path = folder.path().join(format!("{}.pcap", char::from(name)));
                fs::write(&path, client_pcap(&profile(&[0, 1, name]))).unwrap();
                path
            })
            .into();
        let run = analyze(paths.clone(), true);
        assert_eq!((run.exit, run.err.as_str()), (Exit::Success, ""));
        let lines: Vec<Value> = run
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["file"], json!(paths[0]));
        assert_eq!(
            (&lines[0]["frame"], &lines[0]["ssid"], &lines[1]["ssid"]),
            (&json!(1), &json!("a"), &json!("b"))
        );
        let table = analyze(paths, false);
        assert!(table.out.contains("02:00:00:00:00:02"), "{}", table.out);
        assert!(table.out.contains("b.pcap:1"), "{}", table.out);
    }

    #[test]
    fn a_damaged_file_is_told_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let whole = client_pcap(&profile(&[0, 1, b'a']));
        fs::write(path("whole"), &whole).unwrap();
        fs::write(path("cut"), &whole[..whole.len() - 1]).unwrap();
        let mut ethernet = whole.clone();
        ethernet[20] = 1;
        fs::write(path("ethernet"), ethernet).unwrap();
        fs::write(path("text"), "no capture").unwrap();
        let names = ["cut", "ethernet", "text", "missing", "whole"];
        let run = analyze(names.map(path).into(), true);
        assert_eq!(run.exit, Exit::BadInput);
        assert_eq!(run.out.lines().count(), 1);
        for words in [
            "cut: ends within the record at byte 24",
            "link type 1 is no 802.11",
            "no capture file",
            "can't be read",
        ] {
            assert!(run.err.contains(words), "{words}: {}", run.err);
        }
    }

    #[test]
    fn no_client() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("beacon.pcap");
        let mut file = client_pcap(&profile(&[]));
        file[40 + 15] = 0x80;
        fs::write(&path, file).unwrap();
        let run = analyze(vec![path], false);
        assert_eq!((run.exit, run.out.as_str()), (Exit::NoClient, ""));
        assert!(run.err.contains("no association request"));
    }
}
