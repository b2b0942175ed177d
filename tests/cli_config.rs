//! `airlens config`: what is wrong with a configuration, and what is set where.

use std::fs;

use airlens::config::KEYS;
use airlens_tests::support::{
    cli::{Said, airlens},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// A file and its folder.
fn written(name: &str, text: &str) -> Result<(tempfile::TempDir, String)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(name);
    fs::write(&path, text)?;
    let path = path.to_str().context("a path that is no UTF-8")?.to_owned();
    Ok((folder, path))
}

#[test]
fn every_problem_has_its_place_and_what_would_be_right() -> Result<()> {
    let (_folder, file) = written(
        "airlens.toml",
        "mode = \"ap\"\nchannel = \"6g5\"\nax = false\n\n[logging]\n  level = \"loud\"\n",
    )?;
    let said = Said::by(&mut airlens(["config", "check", &file])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    let lines: Vec<_> = said.err.lines().collect();
    assert_eq!(lines.len(), 2, "{said:?}");
    ensure!(
        lines[0].starts_with(&format!("{file}:6:11: ")) && lines[0].contains("`warn`"),
        "{said:?}"
    );
    ensure!(
        lines[1].starts_with(&format!("{file}:3:1: ax: ")) && lines[1].contains("another band"),
        "{said:?}"
    );
    let run = Said::by(&mut airlens(["run", "--config", &file])?)?;
    assert_eq!(
        (run.code, run.err.as_str()),
        (Some(2), format!("airlens: {}", said.err).as_str())
    );
    Ok(())
}

#[test]
fn a_configuration_that_is_right() -> Result<()> {
    let (_folder, file) = written("config.ini", "[GENERAL]\nchannel: 36\nssid: \nhostapd_config: x\n")?;
    let said = Said::by(&mut airlens(["config", "check", &file])?)?;
    assert_eq!((said.code, said.out), (Some(0), format!("{file}: ok\n")));
    assert_eq!(
        said.err,
        format!("warning: {file}:4:1: hostapd_config: airlens has no such setting, it is passed over\n")
    );
    let said = Said::by(&mut airlens(["config", "check"])?)?;
    assert_eq!((said.code, said.out.as_str()), (Some(0), "the environment: ok\n"));
    let said = Said::by(airlens(["config", "check"])?.env("AIRLENS_CHANNEL", "300"))?;
    assert_eq!(said.code, Some(2));
    ensure!(
        said.err.starts_with("environment variable AIRLENS_CHANNEL: "),
        "{said:?}"
    );
    Ok(())
}

#[test]
fn each_setting_and_where_it_is_from() -> Result<()> {
    let (_folder, file) = written(
        "config.ini",
        "[GENERAL]\n channel: 44\npassphrase: correct horse\nlisten_only: True\n",
    )?;
    let show = |more: &[&str]| {
        let mut command = airlens([
            "config", "show", "--config", &file, "-i", "wlan7", "--data", "eth0", "eth1",
        ])?;
        Said::by(command.args(more).env("AIRLENS_SSID", "café"))
    };
    let said = show(&["--origin"])?;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        said.err,
        "warning: in listen mode there is no access point: not used are ssid, passphrase\n"
    );
    let table = said.out.replace(&file, "FILE");
    insta::assert_snapshot!("config_show_origin", table);

    let document = show(&["--json"])?.json()?;
    valid("config", [&document])?;
    let settings = document["settings"].as_array().context("no settings")?;
    let keys: Vec<_> = settings.iter().filter_map(|setting| setting["key"].as_str()).collect();
    assert_eq!(keys, KEYS.map(|key| key.name));
    let found = |document: &Value, key: &str| {
        let settings = document["settings"].as_array().cloned().unwrap_or_default();
        settings.into_iter().find(|setting| setting["key"] == key)
    };
    let origin = json!({ "kind": "file", "path": file, "line": 3, "column": 1 });
    let hidden = json!({ "key": "passphrase", "value": null, "hidden": true, "origin": origin });
    assert_eq!(found(&document, "passphrase"), Some(hidden));
    let shown = json!({ "key": "passphrase", "value": "correct horse", "hidden": false, "origin": origin });
    assert_eq!(
        found(&show(&["--json", "--secrets"])?.json()?, "passphrase"),
        Some(shown)
    );
    for secret in ["--origin", "--json"] {
        ensure!(!show(&[secret])?.out.contains("horse"), "{secret} tells the passphrase");
    }
    Ok(())
}

#[test]
fn what_needs_another_setting_takes_it_from_any_source() -> Result<()> {
    let show = |hop: Option<&str>| {
        let mut command = airlens(["config", "show", "--dwell", "1s"])?;
        command.envs(hop.map(|list| ("AIRLENS_HOP", list)));
        Said::by(&mut command)
    };
    let said = show(Some("all"))?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let said = show(None)?;
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            Some(0),
            "warning: without hop the radio stays on its channel: not used are dwell\n"
        )
    );
    Ok(())
}

#[test]
fn flags_of_wlanpi_profiler() -> Result<()> {
    let show = |flags: &[&str]| Said::by(airlens(["config", "show", "--json"])?.args(flags))?.json();
    for (flags, key, value) in [
        (&["--noAP"][..], "mode", json!("listen")),
        (&["--fakeap"], "mode", json!("fakeap")),
        (&["--hostname_ssid"], "hostname_ssid", json!(true)),
        (&["--files_path", "/x"], "files_path", json!("/x")),
        (&["--no-interface-prep"], "interface_prep", json!(false)),
        (&["--noprofilertlv"], "profiler_element", json!(false)),
        (&["--no11ax"], "be", json!(false)),
        (&["--security-mode", "wpa2", "--11be"], "be", json!(true)),
        (&["-f", "5975"], "channel", json!(null)),
        (&["-f", "5975"], "frequency", json!(5975)),
        (&["-c", "6g5", "--width", "160"], "width", json!("160")),
    ] {
        let document = show(flags)?;
        let settings = document["settings"].as_array().context("no settings")?;
        let setting = settings
            .iter()
            .find(|setting| setting["key"] == key)
            .context("no such setting")?;
        assert_eq!(setting["value"], value, "{flags:?}");
    }
    Ok(())
}
