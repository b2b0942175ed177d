//! The dashboard as Grafana's own models read it, and the command that prints it.

use std::process::Command;

use airlens_tests::support::{
    cli::{Said, airlens},
    peer::run,
    python,
};
use anyhow::{Context as _, Result, ensure};

const SHIPPED: &str = include_str!("../../docs/dashboards/airlens-overview.json");

/// Reads a dashboard by the models and tells what is lost when they write it again.
const ROUND_TRIP: &str = include_str!("round_trip.py");

#[test]
fn grafana_s_models_keep_every_key() -> Result<()> {
    let script = ["-c", ROUND_TRIP];
    let said = run(Command::new(python::bin()?.join("python")).args(script), SHIPPED)?;
    assert_eq!(said, "timeseries stat piechart row\n");
    // It finds what is wrong.
    let broken = SHIPPED.replacen("\"gridPos\"", "\"gridPosition\"", 1);
    ensure!(run(Command::new(python::bin()?.join("python")).args(script), &broken).is_err());
    Ok(())
}

#[test]
fn exported_to_a_file_for_a_data_source_and_a_namespace() -> Result<()> {
    let printed = Said::by(&mut airlens(["dashboard", "export"])?)?;
    ensure!(printed.code == Some(0) && printed.out == SHIPPED, "{}", printed.err);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("dashboard.json");
    let name = file.to_str().context("no UTF-8")?;
    let mut command = airlens([
        "dashboard",
        "export",
        "--datasource-uid",
        "my-prometheus",
        "--namespace",
        "joyfuljay",
    ])?;
    let said = Said::by(command.args(["-o", name]))?;
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "", ""));
    let written = std::fs::read_to_string(&file)?;
    for words in [
        "\"value\": \"my-prometheus\"",
        "joyfuljay_packets_total",
        "\"schemaVersion\": 39",
    ] {
        ensure!(written.contains(words), "{words}");
    }
    let said = Said::by(&mut airlens(["dashboard", "export", "-o", "/nowhere/dashboard.json"])?)?;
    said.refuses(1, &["/nowhere/dashboard.json", "name another file"])?;
    let said = Said::by(&mut airlens(["dashboard", "export", "--namespace", "a-b"])?)?;
    ensure!(
        said.code == Some(2) && said.err.contains("metrics namespace"),
        "{said:?}"
    );
    Ok(())
}
