//! Every document that airlens writes against its JSON Schema, and the run's files against the programs that read them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

#[path = "publish_documents/clients.rs"]
mod clients;
#[path = "publish_documents/examples.rs"]
mod examples;
#[path = "publish_documents/schemas.rs"]
mod schemas;

use std::fs;
use std::path::Path;

use airlens::publish::atomic::AtomicWriter;
use airlens::publish::documents::{Interfaces, Mode, Progress, Radio, Reason, StartupMethod};
use airlens::publish::lifecycle::{Failure, RunFiles, RunIdentity, RunPaths};
use airlens::publish::snapshot::{
    AccessPoint, Attachment, Balance, CauseCount, DataCount, Direction, Export, FlowPackets, Flows, FrameCount,
    FrameKind, Histogram, LogCount, Lookups, ProcessUse, Profiles, ProgramCost, RequestCount, Ring, Sessions, Snapshot,
    SpanCount,
};
use jiff::Timestamp;
use jsonschema::Validator;
use serde_json::{Value, json};

fn validator(name: &str) -> Validator {
    airlens_tests::support::schema::validator(name).unwrap()
}

#[track_caller]
fn assert_valid(validator: &Validator, document: &Value) {
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

/// The document is valid, and not because anything is: each member less, or one more, makes it invalid.
#[track_caller]
fn assert_exact(validator: &Validator, document: &Value) {
    assert_valid(validator, document);
    let members = document.as_object().unwrap();
    for key in members.keys() {
        let mut less = members.clone();
        less.shift_remove(key);
        assert!(!validator.is_valid(&less.into()), "valid without {key}");
    }
    let mut more = members.clone();
    more.insert("surplus".into(), json!(1));
    assert!(!validator.is_valid(&more.into()), "valid with more");
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_769_169_600 + seconds).unwrap()
}

fn start(folder: &Path, mode: Mode) -> RunFiles {
    let identity = RunIdentity {
        version: "0.1.0".into(),
        pid: std::process::id(),
        startup_method: StartupMethod::Systemd,
    };
    let radio = Radio {
        phy: "phy0".into(),
        interfaces: Interfaces {
            ap: String::new(),
            monitor: "wlan0mon".into(),
        },
        channel: 36,
        frequency: 5180,
        country_code: "US".into(),
        mode,
        ..Radio::default()
    };
    RunFiles::start(paths(folder), AtomicWriter::for_system(), identity, radio, time(0)).unwrap()
}

fn paths(folder: &Path) -> RunPaths {
    RunPaths::new(&folder.join("wlanpi-profiler"), &folder.join("lib/state.json"))
}

#[test]
fn the_files_of_a_run_keep_to_their_schemas() {
    let (status, info, state) = (validator("status"), validator("info"), validator("state"));
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());

    let mut files = start(folder.path(), Mode::Listen);
    assert_exact(&status, &read(&paths.status));
    assert_exact(&info, &read(&paths.info));
    files.running(time(1)).unwrap();
    // The reason is left out while starting: alone it may be absent.
    assert_valid(&status, &read(&paths.status));
    files
        .profile_seen("aa:bb:cc:dd:ee:ff", Progress::default(), time(2))
        .unwrap();
    assert_exact(&info, &read(&paths.info));
    drop(files);

    // Killed: the next start records it.
    let files = start(folder.path(), Mode::Hostapd);
    assert_exact(&state, &read(&paths.state));
    assert_eq!(read(&paths.state)["exit"]["status"], "interrupted");
    files.stopped(time(9)).unwrap();
    assert_exact(&state, &read(&paths.state));

    let failure = Failure {
        code: 5,
        reason: Reason::InsufficientPermissions,
        message: "run as root".into(),
    };
    start(folder.path(), Mode::Listen).failed(failure, time(9)).unwrap();
    assert_exact(&status, &read(&paths.status));
    assert_exact(&state, &read(&paths.state));
    assert_valid(&info, &read(&paths.info));
}

#[test]
fn stats_keep_to_their_schema() {
    let validator = validator("stats");
    assert_exact(&validator, &serde_json::to_value(Snapshot::default()).unwrap());
    let frames = |kind| FrameCount {
        interface: "mon0".into(),
        kind,
        frames: 1,
        bytes: 2,
        retries: 0,
        bad_fcs: 1,
    };
    let snapshot = Snapshot {
        version: "0.1.0".into(),
        started_at: 1_769_169_600.5,
        uptime_seconds: 3.25,
        process: Some(ProcessUse {
            cpu_seconds: 1.25,
            resident_bytes: 17_000_000,
            memory_bytes: 2_000_000_000,
        }),
        frames: FrameKind::all().map(frames).collect(),
        balance: Balance {
            seen: 64,
            handed_over: 60,
            filtered: vec![CauseCount::new("subtype", 3)],
            lost: vec![CauseCount::new("ring_full", 1)],
        },
        ring: Ring {
            capacity_bytes: 4096,
            occupied_bytes: 8,
            failed_reserves: 1,
        },
        data: vec![DataCount {
            interface: "eth0".into(),
            direction: Direction::Tx,
            protocol: "tcp".into(),
            packets: u64::MAX,
            bytes: u64::MAX,
        }],
        flows: Flows {
            active: 1,
            capacity: 2,
            memory_bytes: 480,
            packets: FlowPackets {
                seen: 3,
                in_table: 1,
                exported: 1,
                lost: vec![CauseCount::new("table_full", 1)],
            },
            ended: vec![CauseCount::new("timeout", 1)],
        },
        exports: vec![Export {
            exporter: "ipfix".into(),
            given: 3,
            sent: 2,
            lost: vec![CauseCount::new("refused", 1)],
            ..Export::default()
        }],
        attachments: vec![Attachment {
            program: "monitor".into(),
            interface: "mon0".into(),
            hook: "xdp generic".into(),
        }],
        programs: vec![ProgramCost {
            program: "monitor".into(),
            runs: 1,
            nanoseconds: 60,
        }],
        sessions: Sessions {
            established: 1,
            ended: vec![CauseCount::new("ap", 1)],
            ..Sessions::default()
        },
        lookups: Lookups {
            results: vec![CauseCount::new("found", 1)],
            assignments: 50_000,
            ..Lookups::default()
        },
        profiles: Profiles {
            count: 1,
            observed: 1,
            failed: 1,
            failures: vec![CauseCount::new("no-answer", 1)],
            clients: 2,
            accepted: 1,
            turned_away: 0,
            heard: None,
            left_out: Vec::new(),
        },
        access_point: Some(AccessPoint {
            beacons: vec![CauseCount::new("sent", 9)],
            lost: vec![CauseCount::new("not-open", 1)],
            ..AccessPoint::default()
        }),
        channels: Vec::new(),
        errors: vec![CauseCount::new("output", 1)],
        events: vec![CauseCount::new("profile-written", 2)],
        logs: vec![LogCount {
            log: "audit".into(),
            written: 3,
            lost: vec![CauseCount::new("queue-full", 1)],
        }],
        spans: Some(SpanCount {
            sent: 4,
            lost: vec![CauseCount::new("rejected", 1)],
        }),
        http: vec![RequestCount {
            route: "/api/clients/{id}".into(),
            status: 200,
            count: 1,
            duration: Histogram::of_requests(),
        }],
    };
    let document = serde_json::to_value(&snapshot).unwrap();
    assert_exact(&validator, &document);
    assert_eq!(serde_json::from_value::<Snapshot>(document).unwrap(), snapshot);
}

#[test]
fn the_summary_that_the_demo_prints_has_a_schema() {
    let frames = json!({"sent": 5, "seen": 5, "handed_over": 2, "filtered": 3, "lost": 0});
    let summary = json!({"frames": frames, "packets": {"sent": 1, "seen": 1}, "profiles": 2, "clients": 1, "flows": 0});
    assert_exact(&validator("demo-summary"), &summary);
}
