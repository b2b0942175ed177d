//! What the `stations` scenario must have left on the share: each station's profile against the table, the driver, the
//! frames on the air, hostapd and tshark.
mod sides;
mod table;
mod tshark;

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Map, Value, json};
use xshell::Shell;

use super::{
    features,
    listen::{json_file, not_any, text},
    pcap::{self, Frame},
    request,
    verdict::Verdict,
};
use crate::summary::Counts;
use sides::Sides;
use table::Station;
pub(super) use table::{differences, path};

/// Keys that say something of HT, VHT and HE, by what they start with.
const GENERATIONS: [&str; 3] = ["dot11n", "dot11ac", "dot11ax"];

/// Capture and number in `iw phy` of a band.
const BANDS: [(&str, &str, u8); 3] = [("2", "mon2.pcap", 1), ("5", "mon5.pcap", 2), ("6", "mon6.pcap", 4)];

/// What is known of a band: the frames on the air, the driver's features, tshark's reading.
struct Band {
    frames: Vec<Frame>,
    driver: Map<String, Value>,
    dissected: Option<HashMap<String, Map<String, Value>>>,
}

/// Prints the checks and returns their counts.
pub(super) fn judge(scripts: &Path, share: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    let mut verdict = Verdict::default();
    verdict.check("stations: the scenario ran through", {
        let wrong = |line: &&str| line.starts_with("TIMEOUT") || line.contains(" ended with ") && !line.ends_with(" 0");
        not_any(&log.lines().filter(wrong).collect::<Vec<_>>())
    });
    let mut bands = HashMap::new();
    for (name, capture, number) in BANDS {
        let capture = share.join(capture);
        bands.insert(
            name,
            Band {
                frames: pcap::read(&capture)?,
                driver: features::of_phy(&text(&share.join("phy.txt"))?, number)?,
                dissected: tshark::requests(&Shell::new()?, &capture)?,
            },
        );
    }
    if bands.values().any(|band| band.dissected.is_none()) {
        println!("left out: tshark's reading of the requests, for tshark is not installed");
    }
    let stations = stations(scripts)?;
    for station in &stations {
        let name = station.network.band();
        let band = bands.get(name).with_context(|| format!("no band {name}"))?;
        one(&mut verdict, station, band, share);
    }
    Ok(verdict.counts())
}

/// Prints what a reader of a failure wants first.
pub(super) fn show(share: &Path) -> Result<()> {
    println!("{}", text(&share.join("scenario.log"))?);
    Ok(())
}

/// The stations' names, in their order.
pub(super) fn names(scripts: &Path) -> Result<Vec<String>> {
    Ok(stations(scripts)?.into_iter().map(|station| station.name).collect())
}

fn stations(scripts: &Path) -> Result<Vec<Station>> {
    table::parse(&text(&scripts.join("stations.txt"))?).map_err(|line| anyhow!("not understood: {line}"))
}

fn one(verdict: &mut Verdict, station: &Station, band: &Band, share: &Path) {
    let name = &station.name;
    let found = Sides::read(&share.join("stations").join(name)).and_then(|sides| {
        let address = sides.address()?.to_owned();
        let folder = share
            .join("clients")
            .join(station.network.band())
            .join(address.replace(':', "-"));
        Ok((sides, address, folder))
    });
    let (sides, address, folder) = match found {
        Ok(found) => found,
        Err(why) => return verdict.check(&format!("{name}: associated"), Err(why)),
    };
    verdict.check(&format!("{name}: associated as the table asks"), sides.agree(station));
    let profile = profile(&folder, station.network.band());
    let against = |says: Result<Map<String, Value>>| -> Result<()> {
        let profile = profile.as_ref().map_err(|why| anyhow!("{why:#}"))?;
        let differences = differences(profile, &says?);
        not_any(&differences.iter().map(String::as_str).collect::<Vec<_>>())
    };
    verdict.check(&format!("{name}: profile is what the table says"), {
        against(Ok(station.says())).and_then(|()| against(Ok(context(station, &address))))
    });
    verdict.check(
        &format!("{name}: profile has what the driver announced, and no more"),
        against(announced(station, &band.driver)),
    );
    verdict.check(
        &format!("{name}: profile has what hostapd heard"),
        against(sides.heard()),
    );
    verdict.check(&format!("{name}: profile has what the request on the air says"), {
        let request = request::last_of(&band.frames, &address);
        against(request.and_then(request::features).map(in_features))
    });
    if let Some(dissected) = &band.dissected {
        let says = dissected.get(&address).cloned().context("tshark saw no request");
        verdict.check(&format!("{name}: profile has what tshark reads"), against(says));
    }
    if station.vendors().next().is_some() {
        verdict.check(&format!("{name}: its vendor elements"), vendors(station, &folder));
    }
    if station.asks_elsewhere() {
        verdict.check(&format!("{name}: no probe request under its address"), {
            let asked = band.frames.iter().filter(|frame| frame.kind() == Some((0, 4)));
            let own = asked
                .filter_map(Frame::transmitter)
                .filter(|asker| request::written(*asker) == address);
            match own.count() {
                0 => Ok(()),
                count => Err(anyhow!("{count} of them")),
            }
        });
    }
}

fn profile(folder: &Path, band: &str) -> Result<Value> {
    let band = match band {
        "2" => "2.4GHz",
        "5" => "5GHz",
        _ => "6GHz",
    };
    let name = folder.file_name().context("no folder")?.to_string_lossy();
    json_file(&folder.join(format!("{name}_{band}.json")))
}

/// Where the profile was made.
fn context(station: &Station, address: &str) -> Map<String, Value> {
    let network = &station.network;
    let local = u8::from_str_radix(address.get(..2).unwrap_or_default(), 16).is_ok_and(|octet| octet & 2 == 2);
    let context = json!({
        "mac": address.replace(':', "-"), "is_laa": local, "capture_ssid": network.ssid, "capture_bssid": network.bssid,
        "capture_band": network.band(), "capture_channel": network.channel(), "schema_version": 2,
    });
    context.as_object().cloned().unwrap_or_default()
}

/// The driver's features as far as the request announces that generation and the table names no exception; nothing of others.
fn announced(station: &Station, driver: &Map<String, Value>) -> Result<Map<String, Value>> {
    let mut announced = Map::new();
    let says = station.says();
    for (start, there) in GENERATIONS.into_iter().zip(station.generations()) {
        let keys: Vec<_> = driver
            .iter()
            .filter(|(key, _)| **key == start || key.starts_with(&format!("{start}_")))
            .collect();
        ensure!(!there || !keys.is_empty(), "the driver announces no {start}");
        if !there {
            announced.insert(format!("features/{start}_nss"), json!(0));
            continue;
        }
        for (key, value) in keys {
            let path = format!("features/{key}");
            announced.insert(path.clone(), says.get(&path).unwrap_or(value).clone());
        }
    }
    Ok(announced)
}

fn in_features(keys: Map<String, Value>) -> Map<String, Value> {
    keys.into_iter()
        .map(|(key, value)| (format!("features/{key}"), value))
        .collect()
}

/// The vendor elements that the table names are in one of the station's requests.
fn vendors(station: &Station, folder: &Path) -> Result<()> {
    let history = fs::read_to_string(folder.join("history.jsonl")).context("no history.jsonl")?;
    for wanted in station.vendors() {
        let (oui, kind) = wanted.split_once('/').context("not OUI/TYPE")?;
        let kind: u8 = kind.parse()?;
        let found = history.lines().any(|line| {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            let elements = line["airlens"]["vendor_elements"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            elements
                .iter()
                .any(|element| element["oui"] == oui && element["type"] == kind)
        });
        ensure!(found, "no {wanted} in {history}");
    }
    Ok(())
}
