//! logrotate renames the log under the run, makes a new one and calls by SIGHUP.

use std::{fs, process::Command};

use airlens_tests::support::{
    cli::airlens,
    run::{Network, Place, Running},
};
use anyhow::{Result, ensure};

use super::{requests::profiled, runs::lines};

#[test]
fn logrotate_takes_the_log_away_and_no_line_is_lost() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let folder = place.folder().join("logs");
    let log = folder.join("airlens.log");
    let mut command = airlens(["run", "-i", "mon0", "--data", "data0", "--log-format", "json"])?;
    command
        .arg("--log-output")
        .arg(&log)
        .env("AIRLENS_LOGGING_MAX_SIZE", "0");
    let mut run = Running::spawn(&network, &place, place.name_all(&mut command))?;
    run.until_running(&place)?;

    let configuration = place.folder().join("logrotate.conf");
    fs::write(
        &configuration,
        format!(
            "{} {{\n rotate 5\n create 0640 root root\n postrotate\n  kill -HUP {}\n endscript\n}}\n",
            log.display(),
            run.pid()
        ),
    )?;
    for number in 1..=3u8 {
        profiled(&network, &mut run, number, number.into())?;
        let address = super::requests::client(number).to_string();
        run.until("the line is written", || {
            Ok(fs::read_to_string(&log)?.contains(&address))
        })?;
        let mut logrotate = Command::new("logrotate");
        logrotate
            .arg("--force")
            .arg("--state")
            .arg(place.folder().join("logrotate.state"));
        let output = logrotate.arg(&configuration).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        run.until("the new file is written", || Ok(fs::metadata(&log)?.len() > 0))?;
    }
    profiled(&network, &mut run, 4, 4)?;
    run.stop()?;

    let mut clients = Vec::new();
    for (path, profiles) in [
        ("airlens.log.3", 1),
        ("airlens.log.2", 1),
        ("airlens.log.1", 1),
        ("airlens.log", 1),
    ] {
        let found = lines(&folder.join(path))?;
        let of_clients = found.iter().filter(|line| line["message"] == "profiled");
        let of_clients: Vec<_> = of_clients.map(|line| line["fields"]["client"].clone()).collect();
        ensure!(of_clients.len() == profiles, "{path}: {found:?}");
        clients.extend(of_clients);
    }
    let expected: Vec<_> = (1..=4u8)
        .map(|number| super::requests::client(number).to_string())
        .collect();
    ensure!(clients == expected, "{clients:?}");
    Ok(())
}
