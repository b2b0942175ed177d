//! Settings that do nothing without another one.

use super::{
    Layer, Origin, Warning,
    keys::{KEYS, Key},
};

/// Settings, the one that they do nothing without, and what is not there then.
type Need = (&'static [&'static str], &'static str, &'static str);

const NEEDS: [Need; 6] = [
    (&["dwell"], "hop", "the radio stays on its channel"),
    (
        &[
            "capture.filter",
            "capture.monitor",
            "capture.snap_length",
            "capture.memory_bytes",
        ],
        "capture.last",
        "no packets are kept",
    ),
    (
        &["flows.features", "export.files.path", "export.ipfix.collector"],
        "data",
        "there are no flows",
    ),
    (
        &["export.files.rotate_bytes", "export.files.rotate_interval"],
        "export.files.path",
        "no file of flows is written",
    ),
    (
        &["export.ipfix.domain", "export.ipfix.template_interval"],
        "export.ipfix.collector",
        "nothing goes out by IPFIX",
    ),
    (
        &[
            "export.kafka.topic",
            "export.kafka.profile_topic",
            "export.kafka.key",
            "export.kafka.batch",
            "export.kafka.spool",
            "export.kafka.spool_bytes",
        ],
        "export.kafka.brokers",
        "nothing goes to Kafka",
    ),
];

/// A warning for each setting that is not there, though others need it.
pub(super) fn warnings(layer: &Layer) -> Vec<Warning> {
    let changed = changed(layer, |_| true);
    let is_missing = |(_, needed, _): &&Need| !changed.contains(needed);
    let warning = |(keys, needed, lack): &Need| {
        let unused: Vec<_> = changed.iter().filter(|name| keys.contains(name)).copied().collect();
        (!unused.is_empty()).then(|| Warning {
            origin: Origin::Default,
            message: format!("without {needed} {lack}: not used are {}", unused.join(", ")),
        })
    };
    NEEDS.iter().filter(is_missing).filter_map(warning).collect()
}

/// Those of the chosen settings that are set to something else than they are anyway.
pub(super) fn changed(layer: &Layer, is_chosen: impl Fn(&Key) -> bool) -> Vec<&'static str> {
    let value = |layer: &Layer| serde_json::to_value(layer).unwrap_or_default();
    let (set, default) = (value(layer), value(&Layer::defaults()));
    let is_changed = |key: &&Key| {
        let found = set.pointer(&key.pointer());
        let found = found.filter(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
        found.is_some_and(|value| default.pointer(&key.pointer()) != Some(value))
    };
    let chosen = KEYS.iter().filter(|key| is_chosen(key));
    chosen.filter(is_changed).map(|key| key.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_keys() {
        let known = |name: &str| KEYS.iter().any(|key| key.name == name);
        for (keys, needed, _) in NEEDS {
            assert!(known(needed) && keys.iter().all(|name| known(name)), "{keys:?}");
        }
    }

    #[test]
    fn what_does_nothing_is_named() {
        for (text, expected) in [
            (
                "dwell = \"1s\"",
                "without hop the radio stays on its channel: not used are dwell",
            ),
            ("hop = \"all\"\ndwell = \"1s\"", ""),
            (
                "[capture]\nlast = \"0s\"\nfilter = \"arp\"",
                "without capture.last no packets are kept: not used are capture.filter",
            ),
            (
                "data = []\n[export.files]\npath = \"/x.csv\"",
                "without data there are no flows: not used are export.files.path",
            ),
            ("data = [\"eth0\"]\n[export.files]\npath = \"/x.csv\"", ""),
        ] {
            let layer: Layer = toml::from_str(text).unwrap();
            let said: Vec<_> = warnings(&layer).iter().map(ToString::to_string).collect();
            assert_eq!(said.join("; "), expected);
        }
    }
}
