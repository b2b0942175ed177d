//! `airlens devices`, and the files that makers and devices are told by.

use std::fs;

use airlens_tests::support::cli::{FIXTURE, Said, airlens};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

fn said<const N: usize>(arguments: [&str; N]) -> Result<Said> {
    Said::by(&mut airlens(arguments)?)
}

fn out<const N: usize>(arguments: [&str; N]) -> Result<String> {
    let said = said(arguments)?;
    ensure!((said.code, said.err.as_str()) == (Some(0), ""), "{said:?}");
    Ok(said.out)
}

/// What `analyze` says about the request in this frame of the fixture, told by these files too.
fn request(frame: u64, files: [&str; 2]) -> Result<Value> {
    let [option, file] = files;
    let lines = out(["analyze", "--jsonl", option, file, FIXTURE])?;
    let mut lines = lines.lines().map(serde_json::from_str::<Value>);
    let found = lines.find(|line| line.as_ref().is_ok_and(|line| line["frame"] == frame));
    Ok(found.context("no such frame")??)
}

#[test]
fn what_is_printed_for_a_device_recognises_it_when_pasted() -> Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("mine.toml");
    let file = file.to_str().context("path")?;
    let entry = out([
        "devices",
        "learn",
        FIXTURE,
        "--client",
        "dc:a6:32:10:00:07",
        "--name",
        "Pi \"20 MHz\"",
    ])?;
    fs::write(file, format!("# My own.\n\n{entry}"))?;
    assert_eq!(
        out(["devices", "check", file])?,
        format!("{file}: 1 devices with 1 signatures\n")
    );
    let line = request(238, ["--devices", file])?;
    let device = &line["airlens"]["device"];
    assert_eq!(device["name"], "Pi \"20 MHz\"", "{line}");
    assert_eq!(
        (&device["matched"], &device["candidates"]),
        (&json!("joined"), &json!(["Pi \"20 MHz\""]))
    );
    let list: Value = serde_json::from_str(&out(["devices", "list", "--json", "--devices", file])?)?;
    let last = list["devices"]
        .as_array()
        .and_then(|all| all.last())
        .context("no device")?;
    assert_eq!(
        (&last["name"], &last["source"]),
        (&json!("Pi \"20 MHz\""), &json!("hwsim.pcap"))
    );
    assert_eq!(last["signatures"][0]["kind"], device["kind"]);

    // Every unknown device at once.
    let entries = out(["devices", "learn", "--unknown", FIXTURE])?;
    ensure!(entries.matches("[[device]]").count() > 2, "{entries}");
    fs::write(file, &entries)?;
    let again = said(["devices", "learn", "--unknown", "--devices", file, FIXTURE])?;
    again.refuses(3, &["no unknown device"])
}

#[test]
fn the_program_knows_what_the_project_recorded() -> Result<()> {
    let name = "Linux 6.12 mac80211_hwsim, wpa_supplicant 2.10";
    let table = out(["devices", "list"])?;
    ensure!(table.contains(name), "{table}");
    let lines = out(["analyze", "--jsonl", FIXTURE])?;
    for (frame, expected) in [
        (21, json!("joined")),
        (147, json!("assoc")),
        (256, json!("similar")),
        (51, Value::Null),
    ] {
        let line = lines
            .lines()
            .map(serde_json::from_str::<Value>)
            .find(|line| line.as_ref().is_ok_and(|line| line["frame"] == frame))
            .context("no such frame")??;
        let device = &line["airlens"]["device"];
        assert_eq!(device["matched"], expected, "{frame}: {device}");
        assert_eq!(device["name"] == name, expected != Value::Null, "{frame}: {device}");
    }
    Ok(())
}

#[test]
fn clients_of_one_kind() -> Result<()> {
    let table = out(["devices", "kinds", FIXTURE])?;
    ensure!(table.lines().count() == 5, "{table}");
    let document: Value = serde_json::from_str(&out(["devices", "kinds", "--json", FIXTURE])?)?;
    let kinds = document["kinds"].as_array().context("kinds")?;
    let largest = kinds
        .iter()
        .filter_map(|kind| kind["clients"].as_array())
        .max_by_key(|clients| clients.len());
    let largest = largest.context("clients")?;
    // The radio of 2.4, 5 and 6 GHz, with its real and its random addresses.
    for client in [
        "3c:28:6d:10:00:01",
        "06:70:ae:3f:90:4c",
        "aa:78:e7:8b:06:fe",
        "8e:6f:af:cf:86:19",
    ] {
        ensure!(largest.contains(&json!(client)), "{client}: {document}");
    }
    Ok(())
}

#[test]
fn a_newer_registry() -> Result<()> {
    let folder = TempDir::new()?;
    for (name, text) in [
        (
            "oui.csv",
            "Registry,Assignment,Organization Name,Organization Address\nMA-L,DCA632,\"Example Radio, Ltd.\",Street\n",
        ),
        (
            "oui.txt",
            "OUI/MA-L                                                    Organization\n\nDC-A6-32   (hex)\t\tExample Radio, Ltd.\nDCA632     (base 16)\t\tExample Radio, Ltd.\n",
        ),
        (
            "manuf",
            "# Wireshark\nDC:A6:32:10:00:00/36\tExampleRadi\tExample Radio, Ltd.\n",
        ),
    ] {
        let file = folder.path().join(name);
        let file = file.to_str().context("path")?;
        fs::write(file, text)?;
        assert_eq!(request(238, ["--oui-file", file])?["manuf"], "ExampleRadio", "{name}");
        // The embedded registry is beneath it.
        assert_eq!(request(21, ["--oui-file", file])?["manuf"], "Google", "{name}");
    }
    Ok(())
}

#[test]
fn files_that_are_wrong_are_told_with_their_line() -> Result<()> {
    let folder = TempDir::new()?;
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text)?;
        anyhow::Ok(path.to_str().context("path")?.to_owned())
    };
    let csv = write(
        "oui.csv",
        "Registry,Assignment,Organization Name,Organization Address\nMA-L,DCA63,Example,\n",
    )?;
    said(["analyze", "--oui-file", &csv, FIXTURE])?.refuses(4, &["oui.csv, line 2: no assignment", "download"])?;
    let text = write("text", "hello\n")?;
    said(["analyze", "--oui-file", &text, FIXTURE])?.refuses(4, &["text, line 1: this is no registry", "oui.csv"])?;
    said(["analyze", "--oui-file", "/nowhere", FIXTURE])?.refuses(4, &["can't read /nowhere"])?;
    let devices = write(
        "devices.toml",
        "[[device]]\nname = \"a\"\n[[device.signature]]\nassoc = \"\"\n",
    )?;
    for arguments in [
        ["devices", "check", &devices],
        ["devices", "list", &format!("--devices={devices}")],
    ] {
        said(arguments)?.refuses(4, &["devices.toml, line 3: no signature"])?;
    }
    said(["run", "--data", "lo", "--devices", &devices])?.refuses(4, &["devices.toml, line 3"])?;
    let several = said(["devices", "learn", FIXTURE])?;
    ensure!(
        several.code == Some(2) && several.err.contains("19 clients"),
        "{several:?}"
    );
    Ok(())
}
