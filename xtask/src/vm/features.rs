//! The features that a profile must show, as the driver announces them to `iw phy`.
use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// From a band of `iw phy PHY info` (1 is 2.4 GHz, 2 is 5 GHz, 4 is 6 GHz), in the role of a station. What depends on the
/// access point too is not here.
pub(super) fn of_phy(text: &str, band: u8) -> Result<Map<String, Value>> {
    let band = text
        .split(&format!("\tBand {band}:"))
        .nth(1)
        .with_context(|| format!("no band {band} in the output of iw phy"))?;
    let band = band.split("\tBand ").next().unwrap_or(band);
    let mut features = Map::new();
    let mut add = |key: &str, value: Value| drop(features.insert(key.to_owned(), value));

    if let Some(indexes) = after(band, "HT TX/RX MCS rate indexes supported: 0-") {
        let highest: u32 = indexes.lines().next().unwrap_or_default().trim().parse()?;
        add("dot11n", json!(1));
        add("dot11n_nss", json!((highest + 1) / 8));
    }

    if let Some(vht) = after(band, "VHT Capabilities (0x") {
        let bits = u32::from_str_radix(vht.split(')').next().unwrap_or_default(), 16)?;
        let set = after(vht, "VHT RX MCS set:\n").context("no VHT MCS")?;
        add("dot11ac", json!(1));
        add("dot11ac_nss", json!(streams(set).len()));
        add("dot11ac_mcs", json!(ranges(set)));
        add("dot11ac_160_mhz", json!(u32::from(bits >> 2 & 3 != 0)));
        add("dot11ac_su_bf", json!(bits >> 12 & 1));
        add("dot11ac_mu_bf", json!(bits >> 20 & 1));
        add("dot11ac_bf_sts", json!(bits >> 13 & 7));
    }

    let he = after(band, "HE Iftypes: managed").context("no HE for stations")?;
    let he = he.split("HE Iftypes:").next().unwrap_or(he);
    let phy = after(he, "HE PHY Capabilities: (0x").context("no HE PHY capabilities")?;
    let phy = octets(phy.split(')').next().unwrap_or_default())?;
    let bit = |n: usize| u32::from(phy.get(n / 8).is_some_and(|octet| octet >> (n % 8) & 1 == 1));
    add("dot11ax", json!(1));
    // iw leaves the set out where the driver announces no width beyond 20 MHz (hwsim of Linux 6.1 in 2.4 GHz).
    if let Some(set) = after(he, "HE RX MCS and NSS set <= 80 MHz\n") {
        add("dot11ax_nss", json!(streams(set).len()));
        add("dot11ax_mcs", json!(ranges(set)));
    }
    add("dot11ax_160_mhz", json!(bit(3)));
    add(
        "dot11ax_punctured_preamble",
        json!(u32::from((8..12).any(|n| bit(n) == 1))),
    );
    add("dot11ax_he_su_beamformee", json!(bit(32)));
    add(
        "dot11ax_he_beamformee_sts",
        json!(bit(34) | bit(35) << 1 | bit(36) << 2),
    );
    let mac = after(he, "HE MAC Capabilities").context("no HE MAC capabilities")?;
    let mac = mac.split("HE PHY").next().unwrap_or(mac);
    add(
        "dot11ax_bsr",
        json!(u32::from(mac.lines().any(|line| line.trim() == "BSR"))),
    );
    add("dot11ax_twt", json!(u32::from(mac.contains("TWT Requester"))));
    Ok(features)
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn octets(hex: &str) -> Result<Vec<u8>> {
    (0..hex.len() / 2)
        .map(|n| {
            Ok(u8::from_str_radix(
                hex.get(2 * n..2 * n + 2).context("not hexadecimal")?,
                16,
            )?)
        })
        .collect()
}

/// The lines `N streams: MCS A-B` up to the end of the set; unsupported streams are left out.
fn streams(set: &str) -> Vec<&str> {
    set.lines()
        .map_while(|line| line.trim().split_once(" streams: "))
        .filter_map(|(_, what)| what.strip_prefix("MCS "))
        .collect()
}

/// The distinct ranges, as a profile writes them.
fn ranges(set: &str) -> String {
    let mut ranges = streams(set);
    ranges.sort_unstable();
    ranges.dedup();
    ranges.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHY: &str = "\tBand 1:\n\t\tHT TX/RX MCS rate indexes supported: 0-31\n\tBand 2:\n\
        \t\tHT TX/RX MCS rate indexes supported: 0-15\n\t\tVHT Capabilities (0x0010b004):\n\t\tVHT RX MCS set:\n\
        \t\t\t1 streams: MCS 0-9\n\t\t\t2 streams: MCS 0-9\n\t\t\t3 streams: not supported\n\t\tVHT RX highest supported: 0 Mbps\n\
        \t\tHE Iftypes: managed, P2P-client\n\t\t\tHE MAC Capabilities (0x78011ac80040):\n\t\t\t\tBSR\n\
        \t\t\tHE PHY Capabilities: (0x1cbfce001d00000000000000):\n\t\t\tHE RX MCS and NSS set <= 80 MHz\n\
        \t\t\t\t1 streams: MCS 0-11\n\t\t\t\t2 streams: not supported\n\t\tHE Iftypes: AP\n\tBand 4:\n";

    #[test]
    fn the_band_of_iw_becomes_features() {
        let features = of_phy(PHY, 2).unwrap();
        let expected = json!({
            "dot11n_nss": 2, "dot11ac_nss": 2, "dot11ac_mcs": "0-9", "dot11ac_160_mhz": 1, "dot11ac_su_bf": 1,
            "dot11ac_mu_bf": 1, "dot11ac_bf_sts": 5, "dot11ax_nss": 1, "dot11ax_mcs": "0-11", "dot11ax_160_mhz": 1,
            "dot11ax_punctured_preamble": 1, "dot11ax_he_su_beamformee": 1, "dot11ax_he_beamformee_sts": 7,
            "dot11ax_bsr": 1, "dot11ax_twt": 0,
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&features[key], value, "{key}");
        }
        assert!(of_phy("\tBand 1:\n", 2).is_err());
    }
}
