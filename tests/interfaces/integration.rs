//! Programs of others that read a run's files: wlanpi-profiler's examples as they stand in its document, and what a WLAN Pi reads besides.

use std::{fs, path::Path, process::Command};

use airlens::publish::{
    atomic::AtomicWriter,
    documents::{Mode, Progress, Radio, StartupMethod},
    lifecycle::{RunFiles, RunIdentity, RunPaths},
};
use airlens_tests::support::schema::valid;
use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::sensor::{Sensor, client, shared};

const PASSPHRASE: &str = "correct horse";

/// The code blocks of a language in a Markdown text.
pub(super) fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let block = |part: &str| part.split_once("```").map(|(block, _)| block.to_owned());
    markdown.split(&start).skip(1).filter_map(block).collect()
}

/// The files of a run with an access point, which needs a radio: as the run writes them, without one.
fn access_point(folder: &Path) -> Result<(RunFiles, RunPaths)> {
    let stem = folder.join("wlanpi-profiler");
    let paths = RunPaths::new(&stem, &folder.join("lib/state.json")).with_wlanpi(&stem);
    let identity = RunIdentity {
        version: "0.1.0".into(),
        pid: std::process::id(),
        startup_method: StartupMethod::Cli,
    };
    let radio = Radio {
        ssid: "Profiler 056".into(),
        channel: 36,
        mode: Mode::Ap,
        passphrase: PASSPHRASE.into(),
        ..Radio::default()
    };
    let mut files = RunFiles::start(
        paths.clone(),
        AtomicWriter::for_system(),
        identity,
        radio,
        Timestamp::now(),
    )?;
    files.running(Timestamp::now())?;
    Ok((files, paths))
}

/// Runs the example that holds these words, unchanged, where `folder` is `/run`. A module of that name keeps the text of a QR code.
fn example(language: &str, words: &str, folder: &Path) -> Result<Option<(Option<i32>, String)>> {
    let Some(document) = shared("seeds/000_3f9bf8515f6bbe61.txt") else {
        println!("../shared/seeds is not there: wlanpi-profiler's example with {words:?} is left out");
        return Ok(None);
    };
    let script = blocks(&document, language)
        .into_iter()
        .find(|block| block.contains(words));
    let module =
        "class make:\n def __init__(self, text): self.text = text\n def save(self, path): print(path, self.text)\n";
    let modules = TempDir::new()?;
    fs::write(modules.path().join("qrcode.py"), module)?;
    let program = if language == "bash" { "bash" } else { "python3" };
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", r#"mount --bind "$0" /run && exec "$@""#]);
    command
        .arg(folder)
        .args([program, "-c", &script.context("no such example")?]);
    command
        .env("PYTHONPATH", modules.path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output()?;
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    Ok(Some((output.status.code(), said)))
}

#[test]
fn jq_script() -> Result<()> {
    let folder = TempDir::new()?;
    let (files, _) = access_point(folder.path())?;
    let run = || example("bash", "jq -r", folder.path());
    if let Some(said) = run()? {
        assert_eq!(said, (Some(0), "Profiler is running\n".to_owned()));
    }
    files.stopped(Timestamp::now())?;
    if let Some(said) = run()? {
        assert_eq!(said, (Some(1), "Profiler not running\n".to_owned()));
    }
    Ok(())
}

#[test]
fn python_reader() -> Result<()> {
    let folder = TempDir::new()?;
    let _run = access_point(folder.path())?;
    if let Some((code, said)) = example("python", "Clients profiled", folder.path())? {
        ensure!(
            code == Some(0) && said.starts_with("SSID: Profiler 056\nChannel: 36\nClients profiled: 0\nUptime: "),
            "{said}"
        );
    }
    Ok(())
}

#[test]
fn qr_string() -> Result<()> {
    let folder = TempDir::new()?;
    let _run = access_point(folder.path())?;
    if let Some(said) = example("python", "qrcode.make", folder.path())? {
        let text = format!("/tmp/profiler-qr.png WIFI:S:Profiler 056;T:WPA;P:{PASSPHRASE};;\n");
        assert_eq!(said, (Some(0), text));
    }
    Ok(())
}

#[test]
fn passphrase_in_info_alone() -> Result<()> {
    let folder = TempDir::new()?;
    let (mut files, paths) = access_point(folder.path())?;
    files.profile_seen("aa:bb:cc:dd:ee:ff", Progress::default(), Timestamp::now())?;
    let holds = |path: &Path| -> Result<bool> { Ok(fs::read_to_string(path)?.contains(PASSPHRASE)) };
    ensure!(holds(&paths.info)? && !holds(&paths.status)?);
    let failure = airlens::publish::lifecycle::Failure {
        code: 1,
        reason: airlens::publish::documents::Reason::UnknownError,
        message: "it broke".into(),
    };
    files.failed(failure, Timestamp::now())?;
    let wlanpi = paths.wlanpi.context("not asked for")?;
    for path in [&paths.status, &paths.state, &wlanpi.session, &wlanpi.last_profile] {
        ensure!(!holds(path)?, "{}", path.display());
    }
    Ok(())
}

#[test]
fn compat_files() -> Result<()> {
    // The network's name, while there is a network.
    let folder = TempDir::new()?;
    let (files, paths) = access_point(folder.path())?;
    let ssid = paths.wlanpi.context("not asked for")?.ssid;
    assert_eq!(fs::read_to_string(&ssid)?, "Profiler 056");
    files.stopped(Timestamp::now())?;
    ensure!(!ssid.exists(), "it is left");

    let mut sensor = Sensor::start(&["--compat", "wlanpi"])?;
    let stem = sensor.place.stem();
    let paths = sensor.place.paths().with_wlanpi(&stem).wlanpi.context("none")?;
    let last = stem.with_extension("last_profile");
    ensure!(!last.exists() && !paths.session.exists() && !paths.ssid.exists());
    sensor.profiled(1)?;
    assert_eq!(fs::read_to_string(&last)?, "020000000201");
    let place = sensor.stop()?;
    ensure!(last.exists(), "the last client is forgotten");
    let session = place.document(&paths.session)?;
    valid("last-session", [&session])?;
    let state = place.document(&place.state())?;
    for key in ["schema_version", "profiler_version", "session", "exit"] {
        assert_eq!(session[key], state[key], "{key}");
    }
    assert_eq!(
        (
            &session["configuration"]["interfaces"]["monitor"],
            &session["metrics"]["last_profile"]
        ),
        (&json!("mon0"), &Value::from(client(1).to_string()))
    );
    // Who does not ask for them has none.
    let sensor = Sensor::start(&[])?;
    let place = sensor.stop()?;
    let all = place.everything()?;
    ensure!(!all.iter().any(|path| path.contains("last")), "{all:?}");
    Ok(())
}
