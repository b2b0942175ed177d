//! `tests/vm/stations.txt`: the stations of the matrix, and what each one's profile must say.

use serde_json::{Map, Value, json};

/// One station, as its line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Station {
    pub(crate) name: String,
    /// The network that it joins; after a roam it is with the other access point of that network.
    pub(crate) network: Network,
    /// `None` where wpa_supplicant makes an address.
    pub(crate) address: Option<String>,
    /// The newest generation of Wi-Fi that its request announces: 4 to 6, 0 for older ones.
    pub(crate) generation: u8,
    pub(crate) security: String,
    /// Protected management frames: no, optional or required.
    pub(crate) protection: String,
    /// What it does once it is associated: nothing, `roam` or `reassociate`.
    pub(crate) then: String,
    besides: Vec<(String, String)>,
}

/// A network, as one access point has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network {
    key: String,
    pub(crate) ssid: String,
    pub(crate) frequency: u32,
    pub(crate) bssid: String,
}

impl Network {
    /// As a profile writes the band.
    pub(crate) fn band(&self) -> &'static str {
        match self.frequency {
            0..3000 => "2",
            3000..5925 => "5",
            _ => "6",
        }
    }

    pub(crate) fn channel(&self) -> u32 {
        match self.band() {
            "2" => (self.frequency - 2407) / 5,
            "5" => (self.frequency - 5000) / 5,
            _ => (self.frequency - 5950) / 5,
        }
    }
}

/// Reads the lists; the error is the line that is not understood.
pub(crate) fn parse(text: &str) -> Result<Vec<Station>, String> {
    let lines = || {
        text.lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    };
    let columns = |line: &str| -> Vec<String> { line.split('|').map(|column| column.trim().to_owned()).collect() };
    let mut networks = Vec::new();
    for line in lines().filter(|line| line.starts_with("network ")) {
        let [key, ssid, frequency, _, _, bssid] = &columns(line)[..] else {
            return Err(line.to_owned());
        };
        networks.push(Network {
            key: key.trim_start_matches("network").trim().to_owned(),
            ssid: ssid.clone(),
            frequency: frequency.parse().map_err(|_| line.to_owned())?,
            bssid: bssid.clone(),
        });
    }
    let mut stations = Vec::new();
    for line in lines().filter(|line| !line.starts_with("network ")) {
        stations.push(station(&columns(line), &networks).ok_or_else(|| line.to_owned())?);
    }
    Ok(stations)
}

fn station(columns: &[String], networks: &[Network]) -> Option<Station> {
    let [
        name,
        network,
        address,
        generation,
        security,
        protection,
        _,
        _,
        then,
        besides,
    ] = columns
    else {
        return None;
    };
    // Networks of several access points: the one that a roam leads to has another key.
    let key = if then == "roam" { "5b" } else { network };
    Some(Station {
        name: name.strip_prefix("station ")?.trim().to_owned(),
        network: networks.iter().find(|network| network.key == key)?.clone(),
        address: (address != "random").then(|| address.clone()),
        generation: if generation == "legacy" {
            0
        } else {
            generation.parse().ok()?
        },
        security: security.clone(),
        protection: protection.clone(),
        then: then.clone(),
        besides: besides
            .split_whitespace()
            .map(|item| {
                item.split_once('=')
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
            })
            .collect::<Option<_>>()?,
    })
}

impl Station {
    /// The type of its key management suite (Table 9-151), 0 without an RSN element.
    pub(crate) fn key_management(&self) -> u8 {
        match self.security.as_str() {
            "EAP" => 1,
            "PSK" | "WPS" => 2,
            "FT-PSK" => 4,
            "PSK-SHA256" => 6,
            "SAE" | "PSK+SAE" => 8,
            "FT-SAE" => 9,
            "OWE" => 18,
            _ => 0,
        }
    }

    /// Whether its request has HT, VHT and HE capabilities: 2.4 GHz has no VHT, 6 GHz only HE.
    pub(crate) fn generations(&self) -> [bool; 3] {
        let band = self.network.band();
        [
            band != "6" && self.generation >= 4,
            band == "5" && self.generation >= 5,
            self.generation >= 6,
        ]
    }

    /// Whether the association protects management frames.
    pub(crate) fn protected(&self) -> bool {
        self.protection != "no"
    }

    /// What the columns say of the profile, by path.
    pub(crate) fn says(&self) -> Map<String, Value> {
        let [ht, vht, he] = self.generations().map(u8::from);
        let mut says = json!({
            "features/akm": self.key_management(),
            "features/dot11w": i32::from(self.protected()),
            "airlens/dot11w_required": match (self.key_management(), self.protection.as_str()) {
                (0, _) => -1,
                (_, "required") => 1,
                _ => 0,
            },
            "features/dot11n": ht,
            "features/dot11ac": vht,
            "features/dot11ax": he,
            "features/dot11be": 0,
        });
        let mut says = says.as_object_mut().map(std::mem::take).unwrap_or_default();
        // Elsewhere Linux 6.1 announces it too, 6.12 does not.
        if self.network.band() == "6" {
            says.insert("features/dot11ax_six_ghz".into(), json!(1));
        }
        let besides = self.besides.iter().filter(|(key, _)| !SPECIAL.contains(&key.as_str()));
        says.into_iter()
            .chain(
                besides.map(|(key, value)| (path(key), serde_json::from_str(value).unwrap_or_else(|_| json!(value)))),
            )
            .collect()
    }

    /// Vendor elements, `OUI/TYPE`, that a request of it must have.
    pub(crate) fn vendors(&self) -> impl Iterator<Item = &str> {
        let vendors = self.besides.iter().filter(|(key, _)| key == "vendor");
        vendors.map(|(_, value)| value.as_str())
    }

    /// Whether it asks for networks under other addresses.
    pub(crate) fn asks_elsewhere(&self) -> bool {
        self.besides.iter().any(|(key, _)| key == "elsewhere")
    }
}

/// Keys of the last column that are no keys of a profile.
const SPECIAL: [&str; 2] = ["vendor", "elsewhere"];

/// Keys of wlanpi-profiler are in `features`, airlens's own in `airlens`.
pub(crate) fn path(key: &str) -> String {
    let features = ["dot11", "akm", "group_cipher", "pairwise_cipher", "rsnx_"];
    let block = if features.iter().any(|start| key.starts_with(start)) {
        "features"
    } else {
        "airlens"
    };
    format!("{block}/{}", key.replace('.', "/"))
}

/// Why `found` is not what `says` says, path by path; empty if it is.
pub(crate) fn differences(found: &Value, says: &Map<String, Value>) -> Vec<String> {
    says.iter()
        .filter_map(|(path, expected)| {
            let found = found.pointer(&format!("/{path}"));
            (found != Some(expected)).then(|| match found {
                Some(found) => format!("{path} is {found}, expected {expected}"),
                None => format!("{path} is not there, expected {expected}"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_covers_what_it_is_for() {
        let stations = parse(include_str!("../../../../tests/vm/stations.txt")).unwrap();
        for band in ["2", "5", "6"] {
            assert!(stations.iter().any(|station| station.network.band() == band), "{band}");
        }
        for generation in [0, 4, 5, 6] {
            assert!(
                stations.iter().any(|station| station.generation == generation),
                "{generation}"
            );
        }
        for key_management in [0, 1, 2, 4, 6, 8, 9, 18] {
            let found = stations
                .iter()
                .any(|station| station.key_management() == key_management);
            assert!(found, "{key_management}");
        }
    }

    #[test]
    fn a_line_becomes_what_the_profile_must_say() {
        let text = "station x | 5 | random | 5 | FT-SAE | required | a=1;b=2 | c=3 | roam | radio.ht=null vendor=00:50:f2/4 dot11ac_nss=1\n\
                    network 5 | a b | 5180 | 5a | wlan1 | 02:00:00:00:01:00\nnetwork 5b | a b | 5200 | 5b | wlan2 | 02:00:00:00:02:00\n";
        let stations = parse(text).unwrap();
        let station = &stations[0];
        assert_eq!(
            (station.name.as_str(), station.network.channel(), station.network.band()),
            ("x", 40, "5")
        );
        let says = station.says();
        assert_eq!(
            (&says["features/akm"], &says["features/dot11ac_nss"]),
            (&json!(9), &json!(1))
        );
        assert_eq!(
            (&says["airlens/radio/ht"], &says["features/dot11ax"]),
            (&Value::Null, &json!(0))
        );
        assert_eq!(Vec::from_iter(station.vendors()), ["00:50:f2/4"]);
        let found = json!({ "features": { "akm": 9 } });
        assert_eq!(differences(&found, &says).len(), says.len() - 1);
        assert!(parse("station x | 5\n").is_err() && parse("nothing\n").is_err());
    }
}
