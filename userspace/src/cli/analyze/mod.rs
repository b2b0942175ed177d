//! `airlens analyze`: the clients in capture files.

mod fifo;
mod filter;
mod input;
mod progress;
mod show;

use std::{
    io::{self, IsTerminal as _, Read, Write},
    path::PathBuf,
};

use super::{Exit, page::Look};
use crate::{
    capture::{CaptureError, Reader},
    dot11::link::{LinkType, UnknownLinkType},
    profile::{Capture, Origin, Probes, Profile, ProfileError},
};
use filter::Filter;
use input::{Input, InputError, Inputs};
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
    #[command(flatten)]
    look: Look,
    #[command(flatten)]
    filter: Filter,
}

/// Stations whose probe requests are remembered while a file is read.
const MOST_STATIONS: usize = 1024;

/// What went wrong with an input; reading goes on with the next.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Capture(CaptureError),
    #[error("{error}; {}", before(.packets))]
    Broken { error: CaptureError, packets: u64 },
    #[error(transparent)]
    LinkType(#[from] UnknownLinkType),
}

fn before(packets: &u64) -> String {
    match packets {
        0 => "no packet is before it".to_owned(),
        1 => "the one packet before it was read".to_owned(),
        _ => format!("the {packets} packets before it were read"),
    }
}

impl FileError {
    /// Whether it says no more than that the file is of another kind.
    fn is_other_kind(&self) -> bool {
        matches!(self, Self::Capture(CaptureError::NotACapture) | Self::LinkType(_))
    }
}

/// Prints every request that the inputs hold; what can't be read is told on `err`.
///
/// # Errors
///
/// `out` or `err` can't be written.
pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.files.iter().filter(|path| Input::is_standard(path)).count() > 1 {
        writeln!(err, "airlens: standard input can be read once: give `-` once")?;
        return Ok(Exit::Usage);
    }
    let mut show = Show::new(args);
    // Lines on the same terminal would run into the bar, and show themselves how far it is.
    let progress = show.is_late() || !io::stdout().is_terminal();
    let (mut requests, mut shown) = (0u64, 0u64);
    let (mut files, mut others, mut damaged) = (0u64, 0u64, false);
    let mut tallies: Vec<Tally> = Vec::new();
    let mut inputs = Inputs::new(&args.files);
    for (input, listed) in inputs.by_ref() {
        let (place, before) = (tallies.len(), requests);
        let mut tally = Tally {
            file: input.path.clone(),
            ..Tally::default()
        };
        let mut found = |frame, profile: &Profile| {
            requests += 1;
            if !args.filter.matches(profile) {
                return Ok(());
            }
            shown += 1;
            show.request(&input.path, Origin { input: place, frame }, profile, out)
        };
        let result = match listed {
            Ok(()) => read(&input, progress, &mut tally, &mut found, err)?,
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
    match others + inputs.passed() {
        0 => {}
        1 => writeln!(err, "airlens: 1 file was passed over: it is no capture of 802.11")?,
        others => writeln!(
            err,
            "airlens: {others} files were passed over: they are no captures of 802.11"
        )?,
    }
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

/// Gives every request of an input to `found`. The outer error is one of writing, the inner one of the input.
fn read(
    input: &Input,
    progress: bool,
    tally: &mut Tally,
    found: &mut dyn FnMut(u64, &Profile) -> io::Result<()>,
    err: &mut dyn Write,
) -> io::Result<Result<(), FileError>> {
    let (file, length) = match input.open() {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error.into())),
    };
    let bar = progress::bar(&input.name(), length, progress);
    let mut reader = match Reader::new(bar.wrap_read(file)) {
        Ok(reader) => reader,
        Err(error) => return Ok(Err(FileError::Capture(error))),
    };
    // A pcap file has one link type and tells it first: there is no need to read on.
    if let Some(error) = foreign(&reader) {
        return Ok(Err(error.into()));
    }
    let mut probes = Probes::new(MOST_STATIONS);
    loop {
        let packets = reader.packets();
        tally.packets = packets;
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => {
                bar.finish_and_clear();
                return Ok(Err(FileError::Broken { error, packets }));
            }
        };
        // Other interfaces of the same file, a wired one say, are none of our business.
        let Ok(link_type) = LinkType::from_number(packet.link_type) else {
            continue;
        };
        let capture = Capture {
            time: packet.time,
            original_length: Some(packet.original_length),
            ..Capture::default()
        };
        match Profile::from_packet(link_type, packet.octets, capture) {
            Ok(Some(mut profile)) => {
                probes.join(&mut profile);
                found(packet.number, &profile)?;
            }
            Ok(None) => probes.hear(link_type, packet.octets, packet.original_length),
            Err(ProfileError::BadFcs) => tally.bad_fcs += 1,
            Err(error) => {
                bar.suspend(|| writeln!(err, "airlens: {}: frame {}: {error}", input.name(), packet.number))?;
            }
        }
    }
    bar.finish_and_clear();
    if tally.bad_fcs > 0 {
        writeln!(
            err,
            "airlens: {}: {} requests with a wrong FCS were left out",
            input.name(),
            tally.bad_fcs
        )?;
    }
    Ok(match foreign(&reader) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    })
}

/// Of a file that has named link types, and none that carries 802.11, the first.
fn foreign<R: Read>(reader: &Reader<R>) -> Option<UnknownLinkType> {
    let mut link_types = reader.link_types().into_iter().map(LinkType::from_number);
    let first = link_types.next()?.err()?;
    link_types.all(|link_type| link_type.is_err()).then_some(first)
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
            table: false,
            look: Look::default(),
            filter: Filter::default(),
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
