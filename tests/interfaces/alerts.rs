//! Each alert once where it fires and once where it is silent, by promtool, on the rules as they are exported; thresholds, receivers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use airlens_tests::support::{
    cli::{Said, airlens},
    peer::run,
};
use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

fn exported(arguments: &[&str]) -> Result<String> {
    let said = Said::by(airlens(["alerts"])?.args(arguments))?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    Ok(said.out)
}

fn written(folder: &TempDir, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.path().join(name);
    fs::write(&path, text)?;
    Ok(path)
}

/// The cases of `docs/alerts` that ask for this alert: of each list the entries with its name.
fn cases(text: &str, alert: &str) -> String {
    let mut kept = String::new();
    let mut ours = true;
    for line in text.lines() {
        if line.starts_with("      - {eval_time:") {
            ours = line.contains(&format!("alertname: {alert}}}"));
        } else if line.starts_with("      - eval_time:") {
            // The name stands in the next line.
            let rest = &text[line.as_ptr() as usize - text.as_ptr() as usize..];
            let name = rest.lines().nth(1).unwrap_or_default().trim();
            ours = name == format!("alertname: {alert}");
        } else if line.starts_with("  - ") || line.starts_with("    ") && !line.starts_with("     ") {
            ours = true;
        }
        if ours {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn fires_and_is_silent(alert: &str) -> Result<()> {
    let folder = TempDir::new()?;
    written(&folder, "airlens.rules.yml", &exported(&["export"])?)?;
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/alerts/airlens.rules.test.yml");
    let ours = cases(&fs::read_to_string(all)?, alert);
    let silent = ours.matches(&format!("alertname: {alert}}}")).count();
    let firing = ours
        .matches(&format!("alertname: {alert}\n        exp_alerts:"))
        .count();
    ensure!(
        silent > 0 && firing > 0,
        "{silent} silent and {firing} firing cases: {ours}"
    );
    assert_eq!(ours.matches("alertname:").count(), silent + firing, "{ours}");
    let file = written(&folder, "cases.yml", &ours)?;
    let said = run(Command::new("promtool").args(["test", "rules"]).arg(file), "")?;
    ensure!(said.contains("SUCCESS"), "{said}");
    // The cases are able to fail.
    let never = exported(&["export", "--for", "86400"])?;
    written(&folder, "airlens.rules.yml", &never)?;
    let output = Command::new("promtool")
        .args(["test", "rules"])
        .arg(folder.path().join("cases.yml"))
        .output()?;
    ensure!(!output.status.success(), "{alert} fires in no time");
    Ok(())
}

macro_rules! alerts {
    ($($test:ident $alert:literal)+) => {
        $(#[test]
        fn $test() -> Result<()> {
            fires_and_is_silent($alert)
        })+
    };
}

alerts! {
    high_error_rate "HighErrorRate"
    no_packets "NoPackets"
    high_active_flows "HighActiveFlows"
    profiler_down "ProfilerDown"
    low_throughput "LowThroughput"
    memory_exhaustion "MemoryExhaustion"
    no_clients "NoClients"
    session_failure_rate "SessionFailureRate"
    slow_responses "SlowResponses"
    suspicious_handshakes "SuspiciousHandshakes"
    frames_lost "FramesLost"
    sensor_offline "SensorOffline"
}

#[test]
fn thresholds() -> Result<()> {
    let folder = TempDir::new()?;
    let usual = exported(&["export"])?;
    ensure!(usual.contains("{{ $labels.instance }}"), "{usual}");
    for (option, words) in [
        ("--error-threshold=7.5", "> 7.5"),
        ("--packet-rate-threshold=3", "<= 3"),
        ("--active-flows-threshold=77", "> 77"),
        ("--throughput-threshold=5000", "< 5000"),
        ("--memory-threshold=123456", "> 123456"),
        ("--session-failure-threshold=0.35", "> 0.35"),
        ("--response-threshold=0.75", "> 0.75"),
        ("--handshake-threshold=9", "> 9"),
        ("--loss-threshold=4", "> 4"),
    ] {
        let rules = exported(&["export", option])?;
        ensure!(rules.contains(words) && !usual.contains(words), "{option}: {rules}");
        let file = written(&folder, "rules.yml", &rules)?;
        run(
            Command::new("promtool")
                .args(["check", "rules", "--lint=all"])
                .arg(file),
            "",
        )?;
    }
    Ok(())
}

#[test]
fn receivers() -> Result<()> {
    let folder = TempDir::new()?;
    let text = exported(&["alertmanager"])?;
    for receiver in ["slack_configs", "pagerduty_configs", "email_configs"] {
        ensure!(text.contains(receiver), "{receiver}: {text}");
    }
    ensure!(text.contains("{{ .CommonLabels.alertname }}"), "{text}");
    let file = written(&folder, "alertmanager.yml", &text)?;
    let said = run(Command::new("amtool").arg("check-config").arg(file), "").context("amtool")?;
    ensure!(said.contains("SUCCESS"), "{said}");
    Ok(())
}
