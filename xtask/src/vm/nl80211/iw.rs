//! What `iw` prints, so far as it is compared.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// The channels of `iw phy PHY info`: by frequency, closed, listening only, radar, power in dBm as printed.
pub(super) fn channels(text: &str) -> BTreeMap<u64, (bool, bool, bool, String)> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("* "));
    lines
        .filter_map(|line| {
            // `5180 MHz [36] (20.0 dBm) (no IR, radar detection)`, with `5180.0` in newer ones.
            let (frequency, rest) = line.split_once(" MHz [")?;
            let frequency = frequency.split('.').next()?.parse().ok()?;
            let power = rest.split('(').nth(1)?.strip_suffix(" dBm) ");
            let power = power.or_else(|| rest.split('(').nth(1)?.strip_suffix(" dBm)"));
            let closed = rest.contains("(disabled)");
            let told = (
                closed,
                rest.contains("no IR"),
                rest.contains("radar detection"),
                power.unwrap_or_default().to_owned(),
            );
            Some((frequency, told))
        })
        .filter(|(frequency, _)| *frequency > 2400)
        .collect()
}

/// The channels of `iw phy PHY channels` that are open: by frequency, the widths that are allowed.
pub(super) fn widths(text: &str) -> BTreeMap<u64, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let mut at = None;
    for line in text.lines().map(str::trim) {
        if let Some((frequency, _)) = line.strip_prefix("* ").and_then(|line| line.split_once(" MHz [")) {
            at = frequency.split('.').next().and_then(|frequency| frequency.parse().ok());
        }
        if let (Some(frequency), Some(widths)) = (at, line.strip_prefix("Channel widths:")) {
            found.insert(frequency, widths.split_whitespace().map(str::to_owned).collect());
        }
    }
    found
}

/// A list of names below a title, each behind ` * `.
pub(super) fn list<'a>(text: &'a str, title: &str) -> Vec<&'a str> {
    let lines = text.lines().skip_while(|line| line.trim() != title).skip(1);
    lines.map_while(|line| line.trim().strip_prefix("* ")).collect()
}

/// HE or EHT capabilities (`HE`, `EHT`) of every kind in every band, MAC and PHY in hexadecimal, in order.
pub(super) fn caps(text: &str, generation: &str) -> BTreeSet<(String, String, String)> {
    let title = format!("{generation} Iftypes: ");
    let mut found = BTreeSet::new();
    let mut kinds: Vec<&str> = Vec::new();
    let mut mac = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(names) = line.strip_prefix(&title) {
            kinds = names.split(", ").collect();
        }
        if let Some(octets) = hex(line, &format!("{generation} MAC Capabilities (0x")) {
            mac = octets;
        }
        // A kind without EHT has nothing but zeros here.
        if let Some(phy) = hex(line, &format!("{generation} PHY Capabilities: (0x"))
            && phy.bytes().any(|digit| digit != b'0')
        {
            found.extend(kinds.iter().map(|kind| (name(kind), mac.clone(), phy.clone())));
        }
    }
    found
}

fn hex(line: &str, title: &str) -> Option<String> {
    Some(line.strip_prefix(title)?.split(')').next()?.to_owned())
}

/// Airlens's name of a kind of interface.
pub(super) fn name(kind: &str) -> String {
    match kind {
        "IBSS" => "ad-hoc",
        "AP" => "ap",
        "AP/VLAN" => "ap-vlan",
        "mesh point" => "mesh-point",
        "P2P-client" => "p2p-client",
        "P2P-GO" => "p2p-owner",
        "P2P-device" => "p2p-device",
        "outside context of a BSS" => "ocb",
        other => other,
    }
    .to_owned()
}

/// The interfaces of `iw dev`, as airlens shows them.
pub(super) fn interfaces(text: &str) -> BTreeMap<String, Value> {
    text.split("Interface ")
        .skip(1)
        .filter_map(|block| {
            let lines = block.lines().map(str::trim);
            let after = |title: &str| lines.clone().find_map(|line| line.strip_prefix(title));
            // `36 (5180 MHz), width: 80 MHz, center1: 5210 MHz`
            let numbers: Vec<u64> = after("channel ")
                .unwrap_or_default()
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|digits| digits.parse().ok())
                .collect();
            let entry = json!({
                "index": after("ifindex ")?.parse::<u64>().ok()?, "address": after("addr ")?, "mode": name(after("type ")?),
                "frequency": numbers.get(1), "width_mhz": numbers.get(2), "center": numbers.get(4), "ssid": after("ssid "),
            });
            Some((block.lines().next()?.trim().to_owned(), entry))
        })
        .collect()
}

/// The rules of `iw reg get`'s first block: edges and width in MHz, power in dBm, radar.
pub(super) fn rules(text: &str) -> Vec<(u64, u64, u64, u64, bool)> {
    let global = text.split("\n\n").next().unwrap_or_default();
    let lines = global.lines().filter_map(|line| line.trim().strip_prefix('('));
    lines
        .filter_map(|line| {
            let mut numbers = line
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|digits| digits.parse().ok());
            let mut next = || numbers.next();
            Some((next()?, next()?, next()?, next()?, line.contains("DFS")))
        })
        .collect()
}

/// The value behind a title in a block of `iw station dump` or `survey dump`.
pub(in crate::vm) fn value<'a>(block: &'a str, title: &str) -> Option<&'a str> {
    let line = block.lines().find_map(|line| line.trim().strip_prefix(title))?;
    line.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_iw() {
        let text = "\t\t\t* 5180 MHz [36] (23.0 dBm)\n\t\t\t* 5260.0 MHz [52] (20.0 dBm) (no IR, radar detection)\n\t\t\t* 6435 MHz [97] (disabled)\n";
        let found = channels(text);
        assert_eq!(found[&5180], (false, false, false, "23.0".to_owned()));
        assert_eq!(found[&5260], (false, true, true, "20.0".to_owned()));
        assert!(found[&6435].0);
        let device = "Interface air0\n\tifindex 9\n\taddr 02:00:00:00:09:00\n\tssid a b\n\ttype AP\n\tchannel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz\n";
        let air0 = &interfaces(device)["air0"];
        assert_eq!(
            (&air0["center"], &air0["ssid"], &air0["mode"]),
            (&json!(5210), &json!("a b"), &json!("ap"))
        );
        let text = "global\ncountry DE: DFS-ETSI\n\t(5250 - 5350 @ 80), (N/A, 20), (0 ms), NO-OUTDOOR, DFS\n\nphy#0\n\t(1 - 2 @ 3), (N/A, 4)\n";
        assert_eq!(rules(text), [(5250, 5350, 80, 20, true)]);
    }
}
