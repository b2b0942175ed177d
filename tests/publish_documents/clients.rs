//! What is told of clients: their files, and lines of requests.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use airlens::capture::Reader;
use airlens::dot11::link::LinkType;
use airlens::profile::{Capture, Profile, client_json, client_pcap, client_stem, client_text, history_line, record};
use airlens::publish::atomic::AtomicWriter;
use airlens::publish::tree::{ClientTree, Kind};
use airlens_tests::support::corpus;
use serde_json::Value;

use super::{assert_exact, assert_valid, read, validator};

#[test]
fn clients_and_lines_keep_to_their_schemas() {
    let mut profiles = Vec::new();
    profiles_of(&fixture(), &mut profiles);
    assert!(profiles.len() >= 20, "{}", profiles.len());
    match corpus::folder() {
        Some(corpus) => captures(&corpus, &mut profiles),
        None => println!("../shared/corpus is not there: its captures are left out"),
    }

    let validators = ["client", "analyze-line", "history-line"].map(validator);
    let of = |profile| [client_json(profile), line_of(profile), history_line(profile)];
    for profile in &profiles {
        for (validator, document) in validators.iter().zip(of(profile)) {
            assert_valid(validator, &document);
        }
    }
    for (validator, document) in validators.iter().zip(of(&profiles[0])) {
        assert_exact(validator, &document);
    }
}

/// A document of each schema that tells a profile.
pub(super) fn one_of_each() -> [(&'static str, Value); 3] {
    let mut profiles = Vec::new();
    profiles_of(&fixture(), &mut profiles);
    let profile = &profiles[0];
    [
        ("client", client_json(profile)),
        ("analyze-line", line_of(profile)),
        ("history-line", history_line(profile)),
    ]
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hwsim.pcap")
}

fn line_of(profile: &Profile) -> Value {
    serde_json::to_value(record("x.pcap", 1, profile)).unwrap()
}

#[test]
fn the_tree_of_a_client() {
    let mut profiles = Vec::new();
    profiles_of(&fixture(), &mut profiles);
    let folder = tempfile::tempdir().unwrap();
    let tree = ClientTree::new(folder.path(), AtomicWriter::for_system());
    for profile in &profiles {
        let json = serde_json::to_vec(&client_json(profile)).unwrap();
        let (text, pcap) = (client_text(profile), client_pcap(profile));
        let files = [
            (Kind::Json, json.as_slice()),
            (Kind::Text, text.as_bytes()),
            (Kind::Pcap, &pcap),
        ];
        let stem = client_stem(profile);
        let written = tree.write(profile.mac.0, &stem, &files).unwrap();
        let mac = profile.mac.dashed();
        assert_eq!(written[0], folder.path().join(format!("clients/{mac}/{stem}.json")));
        assert_valid(&validator("client"), &read(&written[0]));
    }
}

fn captures(folder: &Path, profiles: &mut Vec<Profile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is = |extension| path.extension().is_some_and(|found| found == extension);
        if path.is_dir() {
            captures(&path, profiles);
        } else if is("pcap") || is("pcapng") {
            profiles_of(&path, profiles);
        }
    }
}

fn profiles_of(path: &Path, profiles: &mut Vec<Profile>) {
    let mut reader = Reader::new(BufReader::new(File::open(path).unwrap())).unwrap();
    while let Ok(Some(packet)) = reader.next_packet() {
        let Ok(link_type) = LinkType::from_number(packet.link_type) else {
            continue;
        };
        let capture = Capture {
            time: packet.time,
            ..Capture::default()
        };
        if let Ok(Some(profile)) = Profile::from_packet(link_type, packet.octets, capture) {
            profiles.push(profile);
        }
    }
}
