//! Devices that a run recognises by probe and association request together. Needs root and tun.

use std::fs;

use airlens_tests::support::{
    cli::{Said, airlens},
    run::{Network, Place, Running},
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// HT Capabilities of two streams, and an element of Broadcom's.
const CAPABILITIES: [u8; 34] = [
    45, 26, 0x6f, 0x01, 0x17, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 221, 4, 0x00,
    0x10, 0x18, 2,
];

/// Radiotap (flags 0, 5180 MHz) and a management frame of 02:00:00:00:00:`station` with this body.
fn frame(subtype: u8, station: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0, 0, 14, 0, 0x0a, 0, 0, 0, 0, 0, 0x3c, 0x14, 0, 0];
    packet.extend([
        subtype << 4,
        0,
        0,
        0,
        2,
        0,
        0,
        0,
        0,
        1,
        2,
        0,
        0,
        0,
        0,
        station,
        2,
        0,
        0,
        0,
        0,
        1,
    ]);
    packet.extend([station << 4, 0]);
    packet.extend(body);
    packet.extend(CAPABILITIES);
    packet
}

fn probe(station: u8) -> Vec<u8> {
    frame(4, station, &[0, 0])
}

fn request(station: u8) -> Vec<u8> {
    frame(0, station, &[0x31, 0x04, 10, 0, 0, 1, b'a'])
}

#[test]
fn a_client_that_probed_is_recognised_by_both_requests() -> Result<()> {
    let (network, place) = (Network::new()?, Place::new()?);
    let known = place.folder().join("devices.tsv");
    let assoc = "0,45,221(001018,2),htcap:016f,htagg:17,htmcs:0000ffff";
    fs::write(
        &known,
        format!("wifi4|probe:{assoc}|assoc:{assoc}\tExample Phone\n{assoc}\tAnother\n"),
    )?;
    let mut command = airlens(["run", "-i", "mon0", "--devices"])?;
    let mut run = Running::spawn(&network, &place, place.name_all(command.arg(&known)))?;
    run.until_running(&place)?;
    for packet in [probe(2), request(2), request(3)] {
        network.tap.write(&packet)?;
    }
    run.until("both requests are profiled", || {
        Ok(place.document(&place.paths().info)?["profile_count"] == 2)
    })?;
    run.stop()?;

    let client = |station: u8| -> Result<Value> {
        let mac = format!("02-00-00-00-00-{station:02x}");
        place.document(&place.files().join(format!("clients/{mac}/{mac}_5GHz.json")))
    };
    let (probed, silent) = (client(2)?, client(3)?);
    let device = |client: &Value| client["airlens"]["device"].clone();
    assert_eq!(
        probed["airlens"]["signature"]["joined"],
        format!("wifi4|probe:{assoc}|assoc:{assoc}")
    );
    let kind = device(&probed)["kind"].clone();
    let kind = kind.as_str().context("no kind")?;
    assert_eq!(
        device(&probed),
        json!({ "name": "Example Phone", "candidates": ["Example Phone"], "matched": "joined", "kind": kind })
    );
    assert_eq!(
        device(&silent),
        json!({ "name": null, "candidates": ["Another", "Example Phone"], "matched": "assoc", "kind": kind })
    );

    let page = Said::by(airlens(["clients", "02:00:00:00:00:03", "--files-path"])?.arg(place.files()))?;
    ensure!(page.code == Some(0), "{page:?}");
    for words in [
        format!("5 GHz: Another or Example Phone (assoc), kind {kind}"),
        "The same kind of device, perhaps another one: 02:00:00:00:00:02".to_owned(),
    ] {
        ensure!(page.out.contains(&words), "{words}: {}", page.out);
    }
    let table = Said::by(airlens(["clients", "--files-path"])?.arg(place.files()))?;
    assert_eq!(table.out.matches(kind).count(), 2, "{table:?}");
    Ok(())
}
