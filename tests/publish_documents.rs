//! Every document that airlens writes against its JSON Schema, and the run's files against the programs that read them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

use airlens::capture::Reader;
use airlens::dot11::link::LinkType;
use airlens::profile::{Capture, Profile, client_json, client_pcap, client_stem, client_text, record};
use airlens::publish::atomic::AtomicWriter;
use airlens::publish::documents::{Interfaces, Mode, Progress, Radio, Reason, StartupMethod};
use airlens::publish::lifecycle::{Failure, RunFiles, RunIdentity, RunPaths};
use airlens::publish::schema::{self, SCHEMAS};
use airlens::publish::snapshot::{
    Attachment, Balance, CauseCount, DataCount, Direction, FlowPackets, Flows, FrameCount, FrameKind, Profiles, Ring,
    Snapshot,
};
use airlens::publish::tree::{ClientTree, Kind};
use jiff::Timestamp;
use jsonschema::Validator;
use serde_json::{Value, json};

fn validator(name: &str) -> Validator {
    let schema = serde_json::from_str(schema::find(name).expect("a schema").text).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
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
fn the_schemas_are_schemas() {
    let shown: Vec<_> = SCHEMAS.iter().map(|schema| schema.name).collect();
    assert_eq!(
        shown,
        [
            "status",
            "info",
            "state",
            "client",
            "history-line",
            "analyze-line",
            "stats",
            "demo-summary"
        ]
    );
    for schema in SCHEMAS {
        let text: Value = serde_json::from_str(schema.text).unwrap();
        assert_eq!(
            text["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{}",
            schema.name
        );
        jsonschema::draft202012::meta::validate(&text).unwrap();
        assert!(
            !validator(schema.name).is_valid(&json!({})),
            "{} takes anything",
            schema.name
        );
    }
    assert!(schema::find("nothing").is_none());
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

/// What the examples of the user's document say is a document of ours.
#[test]
fn the_documents_examples_keep_to_the_schemas_but_for_our_further_fields() {
    let Some(document) = shared("seeds/000_3f9bf8515f6bbe61.txt") else {
        return println!("../shared/seeds is not there: the document's examples are left out");
    };
    let mut found = Vec::new();
    for mut example in blocks(&document, "json")
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).unwrap())
    {
        let name = match &example {
            status if status.get("startup_method").is_some() => "status",
            info if info.get("phy").is_some() => "info",
            _ => "state",
        };
        match name {
            "info" => {
                example["invalid_frame_count"] = json!(0);
                example["bad_fcs_count"] = json!(0);
            }
            "state" => {
                example["metrics"]["failed_profile_count"] = json!(0);
                example["metrics"]["last_profile"] = Value::Null;
                example["metrics"]["last_profile_timestamp"] = Value::Null;
            }
            _ => {}
        }
        assert_valid(&validator(name), &example);
        found.push(name);
    }
    assert_eq!(found, ["status", "info", "state"]);
}

#[test]
fn the_documents_integration_examples_run_unchanged() {
    let Some(document) = shared("seeds/000_3f9bf8515f6bbe61.txt") else {
        return println!("../shared/seeds is not there: the document's integration examples are left out");
    };
    for program in ["jq", "python3"] {
        if Command::new(program).arg("--version").output().is_err() {
            return println!("{program} is not installed: the document's integration examples are left out");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = start(folder.path(), Mode::Listen);
    // The examples name fixed paths: only those are replaced. The module that draws QR codes is replaced by one that
    // keeps the text.
    let place = |script: &str| {
        let folder = format!("{}/", folder.path().display());
        script.replace("/tmp/", &folder).replace("/run/", &folder)
    };
    fs::write(
        folder.path().join("qrcode.py"),
        "class make:\n    def __init__(self, text):\n        self.text = text\n    def save(self, path):\n        \
         print(path.rsplit('/', 1)[1], self.text)\n",
    )
    .unwrap();
    let bash = blocks(&document, "bash");
    let python = blocks(&document, "python");
    let run = |program: &str, script: &str| {
        let output = Command::new(program)
            .args(["-c", &place(script)])
            .env("PYTHONPATH", folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let jq = bash.iter().find(|script| script.contains("jq -r")).unwrap();
    assert_eq!(run("bash", jq), (Some(1), "Profiler state: starting\n".into()));
    files.running(time(1)).unwrap();
    assert_eq!(run("bash", jq), (Some(0), "Profiler is running\n".into()));

    let reader = python
        .iter()
        .find(|script| script.contains("Clients profiled"))
        .unwrap();
    let expected = "SSID: \nChannel: 36\nClients profiled: 0\nUptime: 1 seconds\n";
    assert_eq!(run("python3", reader), (Some(0), expected.into()));
    let qr = python.iter().find(|script| script.contains("qrcode")).unwrap();
    assert_eq!(
        run("python3", qr),
        (Some(0), "profiler-qr.png WIFI:S:;T:WPA;P:;;\n".into())
    );

    files.stopped(time(5)).unwrap();
    assert_eq!(run("bash", jq), (Some(1), "Profiler not running\n".into()));
}

#[test]
fn clients_and_lines_keep_to_their_schemas() {
    let mut profiles = Vec::new();
    profiles_of(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hwsim.pcap"),
        &mut profiles,
    );
    assert!(profiles.len() >= 20, "{}", profiles.len());
    match shared_path("corpus") {
        Some(corpus) => captures(&corpus, &mut profiles),
        None => println!("../shared/corpus is not there: its captures are left out"),
    }

    let (client, line) = (validator("client"), validator("analyze-line"));
    for profile in &profiles {
        assert_valid(&client, &client_json(profile));
        assert_valid(&line, &line_of(profile));
    }
    assert_exact(&client, &client_json(&profiles[0]));
    assert_exact(&line, &line_of(&profiles[0]));
}

fn line_of(profile: &Profile) -> Value {
    let mut line = serde_json::Map::from_iter([("file".into(), json!("x.pcap")), ("frame".into(), json!(1))]);
    line.append(&mut record(profile));
    line.into()
}

#[test]
fn the_tree_of_a_client() {
    let mut profiles = Vec::new();
    profiles_of(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hwsim.pcap"),
        &mut profiles,
    );
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
            packets: FlowPackets {
                seen: 3,
                in_table: 1,
                exported: 1,
                lost: vec![CauseCount::new("table_full", 1)],
            },
            ended: vec![CauseCount::new("timeout", 1)],
        },
        attachments: vec![Attachment {
            program: "monitor".into(),
            interface: "mon0".into(),
            hook: "xdp generic".into(),
        }],
        profiles: Profiles {
            count: 1,
            failed: 0,
            clients: 1,
        },
        errors: vec![CauseCount::new("output", 1)],
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

/// The code blocks of a language in a Markdown text.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let block = |part: &str| part.split_once("```").map(|(block, _)| block.to_owned());
    markdown.split(&start).skip(1).filter_map(block).collect()
}

fn shared_path(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    path.exists().then_some(path)
}

fn shared(path: &str) -> Option<String> {
    Some(fs::read_to_string(shared_path(path)?).unwrap())
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
