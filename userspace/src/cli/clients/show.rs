//! `airlens clients show`: the page of a client, from the frames that its files keep.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;

use super::{Exit, NoClient, entries, files, history::Entry, same_kind};
use crate::{
    capture::Reader,
    cli::{files::read_json, page::Look, print_json},
    dot11::{Address, link::LinkType},
    profile::{Capture, Clients, Difference, How, Limits, Origin, Profile, Recognised, changes, client_record},
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
        if let Some(mut profile) = profile {
            if let Some(written) = read_json(&path.with_extension("json"))? {
                recall(&mut profile, &written);
            }
            clients.add(Origin { input, frame: 1 }, &profile);
        }
    }
    let Some(client) = clients.all().first() else {
        let which = format!("no client {}", args.client);
        anyhow::bail!(NoClient::Profile(which, files_path.to_owned()));
    };
    let file = |input: usize| name(captures.get(input));
    if as_json {
        print_json(out, &client_record(client, &file))?;
        return Ok(Exit::Success);
    }
    let lines = history::read(&history).with_context(|| format!("can't read {}: try with sudo", history.display()))?;
    let own: Vec<_> = captures.iter().map(|path| path.with_extension("json")).collect();
    let own: Vec<_> = own.into_iter().filter(|path| path.is_file()).collect();
    let alike = same_kind(&own, &files(&files_path.join("clients"))?)?;
    let alike = alike.iter().filter_map(|address| address.parse().ok()).collect();
    args.look.print([(client, alike, last_changes(&lines))], &file, out)?;
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

/// Adds what the run knew beside the frame: the probe request's signature, and the device.
fn recall(profile: &mut Profile, written: &Value) {
    let text = |pointer| written.pointer(pointer).and_then(Value::as_str);
    if text("/airlens/signature/assoc") != Some(&profile.signature.assoc) {
        return;
    }
    let probe = text("/airlens/signature/joined").and_then(|joined| {
        let (probe, _) = joined.strip_prefix("wifi4|probe:")?.split_once("|assoc:")?;
        Some(probe.to_owned())
    });
    profile.signature.probe = probe;
    let how = [How::Joined, How::Assoc, How::Similar]
        .into_iter()
        .find(|how| text("/airlens/device/matched") == Some(how.name()));
    let names = written.pointer("/airlens/device/candidates").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let names: Vec<_> = names.map(str::to_owned).collect();
    profile.device = how.filter(|_| !names.is_empty()).map(|how| Recognised { names, how });
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
    fn what_the_run_knew_is_recalled() {
        let mut profile = crate::profile::tests::profile(&[0, 0]);
        let recognised = Recognised {
            names: vec!["One".to_owned(), "Two".to_owned()],
            how: How::Joined,
        };
        let known = Profile {
            device: Some(recognised.clone()),
            signature: crate::profile::Signature {
                probe: Some("0,1".to_owned()),
                ..profile.signature.clone()
            },
            ..profile.clone()
        };
        let mut written = crate::profile::client_json(&known);
        recall(&mut profile, &written);
        assert_eq!(profile, known);
        // Of another request, nothing.
        let mut other = crate::profile::tests::profile(&[0, 0, 1, 1, 2]);
        recall(&mut other, &written);
        assert_eq!(other.device, None);
        written["airlens"]["device"]["matched"] = json!("otherwise");
        recall(&mut profile, &written);
        assert_eq!(profile.device, None);
    }

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
