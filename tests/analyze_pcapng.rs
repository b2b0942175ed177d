//! `airlens analyze --pcapng`: the requests as one capture, and what Wireshark's tools show of it.

use std::{fs, path::Path, process::Command};

use airlens::capture::Reader;
use airlens_tests::support::{
    cli::{FIXTURE, Said, airlens},
    tshark,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn wireshark_shows_each_request_with_its_profile() -> Result<()> {
    let folder = TempDir::new()?;
    let path = folder.path().join("requests.pcapng");
    let said = Said::by(airlens(["analyze", "--jsonl", FIXTURE, "--pcapng"])?.arg(&path))?;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let lines: Vec<Value> = said.out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let shown = tshark::fields(
        &path,
        "",
        &["wlan.sa", "frame.comment", "frame.time_epoch", "_ws.malformed"],
    )?;
    assert_eq!((shown.len(), lines.len()), (22, 22));
    let mut generations = 0;
    for (shown, line) in shown.iter().zip(&lines) {
        let [mac, comment, time, malformed] = &shown[..] else {
            anyhow::bail!("{shown:?}");
        };
        assert_eq!((Some(mac.as_str()), malformed.as_str()), (line["mac"].as_str(), ""));
        ensure!(time.starts_with("17"), "{time}");
        let parts: Vec<_> = comment.split("; ").collect();
        assert_eq!(parts.len(), 3, "{comment}");
        generations += usize::from(parts[0].starts_with("Wi-Fi "));
        if line["features"]["dot11ax"] == 1 {
            ensure!(
                parts[0].starts_with(&format!("Wi-Fi 6, {} stream", line["features"]["dot11ax_nss"])),
                "{comment}"
            );
        }
        let local = line["is_laa"].as_bool().context("is_laa")?;
        assert_eq!(parts[2].ends_with("randomised address"), local, "{comment}");
    }
    ensure!(generations > 10, "{shown:?}");
    let capinfos = Command::new("capinfos")
        .arg("-FI")
        .arg(&path)
        .output()
        .context("capinfos")?;
    let about = String::from_utf8(capinfos.stdout)?;
    ensure!(
        about.contains(concat!("Capture application: airlens ", env!("CARGO_PKG_VERSION"))),
        "{about}"
    );
    ensure!(about.contains("nanosecond"), "{about}");
    // It is a capture as any other, of the requests in their order.
    let again = Said::by(airlens(["analyze", "--jsonl"])?.arg(&path))?;
    let again: Vec<Value> = again.out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    for (again, line) in again.iter().zip(&lines) {
        assert_eq!(
            (&again["mac"], &again["time"], &again["features"]),
            (&line["mac"], &line["time"], &line["features"])
        );
    }
    Ok(())
}

#[test]
fn filters_choose_what_is_written() -> Result<()> {
    let folder = TempDir::new()?;
    let path = folder.path().join("requests.pcapng");
    let said = Said::by(airlens(["analyze", FIXTURE, "--client", "3c:5a:b4:10:00:0c", "-w"])?.arg(&path))?;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let count = |path: &Path| -> Result<u64> {
        let file = fs::read(path)?;
        let mut reader = Reader::new(&file[..])?;
        while reader.next_packet()?.is_some() {}
        Ok(reader.packets())
    };
    assert_eq!(count(&path)?, 3);
    // Nothing matches: the file of before is not left.
    let said = Said::by(airlens(["analyze", FIXTURE, "--ssid", "none", "-w"])?.arg(&path))?;
    said.refuses(3, &["no client found"])?;
    assert_eq!(count(&path)?, 0);
    Ok(())
}

#[test]
fn a_file_is_not_read_while_it_is_written() -> Result<()> {
    let folder = TempDir::new()?;
    let (input, output) = (folder.path().join("a.pcap"), folder.path().join("b.pcapng"));
    fs::copy(FIXTURE, &input)?;
    let run =
        |read: &Path, write: &Path| Said::by(airlens(["analyze", "--jsonl"])?.arg(read).arg("--pcapng").arg(write));
    run(&input, &input)?.refuses(2, &["--pcapng is one of those to be read"])?;
    assert_eq!(fs::read(&input)?, fs::read(FIXTURE)?);
    let said = run(folder.path(), &output)?;
    assert_eq!((said.code, said.out.lines().count()), (Some(0), 22), "{}", said.err);
    run(&input, &folder.path().join("no/where"))?.refuses(9, &["no/where"])
}
