//! Devices recognised by signatures that were learned from other captures of theirs: `../shared/corpus` beside the checkout.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use airlens::{
    capture::Reader,
    dot11::link::LinkType,
    profile::{Capture, How, Identity, Listener, Profile, identity::entry},
};
use airlens_tests::support::corpus;
use anyhow::{Context, Result};

/// A capture's requests, as `identity` tells them.
fn requests(path: &Path, identity: &Arc<Identity>) -> Result<Vec<Profile>> {
    let mut reader = Reader::new(File::open(path)?)?;
    let mut listener = Listener::new(Arc::clone(identity), 64);
    let mut profiles = Vec::new();
    // One capture is cut off: what is before it counts.
    while let Ok(Some(packet)) = reader.next_packet() {
        let capture = Capture {
            original_length: Some(packet.original_length),
            ..Capture::default()
        };
        let link_type = LinkType::from_number(packet.link_type)?;
        profiles.extend(listener.packet(link_type, packet.octets, capture)?);
    }
    Ok(profiles)
}

/// Captures by the device that they are of, or a line that says what is not asserted without them.
fn captures(without: &str) -> Result<Option<BTreeMap<String, Vec<PathBuf>>>> {
    let Some(corpus) = corpus::folder() else {
        eprintln!("skipped, ../shared/corpus is not there: {without}");
        return Ok(None);
    };
    let expected = fs::read_to_string(corpus.join("taxonomy/expected.tsv"))?;
    let mut captures = BTreeMap::<_, Vec<_>>::new();
    for line in expected.lines().skip(1) {
        let mut columns = line.split('\t');
        let (file, device) = (columns.next().context("file")?, columns.next().context("device")?);
        let path = corpus.join("taxonomy/pcaps").join(file);
        captures.entry(device.to_owned()).or_default().push(path);
    }
    Ok(Some(captures))
}

/// What became of the requests that were to be recognised.
#[derive(Debug, Default, PartialEq, Eq)]
struct Score {
    /// Its own name alone.
    right: usize,
    /// Its own name among others.
    among: usize,
    /// Another name alone, or others without its own.
    wrong: usize,
    /// No name.
    none: usize,
}

#[test]
fn half_of_the_captures_recognise_the_other_half() -> Result<()> {
    let Some(captures) = captures("139 devices learned from half of their captures are recognised in the other half")?
    else {
        return Ok(());
    };
    let nothing = Arc::new(Identity::default());
    let mut text = String::new();
    for (device, paths) in &captures {
        let mut learned = Vec::new();
        for path in paths.iter().step_by(2) {
            learned.extend(requests(path, &nothing)?);
        }
        text.push_str(&entry(device, "half of the captures", &learned));
        text.push('\n');
    }
    let mut identity = Identity::default();
    assert_eq!(identity.devices.read(&text)?, captures.len());
    let identity = Arc::new(identity);

    let (mut scores, mut wrong_names) = (BTreeMap::<Option<How>, Score>::new(), 0);
    for (device, paths) in &captures {
        for path in paths.iter().skip(1).step_by(2) {
            for profile in requests(path, &identity)? {
                let found = profile.device.as_ref();
                let score = scores.entry(found.map(|found| found.how)).or_default();
                match found {
                    None => score.none += 1,
                    Some(found) if found.name() == Some(device) => score.right += 1,
                    Some(found) if found.names.contains(device) => score.among += 1,
                    Some(found) => {
                        score.wrong += 1;
                        wrong_names += usize::from(found.name().is_some());
                    }
                }
            }
        }
    }
    let sum = |count: fn(&Score) -> usize| scores.values().map(count).sum::<usize>();
    let (right, among, wrong, none) = (sum(|s| s.right), sum(|s| s.among), sum(|s| s.wrong), sum(|s| s.none));
    let all = right + among + wrong + none;
    eprintln!("{all} requests: {right} named, {among} among several names, {wrong} wrong, {none} unknown");
    eprintln!("{wrong_names} wrong names alone; {scores:?}");
    // The halves are not alike: captures alternate between probe requests for any network and for one.
    assert!(
        wrong_names * 100 <= all * 2,
        "{wrong_names} of {all} have one wrong name"
    );
    assert!(wrong * 100 <= all * 4, "{wrong} of {all} have wrong names only");
    assert!(right * 100 >= all * 78, "{right} of {all} have their name alone");
    assert!((right + among) * 100 >= all * 96, "{right} and {among} of {all}");
    let similar = scores
        .get(&Some(How::Similar))
        .context("some are known by kind alone")?;
    assert!(similar.wrong == 0 && similar.right + similar.among > 30, "{similar:?}");
    Ok(())
}

#[test]
fn a_kind_is_stable_and_tells_devices_apart() -> Result<()> {
    let Some(captures) = captures("kinds are the same in all captures of a client, and few devices have one kind")?
    else {
        return Ok(());
    };
    let nothing = Arc::new(Identity::default());
    let mut kinds_of = BTreeMap::<_, BTreeSet<_>>::new();
    let mut devices_of = BTreeMap::<_, BTreeSet<_>>::new();
    for (device, paths) in &captures {
        for path in paths {
            for profile in requests(path, &nothing)? {
                kinds_of
                    .entry((profile.mac, profile.band.name()))
                    .or_default()
                    .insert(profile.device_kind);
                devices_of.entry(profile.device_kind).or_default().insert(device);
            }
        }
    }
    let stable = kinds_of.values().filter(|kinds| kinds.len() == 1).count();
    let largest = devices_of.values().map(BTreeSet::len).max().unwrap_or(0);
    eprintln!(
        "{stable} of {} clients on a band show one kind; {} kinds for {} devices, the largest of {largest}",
        kinds_of.len(),
        devices_of.len(),
        captures.len()
    );
    assert!(stable * 100 >= kinds_of.len() * 90);
    assert!(devices_of.len() >= 50 && largest <= 30);
    Ok(())
}

/// The same phone with another address, and the same two computers.
#[test]
fn modern_devices_of_one_kind() -> Result<()> {
    let Some(corpus) = corpus::folder() else {
        eprintln!(
            "skipped, ../shared/corpus is not there: an iPhone 12 Pro Max is of one kind with each of its addresses"
        );
        return Ok(());
    };
    let nothing = Arc::new(Identity::default());
    let mut clients = BTreeMap::<_, BTreeSet<_>>::new();
    for path in corpus::captures(&corpus.join("wlanpi"))? {
        for profile in requests(&path, &nothing)? {
            let kind = profile.device_kind.context("a modern device has a kind")?;
            clients.entry(kind).or_default().insert(profile.mac.to_string());
        }
    }
    let alike: Vec<_> = clients
        .into_values()
        .filter(|clients| clients.len() > 1)
        .map(Vec::from_iter)
        .collect();
    assert_eq!(
        alike,
        [
            ["86:9e:56:fa:63:43", "86:b1:e2:5e:5b:e7"],
            ["1a:b2:70:4e:cf:16", "76:32:e8:00:00:00"],
        ]
    );
    Ok(())
}
