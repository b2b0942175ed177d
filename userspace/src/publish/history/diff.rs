//! What changed between two lines.

use serde::Serialize;
use serde_json::Value;

use super::VOLATILE;

/// A capability that two lines tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// The capabilities that a line tells, in its order, without what tells of the attempt only.
pub(super) fn capabilities(line: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let of = |key: &str| line[key].as_object().into_iter().flatten();
    let own = of("airlens").filter(|(key, _)| !VOLATILE.contains(&key.as_str()));
    let signature = line.pointer("/airlens/signature/assoc");
    of("features")
        .chain(own)
        .map(|(key, value)| (key.as_str(), value))
        .chain(signature.map(|signature| ("signature", signature)))
}

/// What `after` says otherwise than `before`, in the order of its keys, then what only `before` says.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let find = |line, key: &str| {
        capabilities(line)
            .find(|(other, _)| *other == key)
            .map(|(_, value)| value.clone())
    };
    let change = |key: &str, before: Option<Value>, after: Option<Value>| {
        (before != after).then(|| Change {
            key: key.to_owned(),
            label: label(key),
            before: before.unwrap_or_default(),
            after: after.unwrap_or_default(),
        })
    };
    let newer = capabilities(after).filter_map(|(key, value)| change(key, find(before, key), Some(value.clone())));
    let gone = capabilities(before)
        .filter(|(key, _)| find(after, key).is_none())
        .filter_map(|(key, value)| change(key, Some(value.clone()), None));
    newer.chain(gone).collect()
}

/// The words of a key that are not written as they stand in it.
const WORDS: [(&str, &str); 45] = [
    ("akm", "AKM"),
    ("akms", "AKMs"),
    ("bf", "beamformee"),
    ("bsr", "BSR"),
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
    ("mcs", "MCS"),
    ("mcs14", "MCS 14"),
    ("mcs15", "MCS 15"),
    ("mhz", "MHz"),
    ("mlc", "MLC"),
    ("mle", "multi-link"),
    ("mscs", "MSCS"),
    ("mu", "MU"),
    ("nss", "streams"),
    ("om", "OM control"),
    ("ppdu", "PPDU"),
    ("qos", "QoS"),
    ("r1", "R1"),
    ("rsnx", "RSNX"),
    ("rtwt", "R-TWT"),
    ("sae", "SAE"),
    ("scs", "SCS"),
    ("six", "6"),
    ("sts", "STS"),
    ("su", "SU"),
    ("t2lm", "T2LM"),
    ("twt", "TWT"),
    ("uora", "UORA"),
];

/// A key in words: `dot11ax_160_mhz` is `802.11ax 160 MHz`.
#[must_use]
pub fn label(key: &str) -> String {
    let words: Vec<_> = key
        .split('_')
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
        let before =
            json!({ "features": { "same": 1, "max_power": 17, "old": 1 }, "airlens": { "links": [], "akms": [2] } });
        let after = json!({ "features": { "new": 0, "same": 1, "max_power": 20 }, "airlens": { "links": [1], "akms": [2, 8] } });
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
                ("old".into(), json!(1), json!(null)),
            ]
        );
        assert_eq!(changes(&after, &after), []);
        assert_eq!(changes(&json!({}), &json!({ "features": 7 })), []);
    }
}
