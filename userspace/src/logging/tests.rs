//! The log as its readers see it.

use std::{
    fs,
    io::Read as _,
    os::{fd::AsFd as _, unix::fs::MetadataExt as _},
    path::{Path, PathBuf},
    thread,
};

use serde_json::{Value, json};
use tracing::subscriber::with_default;
use tracing_subscriber::Registry;

use super::*;
use crate::logging::{format::Form, line::Line, queue::Batch};

const PATIENCE: Duration = Duration::from_secs(10);

fn in_folder(format: LineFormat, change: impl FnOnce(&Path, &mut LogOptions)) -> (tempfile::TempDir, LogOptions) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = LogOptions {
        format,
        output: LogOutput::File(folder.path().join("new/a.log")),
        ..LogOptions::default()
    };
    change(folder.path(), &mut options);
    (folder, options)
}

/// Logs what `work` tells, and waits until it is written.
fn logged(options: &LogOptions, work: impl FnOnce(&LogControl)) {
    let (log, layer) = Logging::open(options).unwrap();
    let control = log.control();
    with_default(Registry::default().with(layer), || work(&control));
    assert!(control.flush(PATIENCE));
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_json_line_is_what_the_document_says() {
    let (folder, options) = in_folder(LineFormat::Json, |_, _| ());
    logged(&options, |_| {
        tracing::info!(
            peer_id = "ed25519:abc",
            remote_addr = %"192.0.2.10:41641",
            handshake_duration_ms = 1.5,
            attempts = 3u8,
            own = true,
            nothing = None::<u8>,
            odd = f64::NAN,
            "Session established"
        );
        tracing::warn!(ssid = "a\"\n\u{1b}[31m\u{202e}", "two\nlines");
        tracing::debug!("too little");
        log::error!("a library's {}", "word");
    });
    let path = folder.path().join("new/a.log");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
    let lines = lines(&path);
    assert_eq!(lines.len(), 2, "{lines:?}");
    let first: Value = serde_json::from_str(&lines[0]).unwrap();
    let keys: Vec<_> = first.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["timestamp", "level", "message", "fields"]);
    let time = first["timestamp"].as_str().unwrap();
    assert!(
        time.len() == "2025-11-28T10:15:30.123Z".len() && time.ends_with('Z'),
        "{time}"
    );
    assert!(time.parse::<jiff::Timestamp>().is_ok());
    assert_eq!(
        (&first["level"], &first["message"]),
        (&json!("info"), &json!("Session established"))
    );
    assert_eq!(
        first["fields"],
        json!({"peer_id": "ed25519:abc", "remote_addr": "192.0.2.10:41641", "handshake_duration_ms": 1.5,
               "attempts": 3, "own": true, "odd": "NaN"})
    );
    let second: Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!(second["message"], "two\nlines");
    assert_eq!(second["fields"]["ssid"], "a\"\n\u{1b}[31m\u{202e}");
}

#[test]
fn text_is_one_line_whatever_the_air_says() {
    let (folder, options) = in_folder(LineFormat::Text, |_, _| ());
    logged(&options, |_| {
        tracing::error!(
            ssid = "x\n2026 ERROR y",
            plain = "word",
            "bad \u{1b}[2J name\n\u{202e}é"
        );
    });
    let lines = lines(&folder.path().join("new/a.log"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (time, rest) = lines[0].split_once(' ').unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert_eq!(
        rest,
        r#"ERROR bad \u{1b}[2J name\n\u{202e}é ssid="x\n2026 ERROR y" plain=word"#
    );
}

fn line() -> Line {
    let mut line = Line::new(tracing::Level::WARN);
    line.message = "one\ntwo".to_owned();
    line.fields.push(("remote.addr", line::Value::Text("::1".to_owned())));
    line.fields.push(("count", line::Value::Plain("7".to_owned())));
    line
}

#[test]
fn the_journal_gets_priorities_and_fields() {
    let octets = |form: Form| String::from_utf8(form.octets(&line(), jiff::Timestamp::UNIX_EPOCH)).unwrap();
    assert_eq!(
        octets(Form::Prefixed { json: false }),
        "<4>one\\ntwo remote.addr=::1 count=7\n"
    );
    let json = octets(Form::Prefixed { json: true });
    assert!(
        json.starts_with("<4>{\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\""),
        "{json}"
    );
    let native = octets(Form::Native);
    let expected = "PRIORITY=4\nSYSLOG_IDENTIFIER=airlens\nMESSAGE\n\u{7}\0\0\0\0\0\0\0one\ntwo\n\
                    AIRLENS_REMOTE_ADDR=::1\nAIRLENS_COUNT=7\n";
    assert_eq!(native, expected);
}

#[test]
fn the_journals_stream_is_known_by_device_and_inode() {
    let file = tempfile::tempfile().unwrap();
    let found = file.metadata().unwrap();
    let stream = format!("{}:{}", found.dev(), found.ino());
    assert!(is_journal(Some(&stream), file.as_fd()));
    for other in [None, Some(""), Some("1:2"), Some("x:y"), Some("1")] {
        assert!(!is_journal(other, file.as_fd()));
    }
}

#[test]
fn security_events_are_kept_apart_whatever_the_level() {
    let (folder, options) = in_folder(LineFormat::Text, |folder, options| {
        options.level = LevelFilter::ERROR;
        options.audit = Some(folder.join("audit.log"));
    });
    logged(&options, |control| {
        tracing::info!(target: AUDIT, uid = 7, "airlens starts");
        tracing::error!("nothing of security");
        assert!(control.flush(PATIENCE));
        let counts: Vec<_> = control
            .counts()
            .iter()
            .map(|(name, counts)| (*name, counts.written()))
            .collect();
        assert_eq!(counts, [("log", 1), ("audit", 1)]);
    });
    let audit = lines(&folder.path().join("audit.log"));
    let line: Value = serde_json::from_str(&audit[0]).unwrap();
    assert_eq!((audit.len(), &line["fields"]), (1, &json!({"uid": 7})));
    let log = lines(&folder.path().join("new/a.log"));
    assert!(
        log.len() == 1 && log[0].ends_with("ERROR nothing of security"),
        "{log:?}"
    );
}

/// Every line of a log and its backups, the oldest first.
fn everything(path: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|found| found != path)
        .collect();
    paths.sort();
    paths.push(path.to_owned());
    let mut all = Vec::new();
    for path in paths {
        let mut text = String::new();
        if path.extension().is_some_and(|end| end == "gz") {
            let file = fs::File::open(&path).unwrap();
            flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        } else {
            text = fs::read_to_string(&path).unwrap();
        }
        all.extend(text.lines().map(str::to_owned));
    }
    all
}

#[test]
fn files_rotate_and_keep_every_line() {
    let (folder, options) = in_folder(LineFormat::Json, |_, options| {
        options.rotation.max_size = 4096;
        options.rotation.max_backups = 1000;
    });
    let path = folder.path().join("new/a.log");
    logged(&options, |_| {
        for number in 0..1000 {
            tracing::info!(number, "a line");
        }
    });
    let compressed = || {
        let plain =
            |entry: std::io::Result<fs::DirEntry>| entry.unwrap().path().extension().is_none_or(|end| end != "gz");
        fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(plain)
            .filter(|plain| *plain)
            .count()
            == 1
    };
    let start = std::time::Instant::now();
    while !compressed() {
        assert!(start.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(5));
    }
    let numbers: Vec<u64> = everything(&path)
        .iter()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["fields"]["number"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    assert!(fs::metadata(&path).unwrap().len() <= 4096);
    assert!(fs::read_dir(path.parent().unwrap()).unwrap().count() > 10);
}

#[test]
fn a_file_that_was_renamed_is_left_at_the_call() {
    let (folder, options) = in_folder(LineFormat::Text, |_, _| ());
    let path = folder.path().join("new/a.log");
    let moved = path.with_extension("log.1");
    logged(&options, |control| {
        tracing::info!("one");
        assert!(control.flush(PATIENCE));
        fs::rename(&path, &moved).unwrap();
        tracing::info!("two");
        assert!(control.flush(PATIENCE));
        control.reopen();
        assert!(control.flush(PATIENCE));
        tracing::info!("three");
    });
    let ends = |path: &Path| {
        lines(path)
            .iter()
            .map(|line| line[line.len() - 3..].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (ends(&moved), ends(&path)),
        (vec!["one".into(), "two".into()], vec!["ree".into()])
    );
}

fn batch(lines: &[&str]) -> Batch {
    let mut batch = Batch::default();
    for line in lines {
        batch.octets.extend(line.as_bytes());
        batch.ends.push(batch.octets.len());
    }
    batch
}

#[test]
fn a_start_mends_what_a_crash_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    fs::write(&path, "whole\nhalf a li").unwrap();
    fs::write(path.with_extension("log.next"), "").unwrap();
    let mut file = LogFile::open(FileOptions::new(path.clone())).unwrap();
    assert!(file.was_torn());
    assert_eq!(file.write(&batch(&["next\n"])).lines, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "whole\nnext\n");
    assert!(!path.with_extension("log.next").exists());
    let error = LogFile::open(FileOptions::new(path.clone())).unwrap_err();
    assert!(matches!(error, LogError::Taken { .. }), "{error}");
    drop(file);
    assert!(!LogFile::open(FileOptions::new(path)).unwrap().was_torn());
    let error = LogFile::open(FileOptions::new(folder.path().to_owned())).unwrap_err();
    assert!(matches!(error, LogError::NoFile { .. }), "{error}");
}

#[test]
fn a_file_that_is_old_makes_room_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let mut file = LogFile::open(FileOptions {
        max_age: Duration::from_millis(50),
        compress: false,
        ..FileOptions::new(path.clone())
    })
    .unwrap();
    file.write(&batch(&["old\n"]));
    thread::sleep(Duration::from_millis(60));
    file.write(&batch(&["new\n", "newer\n"]));
    assert_eq!(fs::read_to_string(&path).unwrap(), "new\nnewer\n");
}
