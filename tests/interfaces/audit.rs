//! The audit log: JSON lines of its own.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use airlens::{
    events::{Events, RegulatoryDomainChanged},
    logging::{LogOptions, Logging},
};
use airlens_tests::support::{
    cli::airlens,
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(path)?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    valid("log", &lines)?;
    Ok(lines)
}

#[test]
fn start_stop_and_refused_token() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let (token, audit) = (place.folder().join("tokens"), place.folder().join("audit.log"));
    fs::write(&token, "0123456789abcdef0123\n")?;
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600))?;
    let mut command = airlens(["run", "-i", "mon0", "--log-level", "error", "--audit-log"])?;
    command.arg(&audit).env("AIRLENS_MONITORING_TOKEN_FILE", &token);
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    let pid = run.pid();
    let mut stream = network.connect()?;
    let peer = stream.local_addr()?.to_string();
    write!(
        stream,
        "GET /api/status HTTP/1.0\r\nAuthorization: Bearer wrong-and-secret\r\n\r\n"
    )?;
    run.until("it is told", || Ok(fs::read_to_string(&audit)?.contains("refused")))?;
    run.stop()?;
    let all = lines(&audit)?;
    let messages: Vec<_> = all.iter().filter_map(|line| line["message"].as_str()).collect();
    assert_eq!(
        messages,
        ["airlens starts", "a token was refused", "airlens has stopped"]
    );
    assert_eq!(all[0]["fields"]["pid"], pid);
    let refused = &all[1]["fields"];
    ensure!(
        refused["remote_addr"]
            .as_str()
            .is_some_and(|from| peer.starts_with(from.split(':').next().unwrap_or(from))),
        "{refused} {peer}"
    );
    assert_eq!(
        (&refused["route"], &refused["attempt_count"]),
        (&"/api/status".into(), &1.into())
    );
    assert_eq!(all[2]["fields"]["code"], 0);
    ensure!(
        !fs::read_to_string(&audit)?.contains("wrong-and-secret"),
        "the token is told"
    );
    Ok(())
}

#[test]
fn refused_frame_source() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let audit = place.folder().join("audit.log");
    let mut command = airlens(["run", "-i", "data0", "--audit-log"])?;
    command.arg(&audit);
    let run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    ensure!(run.end()?.0 == Some(7));
    let all = lines(&audit)?;
    let refused = all
        .iter()
        .find(|line| line["message"] == "a source of frames is refused");
    let refused = &refused.context("it is not told")?["fields"];
    ensure!(
        refused["interface"] == "data0" && refused["reason"].is_string(),
        "{refused}"
    );
    Ok(())
}

/// A radio tells of it, in `tests/vm/restore.sh`; here, what becomes of that.
#[test]
fn change_of_regulatory_domain() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let audit = folder.path().join("audit.log");
    let options = LogOptions {
        audit: Some(audit.clone()),
        ..LogOptions::default()
    };
    let log = Logging::start(&options)?;
    Events::default().emit(&RegulatoryDomainChanged {
        country: Some("NL"),
        initiator: &"user",
    });
    ensure!(log.control().flush(Duration::from_secs(10)));
    let all = lines(&audit)?;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["level"], &all[0]["message"], &all[0]["fields"]["country"]),
        (
            &"warn".into(),
            &"the regulatory domain has changed".into(),
            &"NL".into()
        )
    );
    Ok(())
}
