//! `airlens clients show`: the page of a client, from the frames that its files keep.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;

use super::{Exit, NoClient, entries, history::Entry};
use crate::{
    capture::Reader,
    cli::page::Look,
    dot11::{Address, link::LinkType},
    profile::{Capture, Clients, Difference, Limits, Origin, Profile, changes, client_record},
    publish::{atomic::AtomicWriter, history, tree::ClientTree},
};

/// Show the page of a client: what it can do on every band, and what changed last
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the client
    #[arg(value_name = "MAC")]
    client: Address,
    #[command(flatten)]
    look: Look,
}

pub(super) fn run(args: &Args, files_path: &Path, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let tree = ClientTree::new(files_path, AtomicWriter::default());
    let history = tree.history(args.client.0);
    let folder = history.parent().unwrap_or(files_path);
    let mut captures = entries(folder)?;
    captures.retain(|file| file.extension().is_some_and(|end| end == "pcap"));
    captures.sort();
    let mut clients = Clients::new(Limits::default());
    for (input, path) in captures.iter().enumerate() {
        let profile = profile(path).with_context(|| format!("can't read {}", path.display()))?;
        if let Some(profile) = profile {
            clients.add(Origin { input, frame: 1 }, &profile);
        }
    }
    let Some(client) = clients.all().first() else {
        let which = format!("no client {}", args.client);
        anyhow::bail!(NoClient::Profile(which, files_path.to_owned()));
    };
    let file = |input: usize| name(captures.get(input));
    if as_json {
        serde_json::to_writer_pretty(&mut *out, &client_record(client, &file))?;
        writeln!(out)?;
        return Ok(Exit::Success);
    }
    let lines = history::read(&history).with_context(|| format!("can't read {}: try with sudo", history.display()))?;
    args.look.print([(client, last_changes(&lines))], &file, out)?;
    Ok(Exit::Success)
}

fn name(path: Option<&PathBuf>) -> String {
    let name = path.and_then(|path| path.file_name());
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// The profile of the one frame that a client's capture holds.
fn profile(path: &Path) -> anyhow::Result<Option<Profile>> {
    let mut reader = Reader::new(File::open(path)?)?;
    let Some(packet) = reader.next_packet()? else {
        return Ok(None);
    };
    let capture = Capture {
        time: packet.time,
        original_length: Some(packet.original_length),
        ..Capture::default()
    };
    let link_type = LinkType::from_number(packet.link_type)?;
    Ok(Profile::from_packet(link_type, packet.octets, capture)?)
}

/// On each band, what the last profile says otherwise than the one before.
fn last_changes(lines: &[Value]) -> Vec<Difference> {
    let mut bands: Vec<_> = Entry::all(lines).map(Entry::band).collect();
    bands.sort_unstable();
    bands.dedup();
    bands
        .into_iter()
        .filter_map(|band| {
            let mut on_band = Entry::all(lines).filter(|entry| entry.band() == band).rev();
            let (after, before) = (on_band.next()?, on_band.next()?);
            Some(Difference {
                between: format!("{}, {} → {}", after.band_name(), before.when(), after.when()),
                changes: changes(before.line, after.line),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_two_of_each_band() {
        let line = |band: &str, power: u8| json!({ "band": band, "time": null, "features": { "max_power": power } });
        let lines = [line("5", 1), line("2", 7), line("5", 2), line("5", 3)];
        let found = last_changes(&lines);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].between, "5GHz, ? → ?");
        assert_eq!(
            (&found[0].changes[0].before, &found[0].changes[0].after),
            (&json!(2), &json!(3))
        );
        assert!(last_changes(&[]).is_empty());
    }
}
