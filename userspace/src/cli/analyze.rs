//! `airlens analyze`: the clients in capture files.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use comfy_table::{Table, presets::NOTHING};
use serde_json::{Map, Value, json};

use super::Exit;
use crate::{
    capture::{CaptureError, Reader},
    dot11::link::{LinkType, UnknownLinkType},
    profile::{Capture, Probes, Profile, ProfileError, record},
};

/// Show the clients in capture files (pcap or pcapng) and what they can do; needs no privileges
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Capture files, recorded in monitor mode
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object for each (re)association request, a line each, in the order of the files
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Stations whose probe requests are remembered while a file is read.
const MOST_STATIONS: usize = 1024;

/// What went wrong with a file; reading goes on with the next.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error(transparent)]
    LinkType(#[from] UnknownLinkType),
}

/// Prints every request that the files hold; what can't be read is told on `err`.
///
/// # Errors
///
/// `out` or `err` can't be written.
pub(super) fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut show = Show::new(args);
    let (mut requests, mut damaged) = (0u64, false);
    for path in &args.files {
        let mut found = |frame, profile: &Profile| {
            requests += 1;
            show.request(path, frame, profile, out)
        };
        if let Err(error) = read(path, &mut found, err)? {
            damaged = true;
            // What was found before belongs before the message.
            out.flush()?;
            writeln!(err, "airlens: {}: {error}", path.display())?;
        }
    }
    show.finish(out)?;
    if damaged {
        return Ok(Exit::BadInput);
    }
    if requests == 0 {
        let files = if args.files.len() == 1 {
            "the file holds"
        } else {
            "the files hold"
        };
        writeln!(err, "airlens: no client found: {files} no association request")?;
        return Ok(Exit::NoClient);
    }
    Ok(Exit::Success)
}

/// Gives every request of a file to `found`. The outer error is one of writing, the inner one of the file.
fn read(
    path: &Path,
    found: &mut dyn FnMut(u64, &Profile) -> io::Result<()>,
    err: &mut dyn Write,
) -> io::Result<Result<(), FileError>> {
    let mut reader = match File::open(path).map_err(CaptureError::from).and_then(Reader::new) {
        Ok(reader) => reader,
        Err(error) => return Ok(Err(error.into())),
    };
    let (mut bad_fcs, mut probes) = (0u64, Probes::new(MOST_STATIONS));
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => return Ok(Err(error.into())),
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
            Err(ProfileError::BadFcs) => bad_fcs += 1,
            Err(error) => writeln!(err, "airlens: {}: frame {}: {error}", path.display(), packet.number)?,
        }
    }
    if bad_fcs > 0 {
        writeln!(
            err,
            "airlens: {}: {bad_fcs} requests with a wrong FCS were left out",
            path.display()
        )?;
    }
    let mut link_types = reader.link_types().into_iter().map(LinkType::from_number).peekable();
    let unknown = link_types.peek().and_then(|first| first.err());
    match unknown {
        Some(error) if link_types.all(|link_type| link_type.is_err()) => Ok(Err(error.into())),
        _ => Ok(Ok(())),
    }
}

/// The three forms of output.
enum Show {
    Lines,
    Document(Vec<Map<String, Value>>),
    Table(Box<Table>),
}

impl Show {
    fn new(args: &Args) -> Self {
        if args.jsonl {
            return Self::Lines;
        }
        if args.json {
            return Self::Document(Vec::new());
        }
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_header([
            "Client", "Maker", "Chipset", "SSID", "Band", "Channel", "Wi-Fi", "Streams", "Security", "Frame",
        ]);
        Self::Table(Box::new(table))
    }

    fn request(&mut self, path: &Path, frame: u64, profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Lines => {
                serde_json::to_writer(&mut *out, &object(path, frame, profile))?;
                writeln!(out)?;
            }
            Self::Document(requests) => requests.push(object(path, frame, profile)),
            Self::Table(table) => {
                table.add_row(row(path, frame, profile));
            }
        }
        Ok(())
    }

    fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Lines => Ok(()),
            Self::Document(requests) => {
                serde_json::to_writer_pretty(&mut *out, &json!({ "requests": requests }))?;
                writeln!(out)
            }
            Self::Table(table) if table.is_empty() => Ok(()),
            Self::Table(table) => writeln!(out, "{}", table.trim_fmt()),
        }
    }
}

fn object(path: &Path, frame: u64, profile: &Profile) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("file".to_owned(), json!(path.to_string_lossy()));
    object.insert("frame".to_owned(), json!(frame));
    object.append(&mut record(profile));
    object
}

fn row(path: &Path, frame: u64, profile: &Profile) -> [String; 10] {
    let unknown = || "?".to_owned();
    let (generation, streams) = match profile.features.generation() {
        Some((generation, streams)) => (generation.to_string(), streams),
        None => ("legacy".to_owned(), 1),
    };
    let maker = match &profile.manuf {
        None if profile.mac.is_local() => "(randomised)".to_owned(),
        maker => maker.clone().unwrap_or_else(unknown),
    };
    [
        profile.mac.to_string(),
        maker,
        profile.chipset.map_or_else(unknown, str::to_owned),
        printable(&profile.ssid.to_string()),
        profile.band.name().unwrap_or("?").to_owned(),
        profile.channel.to_string(),
        generation,
        streams.to_string(),
        profile.security.names(),
        format!("{}:{frame}", path.file_name().unwrap_or_default().to_string_lossy()),
    ]
}

/// A name that is made to look like terminal control must not act as one.
fn printable(name: &str) -> String {
    let mut printable = String::new();
    for character in name.chars() {
        match character {
            '\'' | '"' => printable.push(character),
            _ => printable.extend(character.escape_debug()),
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use std::fs;

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
    fn names_cant_steer_the_terminal() {
        assert_eq!(printable("Anna's \u{1f680}\x1b[2J"), "Anna's \u{1f680}\\u{1b}[2J");
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
