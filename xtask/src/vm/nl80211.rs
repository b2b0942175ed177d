//! What the `nl80211` scenario must have left on the share: airlens's words against those of iw, and an access point of the
//! library's own.
mod ap;
pub(super) mod iw;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{
    listen::{json_file, not_any, text},
    verdict::Verdict,
};
use crate::summary::Counts;

/// Prints the checks and returns their counts.
pub(super) fn judge(share: &Path) -> Result<Counts> {
    let log = text(&share.join("scenario.log"))?;
    let mut verdict = Verdict::default();
    verdict.check("the scenario ran through", {
        let late: Vec<_> = log.lines().filter(|line| line.starts_with("TIMEOUT")).collect();
        not_any(&late)
    });
    let shown = json_file(&share.join("wiphy.json"))?;
    for (at, phy) in ["phy0", "phy2"].into_iter().enumerate() {
        let wiphy = &shown["wiphys"][at];
        verdict.equal(&format!("{phy}: name"), Ok(wiphy["name"].clone()), &json!(phy));
        device(&mut verdict, phy, wiphy, share)?;
    }
    let dev = iw::interfaces(&text(&share.join("iw-dev.txt"))?);
    for (name, expected) in &dev {
        let found = shown["interfaces"].as_array().context("no interfaces")?;
        let found = found.iter().find(|entry| entry["name"] == *name).cloned();
        let found = found
            .with_context(|| format!("no {name}"))
            .map(|found| select(&found, expected));
        verdict.equal(&format!("iw dev: {name}"), found, expected);
    }
    verdict.equal("interfaces that iw dev shows", Ok(dev.len()), &3);
    rules(
        &mut verdict,
        &shown["wiphys"][0]["regulatory"],
        &text(&share.join("iw-reg.txt"))?,
    );
    facts(&mut verdict, share)?;
    doctor(&mut verdict, share);
    ap::refusals(&mut verdict, share);
    ap::judge(&mut verdict, share);
    Ok(verdict.counts())
}

/// The lines of the example, by step.
fn lines(file: &Path) -> Result<Vec<(String, Value)>> {
    let all = text(file)?;
    let all = all.lines().map(|line| {
        let line: Value = serde_json::from_str(line)?;
        let step = line["step"].as_str().context("no step")?.to_owned();
        Ok((step, line["what"].clone()))
    });
    all.collect()
}

/// The keys of `found` that `like` has.
fn select(found: &Value, like: &Value) -> Value {
    let keys = like.as_object().into_iter().flatten();
    keys.map(|(key, _)| (key.clone(), found[key].clone())).collect()
}

fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|text| Some(text.as_str()?.to_owned())).collect()
}

fn device(verdict: &mut Verdict, phy: &str, wiphy: &Value, share: &Path) -> Result<()> {
    let info = text(&share.join(format!("iw-{phy}.txt")))?;
    let kinds: Vec<_> = iw::list(&info, "Supported interface modes:")
        .into_iter()
        .map(iw::name)
        .collect();
    verdict.equal(
        &format!("{phy}: kinds of interfaces"),
        Ok(strings(&wiphy["interface_kinds"])),
        &kinds,
    );
    let ssids = iw::value(&info, "max # scan SSIDs:").and_then(|number| number.parse::<u64>().ok());
    verdict.equal(
        &format!("{phy}: scan SSIDs"),
        Ok(wiphy["max_scan_ssids"].as_u64()),
        &ssids,
    );
    let active = info.contains("Device supports active monitor");
    verdict.equal(
        &format!("{phy}: active monitor"),
        Ok(wiphy["active_monitor"].clone()),
        &json!(active),
    );
    let total = format!(
        "total <= {}, #channels <= {}",
        wiphy["combinations"][0]["max_interfaces"], wiphy["combinations"][0]["channels"]
    );
    verdict.check(&format!("{phy}: combinations"), {
        let told = info.contains(&total);
        told.then_some(()).with_context(|| format!("iw does not say {total}"))
    });
    let frames = |title, key: &str| -> (Vec<String>, Vec<String>) {
        let told: Vec<_> = iw::list(&info, title)
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(kind, types)| format!("{}: {types}", iw::name(kind)))
            .collect();
        let shown = wiphy[key].as_array().into_iter().flatten().map(|entry| {
            let types = entry["types"].as_array().into_iter().flatten();
            let types: Vec<_> = types
                .filter_map(Value::as_u64)
                .map(|kind| format!("0x{kind:02x}"))
                .collect();
            format!("{}: {}", entry["kind"].as_str().unwrap_or_default(), types.join(" "))
        });
        (shown.collect(), told)
    };
    for (title, key) in [
        ("Supported TX frame types:", "tx_frame_types"),
        ("Supported RX frame types:", "rx_frame_types"),
    ] {
        let (shown, told) = frames(title, key);
        verdict.equal(&format!("{phy}: {key}"), Ok(shown), &told);
        verdict.check(&format!("{phy}: {key} are some"), ensure_some(told.len()));
    }
    channels(
        verdict,
        phy,
        wiphy,
        &info,
        &text(&share.join(format!("iw-{phy}-channels.txt")))?,
    );
    for (generation, key) in [("HE", "he"), ("EHT", "eht")] {
        let shown = caps(wiphy, key);
        let told = iw::caps(&info, generation);
        verdict.equal(&format!("{phy}: {generation} capabilities by kind"), Ok(shown), &told);
    }
    Ok(())
}

fn ensure_some(count: usize) -> Result<()> {
    ensure!(count > 0, "none");
    Ok(())
}

/// The channels of the bands that airlens knows, with their band's entry.
fn all_channels(wiphy: &Value) -> impl Iterator<Item = &Value> {
    let bands = wiphy["bands"].as_array().into_iter().flatten();
    bands
        .filter(|band| band["band"] != "unknown")
        .flat_map(|band| band["channels"].as_array().into_iter().flatten())
}

fn channels(verdict: &mut Verdict, phy: &str, wiphy: &Value, info: &str, list: &str) {
    let told = iw::channels(info);
    let set = |channel: &Value, flag: &str| channel[flag] == true;
    let shown: BTreeMap<_, _> = all_channels(wiphy)
        .filter_map(|channel| {
            let power = channel["max_power_mbm"].as_f64()? / 100.0;
            let closed = set(channel, "disabled");
            // iw says no more of a closed one.
            let told = if closed {
                (true, false, false, String::new())
            } else {
                (
                    false,
                    set(channel, "no_ir"),
                    set(channel, "radar"),
                    format!("{power:.1}"),
                )
            };
            Some((channel["frequency"].as_u64()?, told))
        })
        .collect();
    verdict.check(&format!("{phy}: channels are some"), ensure_some(told.len()));
    verdict.equal(&format!("{phy}: channels and their flags"), Ok(shown), &told);

    let told = iw::widths(list);
    // iw shows the widths that HT and VHT have: none in 6 GHz.
    let told: BTreeMap<_, _> = told.into_iter().filter(|(frequency, _)| *frequency < 5925).collect();
    let shown: BTreeMap<_, _> = all_channels(wiphy)
        .filter(|channel| !set(channel, "disabled") && channel["frequency"].as_u64() < Some(5925))
        .filter_map(|channel| {
            let widths: BTreeSet<_> = [
                ("", "20MHz"),
                ("no_ht40_minus", "HT40-"),
                ("no_ht40_plus", "HT40+"),
                ("no_80", "VHT80"),
                ("no_160", "VHT160"),
            ]
            .into_iter()
            .filter(|(flag, _)| !set(channel, flag))
            .map(|(_, width)| width.to_owned())
            .collect();
            Some((channel["frequency"].as_u64()?, widths))
        })
        .collect();
    verdict.equal(&format!("{phy}: widths by channel"), Ok(shown), &told);
}

fn caps(wiphy: &Value, key: &str) -> BTreeSet<(String, String, String)> {
    let bands = wiphy["bands"].as_array().into_iter().flatten();
    let entries = bands.flat_map(|band| band["by_kind"].as_array().into_iter().flatten());
    entries
        .filter(|entry| !entry[key].is_null())
        .flat_map(|entry| {
            let part = |name: &str| entry[key][name].as_str().unwrap_or_default().to_owned();
            let (mut mac, mut phy) = (part("mac"), part("phy"));
            if key == "he" {
                // iw prints numbers of 16 bits.
                mac = mac
                    .as_bytes()
                    .chunks(4)
                    .flat_map(|word| word.iter().skip(2).chain(&word[..2]))
                    .map(|digit| char::from(*digit))
                    .collect();
            } else {
                // iw prints 8 of 9 octets.
                phy.truncate(16);
            }
            let kinds = strings(&entry["kinds"]);
            kinds.into_iter().map(move |kind| (kind, mac.clone(), phy.clone()))
        })
        .collect()
}

fn rules(verdict: &mut Verdict, shown: &Value, iw: &str) {
    verdict.equal("regulatory: country", Ok(shown["country"].clone()), &json!("DE"));
    let told = iw::rules(iw);
    let number = |rule: &Value, key: &str, unit| rule[key].as_u64().unwrap_or_default() / unit;
    let found: Vec<_> = shown["rules"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|rule| {
            (
                number(rule, "start_khz", 1000),
                number(rule, "end_khz", 1000),
                number(rule, "max_width_khz", 1000),
                number(rule, "max_power_mbm", 100),
                number(rule, "flags", 1) & 1 << 4 != 0,
            )
        })
        .collect();
    verdict.check("regulatory: rules are some", ensure_some(told.len()));
    verdict.equal("regulatory: rules", Ok(found), &told);
}

/// Stations and survey, and a scan.
fn facts(verdict: &mut Verdict, share: &Path) -> Result<()> {
    let told = lines(&share.join("facts.jsonl"))?;
    let one = |step: &str| told.iter().find(|(name, _)| name == step).map(|(_, what)| what.clone());
    let stations = text(&share.join("iw-stations.txt"))?;
    let station = one("stations").unwrap_or_default()[0].clone();
    let expected = json!({
        "address": iw::value(&stations, "Station "),
        "tx_packets": iw::value(&stations, "tx packets:").and_then(|number| number.parse::<u64>().ok()),
        "signal": iw::value(&stations, "signal:").and_then(|number| number.parse::<i64>().ok()),
        "signal_average": iw::value(&stations, "signal avg:").and_then(|number| number.parse::<i64>().ok()),
        "tx_retries": iw::value(&stations, "tx retries:").and_then(|number| number.parse::<u64>().ok()),
        "authorized": iw::value(&stations, "authorized:") == Some("yes"),
        "associated": iw::value(&stations, "associated:") == Some("yes"),
        "protected": iw::value(&stations, "MFP:") == Some("yes"),
    });
    verdict.equal("iw station dump", Ok(select(&station, &expected)), &expected);
    verdict.check("iw station dump: a station", {
        ensure_some(usize::from(
            station["authorized"] == true && station["rx_bytes"].as_u64() > Some(0),
        ))
    });

    let survey = text(&share.join("iw-survey.txt"))?;
    let number = |block, title| iw::value(block, title).and_then(|number| number.parse::<i64>().ok());
    let expected: Vec<_> = survey
        .split("Survey data from")
        .skip(1)
        .map(|block| {
            (
                number(block, "frequency:"),
                number(block, "noise:"),
                number(block, "channel active time:").is_some(),
            )
        })
        .collect();
    let found: Vec<_> = one("survey")
        .unwrap_or_default()
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| {
            (
                entry["frequency"].as_i64(),
                entry["noise"].as_i64(),
                entry["time_ms"].is_number(),
            )
        })
        .collect();
    verdict.check("iw survey dump: channels", ensure_some(expected.len()));
    verdict.equal("iw survey dump", Ok(found), &expected);

    let scan = lines(&share.join("scan.jsonl"))?;
    let found = scan
        .iter()
        .find(|(step, _)| step == "bss")
        .map(|(_, what)| what.clone());
    let expected = json!({ "bssid": "02:00:00:00:00:00", "frequency": 5180, "ssid": "airlens" });
    let found = found.context("no network").map(|found| select(&found, &expected));
    verdict.equal("a scan finds the access point", found, &expected);
    Ok(())
}

/// The checks of that name of `airlens doctor`.
fn doctor(verdict: &mut Verdict, share: &Path) {
    let checks = |file: &str, name: &str| -> Result<Vec<String>> {
        let report = json_file(&share.join(file))?;
        let checks = report["checks"].as_array().context("no checks")?;
        let checks = checks.iter().filter(|check| check["name"] == name);
        Ok(checks
            .filter_map(|check| Some(check["found"].as_str()?.to_owned()))
            .collect())
    };
    let expected: Vec<_> = ["phy0", "phy2"]
        .map(|phy| format!("{phy} (mac80211_hwsim) can do ap, hostapd, fakeap, listen"))
        .into();
    verdict.equal("doctor: devices", checks("doctor.json", "device"), &expected);
    verdict.check("doctor: hostapd is told", {
        checks("doctor.json", "other users").and_then(|found| {
            ensure!(found.iter().any(|text| text.starts_with("hostapd (pid ")), "{found:?}");
            Ok(())
        })
    });
    verdict.equal(
        "doctor: a radio that is on",
        checks("doctor.json", "radio"),
        &Vec::new(),
    );
    let off = vec!["switched off: phy2".to_owned()];
    verdict.equal("doctor: a radio that is off", checks("doctor-off.json", "radio"), &off);
}
