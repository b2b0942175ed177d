//! The recorded matrix of stations: each one's profile against `tests/vm/stations.txt`, by which it was made.

#[path = "../xtask/src/vm/stations/table.rs"]
#[expect(dead_code, reason = "the VM test uses the rest")]
mod table;

use airlens_tests::support::cli::{STATIONS, Said, airlens};
use anyhow::{Result, anyhow, ensure};
use serde_json::{Value, json};

/// The last request of each station, in the order in which they came.
fn last_requests() -> Result<Vec<Value>> {
    let said = Said::by(&mut airlens(["analyze", "--jsonl", STATIONS])?)?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    let mut last: Vec<Value> = Vec::new();
    for line in said.out.lines() {
        let request: Value = serde_json::from_str(line)?;
        match last.iter_mut().find(|earlier| earlier["mac"] == request["mac"]) {
            Some(earlier) => *earlier = request,
            None => last.push(request),
        }
    }
    Ok(last)
}

#[test]
fn each_station_says_what_its_configuration_implies() -> Result<()> {
    let stations = table::parse(include_str!("vm/stations.txt")).map_err(|line| anyhow!("not understood: {line}"))?;
    let requests = last_requests()?;
    assert_eq!(requests.len(), stations.len());
    for (station, request) in stations.iter().zip(&requests) {
        let network = &station.network;
        let mut says = station.says();
        for (key, value) in [
            ("ssid", json!(network.ssid)),
            ("bssid", json!(network.bssid)),
            ("band", json!(network.band())),
            ("channel", json!(network.channel())),
            ("frequency", json!(network.frequency)),
            ("is_laa", json!(station.address.is_none())),
            (
                "mac",
                station.address.clone().map_or(request["mac"].clone(), Value::from),
            ),
            ("notes", json!([])),
        ] {
            says.insert(key.to_owned(), value);
        }
        let kind = match station.then.as_str() {
            "" => "association",
            _ => "reassociation",
        };
        says.insert("kind".to_owned(), json!(kind));
        let differences = table::differences(request, &says);
        ensure!(differences.is_empty(), "{}: {}", station.name, differences.join("; "));
        // Streams: none of a generation that is not announced.
        for (key, announced) in ["dot11n", "dot11ac", "dot11ax"].into_iter().zip(station.generations()) {
            let streams = &request["features"][format!("{key}_nss")];
            ensure!((streams != 0) == announced, "{}: {key}_nss is {streams}", station.name);
        }
    }
    Ok(())
}
