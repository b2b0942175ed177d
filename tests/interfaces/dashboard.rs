//! The dashboard, and how others are built.

use std::fs;

use airlens::publish::dashboard::{DashboardBuilder, Panel};
use airlens_tests::support::cli::{Said, airlens};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

const SHIPPED: &str = include_str!("../../docs/dashboards/airlens-overview.json");

/// The titles below each row.
fn rows(dashboard: &Value) -> Vec<(&str, Vec<&str>)> {
    let mut rows: Vec<(&str, Vec<&str>)> = Vec::new();
    for panel in dashboard["panels"].as_array().into_iter().flatten() {
        let title = panel["title"].as_str().unwrap_or_default();
        match rows.last_mut() {
            _ if panel["type"] == "row" => rows.push((title, Vec::new())),
            Some((_, panels)) => panels.push(title),
            None => {}
        }
    }
    rows
}

#[test]
fn export() -> Result<()> {
    let printed = Said::by(&mut airlens(["dashboard", "export"])?)?;
    ensure!(printed.out == SHIPPED, "write docs/dashboards anew");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("dashboard.json");
    let mut command = airlens(["dashboard", "export", "--datasource-uid", "my-prometheus", "-o"])?;
    let said = Said::by(command.arg(&file))?;
    ensure!(said.code == Some(0) && said.out.is_empty(), "{said:?}");
    let written: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let variables = written["templating"]["list"].as_array().context("no variables")?;
    assert_eq!(variables[0]["current"]["value"], "my-prometheus");
    let names: Vec<_> = variables
        .iter()
        .filter_map(|variable| variable["name"].as_str())
        .collect();
    assert_eq!(names, ["datasource", "job"]);
    Ok(())
}

#[test]
fn rows_and_panels() -> Result<()> {
    let dashboard: Value = serde_json::from_str(SHIPPED)?;
    let found = rows(&dashboard);
    for (row, panels) in [
        (
            "Overview",
            &[
                "Total packets",
                "Total bytes",
                "Total flows",
                "Active flows",
                "Total errors",
                "Packets/s",
            ][..],
        ),
        (
            "Throughput",
            &["Packet rate", "Byte rate", "Flows per minute", "Active flows"],
        ),
        ("Latency", &["Processing duration", "Processing jobs by mode"]),
        ("Errors", &["Errors by stage", "Flow end reasons", "Error distribution"]),
        ("Efficiency", &["Mean packet size", "Processing success rate"]),
        (
            "Wi-Fi",
            &[
                "Frames by subtype",
                "Clients",
                "Profiles per minute",
                "Channel utilisation",
                "Losses",
            ],
        ),
    ] {
        let (_, ours) = found
            .iter()
            .find(|(title, _)| *title == row)
            .with_context(|| row.to_owned())?;
        for panel in panels {
            ensure!(ours.contains(panel), "{row}: {panel} is not in {ours:?}");
        }
    }
    for quantile in ["p50", "p95", "p99"] {
        ensure!(
            SHIPPED.contains(&format!("\"legendFormat\": \"{quantile}\"")),
            "{quantile}"
        );
    }
    Ok(())
}

/// As the example of JoyfulJay's document builds one.
#[test]
fn builder() -> Result<()> {
    let duration = |quantile: &str| {
        format!("histogram_quantile({quantile}, rate(joyfuljay_processing_duration_seconds_bucket[5m]))")
    };
    let latency = Panel::graph("Latency Percentiles")
        .expression(&duration("0.50"), "p50")
        .expression(&duration("0.95"), "p95")
        .expression(&duration("0.99"), "p99")
        .unit("s");
    let dashboard = DashboardBuilder::new("My Custom Dashboard", "mine")
        .row("Overview")
        .panel(Panel::stat("Total Packets", "joyfuljay_packets_total"))
        .panel(Panel::stat("Total Errors", "sum(joyfuljay_errors_total)").width(4))
        .row("Throughput")
        .panel(
            Panel::graph("Packet Rate")
                .expression("rate(joyfuljay_packets_total[1m])", "")
                .unit("pps"),
        )
        .panel(latency)
        .build();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("custom-dashboard.json");
    dashboard.export(&file)?;
    let written: Value = serde_json::from_slice(&fs::read(&file)?)?;
    assert_eq!(written["title"], "My Custom Dashboard");
    assert_eq!(
        rows(&written),
        [
            ("Overview", vec!["Total Packets", "Total Errors"]),
            ("Throughput", vec!["Packet Rate", "Latency Percentiles"])
        ]
    );
    let panels = written["panels"].as_array().context("no panels")?;
    let latency = panels.last().context("no panel")?;
    assert_eq!(latency["targets"].as_array().map(Vec::len), Some(3));
    assert_eq!(latency["fieldConfig"]["defaults"]["unit"], "s");
    assert_eq!(panels[2]["gridPos"]["w"], 4);
    Ok(())
}
