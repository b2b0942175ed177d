//! `[monitoring]` and `[logging]` of the TOML file, as WRAITH's document has them.

use std::fs;

use airlens_tests::support::{
    cli::airlens,
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Result, ensure};
use serde_json::Value;

/// A run with this file alone for these settings.
fn configured(network: &Network, place: &Place, text: &str) -> Result<Running> {
    let file = place.folder().join("airlens.toml");
    fs::write(&file, text)?;
    let mut command = airlens(["run", "-i", "mon0", "--config"])?;
    let mut run = Running::spawn(network, place, place.name_all(command.arg(&file)))?;
    run.until_running(place)?;
    Ok(run)
}

#[test]
fn monitoring() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let section = |enabled: bool| {
        format!(
            "[monitoring]\nenabled = {enabled}\nprometheus_port = 9474\nmetrics_path = \"/numbers\"\nupdate_interval = \"15s\"\n"
        )
    };
    let run = configured(&network, &place, &section(true))?;
    let (status, first) = network.get("/numbers")?;
    ensure!(
        status == 200 && first.contains("airlens_build_info"),
        "{status} {first}"
    );
    assert_eq!(network.get("/metrics")?.0, 404);
    // Scrapes within the interval share one reading.
    let seen = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("airlens_capture_seen_total"))
            .map(str::to_owned)
    };
    network.tap.write(&[0; 64])?;
    let (_, second) = network.get("/numbers")?;
    ensure!(
        seen(&first).is_some() && seen(&first) == seen(&second),
        "{:?}",
        seen(&second)
    );
    run.stop()?;
    let run = configured(&network, &place, &section(false))?;
    ensure!(network.get("/numbers").is_err(), "it is answered");
    run.stop()
}

#[test]
fn logging() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let log = place.folder().join("airlens.log");
    let section = format!(
        "[logging]\nlevel = \"info\"\nformat = \"json\"\noutput = \"{}\"\nmax_size = \"100MB\"\nmax_backups = 10\ncompress = true\n",
        log.display()
    );
    configured(&network, &place, &section)?.stop()?;
    let lines: Vec<Value> = fs::read_to_string(&log)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    valid("log", &lines)?;
    ensure!(
        lines.len() > 2 && lines.iter().all(|line| line["level"] != "debug"),
        "{lines:?}"
    );
    Ok(())
}
