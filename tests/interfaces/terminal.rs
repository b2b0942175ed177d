//! The terminal view, as it prints one picture. Keys and sizes are in `mon`, `screen`.

use anyhow::{Result, ensure};

use super::sensor::{Sensor, client};

#[test]
fn mon() -> Result<()> {
    let mut sensor = Sensor::start(&[])?;
    sensor.profiled(1)?;
    sensor.traffic()?;
    let said = sensor.verb("mon", &["--once", "--interval", "300ms"])?;
    ensure!(said.code == Some(0) && said.err.is_empty(), "{said:?}");
    let client = client(1).to_string();
    for words in ["Uptime", "Throughput", "clients", &client, "Losses", "CPU", "Memory"] {
        ensure!(said.out.contains(words), "{words}\n{}", said.out);
    }
    let document = sensor.verb("mon", &["--once", "--json", "--interval", "1s"])?.json()?;
    ensure!(document["connected"] == true, "{document:#}");
    sensor.stop().map(drop)
}
