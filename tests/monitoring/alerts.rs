//! The rules and receivers with promtool, amtool, Prometheus and the Alertmanager.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
};

use airlens::publish::alerts::{AlertOptions, rules};
use airlens_tests::support::{
    cli::{Said, airlens},
    peer::run,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::servers::{Ended, PATIENCE, Prometheus, free_port};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/alerts").join(name)
}

fn printed(arguments: &[&str]) -> Result<String> {
    let said = Said::by(airlens(["alerts"])?.args(arguments))?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    Ok(said.out)
}

#[test]
fn the_shipped_files_are_what_is_printed() -> Result<()> {
    for (arguments, name) in [("export", "airlens.rules.yml"), ("alertmanager", "alertmanager.yml")] {
        let file = shipped(name);
        let same = fs::read_to_string(&file).unwrap_or_default() == printed(&[arguments])?;
        ensure!(same, "write it anew: airlens alerts {arguments} -o docs/alerts/{name}");
    }
    Ok(())
}

#[test]
fn promtool_takes_the_rules() -> Result<()> {
    let folder = TempDir::new()?;
    let count = rules(&AlertOptions::default()).len();
    let thresholds = [
        "--error-threshold=0.5",
        "--packet-rate-threshold=3",
        "--active-flows-threshold=7",
    ];
    let further = [
        "--throughput-threshold=0",
        "--memory-threshold=1",
        "--session-failure-threshold=0.01",
        "--response-threshold=0.1",
        "--handshake-threshold=1",
        "--loss-threshold=2",
        "--namespace=joyfuljay",
        "--job=a'b\"c",
        "--for=0",
    ];
    for arguments in [vec!["export"], [&["export"], &thresholds[..], &further[..]].concat()] {
        let file = folder.path().join("rules.yml");
        fs::write(&file, printed(&arguments)?)?;
        let said = run(
            Command::new("promtool")
                .args(["check", "rules", "--lint=all"])
                .arg(&file),
            "",
        )?;
        ensure!(said.contains(&format!("SUCCESS: {count} rules found")), "{said}");
        ensure!(!said.contains("lint"), "{said}");
    }
    Ok(())
}

#[test]
fn each_rule_fires_and_is_silent() -> Result<()> {
    let file = shipped("airlens.rules.test.yml");
    let said = run(Command::new("promtool").args(["test", "rules"]).arg(&file), "")?;
    ensure!(said.contains("SUCCESS"), "{said}");
    let cases = fs::read_to_string(&file)?;
    for rule in rules(&AlertOptions::default()) {
        let silent = format!("- {{eval_time: 20m, alertname: {}}}\n", rule.name);
        let fires = format!("alertname: {}\n        exp_alerts:\n          - exp_labels:", rule.name);
        ensure!(
            cases.contains(&silent) && cases.contains(&fires),
            "{} is not tested",
            rule.name
        );
    }
    Ok(())
}

#[test]
fn amtool_takes_the_receivers() -> Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("alertmanager.yml");
    let login = [
        "--email-user=me",
        "--email-password-file=/etc/password",
        "--slack-channel=#it's",
    ];
    for (arguments, receivers) in [
        (vec!["alertmanager"], 2),
        (vec!["alertmanager", "--slack-url-file", "/etc/slack"], 1),
        (
            vec![
                "alertmanager",
                "--pagerduty-key-file",
                "/etc/key",
                "--webhook",
                "http://localhost:1/",
            ],
            2,
        ),
        (
            [&["alertmanager", "--email-to", "me@example.com"], &login[..]].concat(),
            1,
        ),
    ] {
        let text = printed(&arguments)?;
        fs::write(&file, &text)?;
        let said = run(Command::new("amtool").arg("check-config").arg(&file), "")?;
        ensure!(
            said.contains("SUCCESS") && said.contains(&format!(" - {receivers} receivers")),
            "{said}\n{text}"
        );
    }
    let everything = printed(&["alertmanager"])?;
    for receiver in ["slack_configs", "pagerduty_configs", "email_configs"] {
        ensure!(everything.contains(receiver), "{receiver}");
    }
    Ok(())
}

/// The first alert of this name that a listener is sent.
fn first_alert(listener: &TcpListener, name: &str) -> Result<Value> {
    loop {
        let body: Value = serde_json::from_str(&body(listener)?)?;
        let alerts = body["alerts"].as_array().into_iter().flatten();
        if let Some(alert) = alerts.into_iter().find(|alert| alert["labels"]["alertname"] == name) {
            return Ok(alert.clone());
        }
    }
}

/// The body of the next request, on a connection of its own.
fn body(listener: &TcpListener) -> Result<String> {
    let (stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    reader
        .get_mut()
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(String::from_utf8(body)?)
}

#[test]
fn an_alert_arrives() -> Result<()> {
    let folder = TempDir::new()?;
    let webhook = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", webhook.local_addr()?);
    let (rules, config) = (folder.path().join("rules.yml"), folder.path().join("alertmanager.yml"));
    fs::write(&rules, printed(&["export", "--for", "0"])?)?;
    fs::write(
        &config,
        printed(&["alertmanager", "--webhook", &url, "--group-wait", "1"])?,
    )?;
    let (sent, arrived) = channel();
    thread::spawn(move || sent.send(first_alert(&webhook, "ProfilerDown")));

    let manager = format!("127.0.0.1:{}", free_port()?);
    let child = Command::new("prometheus-alertmanager")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address={manager}"))
        // No cluster.
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.path().join("log"))?)
        .spawn()
        .context("prometheus-alertmanager: `cargo xtask setup` installs it")?;
    let _manager = Ended(child);
    // Nobody listens there.
    let sensor = format!("127.0.0.1:{}", free_port()?);
    let more = format!(
        "rule_files: ['{}']\nalerting: {{alertmanagers: [{{static_configs: [{{targets: ['{manager}']}}]}}]}}\n",
        rules.display()
    );
    let _prometheus = Prometheus::start(&[("airlens", &sensor)], &more)?;

    let alert = arrived.recv_timeout(PATIENCE)??;
    assert_eq!(alert["status"], "firing");
    assert_eq!(alert["labels"]["severity"], "critical");
    assert_eq!(alert["annotations"]["summary"], format!("airlens is down on {sensor}"));
    Ok(())
}
