//! What the audit log tells of.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command, thread, time::Duration};

use airlens_tests::support::{
    cli::airlens,
    run::{Network, PORT, Place, Running},
};
use anyhow::{Context as _, Result, ensure};

use super::runs::{lines, messages};

const TOKEN: &str = "0123456789abcdef0123";
const GUESS: &str = "guessguessguessguess";

/// curl's status codes for this token.
fn statuses(network: &Network, token: &str, times: usize) -> Result<Vec<String>> {
    let url = format!("http://127.0.0.1:{PORT}/api/clients/02:00:00:00:00:01?[1-{times}]");
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}\n",
        "--header",
    ])
    .args([&format!("Authorization: Bearer {token}"), &url]);
    let said = network.here.run(|| curl.output())??;
    let text = String::from_utf8(said.stdout)?;
    Ok(text.lines().map(str::to_owned).collect())
}

#[test]
fn refused_tokens_are_told_but_not_each_of_a_flood() -> Result<()> {
    const FLOOD: usize = 200;
    let (network, place) = (Network::new()?, Place::new()?);
    let (audit, token) = (place.folder().join("audit.log"), place.folder().join("tokens"));
    fs::write(&token, format!("{TOKEN}\n"))?;
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600))?;
    let mut command = airlens(["run", "-i", "mon0", "--listen", &format!("127.0.0.1:{PORT}")])?;
    command.env("AIRLENS_MONITORING_TOKEN_FILE", &token);
    command.arg("--audit-log").arg(&audit);
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;
    assert_eq!(statuses(&network, TOKEN, 1)?, ["404"]);
    // One is told at once, and says where it came from.
    assert_eq!(statuses(&network, GUESS, 1)?, ["401"]);
    run.until("the first one is told", || Ok(lines(&audit)?.len() == 2))?;
    let first = &lines(&audit)?[1];
    assert_eq!(
        (&first["level"], &first["message"]),
        (&"warn".into(), &"a token was refused".into())
    );
    assert_eq!(
        first["fields"],
        serde_json::json!({"remote_addr": "127.0.0.1", "route": "/api/clients/{id}", "attempt_count": 1})
    );
    let flood = statuses(&network, GUESS, FLOOD)?;
    ensure!(
        flood.len() == FLOOD && flood.iter().all(|status| status == "401"),
        "{flood:?}"
    );
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(statuses(&network, GUESS, 1)?, ["401"]);
    run.stop()?;

    let audited = lines(&audit)?;
    let said = messages(&audited);
    let refused: Vec<_> = audited
        .iter()
        .filter(|line| line["message"] == "a token was refused")
        .collect();
    ensure!(
        said.first() == Some(&"airlens starts") && said.last() == Some(&"airlens has stopped"),
        "{said:?}"
    );
    // Ten at once, then one a second: the flood takes no longer than some.
    ensure!((11..40).contains(&refused.len()), "{} lines", refused.len());
    // None is missing, for a line tells how many were left out before it.
    let attempts: Option<u64> = refused
        .iter()
        .map(|line| line["fields"]["attempt_count"].as_u64())
        .sum();
    assert_eq!(attempts.context("no number")?, FLOOD as u64 + 2);
    for path in [audit, place.folder().join("log")] {
        let text = fs::read_to_string(path)?;
        ensure!(!text.contains(GUESS) && !text.contains(TOKEN), "{text}");
    }
    Ok(())
}

#[test]
fn a_refused_source_of_frames_is_audited() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let audit = place.folder().join("audit.log");
    let mut command = airlens(["run", "-i", "data0"])?;
    command.arg("--audit-log").arg(&audit);
    let run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    ensure!(run.end()?.0 == Some(7));
    let audited = lines(&audit)?;
    assert_eq!(
        messages(&audited),
        ["airlens starts", "a source of frames is refused", "airlens has stopped"]
    );
    assert_eq!(audited[1]["fields"]["interface"], "data0");
    ensure!(
        audited[2]["fields"]["code"] == 7 && audited[2]["fields"]["error"].is_string(),
        "{audited:?}"
    );
    Ok(())
}
