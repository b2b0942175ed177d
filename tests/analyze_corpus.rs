//! Profiles of real devices' requests against wlanpi-profiler 2.0.1's decoding of the same frames: every difference is one
//! of the errors that CAPABILITIES.md lists. The captures lie in `../shared/corpus` beside the checkout.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use airlens::{
    capture::{CaptureError, Reader},
    dot11::{frame::RequestKind, link::LinkType},
    profile::{Capture, Profile, client_json, client_stem, client_text, csv_header, csv_row},
};
use anyhow::{Context, Result};
use serde_json::Value;

/// The corpus, or a line that says what is not asserted without it.
fn corpus(without: &str) -> Option<PathBuf> {
    let corpus = airlens_tests::support::corpus::folder();
    if corpus.is_none() {
        eprintln!("skipped, ../shared/corpus is not there: {without}");
    }
    corpus
}

/// A file's requests, and what kept it from being read to its end.
fn requests(path: &Path) -> Result<(Vec<Profile>, Option<CaptureError>)> {
    let mut profiles = Vec::new();
    let mut reader = Reader::new(File::open(path)?).with_context(|| path.display().to_string())?;
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok((profiles, None)),
            Err(error) => return Ok((profiles, Some(error))),
        };
        let capture = Capture {
            time: packet.time,
            original_length: Some(packet.original_length),
            ..Capture::default()
        };
        let link_type = LinkType::from_number(packet.link_type)?;
        profiles.extend(Profile::from_packet(link_type, packet.octets, capture)?);
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    Ok(files)
}

/// Why wlanpi-profiler 2.0.1 decodes a key otherwise: CAPABILITIES.md, "Where wlanpi-profiler 2.0.1 errs", by number.
const REASSOCIATION_6_OCTETS_OFF: u8 = 1;
const LAST_ELEMENT_LOST_AS_FCS: u8 = 2;
const DOT11AC_NEVER_1: u8 = 5;
const MAX_POWER_UNSIGNED: u8 = 12;
/// Not in that list, but in the page's section "Frame": of duplicates the first counts, and not the last.
const LAST_DUPLICATE_COUNTS: u8 = 0;

/// The error behind a difference of one key.
fn explained(profile: &Profile, key: &str, ours: &Value, theirs: &Value, last_element_cut: bool) -> Option<u8> {
    let vht = key.starts_with("dot11ac");
    if profile.kind == RequestKind::Reassociation && profile.current_ap.is_some_and(|ap| ap.0 != [0; 6]) {
        return Some(REASSOCIATION_6_OCTETS_OFF);
    }
    if key == "dot11ac" && ours == 1 && theirs == 0 && !last_element_cut {
        return Some(DOT11AC_NEVER_1);
    }
    if key == "max_power" && theirs.as_i64() == ours.as_i64().map(|power| power + 256) {
        return Some(MAX_POWER_UNSIGNED);
    }
    if last_element_cut && vht {
        return Some(LAST_ELEMENT_LOST_AS_FCS);
    }
    let duplicate = profile
        .notes
        .iter()
        .any(|note| note.to_string().starts_with("element 127 is there again"));
    if duplicate && ["dot11v", "dot11aa_scs_support"].contains(&key) {
        return Some(LAST_DUPLICATE_COUNTS);
    }
    None
}

/// Counts the differences by error; each must have one.
fn compare(profile: &Profile, theirs: &Value, last_element_cut: bool, counts: &mut BTreeMap<u8, usize>) -> Result<()> {
    let ours = serde_json::to_value(&profile.features)?;
    let (ours, theirs) = (
        ours.as_object().context("object")?,
        theirs.as_object().context("object")?,
    );
    assert!(ours.len() == theirs.len() && ours.keys().all(|key| theirs.contains_key(key)));
    for (key, theirs) in theirs {
        let ours = &ours[key];
        if ours != theirs {
            let error = explained(profile, key, ours, theirs, last_element_cut);
            let error = error.with_context(|| format!("{}: {key} is {ours}, not {theirs}", profile.mac))?;
            *counts.entry(error).or_default() += 1;
        }
    }
    Ok(())
}

#[test]
fn taxonomy() -> Result<()> {
    let Some(corpus) =
        corpus("1,177 requests of 139 devices decode as wlanpi-profiler's do, but for its listed errors")
    else {
        return Ok(());
    };
    let theirs = fs::read_to_string(corpus.join("taxonomy/wlanpi-profiler-2.0.1.jsonl"))?;
    let mut theirs = theirs.lines().map(serde_json::from_str::<Value>);
    let (mut seen, mut counts, mut damaged) = (0, BTreeMap::new(), Vec::new());
    let mut other_chipsets = 0;
    let files = files(&corpus.join("taxonomy/pcaps"))?;
    assert_eq!(files.len(), 1103);
    for path in &files {
        let (profiles, error) = requests(path)?;
        damaged.extend(error.map(|error| error.to_string()));
        for profile in profiles {
            let theirs = theirs.next().context("a request that wlanpi-profiler doesn't see")??;
            let name = path.file_name().context("name")?.to_string_lossy().into_owned();
            assert_eq!(
                (name.into(), profile.mac.to_string().into()),
                (theirs["file"].clone(), theirs["mac"].clone())
            );
            assert_eq!(profile.frequency.map(u64::from), theirs["freq"].as_u64());
            assert_eq!(profile.manuf.as_deref(), theirs["manuf"].as_str());
            if profile.kind == RequestKind::Association {
                assert_eq!(profile.ssid.to_string(), theirs["ssid"]);
                let ours = profile.chipset.unwrap_or("");
                // It knows five makers of chipsets; a PlayStation 3 sends an element of another.
                let unknown_to_it = ours == "Marvell" && theirs["chipset"] == "";
                other_chipsets += usize::from(unknown_to_it);
                assert!(unknown_to_it || ours == theirs["chipset"], "{}: {ours}", profile.mac);
            }
            compare(&profile, &theirs["features"], false, &mut counts)?;
            seen += 1;
        }
    }
    assert_eq!((seen, other_chipsets), (1177, 3));
    assert!(theirs.next().is_none());
    let expected = [
        (LAST_DUPLICATE_COUNTS, 34),
        (REASSOCIATION_6_OCTETS_OFF, 34),
        (DOT11AC_NEVER_1, 244),
        (MAX_POWER_UNSIGNED, 99),
    ];
    assert_eq!(counts, expected.into());
    assert_eq!(
        damaged,
        ["ends within the record at byte 761"],
        "a PlayStation 4's capture"
    );
    Ok(())
}

#[test]
fn modern_clients() -> Result<()> {
    let Some(corpus) =
        corpus("13 requests of modern clients give wlanpi-profiler's JSON and text, but for its listed errors")
    else {
        return Ok(());
    };
    let (mut seen, mut counts, mut other_texts) = (0, BTreeMap::new(), Vec::new());
    for path in files(&corpus.join("wlanpi"))? {
        let name = path.file_name().context("name")?;
        let output = corpus.join("wlanpi-profiler-2.0.1-output").join(name).join("clients");
        let (profiles, error) = requests(&path)?;
        assert!(error.is_none());
        for profile in profiles {
            // Its files go by the station's address, those of a multi-link device too.
            let station = Profile {
                mld: None,
                ..profile.clone()
            };
            let stem = output.join(profile.mac.dashed()).join(client_stem(&station));
            let theirs = fs::read_to_string(format!("{}.json", stem.display()))?;
            let theirs: Value = serde_json::from_str(&theirs)?;
            // The HoloLens' capture has no FCS, and VHT Capabilities are the last element.
            let cut = name.to_string_lossy().starts_with("Hololens");
            compare(&profile, &theirs["features"], cut, &mut counts)?;
            let ours = client_json(&profile);
            let keys = |json: &Value| {
                json.as_object()
                    .map(|object| object.keys().cloned().collect::<Vec<_>>())
            };
            let (our_keys, their_keys) = (keys(&ours).context("object")?, keys(&theirs).context("object")?);
            assert_eq!(
                our_keys[..their_keys.len()],
                their_keys,
                "the same keys in the same order"
            );
            // A cut VHT element also changes the order of its keys.
            if !cut {
                assert_eq!(keys(&ours["features"]), keys(&theirs["features"]));
            }
            for key in their_keys
                .iter()
                .filter(|key| !["features", "pcapng", "profiler_version"].contains(&key.as_str()))
            {
                assert_eq!(ours[key], theirs[key], "{key} of {}", profile.mac);
            }
            let text = fs::read_to_string(format!("{}.txt", stem.display()))?;
            if text != client_text(&profile) {
                other_texts.push(name.to_string_lossy().into_owned());
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 13);
    assert_eq!(counts, [(LAST_ELEMENT_LOST_AS_FCS, 7), (DOT11AC_NEVER_1, 8)].into());
    assert_eq!(other_texts, ["Hololens2_76-17-61-9b-e8-b2_5.8GHz.pcap"]);
    Ok(())
}

/// The fields of a line of a report as they are written, quotes included.
fn fields(line: &str) -> Vec<&str> {
    let mut quoted = false;
    line.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
    .collect()
}

#[test]
fn reports() -> Result<()> {
    let Some(corpus) = corpus("13 requests of modern clients give wlanpi-profiler's report, but for its listed errors")
    else {
        return Ok(());
    };
    let (mut seen, mut counts, mut other_headers) = (0, BTreeMap::<u8, usize>::new(), Vec::new());
    for path in files(&corpus.join("wlanpi"))? {
        let name = path.file_name().context("name")?;
        let cut = name.to_string_lossy().starts_with("Hololens");
        let reports = corpus.join("wlanpi-profiler-2.0.1-output").join(name).join("reports");
        let theirs = fs::read_to_string(files(&reports)?.first().context("no report")?)?;
        let mut lines = theirs.split_inclusive("\r\n");
        let their_header = lines.next().context("no header")?;
        if their_header != csv_header() {
            other_headers.push(name.to_string_lossy().into_owned());
        }
        let keys = fields(their_header);
        let our_header = csv_header();
        let our_keys = fields(&our_header);
        // Requests in the order of their clients' first ones, as its workers finish.
        let mut ours: Vec<_> = requests(&path)?.0;
        for line in lines {
            let theirs = fields(line);
            let index = ours.iter().position(|profile| profile.mac.dashed() == theirs[0]);
            let profile = ours.remove(index.with_context(|| line.to_owned())?);
            let row = csv_row(&profile);
            let row = fields(&row);
            assert!(keys.len() == our_keys.len() && theirs.len() == keys.len() && row.len() == keys.len());
            for (key, theirs) in keys.iter().zip(&theirs) {
                let column = our_keys.iter().position(|ours| ours == key).context("no such column")?;
                if row[column] != *theirs {
                    let value = |text: &str| text.parse::<i64>().map_or_else(|_| text.into(), Value::from);
                    let error = explained(&profile, key, &value(row[column]), &value(theirs), cut);
                    let error =
                        error.with_context(|| format!("{}: {key} is {}, not {theirs}", profile.mac, row[column]))?;
                    *counts.entry(error).or_default() += 1;
                }
            }
            seen += 1;
        }
        assert!(ours.is_empty());
    }
    assert_eq!(seen, 13);
    assert_eq!(counts, [(LAST_ELEMENT_LOST_AS_FCS, 7), (DOT11AC_NEVER_1, 8)].into());
    assert_eq!(
        other_headers,
        ["Hololens2_76-17-61-9b-e8-b2_5.8GHz.pcap"],
        "a cut VHT element also changes the order of its columns"
    );
    Ok(())
}

#[test]
fn every_cut_of_a_request() -> Result<()> {
    let Some(corpus) = corpus("modern requests that the capture cut anywhere still give what is there") else {
        return Ok(());
    };
    let mut cuts = 0;
    for path in files(&corpus.join("wlanpi"))? {
        for whole in requests(&path)?.0 {
            let capture = Capture {
                original_length: Some(whole.packet.len()),
                ..Capture::default()
            };
            for length in 0..whole.packet.len() {
                match Profile::from_packet(whole.link_type, &whole.packet[..length], capture) {
                    Ok(Some(profile)) => {
                        assert_eq!(profile.mac, whole.mac);
                        assert_eq!(profile.original_length(), Some(whole.packet.len()));
                        cuts += 1;
                    }
                    // Too short for a header, or for the frame control field behind it.
                    Ok(None) | Err(_) => assert!(length < 100, "{length} octets of {}", path.display()),
                }
            }
        }
    }
    assert!(cuts > 2000, "{cuts}");
    Ok(())
}
