//! `airlens clients`: the clients that were profiled, from their files.

mod diff;
mod failed;
pub(super) mod history;
mod show;

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Subcommand;
use comfy_table::{Table, presets::NOTHING};
use serde_json::Value;

use super::{Exit, files::read_json, print_json};
use crate::dot11::{Address, Band};

/// Show the clients that were profiled, or the profile of one
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Address of the client whose profile to show
    #[arg(value_name = "MAC")]
    client: Option<String>,
    /// Folder of clients/…
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "AIRLENS_FILES_PATH",
        default_value = crate::config::DEFAULT_FILES
    )]
    files_path: PathBuf,
    /// Print one JSON document
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Diff(diff::Args),
    History(history::Args),
    Show(show::Args),
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match &args.verb {
        Some(Verb::Diff(diff)) => diff::run(diff, &args.files_path, args.json, out),
        Some(Verb::History(history)) => history::run(history, &args.files_path, args.json, out),
        Some(Verb::Show(show)) => show::run(show, &args.files_path, args.json, out),
        None => list(args, out),
    }
}

fn list(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let all = files(&args.files_path.join("clients"))?;
    let mut files = all.clone();
    if let Some(client) = &args.client {
        let wanted = client.to_lowercase().replace(':', "-");
        files.retain(|file| {
            file.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{wanted}_")))
        });
    }
    let failed = failed::read(&args.files_path, args.client.as_deref())?;
    if files.is_empty() && failed.is_empty() {
        let which = args
            .client
            .as_deref()
            .map_or_else(|| "no client".to_owned(), |client| format!("no client {client}"));
        anyhow::bail!(NoClient::Profile(which, args.files_path.clone()));
    }
    if args.json {
        let clients: Vec<_> = files.iter().map(|file| read_json(file)).collect::<Result<_, _>>()?;
        print_json(out, &serde_json::json!({ "clients": clients, "failures": failed }))?;
    } else if args.client.is_some() {
        for file in &files {
            let text = file.with_extension("txt");
            let page = fs::read_to_string(&text).with_context(|| format!("can't read {}", text.display()))?;
            writeln!(out, "{page}")?;
        }
        for file in &files {
            let Some(client) = read_json(file)? else { continue };
            let band = Band::of_digit(client["capture_band"].as_str().unwrap_or_default()).words();
            let band = band.map(|band| format!("{band}: ")).unwrap_or_default();
            let matched = client.pointer("/airlens/device/matched").and_then(Value::as_str);
            let device = match (device(&client), matched) {
                (_, None) => "unknown device".to_owned(),
                (names, Some(matched)) => format!("{names} ({})", matched.escape_debug()),
            };
            if let Some(kind) = kind(&client) {
                writeln!(out, "\n{band}{device}, kind {}", kind.escape_debug())?;
            }
        }
        let alike = same_kind(&files, &all)?;
        if !alike.is_empty() {
            let alike = Vec::from_iter(alike).join(", ");
            writeln!(out, "\nThe same kind of device, perhaps another one: {alike}")?;
        }
    } else if !files.is_empty() {
        writeln!(out, "{}", table(&files)?.trim_fmt())?;
    }
    if !args.json {
        failed::print(&failed, !files.is_empty(), out)?;
    }
    Ok(Exit::Success)
}

/// Nothing to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoClient {
    #[error("{0} was profiled below {path}", path = .1.display())]
    Profile(String, PathBuf),
    #[error("no client {0} has a history below {path}: it begins with the next request that `airlens run` hears", path = .1.display())]
    History(Address, PathBuf),
    #[error("no second profile of {0} below {path}: since the first it said the same on every band", path = .1.display())]
    Second(Address, PathBuf),
    #[error("no profile {number} of {client}: `airlens clients history {client}` has 1 to {last}")]
    Number {
        client: Address,
        number: usize,
        last: usize,
    },
}

/// Every client file, by name.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for client in entries(folder)? {
        if client.is_dir() {
            files.extend(
                entries(&client)?
                    .into_iter()
                    .filter(|file| file.extension().is_some_and(|end| end == "json")),
            );
        }
    }
    files.sort();
    Ok(files)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("can't read {}: try with sudo", folder.display())),
    }
}

fn table(files: &[PathBuf]) -> anyhow::Result<Table> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "CLIENT", "MAKER", "CHIPSET", "SSID", "SOURCE", "BAND", "CHANNEL", "WI-FI", "STREAMS", "DEVICE", "KIND",
    ]);
    for file in files {
        let Some(client) = read_json(file)? else {
            continue;
        };
        let text = |key: &str| client[key].as_str().unwrap_or_default().escape_debug().to_string();
        let (generation, streams) = generation(&client["features"]);
        table.add_row([
            // Of a multi-link device its own address, by which its files go.
            client["airlens"]["mld_mac"]
                .as_str()
                .map_or_else(|| text("mac").replace('-', ":"), |mld| mld.escape_debug().to_string()),
            text("manuf"),
            text("chipset"),
            text("capture_ssid"),
            source(client["capture_source"] == "internal").to_owned(),
            text("capture_band"),
            client["capture_channel"].to_string(),
            generation.to_owned(),
            streams,
            device(&client),
            kind(&client).unwrap_or_default().escape_debug().to_string(),
        ]);
    }
    Ok(table)
}

/// Whose access point a client turned to.
fn source(own: bool) -> &'static str {
    if own { "own" } else { "observed" }
}

/// The names of what a client may be.
fn device(client: &Value) -> String {
    let names = client.pointer("/airlens/device/candidates").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names
        .map(|name| name.escape_debug().to_string())
        .collect::<Vec<_>>()
        .join(" or ")
}

/// The kind of device that a client is of.
fn kind(client: &Value) -> Option<&str> {
    client.pointer("/airlens/device/kind")?.as_str()
}

/// The other clients of the kinds that a client's files tell, by address; that one of both is randomised makes it worth to tell.
fn same_kind(client: &[PathBuf], all: &[PathBuf]) -> anyhow::Result<BTreeSet<String>> {
    let mut own = Vec::new();
    for file in client {
        own.extend(read_json(file)?);
    }
    let mut others = BTreeSet::new();
    for file in all {
        // Another client's file that can't be read is no reason to tell nothing of this one.
        let Ok(Some(other)) = read_json(file) else { continue };
        let alike = own.iter().any(|own| {
            kind(own).is_some()
                && kind(own) == kind(&other)
                && own["mac"] != other["mac"]
                && (own["is_laa"] == true || other["is_laa"] == true)
        });
        if alike && let Some(mac) = other["mac"].as_str() {
            others.insert(mac.replace('-', ":").escape_debug().to_string());
        }
    }
    Ok(others)
}

/// As [`crate::profile::Features::generation`], from the file's keys.
fn generation(features: &Value) -> (&'static str, String) {
    [("dot11be", "7"), ("dot11ax", "6"), ("dot11ac", "5"), ("dot11n", "4")]
        .into_iter()
        .find(|(key, _)| features[key] == 1)
        .map_or(("legacy", "1".to_owned()), |(key, name)| {
            (name, features[format!("{key}_nss")].to_string())
        })
}
