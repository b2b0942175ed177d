//! `airlens restore`, and what a start does about journals of runs that were killed. Needs root and tun. Interfaces that are
//! there to be given back are in the scenarios of virtual machines.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, Place, Running},
    schema::valid,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// A journal of a run on this machine, of interfaces that there are not.
fn journal(phy: &str) -> Result<Value> {
    let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let wlan7 = json!({ "name": "wlan7", "index": 70_001, "address": "02:00:00:00:07:00" });
    let made = json!({ "name": "wlan7profiler", "index": 0, "address": "00:00:00:00:00:00" });
    Ok(json!({
        "schema_version": "1.0",
        "boot_id": boot_id.trim(),
        "network_namespace": fs::metadata("/proc/self/ns/net")?.ino(),
        "pid": 4711,
        "phy": phy,
        "entries": [
            { "what": "network_manager", "interface": wlan7, "before": true, "after": false },
            { "what": "up", "interface": wlan7, "before": true, "after": false },
            { "what": "kind", "interface": wlan7, "before": "managed", "after": "ap", "error": "it was busy" },
            { "what": "address", "interface": wlan7, "before": "02:00:00:00:07:00", "after": "02:00:00:00:07:01" },
            { "what": "channel", "interface": wlan7, "before": null, "after": { "frequency": 5180, "width": 80 } },
            { "what": "created", "interface": made }
        ]
    }))
}

fn written(folder: &Path, phy: &str, change: impl FnOnce(&mut Value)) -> Result<PathBuf> {
    let mut document = journal(phy)?;
    change(&mut document);
    let path = folder.join(format!("{phy}.journal"));
    fs::write(&path, document.to_string())?;
    Ok(path)
}

fn restore(folder: &Path, more: &[&str]) -> Result<Said> {
    Said::by(airlens(["restore", "--journal-path"])?.arg(folder).args(more))
}

#[test]
fn nothing_is_left() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let said = restore(folder.path(), &[])?;
    assert_eq!((said.code, said.out.as_str()), (Some(0), "nothing to give back\n"));
    let said = restore(&folder.path().join("missing"), &["--json"])?.json()?;
    assert_eq!(
        said,
        json!({ "schema_version": "1.0", "dry_run": false, "journals": [] })
    );
    Ok(())
}

#[test]
fn what_is_gone_is_told_and_dropped() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = written(folder.path(), "phy7", |_| ())?;
    valid("journal", [&journal("phy7")?])?;
    let before = fs::read(&path)?;
    let foreseen = restore(folder.path(), &["--dry-run"])?;
    assert_eq!(foreseen.code, Some(0), "{foreseen:?}");
    assert_eq!(fs::read(&path)?, before);
    let document = restore(folder.path(), &["--dry-run", "--json"])?.json()?;
    valid("restore", [&document])?;
    let said = restore(folder.path(), &[])?;
    assert_eq!(
        said.out,
        "phy7: the run of process 4711 is over; undone:\n  \
         wlan7profiler: made by airlens → removed  (gone)\n  \
         wlan7: channel 5180 MHz → none  (gone)\n  \
         wlan7: address 02:00:00:00:07:01 → 02:00:00:00:07:00  (gone)\n  \
         wlan7: kind ap → managed  (gone)\n  \
         wlan7: down → up  (gone)\n  \
         wlan7: NetworkManager: unmanaged → managed  (gone)\n"
    );
    assert_eq!(foreseen.out, said.out.replace("undone:", "to undo:"));
    ensure!(!path.exists(), "the journal is still there");
    assert_eq!(restore(folder.path(), &[])?.out, "nothing to give back\n");
    Ok(())
}

#[test]
fn journals_that_are_not_to_be_undone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let old = written(folder.path(), "phy1", |journal| journal["boot_id"] = json!("another"))?;
    let elsewhere = written(folder.path(), "phy2", |journal| journal["network_namespace"] = json!(1))?;
    let said = restore(folder.path(), &[])?;
    assert_eq!(said.code, Some(0), "{said:?}");
    ensure!(
        said.out.contains("phy1") && said.out.contains("started anew"),
        "{said:?}"
    );
    ensure!(
        said.out.contains("phy2") && said.out.contains("network namespace"),
        "{said:?}"
    );
    ensure!(!old.exists() && elsewhere.exists(), "{said:?}");

    let running = written(folder.path(), "phy3", |_| ())?;
    let mut lock = File::create(folder.path().join("phy3.lock"))?;
    lock.lock()?;
    writeln!(lock, "4711")?;
    restore(folder.path(), &[])?
        .code
        .filter(|code| *code == 8)
        .context("no refusal")?;
    let said = restore(folder.path(), &["--json"])?;
    ensure!(said.err.contains("running on phy3 (pid 4711)"), "{said:?}");
    ensure!(running.exists(), "the journal of a run that goes on is gone");
    drop(lock);
    assert_eq!(restore(folder.path(), &[])?.code, Some(0));
    ensure!(!running.exists(), "the journal is still there");
    Ok(())
}

#[test]
fn a_journal_that_is_damaged() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("phy0.journal");
    for text in ["{", "[]", "{\"schema_version\": \"9.0\"}"] {
        fs::write(&path, text)?;
        restore(folder.path(), &[])?.refuses(4, &["phy0.journal", "remove the file"])?;
    }
    let named_otherwise = journal("phy1")?.to_string();
    fs::write(&path, named_otherwise)?;
    restore(folder.path(), &[])?.refuses(4, &["phy0.journal", "another device"])?;
    ensure!(path.exists(), "what can't be read is not to be removed");
    Ok(())
}

#[test]
fn the_next_start_undoes_what_is_left() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let folder = place.folder().join("journals");
    fs::create_dir(&folder)?;
    let inside = network
        .here
        .run(|| fs::metadata("/proc/thread-self/ns/net").map(|found| found.ino()))??;
    let path = written(&folder, "phy7", |journal| journal["network_namespace"] = json!(inside))?;
    let run = Running::start(&network, &place)?;
    ensure!(!path.exists(), "the journal is still there");
    run.stop()
}
