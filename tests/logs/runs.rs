//! What a run logs.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::requests::profiled;

const SECRET: &str = "correct horse battery";

/// The lines of a file, each of which keeps to the schema.
pub(super) fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    valid("log", &lines)?;
    Ok(lines)
}

pub(super) fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["message"].as_str()).collect()
}

#[test]
fn a_run_tells_its_events_and_keeps_secrets() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let (log, audit) = (
        place.folder().join("logs/airlens.log"),
        place.folder().join("logs/audit.log"),
    );
    let mut command = airlens([
        "run",
        "-i",
        "mon0",
        "--data",
        "data0",
        "--log-level",
        "debug",
        "--log-format",
        "json",
    ])?;
    command.arg("--log-output").arg(&log).arg("--audit-log").arg(&audit);
    command.args(["--passphrase", SECRET]);
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let pid = run.pid();
    profiled(&network, &mut run, 1, 1)?;
    profiled(&network, &mut run, 2, 2)?;
    let (status, metrics) = network.get("/metrics")?;
    ensure!(status == 200);
    for line in [
        "airlens_events_total{event=\"profile-written\"} 2",
        "airlens_events_total{event=\"client-registered\"} 2",
        "airlens_log_lines_lost_total{log=\"audit\",cause=\"write-failed\"} 0",
        "airlens_log_lines_total{log=\"audit\"} 1",
    ] {
        ensure!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    run.stop()?;

    for path in [&log, &audit] {
        ensure!(fs::metadata(path)?.permissions().mode() & 0o777 == 0o640);
        let text = fs::read_to_string(path)?;
        ensure!(!text.contains(SECRET) && !text.contains("horse"), "{text}");
    }
    let told = lines(&log)?;
    let said = messages(&told);
    for message in [
        "airlens starts",
        "the session is created",
        "a client is there",
        "profiled",
        "the session has ended",
        "airlens has stopped",
    ] {
        ensure!(said.contains(&message), "{message}: {said:?}");
    }
    let profile = told.iter().find(|line| line["message"] == "profiled").context("none")?;
    assert_eq!(
        profile["fields"],
        json!({"client": "02:00:00:00:01:01", "ssid": "net", "band": "5GHz", "channel": 36})
    );
    let audited = lines(&audit)?;
    assert_eq!(messages(&audited), ["airlens starts", "airlens has stopped"]);
    let start = &audited[0]["fields"];
    assert_eq!(
        (
            &start["uid"],
            &start["startup_method"],
            &start["version"],
            &start["pid"]
        ),
        (&json!(0), &json!("cli"), &json!(env!("CARGO_PKG_VERSION")), &json!(pid))
    );
    let rights = start["capabilities"].as_str().unwrap_or_default();
    ensure!(rights == "all" || rights.contains("CAP_NET_ADMIN"), "{rights}");
    let settings = start["settings"].as_str().unwrap_or_default();
    ensure!(
        settings.contains("passphrase=(hidden)") && settings.contains("logging.audit="),
        "{settings}"
    );
    assert_eq!(audited[1]["fields"]["code"], 0);
    // As scripts read it.
    let jq = Command::new("jq")
        .args(["-r", "select(.level == \"info\") | .message"])
        .arg(&log)
        .output()?;
    ensure!(String::from_utf8(jq.stdout)?.lines().any(|line| line == "profiled"));
    Ok(())
}

#[test]
fn under_systemd_lines_have_the_journals_form() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    // The journal's side of the stream is whatever standard error is: the file that the test gives.
    let mut command = Command::new("sh");
    command.args([
        "-c",
        r#"JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@""#,
        "sh",
    ]);
    command
        .arg(airlens_tests::support::cli::binary()?)
        .args(["run", "-i", "mon0"]);
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    run.signal(15);
    let (_, log) = run.end()?;
    ensure!(
        log.lines().any(|line| line.starts_with("<6>attached program=")),
        "{log}"
    );
    ensure!(
        log.lines().all(|line| line.starts_with('<')) && !log.contains('\x1b'),
        "{log}"
    );
    Ok(())
}

#[test]
fn logs_that_can_not_be_are_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().display().to_string();
    Said::by(airlens(["run", "--log-output"])?.arg(format!("{path}/x/")))?.refuses(2, &["logging.output", "a file"])?;
    Said::by(airlens(["run", "--log-output", "/dev/null"])?.env("X", ""))?.refuses(9, &["/dev/null is no file"])?;
    Said::by(&mut airlens(["run", "--otlp-endpoint", "https://collector:4318"])?)?
        .refuses(2, &["agent on this host"])?;
    Said::by(&mut airlens(["run", "--otlp-endpoint", "http://me:word@collector"])?)?.refuses(2, &["headers_file"])?;
    Ok(())
}
