//! The spool: what it holds comes back in order, whatever happens in between. Profiles as records, and without brokers.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{KafkaOptions, Record, RecordKey, SpoolOptions, records::profile_record, spool::Spool};
use crate::{
    export::{ExportOptions, LossCause, Outcome, ProfileExports},
    profile::{Profile, client_json, tests::profile},
};

const ROOM: u64 = 1 << 20;

fn record(number: usize) -> Record {
    Record {
        time: 1_700_000_000_000 + number as i64,
        key: (!number.is_multiple_of(3)).then(|| format!("10.0.0.1 {number} 10.0.0.2 443 6")),
        value: format!("{{\"number\":{number},\"text\":\"{}\"}}", "x".repeat(number % 50)),
    }
}

fn records(numbers: std::ops::Range<usize>) -> Vec<Record> {
    numbers.map(record).collect()
}

/// Everything in it, by heads of at most `most` records.
fn drain(spool: &mut Spool, most: usize) -> Vec<Record> {
    let mut all = Vec::new();
    while !spool.is_empty() {
        let head = spool.head(most, 1000).unwrap();
        spool.acknowledge(&head).unwrap();
        all.extend(head.records);
    }
    all
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_goes_in_comes_out_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    assert!(spool.is_empty());
    assert_eq!(spool.append(&records(0..100)).unwrap(), 100);
    let head = spool.head(7, usize::MAX).unwrap();
    assert_eq!(head.records, records(0..7));
    spool.acknowledge(&head).unwrap();
    assert_eq!(spool.append(&records(100..150)).unwrap(), 50);
    assert_eq!(spool.records(), 143);
    assert_eq!(drain(&mut spool, 10), records(7..150));
    assert_eq!(files(folder.path()), ["lock"]);
    assert_eq!(spool.append(&records(0..3)).unwrap(), 3);
    assert_eq!(drain(&mut spool, 10), records(0..3));
}

#[test]
fn the_next_run_goes_on_where_this_one_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    {
        let mut spool = Spool::open(folder.path(), ROOM).unwrap();
        spool.append(&records(0..20)).unwrap();
        let head = spool.head(5, usize::MAX).unwrap();
        spool.acknowledge(&head).unwrap();
        assert!(Spool::open(folder.path(), ROOM).is_err(), "it is in use");
    }
    // Killed in the middle of a record.
    let name = files(folder.path()).remove(0);
    let path = folder.path().join(name);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"170000\tkey\t{\"num"].concat()).unwrap();
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    assert_eq!(spool.records(), 15);
    spool.append(&records(20..25)).unwrap();
    assert_eq!(drain(&mut spool, 4), records(5..25));
}

#[test]
fn in_doubt_a_record_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    Spool::open(folder.path(), ROOM)
        .unwrap()
        .append(&records(0..9))
        .unwrap();
    let path = folder.path().join(files(folder.path()).remove(0));
    for head in ["99999999999999999999", "00000000000000000030", "garbage, not a number"] {
        let mut octets = fs::read(&path).unwrap();
        octets[..20].copy_from_slice(&head.as_bytes()[..20]);
        fs::write(&path, octets).unwrap();
        let spool = Spool::open(folder.path(), ROOM).unwrap();
        assert_eq!(spool.head(100, 1 << 20).unwrap().records, records(0..9), "{head}");
    }
    // Nothing in it can be read: nothing is sent, nothing fails.
    fs::write(&path, [0xff; 100]).unwrap();
    assert!(Spool::open(folder.path(), ROOM).unwrap().is_empty());
}

#[test]
fn it_never_grows_beyond_its_bound() {
    const BOUND: u64 = 65_536;
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), BOUND).unwrap();
    let mut taken = 0;
    for start in (0..10_000).step_by(100) {
        taken += spool.append(&records(start..start + 100)).unwrap();
    }
    let size: u64 = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(size <= BOUND && size > BOUND / 2 && taken > 300, "{size} {taken}");
    assert_eq!(spool.records(), taken as u64);
    assert_eq!(drain(&mut spool, 100).len(), taken);
    assert_eq!(spool.append(&records(0..5)).unwrap(), 5);
}

#[test]
fn a_record_longer_than_a_batch_comes_out_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), ROOM).unwrap();
    let long = Record {
        value: "x".repeat(100_000),
        ..record(1)
    };
    spool.append(&[long.clone(), record(2)]).unwrap();
    assert_eq!(drain(&mut spool, 10), [long, record(2)]);
}

#[test]
fn a_profile_is_what_its_clients_file_says() {
    let mut one = Profile {
        time: Some(1_600_000_000_123_456_789),
        ..profile(&[0, 1, b'a'])
    };
    let record = profile_record(&one);
    assert_eq!(record.time, 1_600_000_000_123);
    assert_eq!(record.key, Some(one.client().to_string()));
    assert_eq!(record.value, client_json(&one).to_string());
    assert!(!record.value.contains(['\t', '\n']), "a line of the spool");
    // A multi-link client goes by its device.
    one.mld = Some(crate::dot11::Address([2, 0, 0, 0, 0, 9]));
    assert_eq!(profile_record(&one).key.as_deref(), Some("02:00:00:00:00:09"));
}

/// What becomes of so many profiles where no broker ever answers.
fn unanswered(profiles: usize, topic: Option<&str>, spool: Option<&Path>) -> Option<Outcome> {
    let kafka = KafkaOptions {
        // Discard: nobody listens there.
        brokers: vec!["127.0.0.1:9".to_owned()],
        topic: "flows".to_owned(),
        profile_topic: topic.map(str::to_owned),
        key: RecordKey::Flow,
        batch: 10,
        spool: spool.map(|folder| SpoolOptions {
            folder: folder.to_owned(),
            bytes: ROOM,
        }),
    };
    let options = ExportOptions {
        kafka: Some(kafka),
        ..ExportOptions::default()
    };
    let exports = ProfileExports::start(&options, &Arc::default()).unwrap();
    let one = Arc::new(profile(&[0, 1, b'a']));
    let start = Instant::now();
    for _ in 0..profiles / 100 {
        exports.give(vec![Arc::clone(&one); 100]);
    }
    assert!(start.elapsed() < Duration::from_secs(1), "who gives them never waits");
    exports.finish(Instant::now() + Duration::from_millis(100));
    let mut outcomes = exports.outcomes().into_iter();
    outcomes.next().map(|(name, outcome)| {
        assert_eq!(name, "kafka-profiles");
        assert_eq!((outcome.given, outcome.waiting()), (profiles as u64, 0));
        outcome
    })
}

#[test]
fn profiles_that_find_no_broker_are_lost_with_their_cause() {
    let outcome = unanswered(10_000, Some("profiles"), None).unwrap();
    assert_eq!((outcome.sent, outcome.lost_total()), (0, 10_000));
    let of = |cause| outcome.lost.get(&cause).copied().unwrap_or(0);
    assert!(
        of(LossCause::QueueFull) > 0 && of(LossCause::Unsent) >= 4096,
        "{outcome:?}"
    );
    assert_eq!(outcome.lost_count, airlens_common::Count::default());
    assert_eq!(unanswered(100, None, None), None);
}

#[test]
fn profiles_are_spooled_beside_flows() {
    let folder = tempfile::tempdir().unwrap();
    let mut of_flows = Spool::open(folder.path(), ROOM).unwrap();
    of_flows.append(&records(0..5)).unwrap();
    let outcome = unanswered(100, Some("profiles"), Some(folder.path())).unwrap();
    assert_eq!((outcome.spooled, outcome.lost_total()), (100, 0));
    drop(of_flows);
    let mut of_flows = Spool::open(folder.path(), ROOM).unwrap();
    assert_eq!(drain(&mut of_flows, 10), records(0..5));
    let of_profiles = Spool::open(&folder.path().join("profiles"), ROOM).unwrap();
    assert_eq!(of_profiles.records(), 100);
}
