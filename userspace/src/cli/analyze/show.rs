//! Forms of output.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use airlens_common::Count;
use comfy_table::{Table, presets::NOTHING};
use serde::Serialize;
use serde_json::{Value, json};

use super::Args;
use crate::cli::page::{Look, differences};
use crate::dot11::link::LinkType;
use crate::profile::{
    Capture, Clients, LeftOut, Limits, Origin, Profile, Request, SCHEMA_VERSION, client_record, csv_header, csv_row,
    identity::Alike, printable, record,
};

/// What was read of an input.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tally {
    /// As it was named, or found.
    #[serde(serialize_with = "lossy")]
    pub(super) file: PathBuf,
    pub(super) packets: u64,
    pub(super) requests: u64,
    pub(super) bad_fcs: u64,
    /// Requests that can't be decoded, and packets whose radiotap or PPI header can't.
    pub(super) unreadable: u64,
    /// Stations whose probe requests gave way to those of later ones.
    pub(super) forgotten_probes: u64,
    /// What can't be read of it.
    pub(super) damaged: Option<String>,
    /// Packets that were of use, and their octets on the wire.
    #[serde(skip)]
    pub(super) used: Count,
    /// How long it took to read.
    #[serde(skip)]
    pub(super) took: Duration,
}

fn lossy<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// The forms of output. Lines are printed at once and kept nowhere; what puts clients together is printed at the end.
pub(super) enum Show {
    Lines,
    /// Whether the line of column names is printed.
    Csv(bool),
    Late(Form, Box<Clients>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Document,
    Table,
    Pages(Look),
    /// The page of one client, or the table of several.
    Fitting(Look),
}

impl Show {
    pub(super) fn new(args: &Args) -> Self {
        if args.jsonl {
            return Self::Lines;
        }
        if args.csv {
            return Self::Csv(false);
        }
        let form = match args {
            Args { json: true, .. } => Form::Document,
            Args { table: true, .. } => Form::Table,
            Args { page: true, .. } => Form::Pages(args.look),
            _ if args.filter.names_a_client() => Form::Pages(args.look),
            _ => Form::Fitting(args.look),
        };
        Self::Late(form, Box::new(Clients::new(Limits::default())))
    }

    /// Whether nothing is printed before the end.
    pub(super) fn is_late(&self) -> bool {
        matches!(self, Self::Late(..))
    }

    pub(super) fn request(
        &mut self,
        path: &Path,
        origin: Origin,
        profile: &Profile,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self {
            Self::Lines => {
                let line = crate::json::to_string(&record(&path.to_string_lossy(), origin.frame, profile))?;
                writeln!(out, "{line}")?;
            }
            Self::Csv(begun) => {
                if !*begun {
                    out.write_all(csv_header().as_bytes())?;
                    *begun = true;
                }
                out.write_all(csv_row(profile).as_bytes())?;
            }
            Self::Late(_, clients) => clients.add(origin, profile),
        }
        Ok(())
    }

    /// Takes a frame between the requests; lines tell a request when it comes, and nothing of what follows.
    pub(super) fn exchange(&mut self, link_type: LinkType, packet: &[u8], capture: Capture) {
        if let Self::Late(_, clients) = self {
            clients.hear(link_type, packet, capture);
        }
    }

    /// Prints what is late, of these inputs, and on `err` what had no room in it.
    pub(super) fn finish(self, inputs: &[Tally], out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
        let Self::Late(form, clients) = self else { return Ok(()) };
        match form {
            Form::Document => document(&clients, inputs, out)?,
            _ if clients.all().is_empty() => {}
            Form::Pages(look) => pages(look, &clients, inputs, out)?,
            Form::Fitting(look) if clients.all().len() == 1 => pages(look, &clients, inputs, out)?,
            Form::Table | Form::Fitting(_) => writeln!(out, "{}", table(&clients, inputs).trim_fmt())?,
        }
        left_out(clients.left_out(), out, err)
    }
}

fn left_out(left_out: LeftOut, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    let LeftOut {
        requests_of_further_clients,
        further_requests,
        further_profiles,
        // What they came to is told all the same; the document counts them.
        forgotten_authentications: _,
    } = left_out;
    for (count, what) in [
        (requests_of_further_clients, "requests of further clients are left out"),
        (further_requests, "further requests of these clients are not listed"),
        (
            further_profiles,
            "requests say something else than the profiles that are kept",
        ),
    ] {
        if count > 0 {
            out.flush()?;
            writeln!(err, "airlens: {count} {what}: --jsonl prints every request")?;
        }
    }
    Ok(())
}

fn pages(look: Look, clients: &Clients, inputs: &[Tally], out: &mut dyn Write) -> io::Result<()> {
    let name = |input| {
        let path = file(inputs, input);
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let alike = Alike::among(clients);
    let clients = clients.all().iter().enumerate();
    let clients = clients.map(|(index, client)| (client, alike.to(index), differences(client)));
    look.print(clients, &name, out)
}

/// Client by client: the text of all would take several times their memory.
fn document(clients: &Clients, inputs: &[Tally], out: &mut dyn Write) -> io::Result<()> {
    // A line end within a string is escaped, so each of these is between two tokens.
    let pretty = |value: &Value, indent: &str| -> io::Result<String> {
        Ok(crate::json::to_string_pretty(value)?.replace('\n', &format!("\n{indent}")))
    };
    writeln!(out, "{{\n  \"schema\": \"urn:airlens:schema:analysis\",")?;
    writeln!(out, "  \"schema_version\": {SCHEMA_VERSION},")?;
    writeln!(out, "  \"airlens_version\": {},", json!(env!("CARGO_PKG_VERSION")))?;
    writeln!(out, "  \"inputs\": {},", pretty(&json!(inputs), "  ")?)?;
    write!(out, "  \"clients\": [")?;
    let file = |input| file(inputs, input).to_string_lossy().into_owned();
    let alike = Alike::among(clients);
    for (index, client) in clients.all().iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let mut record = client_record(client, &file);
        let same_kind: Vec<_> = alike.to(index).iter().map(ToString::to_string).collect();
        record["same_kind"] = json!(same_kind);
        write!(out, "{comma}\n    {}", pretty(&record, "    ")?)?;
    }
    let end = if clients.all().is_empty() { "" } else { "\n  " };
    let left_out = pretty(&json!(clients.left_out()), "  ")?;
    writeln!(out, "{end}],\n  \"left_out\": {left_out}\n}}")
}

fn file(inputs: &[Tally], input: usize) -> &Path {
    inputs.get(input).map_or(Path::new("?"), |tally| &tally.file)
}

/// The requests in the order of the inputs.
fn table(clients: &Clients, inputs: &[Tally]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "Client", "Maker", "Chipset", "SSID", "Band", "Channel", "Wi-Fi", "Streams", "Security", "Frame",
    ]);
    let mut rows: Vec<_> = clients
        .all()
        .iter()
        .flat_map(|client| {
            let of = |request: &Request| request.profile.and_then(|place| client.profiles.get(place));
            client
                .requests
                .iter()
                .filter_map(move |request| Some((request, &of(request)?.profile)))
        })
        .collect();
    rows.sort_by_key(|(request, _)| (request.origin.input, request.origin.frame));
    for (request, profile) in rows {
        table.add_row(row(file(inputs, request.origin.input), request, profile));
    }
    table
}

fn row(path: &Path, request: &Request, profile: &Profile) -> [String; 10] {
    let unknown = || "?".to_owned();
    let (generation, streams) = match profile.features.generation() {
        Some((generation, streams)) => (generation.to_string(), streams),
        None => ("legacy".to_owned(), 1),
    };
    let maker = match &profile.manuf {
        None if request.mac.is_local() => "(randomised)".to_owned(),
        maker => maker.as_deref().map_or_else(unknown, str::to_owned),
    };
    [
        request.mac.to_string(),
        maker,
        profile.chipset.map_or_else(unknown, str::to_owned),
        printable(&request.ssid.to_string()),
        request.band.name().unwrap_or("?").to_owned(),
        request.channel.to_string(),
        generation,
        streams.to_string(),
        profile.security.names(),
        format!(
            "{}:{}",
            printable(&path.file_name().unwrap_or_default().to_string_lossy()),
            request.origin.frame
        ),
    ]
}
