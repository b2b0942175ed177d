//! What the two sides of an association say of it: `wpa_cli status`, `hostapd_cli sta`, `iw station get`.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use super::table::Station;
use crate::vm::listen::text;

/// One association, by its two sides.
pub(super) struct Sides {
    wpa: String,
    hostapd: String,
    iw: String,
}

impl Sides {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let read = |name: &str| text(&folder.join(name));
        Ok(Self {
            wpa: read("wpa.txt")?,
            hostapd: read("hostapd.txt")?,
            iw: read("iw.txt")?,
        })
    }

    /// The station's address.
    pub(super) fn address(&self) -> Result<&str> {
        value(&self.wpa, "address").context("wpa_supplicant tells no address")
    }

    /// Whether the association is the one that the table asks for.
    pub(super) fn agree(&self, station: &Station) -> Result<()> {
        let status = |key: &str| value(&self.wpa, key).unwrap_or_default();
        let same = |what: &str, found: &str, expected: &str| {
            ensure!(found == expected, "{what} is {found:?}, expected {expected:?}");
            Ok(())
        };
        same("freq", status("freq"), &station.network.frequency.to_string())?;
        same("bssid", status("bssid"), &station.network.bssid)?;
        if let Some(address) = &station.address {
            same("address", self.address()?, address)?;
        }
        same("key_mgmt", status("key_mgmt"), key_management(station))?;
        ensure!(
            value(&self.wpa, "pmf").is_some() == station.protected(),
            "pmf is {:?}",
            status("pmf")
        );
        let generation = match station.generation {
            0 => String::new(),
            newer => newer.to_string(),
        };
        same("wifi_generation", status("wifi_generation"), &generation)?;
        let flags = value(&self.hostapd, "flags").context("hostapd knows no such station")?;
        let [ht, vht, he] = station.generations();
        let flagged = [
            ("[HT]", ht),
            ("[VHT]", vht),
            ("[HE]", he),
            ("[MFP]", station.protected()),
        ];
        for (flag, expected) in flagged.into_iter().chain([("[AUTHORIZED]", true)]) {
            ensure!(
                flags.contains(flag) == expected,
                "hostapd's flags are {flags}, {flag} is in question"
            );
        }
        let protected = self
            .iw
            .lines()
            .any(|line| line.trim().starts_with("MFP:") && line.ends_with("yes"));
        ensure!(protected == station.protected(), "iw says MFP {protected}");
        Ok(())
    }

    /// What hostapd read in the request, by path in a profile.
    pub(super) fn heard(&self) -> Result<Map<String, Value>> {
        let mut heard = Map::new();
        let rates = octets(value(&self.hostapd, "supported_rates").context("hostapd tells no rates")?)?;
        // Basic rates have the highest bit; beyond 54 Mb/s are selectors, no rates.
        let rates = rates.iter().map(|rate| rate & 0x7f).filter(|&rate| rate <= 108);
        let mbps = |rate: u8| match rate % 2 {
            0 => json!(rate / 2),
            _ => json!(f64::from(rate) / 2.0),
        };
        let rates: Vec<_> = rates.map(mbps).collect();
        heard.insert("airlens/radio/rates".into(), json!(rates));
        if value(&self.hostapd, "wpa") == Some("2") {
            let suites = [
                ("akm", "AKMSuiteSelector"),
                ("pairwise_cipher", "dot11RSNAStatsSelectedPairwiseCipher"),
            ];
            for (key, name) in suites {
                let suite = value(&self.hostapd, name).with_context(|| format!("hostapd tells no {name}"))?;
                let kind = suite.strip_prefix("00-0f-ac-").context("a suite of another OUI")?;
                heard.insert(format!("features/{key}"), json!(kind.parse::<u8>()?));
            }
        }
        if let Some(map) = value(&self.hostapd, "rx_vht_mcs_map") {
            let map = u16::from_str_radix(map, 16)?;
            let streams = (0..8).filter(|stream| map >> (2 * stream) & 3 != 3).count();
            heard.insert("features/dot11ac_nss".into(), json!(streams));
        }
        if let Some(set) = value(&self.hostapd, "ht_mcs_bitmask") {
            let streams = octets(set)?.iter().take(4).filter(|octet| **octet != 0).count();
            heard.insert("features/dot11n_nss".into(), json!(streams));
        }
        if let Some(capabilities) = value(&self.hostapd, "ext_capab") {
            let bits = octets(capabilities)?;
            let transition = bits.get(2).map_or(-1, |octet| i32::from(octet >> 3 & 1));
            heard.insert("features/dot11v".into(), json!(transition));
        }
        if let Some(classes) = value(&self.hostapd, "supp_op_classes") {
            let six = octets(classes)?.iter().any(|class| (131..=137).contains(class));
            heard.insert(
                "features/six_ghz_operating_class_supported".into(),
                json!(u8::from(six)),
            );
        }
        Ok(heard)
    }
}

/// As wpa_supplicant writes it in its status.
fn key_management(station: &Station) -> &'static str {
    match station.security.as_str() {
        "open" => "NONE",
        "WPA" => "WPA-PSK",
        "PSK" | "WPS" => "WPA2-PSK",
        "PSK-SHA256" => "WPA2-PSK-SHA256",
        "SAE" | "PSK+SAE" => "SAE",
        "FT-PSK" => "FT-PSK",
        "FT-SAE" => "FT-SAE",
        "OWE" => "OWE",
        "EAP" => "WPA2/IEEE 802.1X/EAP",
        _ => "unknown to the table",
    }
}

/// The value of a line `KEY=VALUE`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

/// Octets in hexadecimal, with spaces between them or without.
fn octets(hex: &str) -> Result<Vec<u8>> {
    let digits: Vec<_> = hex.bytes().filter(|byte| *byte != b' ').collect();
    digits
        .chunks(2)
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::stations::table;

    #[test]
    fn both_sides_are_read() {
        let stations = table::parse(
            "station x | n | random | 4 | SAE | required | | | | \nnetwork n | a | 2437 | 24 | wlan0 | 02:00:00:00:00:02\n",
        )
        .unwrap();
        let mut sides = Sides {
            wpa: "bssid=02:00:00:00:00:02\nfreq=2437\nwifi_generation=4\nkey_mgmt=SAE\npmf=1\naddress=0a:00:00:00:00:01\n".into(),
            hostapd: "0a:00:00:00:00:01\nflags=[AUTH][ASSOC][AUTHORIZED][MFP][HT]\nsupported_rates=82 0b ff\nwpa=2\nAKMSuiteSelector=00-0f-ac-8\n\
                      dot11RSNAStatsSelectedPairwiseCipher=00-0f-ac-4\nht_mcs_bitmask=ffff0000000000000000\next_capab=000008\n"
                .into(),
            iw: "\tMFP:\t\tyes\n".into(),
        };
        sides.agree(&stations[0]).unwrap();
        let expected = json!({
            "airlens/radio/rates": [1, 5.5], "features/akm": 8, "features/pairwise_cipher": 4, "features/dot11n_nss": 2,
            "features/dot11v": 1,
        });
        assert_eq!(Value::Object(sides.heard().unwrap()), expected);
        sides.iw.clear();
        assert!(sides.agree(&stations[0]).is_err());
    }
}
