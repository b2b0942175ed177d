//! What a run keeps of a client's profiles, and what `airlens clients history` and `diff` show of it. Needs root and tun.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use airlens::dot11::{Address, element::ElementId};
use airlens_tests::support::{
    cli::{Said, airlens},
    request::association,
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

const CLIENT: &str = "02:00:00:00:00:02";
const STATION: Address = Address([2, 0, 0, 0, 0, 2]);
const FILE: &str = "clients/02-00-00-00-00-02/history.jsonl";

/// A request of the station at this frequency in MHz, with this maximum power (9.4.2.14) in dBm.
fn request(sequence: u8, frequency: u16, power: u8) -> Vec<u8> {
    association(STATION, sequence, (frequency, None), b"net", |elements| {
        elements.raw(ElementId::POWER_CAPABILITY, &[3, power]);
    })
}

/// The lines of the history, each of which keeps to its schema.
fn history(files: &Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(files.join(FILE))?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    valid("history-line", &lines)?;
    Ok(lines)
}

fn said(files: &Path, arguments: &[&str]) -> Result<Said> {
    Said::by(airlens(["clients"])?.args(arguments).arg("--files-path").arg(files))
}

/// Band and power of each line.
fn told(lines: &[Value]) -> Vec<Value> {
    let pair = |line: &Value| json!([line["band"], line["features"]["max_power"]]);
    lines.iter().map(pair).collect()
}

/// A run that hears these requests one after the other and ends. One that says the same as the one before is the same
/// attempt.
fn heard(network: &Network, place: &Place, requests: &[Vec<u8>]) -> Result<()> {
    let mut run = Running::start(network, place)?;
    for request in requests {
        network.tap.write(request)?;
    }
    // All but the sequence number, which is in octets 22 and 23 of the frame, behind its radiotap header.
    let said = |request: &Vec<u8>| {
        let mut said = request.clone();
        let at = usize::from(request[2]) + 22;
        said[at..at + 2].fill(0);
        said
    };
    let attempts = requests.chunk_by(|one, next| said(one) == said(next)).count();
    run.until("every request is profiled", || {
        let info = place.document(&place.paths().info)?;
        Ok(info["profile_count"] == attempts)
    })?;
    run.stop()
}

#[test]
fn a_run_keeps_what_differs_and_diff_tells_it() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let files = place.files();
    heard(
        &network,
        &place,
        &[
            request(1, 5180, 17),
            request(2, 5180, 17),
            request(3, 5180, 20),
            request(4, 2412, 15),
        ],
    )?;
    let mut lines = history(&files)?;
    lines.sort_by_key(|line| line["band"].to_string());
    assert_eq!(told(&lines), [json!(["2", 15]), json!(["5", 17]), json!(["5", 20])]);
    for line in &lines {
        assert_eq!(
            (&line["kind"], &line["ssid"], &line["bssid"]),
            (&json!("association"), &json!("net"), &json!("02:00:00:00:00:01"))
        );
        ensure!(line["time"].is_string(), "{line}");
    }
    assert_eq!(fs::metadata(files.join(FILE))?.permissions().mode() & 0o777, 0o640);
    // The client's files show the newest, as before.
    let newest = place.document(&files.join("clients/02-00-00-00-00-02/02-00-00-00-00-02_5GHz.json"))?;
    assert_eq!(newest["features"]["max_power"], 20);
    assert_eq!(
        said(&files, &["--json"])?.json()?["clients"].as_array().map(Vec::len),
        Some(2)
    );

    let page = said(&files, &["diff", CLIENT])?;
    ensure!((page.code, page.err.as_str()) == (Some(0), ""), "{page:?}");
    let words: Vec<Vec<_>> = page.out.lines().map(|line| line.split_whitespace().collect()).collect();
    let rows: [Vec<&str>; 3] = [
        vec!["KEY", "CAPABILITY", "BEFORE", "AFTER"],
        vec!["max_power", "max", "power", "17", "20"],
        vec!["signature", "signature", "0,33,txpow:1103", "0,33,txpow:1403"],
    ];
    assert_eq!(words[1..], rows, "{}", page.out);
    let document = said(&files, &["diff", CLIENT, "--json"])?.json()?;
    assert_eq!(document["mac"], CLIENT);
    assert_eq!(document["differences"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        document["differences"][0]["changes"][0],
        json!({ "key": "max_power", "label": "max power", "before": 17, "after": 20 })
    );

    // A second run goes on where the first ended: what it hears again is nothing new.
    heard(&network, &place, &[request(5, 5180, 20), request(6, 5180, 23)])?;
    assert_eq!(told(&history(&files)?)[3..], [json!(["5", 23])]);
    let changes = |arguments: &[&str]| -> Result<Vec<Value>> {
        let document = said(&files, &[&["diff", CLIENT, "--json"], arguments].concat())?.json()?;
        let differences = document["differences"].as_array().context("no differences")?.clone();
        let pair = |one: &Value| json!([one["changes"][0]["before"], one["changes"][0]["after"]]);
        Ok(differences.iter().map(pair).collect())
    };
    assert_eq!(changes(&[])?, [json!([20, 23])]);
    // The band with one profile has nothing to compare.
    assert_eq!(changes(&["--since", "2020-01-01T00:00:00Z"])?, [json!([17, 23])]);
    assert_eq!(changes(&["--since", "2999-01-01T00:00:00Z"])?, [json!([null, null])]);
    let table = said(&files, &["history", CLIENT])?;
    ensure!(table.code == Some(0) && table.out.lines().count() == 5, "{table:?}");
    let listed = said(&files, &["history", CLIENT, "--json"])?.json()?;
    assert_eq!(listed["history"], json!(history(&files)?));
    Ok(())
}

/// A history with these lines of band and power.
fn write(files: &Path, lines: &[(&str, i64)]) -> Result<()> {
    let file = files.join(FILE);
    fs::create_dir_all(file.parent().context("no folder")?)?;
    let mut text = String::new();
    for (index, (band, power)) in lines.iter().enumerate() {
        let line = json!({
            "time": format!("2026-01-23T12:00:0{index}.5Z"), "band": band, "kind": "association",
            "ssid": "a\u{1b}[2J", "bssid": "02:00:00:00:00:01",
            "features": { "max_power": power, "dot11r": -power.signum() }, "airlens": {},
        });
        text.push_str(&format!("{line}\n"));
    }
    Ok(fs::write(file, text + "{\"time\": \"20")?)
}

#[test]
fn pages_of_a_history() -> Result<()> {
    let folder = tempfile::tempdir()?;
    write(folder.path(), &[("5", -1), ("2", 3), ("5", 17), ("2", 4), ("5", 18)])?;
    let mut pages = String::new();
    for arguments in [
        &["history", CLIENT][..],
        &["diff", CLIENT],
        &["diff", CLIENT, "--from", "1", "--to", "3"],
        &["diff", CLIENT, "--since", "2026-01-23T12:00:01Z"],
    ] {
        let said = said(folder.path(), arguments)?;
        ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
        pages.push_str(&format!("$ airlens clients {}\n{}\n", arguments.join(" "), said.out));
    }
    insta::assert_snapshot!("history_pages", pages);
    Ok(())
}

#[test]
fn without_a_second_profile_there_is_nothing_to_compare() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().display().to_string();
    for verb in ["diff", "history"] {
        said(folder.path(), &[verb, CLIENT])?.refuses(3, &[CLIENT, "has a history", &path])?;
        let wrong = said(folder.path(), &[verb, "../../etc"])?;
        assert_eq!((wrong.code, wrong.out.as_str()), (Some(2), ""));
    }
    write(folder.path(), &[("5", 17), ("2", 17)])?;
    said(folder.path(), &["diff", CLIENT])?.refuses(3, &["no second profile of", CLIENT, &path])?;
    said(folder.path(), &["diff", CLIENT, "--from", "1", "--to", "3"])?.refuses(3, &["no profile 3", "1 to 2"])?;
    said(folder.path(), &["diff", CLIENT, "--from", "0", "--to", "1"])?.refuses(3, &["no profile 0"])?;
    let half = said(folder.path(), &["diff", CLIENT, "--from", "1"])?;
    ensure!(half.code == Some(2) && half.err.contains("--to"), "{half:?}");
    Ok(())
}

#[test]
fn the_folder_may_come_from_the_environment() -> Result<()> {
    let folder = tempfile::tempdir()?;
    write(folder.path(), &[("5", 17), ("5", 18)])?;
    let mut command = airlens(["clients", "diff", CLIENT])?;
    let said = Said::by(command.env("AIRLENS_FILES_PATH", folder.path()))?;
    ensure!(said.code == Some(0) && said.out.contains("max_power"), "{said:?}");
    Ok(())
}
