//! What changed between two profiles, by the JSON that tells them: a line of `analyze --jsonl` or of a client's history.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Keys of `airlens` that tell of the attempt, not of the device: its network, access points, addresses, and whether its
/// probe request was seen (of `signature` only `assoc` counts); what vendor elements hold, which in some devices is what was
/// left in their memory; and what it was taken for, which the files of devices decide.
const VOLATILE: [&str; 8] = [
    "ssid_hex",
    "current_ap",
    "mld_mac",
    "links",
    "vendor_contents",
    "signature",
    "device",
    "probe_request",
];

/// A capability that two lines tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its key in `features` or `airlens`.
    pub key: String,
    /// Its name for people, see [`label`].
    pub label: String,
    /// What the older line says; null where it has no such key.
    pub before: Value,
    /// What the newer line says, likewise.
    pub after: Value,
}

/// The capabilities that a line tells, in its order, without what tells of the attempt only. What is in an object has the
/// keys on the way to it: `radio.ht.width`.
pub(crate) fn capabilities(line: &Value) -> Vec<(String, &Value)> {
    let of = |key: &str| line[key].as_object().into_iter().flatten();
    let own = of("airlens").filter(|(key, _)| !VOLATILE.contains(&key.as_str()));
    let mut all = Vec::new();
    for (key, value) in of("features").chain(own) {
        leaves(key.clone(), value, &mut all);
    }
    if let Some(signature) = line.pointer("/airlens/signature/assoc") {
        all.push(("signature".to_owned(), signature));
    }
    all
}

fn leaves<'a>(key: String, value: &'a Value, all: &mut Vec<(String, &'a Value)>) {
    match value.as_object() {
        Some(object) => {
            for (inner, value) in object {
                leaves(format!("{key}.{inner}"), value, all);
            }
        }
        // To say that there is nothing is to say nothing.
        None if value.is_null() => {}
        None => all.push((key, value)),
    }
}

/// What `after` says otherwise than `before`, in the order of its keys, then what only `before` says.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let (older, newer) = (capabilities(before), capabilities(after));
    let find = |all: &[(String, &Value)], key: &str| {
        all.iter()
            .find(|(other, _)| other == key)
            .map(|(_, value)| (*value).clone())
    };
    let change = |key: &str| {
        let (before, after) = (find(&older, key), find(&newer, key));
        (before != after).then(|| Change {
            key: key.to_owned(),
            label: label(key),
            before: before.unwrap_or_default(),
            after: after.unwrap_or_default(),
        })
    };
    let gone = older.iter().filter(|(key, _)| find(&newer, key).is_none());
    newer.iter().chain(gone).filter_map(|(key, _)| change(key)).collect()
}

/// The words of a key that are not written as they stand in it.
const WORDS: [(&str, &str); 62] = [
    ("akm", "AKM"),
    ("akms", "AKMs"),
    ("ampdu", "A-MPDU"),
    ("ap", "AP"),
    ("apsd", "APSD"),
    ("bf", "beamformee"),
    ("bsr", "BSR"),
    ("ccx", "CCX"),
    ("dot11aa", "802.11aa"),
    ("dot11ac", "802.11ac"),
    ("dot11ax", "802.11ax"),
    ("dot11be", "802.11be"),
    ("dot11k", "802.11k"),
    ("dot11n", "802.11n"),
    ("dot11r", "802.11r"),
    ("dot11v", "802.11v"),
    ("dot11w", "802.11w"),
    ("emlmr", "EMLMR"),
    ("emlsr", "EMLSR"),
    ("epcs", "EPCS"),
    ("er", "ER"),
    ("ghz", "GHz"),
    ("gi", "GI"),
    ("h2e", "H2E"),
    ("he", "HE"),
    ("ltf", "LTF"),
    ("mbo", "MBO"),
    ("mcs", "MCS"),
    ("mcs14", "MCS 14"),
    ("mcs15", "MCS 15"),
    ("mhz", "MHz"),
    ("mlc", "MLC"),
    ("mle", "multi-link"),
    ("mpdu", "MPDU"),
    ("mscs", "MSCS"),
    ("mu", "MU"),
    ("nss", "streams"),
    ("oce", "OCE"),
    ("om", "OM control"),
    ("p2p", "Wi-Fi Direct"),
    ("ppdu", "PPDU"),
    ("qos", "QoS"),
    ("r1", "R1"),
    ("rd", "RD"),
    ("rm", "RM"),
    ("rsnx", "RSNX"),
    ("rtwt", "R-TWT"),
    ("sae", "SAE"),
    ("scs", "SCS"),
    ("six", "6"),
    ("sm", "SM"),
    ("sts", "STS"),
    ("su", "SU"),
    ("t2lm", "T2LM"),
    ("twt", "TWT"),
    ("u", "U"),
    ("uora", "UORA"),
    ("us", "µs"),
    ("wfa", "Wi-Fi Alliance"),
    ("wmm", "WMM"),
    ("wpa", "WPA"),
    ("wps", "WPS"),
];

/// A key in words: `dot11ax_160_mhz` is `802.11ax 160 MHz`.
#[must_use]
pub fn label(key: &str) -> String {
    let words: Vec<_> = key
        .split(['_', '.'])
        .map(|word| {
            WORDS
                .iter()
                .find(|(short, _)| *short == word)
                .map_or(word, |(_, long)| long)
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_in_words() {
        for (key, words) in [
            ("dot11ax_160_mhz", "802.11ax 160 MHz"),
            ("dot11be_mle_emlsr_support", "802.11be multi-link EMLSR support"),
            ("max_power", "max power"),
            ("rsnx_sae_h2e", "RSNX SAE H2E"),
            ("", ""),
        ] {
            assert_eq!(label(key), words);
        }
    }

    #[test]
    fn changed_come_and_gone() {
        let before = json!({ "features": { "same": 1, "max_power": 17, "old": 1 }, "airlens": { "links": [], "akms": [2], "radio": { "ht": { "width": 20 }, "he": null } } });
        let after = json!({ "features": { "new": 0, "same": 1, "max_power": 20 }, "airlens": { "links": [1], "akms": [2, 8], "radio": { "ht": { "width": 40 }, "he": {} } } });
        let said: Vec<_> = changes(&before, &after)
            .into_iter()
            .map(|change| (change.key, change.before, change.after))
            .collect();
        assert_eq!(
            said,
            [
                ("new".into(), json!(null), json!(0)),
                ("max_power".into(), json!(17), json!(20)),
                ("akms".into(), json!([2]), json!([2, 8])),
                ("radio.ht.width".into(), json!(20), json!(40)),
                ("old".into(), json!(1), json!(null)),
            ]
        );
        assert_eq!(changes(&after, &after), []);
        assert_eq!(changes(&json!({}), &json!({ "features": 7 })), []);
    }
}
