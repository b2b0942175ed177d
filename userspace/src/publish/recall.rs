//! Clients from the files that runs keep of them: the capture of the last request on each band, and the history.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{history, tree::ClientTree};
use crate::{
    capture::Reader,
    dot11::{Address, link::LinkType},
    profile::{Capture, Client, Clients, How, Limits, Origin, Profile, Recognised, changes},
};

/// A client's document is some 10 KiB.
const MAX_DOCUMENT: u64 = 1 << 20;

/// A client's file that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("can't read {}: {why}{}", .path.display(), if *.forbidden { "; try with sudo" } else { "" })]
pub struct RecallError {
    path: PathBuf,
    why: Why,
    forbidden: bool,
}

/// What hinders reading: the system, the capture's form, its frame, or its document.
type Why = Box<dyn std::error::Error + Send + Sync>;

/// A client and the captures that it was read from.
#[derive(Debug)]
pub struct Recalled {
    /// The client.
    pub client: Client,
    /// The captures; [`Origin::input`] is a place among them.
    pub captures: Vec<PathBuf>,
}

impl Recalled {
    /// The name of a capture, without its folder.
    #[must_use]
    pub fn name(&self, input: usize) -> String {
        let name = self.captures.get(input).and_then(|path| path.file_name());
        name.unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A client by its address; `None` where nothing is kept of it.
///
/// # Errors
///
/// A file that is there and can't be read.
pub fn client(tree: &ClientTree, address: Address) -> Result<Option<Recalled>, RecallError> {
    let history = tree.history(address.0);
    let mut captures = pcaps(history.parent().unwrap_or(Path::new(".")))?;
    captures.sort();
    let mut clients = Clients::new(Limits::default());
    for (input, path) in captures.iter().enumerate() {
        if let Some(profile) = profile(path).map_err(|source| unreadable(path, source))? {
            clients.add(Origin { input, frame: 1 }, &profile);
        }
    }
    let client = clients.all().first().cloned();
    Ok(client.map(|client| Recalled { client, captures }))
}

/// The lines of a client's history, the oldest first; none where there is no file.
///
/// # Errors
///
/// The file is there and can't be read.
pub fn lines(tree: &ClientTree, address: Address) -> Result<Vec<Value>, RecallError> {
    let path = tree.history(address.0);
    history::read(&path).map_err(|source| unreadable(&path, source))
}

/// On each band, the places of the last two of a history's lines: what changed last.
#[must_use]
pub fn last_pairs(lines: &[Value]) -> Vec<(usize, usize)> {
    let bands: BTreeSet<_> = lines.iter().map(band).collect();
    let last_two = |wanted| {
        let mut of_band = (0..lines.len()).filter(|&place| band(&lines[place]) == wanted).rev();
        let (after, before) = (of_band.next()?, of_band.next()?);
        Some((before, after))
    };
    bands.into_iter().filter_map(last_two).collect()
}

/// What changed between two of a history's lines, by their places, as a document. Lines are numbered from 1.
#[must_use]
pub fn difference(lines: &[Value], (before, after): (usize, usize)) -> Value {
    let side = |place: usize| {
        let mut side = json!({ "number": place + 1 });
        for key in ["time", "band", "kind", "ssid", "bssid"] {
            side[key] = lines[place][key].clone();
        }
        side
    };
    json!({ "before": side(before), "after": side(after), "changes": changes(&lines[before], &lines[after]) })
}

fn band(line: &Value) -> &str {
    line["band"].as_str().unwrap_or_default()
}

fn unreadable(path: &Path, why: impl Into<Why>) -> RecallError {
    let why = why.into();
    let refusal = why.downcast_ref::<io::Error>().map(io::Error::kind);
    RecallError {
        path: path.to_owned(),
        forbidden: refusal == Some(io::ErrorKind::PermissionDenied),
        why,
    }
}

fn pcaps(folder: &Path) -> Result<Vec<PathBuf>, RecallError> {
    let list = || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    let mut files = match list() {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(unreadable(folder, error)),
    };
    files.retain(|file| file.extension().is_some_and(|end| end == "pcap"));
    Ok(files)
}

/// The profile of the one frame that a client's capture holds, with what the run knew beside it.
fn profile(path: &Path) -> Result<Option<Profile>, Why> {
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
    let mut profile = Profile::from_packet(link_type, packet.octets, capture)?;
    if let Some(profile) = &mut profile
        && let Some(written) = document(&path.with_extension("json"))?
    {
        recall(profile, &written);
    }
    Ok(profile)
}

fn document(path: &Path) -> Result<Option<Value>, Why> {
    use std::io::Read as _;
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut text = Vec::new();
    file.take(MAX_DOCUMENT).read_to_end(&mut text)?;
    Ok(Some(serde_json::from_slice(&text)?))
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

#[cfg(test)]
mod tests {
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
        assert_eq!(last_pairs(&lines), [(2, 3)]);
        let found = difference(&lines, (2, 3));
        assert_eq!(
            (&found["before"]["number"], &found["changes"][0]["before"]),
            (&json!(3), &json!(2))
        );
        assert!(last_pairs(&[]).is_empty());
    }

    #[test]
    fn of_a_stranger_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let tree = ClientTree::new(folder.path(), super::super::atomic::AtomicWriter::default());
        let stranger = Address([2, 0, 0, 0, 0, 1]);
        assert!(client(&tree, stranger).unwrap().is_none());
        assert!(lines(&tree, stranger).unwrap().is_empty());
        let path = tree.history(stranger.0).with_file_name("x.pcap");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "no capture").unwrap();
        let said = client(&tree, stranger).unwrap_err().to_string();
        assert!(said.contains("x.pcap"), "{said}");
    }
}
