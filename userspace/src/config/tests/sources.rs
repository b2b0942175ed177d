//! Several sources, and what each of them says.

use super::*;

#[test]
fn every_problem_is_told_in_its_order() {
    let text = "ring_bytes = 5000\nssid = \"\"\nhook = 1\n[logging]\nlevel = \"loud\"\n[monitoring]\ncolour = 1\n";
    let error = load(text, &[("AIRLENS_MODE", "x"), ("AIRLENS_FLOW_CAPACITY", "0")], flags()).unwrap_err();
    let starts = [
        ":3:8: ",
        ":5:9: ",
        ":7:1: ",
        "AIRLENS_MODE: ",
        ":2:1: ssid: ",
        ":1:1: ring_bytes: ",
        "AIRLENS_FLOW_CAPACITY: flow_capacity: ",
    ];
    let told: Vec<_> = error.0.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (problem, start) in told.iter().zip(starts) {
        assert!(problem.contains(start), "{start}: {problem}");
    }
}

#[test]
fn each_value_tells_where_it_is_from() {
    let file = file("channel = 36\n\n[logging]\n  level = \"debug\"\n");
    let environment = [("AIRLENS_SSID".to_owned(), "x".to_owned())];
    let settings = Settings::read(Some(file.path()), environment, flags());
    let place = |line, column| {
        Origin::File(Place {
            path: file.path().to_owned(),
            line,
            column,
        })
    };
    for (key, value, origin) in [
        ("interface", "\"wlan0\"", Origin::Flag),
        ("channel", "\"36\"", place(1, 1)),
        ("logging.level", "\"debug\"", place(4, 3)),
        ("ssid", "\"x\"", Origin::Environment("AIRLENS_SSID".into())),
        ("frequency", "null", Origin::Default),
        ("be", "true", Origin::Default),
        ("monitoring.prometheus_port", "null", Origin::Default),
    ] {
        let setting = settings
            .in_force()
            .into_iter()
            .find(|setting| setting.key.name == key)
            .unwrap();
        assert_eq!(
            (setting.value.to_string().as_str(), setting.origin),
            (value, origin),
            "{key}"
        );
    }
}

/// The keys of a layer; those of a section behind its name and a dot.
fn names(layer: &serde_json::Value) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in layer.as_object().into_iter().flatten() {
        if value.is_object() {
            all.extend(names(value).into_iter().map(|key| format!("{name}.{key}")));
        } else {
            all.push(name.clone());
        }
    }
    all
}

#[test]
fn keys_are_those_of_the_layer_the_environment_and_the_document() {
    let document = include_str!("../../../../docs/CONFIGURATION.md");
    let (table, _) = document.split_once("## The config.ini").unwrap();
    let rows: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .collect();
    let documented: Vec<_> = rows.iter().map(|(key, _)| *key).collect();
    assert_eq!(documented, KEYS.map(|key| key.name));
    let mut keys = names(&serde_json::to_value(Layer::default()).unwrap());
    keys.sort();
    let mut known = KEYS.map(|key| key.name.to_owned());
    known.sort();
    assert_eq!(keys, known);
    for key in KEYS {
        let error = Layer::default().set(key.name, "\0").err().unwrap_or_default();
        assert!(!error.contains("no setting"), "{error}");
    }
    let defaults = Layer::defaults();
    assert_eq!(
        defaults.clone().check().unwrap().radio,
        Radio {
            channel: Some(Radio::CHANNEL),
            ..Radio::default()
        }
    );
    let plain = Config {
        radio: defaults.clone().check().unwrap().radio,
        ..Layer::default().check().unwrap()
    };
    assert_eq!(defaults.check().unwrap(), plain);
}
