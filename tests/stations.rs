//! The recorded matrix of stations: each one's profile against `tests/vm/stations.txt`, by which it was made.

#[path = "../xtask/src/vm/stations/table.rs"]
#[expect(dead_code, reason = "the VM test uses the rest")]
mod table;

use airlens_tests::support::cli::{STATIONS, Said, airlens};
use anyhow::{Context as _, Result, anyhow, ensure};
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

/// Each of them was accepted: what the AP's frames say of its last request.
#[test]
fn each_station_was_authenticated_accepted_and_left() -> Result<()> {
    let stations = table::parse(include_str!("vm/stations.txt")).map_err(|line| anyhow!("not understood: {line}"))?;
    let said = Said::by(&mut airlens(["analyze", "--json", STATIONS])?)?;
    let document = said.json()?;
    let clients = document["clients"].as_array().context("no clients")?;
    let requests = || {
        clients
            .iter()
            .filter_map(|client| client["requests"].as_array())
            .flatten()
    };
    for (station, last) in stations.iter().zip(last_requests()?) {
        let request = requests()
            .find(|request| request["frame"] == last["frame"])
            .context("not listed")?;
        let name = match (station.key_management(), station.then.as_str()) {
            (4, "roam") => "Fast BSS Transition",
            (8 | 9, _) => "SAE",
            _ => "Open System",
        };
        let authentication = &request["authentication"];
        ensure!(
            authentication["algorithm_name"] == name && authentication["status_name"] == "success",
            "{}: {authentication}",
            station.name
        );
        let answer = &request["answer"];
        ensure!(
            answer["status"] == 0 && answer["aid"].as_u64().is_some_and(|aid| aid > 0),
            "{}: {answer}",
            station.name
        );
        // wpa_supplicant says good-bye (reason 3), in cipher text where frames are protected.
        let encrypted = station.protection != "no";
        let ended = &request["ended"];
        let said = (
            ended["by"] == "client",
            ended["encrypted"] == encrypted,
            &ended["reason"],
        );
        let reason = if encrypted { Value::Null } else { json!(3) };
        ensure!(said == (true, true, &reason), "{}: {ended}", station.name);
    }
    // One AP wanted to see a sign of life first (SA Query), and was asked again.
    let refused: Vec<_> = requests().filter(|request| request["answer"]["status"] == 30).collect();
    ensure!(refused.len() == 1 && refused[0]["ended"].is_null(), "{refused:?}");
    Ok(())
}
