use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::publish::documents::{Interfaces, Mode};

const PID: u32 = 4_194_305;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_769_169_600 + seconds).unwrap()
}

fn paths(folder: &Path) -> RunPaths {
    RunPaths::new(&folder.join("run/airlens"), &folder.join("lib/state.json"))
}

fn start(folder: &Path, at: i64) -> Result<RunFiles, LifecycleError> {
    let identity = RunIdentity {
        version: "0.1.0".into(),
        pid: PID,
        startup_method: StartupMethod::Cli,
    };
    RunFiles::start(
        paths(folder),
        AtomicWriter::default(),
        identity,
        Radio::default(),
        time(at),
    )
}

fn radio() -> Radio {
    let interfaces = Interfaces {
        ap: "wlan0".into(),
        monitor: "wlan0profiler".into(),
    };
    Radio {
        channel: 36,
        ssid: "Profiler 056".into(),
        mode: Mode::Hostapd,
        interfaces,
        ..Radio::default()
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn clean_run() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let mut files = start(folder.path(), 0).unwrap();
    assert_eq!(
        read(&paths.status),
        json!({"schema_version": "1.0", "state": "starting", "startup_method": "cli", "pid": PID,
               "timestamp": "2026-01-23T12:00:00Z"})
    );
    files.set_radio(radio());
    files.running(time(1)).unwrap();
    let status = read(&paths.status);
    assert_eq!(
        (&status["state"], &status["reason"]),
        (&json!("running"), &json!("startup_complete"))
    );

    let counts = Progress {
        profile_count: 1,
        total_clients_seen: 2,
        ..Progress::default()
    };
    files.profile_seen("aa:bb:cc:dd:ee:ff", counts, time(120)).unwrap();
    let info = read(&paths.info);
    assert_eq!(info["last_profile"], "aa:bb:cc:dd:ee:ff");
    assert_eq!(info["last_profile_timestamp"], "2026-01-23T12:02:00Z");
    assert_eq!((&info["channel"], &info["uptime_seconds"]), (&json!(36), &json!(120)));

    files
        .tick(
            Progress {
                profile_count: 1,
                total_clients_seen: 3,
                ..Progress::default()
            },
            time(125),
        )
        .unwrap();
    let info = read(&paths.info);
    assert_eq!(
        (&info["total_clients_seen"], &info["last_profile"]),
        (&json!(3), &json!("aa:bb:cc:dd:ee:ff"))
    );

    files.stopped(time(300)).unwrap();
    assert!(!paths.status.exists() && !paths.info.exists());
    assert_eq!(
        read(&paths.state),
        json!({
            "schema_version": "1.0",
            "profiler_version": "0.1.0",
            "session": {"started_at": "2026-01-23T12:00:00Z", "ended_at": "2026-01-23T12:05:00Z",
                        "duration_seconds": 300},
            "exit": {"status": "success", "code": 0, "reason": null, "message": null},
            "configuration": {"mode": "hostapd", "channel": 36, "ssid": "Profiler 056"},
            "metrics": {"profile_count": 1, "total_clients_seen": 3, "failed_profile_count": 0,
                        "last_profile": "aa:bb:cc:dd:ee:ff", "last_profile_timestamp": "2026-01-23T12:02:00Z"},
        })
    );
    // The next start finds nothing to record.
    assert_eq!(start(folder.path(), 400).unwrap().interrupted(), None);
}

#[test]
fn failure_leaves_files_that_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let message = "no interface wlan9: choose one of wlan0, wlan1";
    let failure = Failure {
        code: 6,
        reason: Reason::InterfaceValidation,
        message: message.into(),
    };
    start(folder.path(), 0).unwrap().failed(failure, time(2)).unwrap();
    let status = read(&paths.status);
    assert_eq!(
        (&status["state"], &status["reason"]),
        (&json!("failed"), &json!("interface_validation"))
    );
    assert_eq!(status["error"], message);
    assert_eq!(read(&paths.info)["uptime_seconds"], 2);
    let exit = read(&paths.state)["exit"].take();
    assert_eq!(
        exit,
        json!({"status": "failed", "code": 6, "reason": "interface_validation", "message": message})
    );
    // A failure is recorded already: the next start does not call it interrupted.
    assert_eq!(start(folder.path(), 9).unwrap().interrupted(), None);
    assert_eq!(read(&paths.state)["exit"]["status"], "failed");
}

#[test]
fn a_killed_run_is_recorded_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let mut files = start(folder.path(), 0).unwrap();
    files.set_radio(radio());
    files.running(time(1)).unwrap();
    files
        .tick(
            Progress {
                profile_count: 7,
                ..Progress::default()
            },
            time(60),
        )
        .unwrap();
    drop(files);
    let files = start(folder.path(), 1000).unwrap();
    let state = read(&paths.state);
    assert_eq!(state, serde_json::to_value(files.interrupted().unwrap()).unwrap());
    assert_eq!(
        (&state["exit"]["status"], &state["exit"]["code"]),
        (&json!("interrupted"), &json!(1))
    );
    assert_eq!(state["session"]["duration_seconds"], 60);
    assert_eq!(state["metrics"]["profile_count"], 7);
    assert_eq!(state["configuration"]["ssid"], "Profiler 056");
    assert_eq!(read(&paths.status)["state"], "starting");
}

#[test]
fn a_second_run_touches_nothing_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let files = start(folder.path(), 0).unwrap();
    let before = (
        fs::read(&paths.status).unwrap(),
        fs::read(&paths.info).unwrap(),
        fs::read(&paths.lock).unwrap(),
    );
    match start(folder.path(), 5) {
        Err(LifecycleError::AlreadyRunning { pid }) => assert_eq!(pid, Some(PID)),
        other => panic!("{other:?}"),
    }
    let after = (
        fs::read(&paths.status).unwrap(),
        fs::read(&paths.info).unwrap(),
        fs::read(&paths.lock).unwrap(),
    );
    assert_eq!(before, after);
    assert!(!paths.state.exists());
    drop(files);
    start(folder.path(), 6).unwrap();
}

#[test]
fn hostile_leftovers_do_not_stop_a_start() {
    for content in ["", "{}", "[[[[", "{\"state\":\"running\",\"pid\":-1}", "\u{0}"] {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        fs::create_dir_all(paths.status.parent().unwrap()).unwrap();
        fs::write(&paths.status, content).unwrap();
        fs::write(&paths.info, content).unwrap();
        assert_eq!(start(folder.path(), 0).unwrap().interrupted(), None, "{content:?}");
    }
}
