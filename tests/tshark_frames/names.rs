//! Names of numbers: whatever tshark names the library names, too.

use std::process::Command;

use airlens::dot11::{
    element::ElementId,
    frame::{algorithm_name, category_name, reason_name, status_name},
};
use anyhow::{Context as _, Result, ensure};

/// What tshark names and the standard doesn't (any more), by field.
const OTHERS: [(&str, &[u16]); 6] = [
    // Its number in a draft.
    ("wlan.fixed.status_code", &[125]),
    ("wlan.fixed.reason_code", &[]),
    // Direct-link set-up, until 2016; from 128 on what is returned.
    ("wlan.fixed.category_code", &[2]),
    // LEAP.
    ("wlan.fixed.auth.alg", &[128]),
    // Frequency hopping, point coordination, ERP's number in a draft; vendors' own; withdrawn with DMG's OFDM; the extension.
    (
        "wlan.tag.number",
        &[2, 4, 8, 9, 47, 128, 133, 136, 149, 150, 165, 173, 255],
    ),
    ("wlan.ext_tag.number", &[]),
];

fn name(field: &str, number: u16) -> Option<&'static str> {
    let octet = u8::try_from(number).ok();
    match field {
        "wlan.fixed.status_code" => status_name(number),
        "wlan.fixed.reason_code" => reason_name(number),
        "wlan.fixed.auth.alg" => algorithm_name(number),
        "wlan.fixed.category_code" => category_name(octet?),
        "wlan.tag.number" => ElementId::new(octet?).name(),
        _ => ElementId::extension(octet?).name(),
    }
}

#[test]
fn every_number_that_tshark_names_has_a_name() -> Result<()> {
    let output = Command::new("tshark").args(["-G", "values"]).output();
    let output = output.context("tshark can't be run: apt-get install tshark")?;
    ensure!(output.status.success(), "tshark -G values");
    let text = String::from_utf8_lossy(&output.stdout);
    let (mut named, mut unnamed) = (0, Vec::new());
    for line in text.lines().filter(|line| line.starts_with("V\twlan.")) {
        let mut columns = line.split('\t');
        let (Some("V"), Some(field), Some(number), Some(theirs)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let Some((field, others)) = OTHERS.iter().find(|(known, _)| *known == field) else {
            continue;
        };
        // Hexadecimal values are those of another list of the same field.
        let Ok(number) = number.parse::<u16>() else { continue };
        if theirs == "Reserved" || *field == "wlan.fixed.category_code" && number > 127 {
            continue;
        }
        match name(field, number) {
            Some(_) => named += 1,
            None if others.contains(&number) => {}
            None => unnamed.push(format!("{field} {number}: {theirs}")),
        }
    }
    assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
    assert!(named > 400, "{named}");
    Ok(())
}
