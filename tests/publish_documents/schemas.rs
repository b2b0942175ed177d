//! The schemas themselves.

use std::process::{Command, Stdio};

use airlens::publish::schema::{self, PROFILE, SCHEMAS};
use serde_json::{Value, json};

use super::validator;

#[test]
fn the_schemas_are_schemas() {
    let shown: Vec<_> = SCHEMAS.iter().map(|schema| schema.name).collect();
    assert_eq!(
        shown,
        [
            "status",
            "info",
            "state",
            "last-session",
            "client",
            "failures",
            "history-line",
            "analyze-line",
            "analysis",
            "stats",
            "air",
            "flow",
            "flows",
            "flow-list",
            "mon",
            "demo-summary",
            "config",
            "journal",
            "restore",
            "run-status",
            "client-list",
            "client-page",
            "problem",
            "health",
            "event",
            "log"
        ]
    );
    for schema in SCHEMAS {
        let text = schema.bundled();
        assert_eq!(
            text["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{}",
            schema.name
        );
        jsonschema::draft202012::meta::validate(&text).unwrap();
        assert!(
            !validator(schema.name).is_valid(&json!({})),
            "{} takes anything",
            schema.name
        );
    }
    assert!(schema::find("nothing").is_none());
}

/// As they are printed, without any other file: each reference leads to something within.
#[test]
fn a_printed_schema_refers_to_nothing_outside() {
    let mut referring = Vec::new();
    for schema in SCHEMAS {
        let bundle = schema.bundled();
        let mut outside = false;
        references(&bundle, &mut |reference| {
            let shared = reference.strip_prefix("urn:airlens:schema:profile#");
            let pointer = shared.or_else(|| reference.strip_prefix('#')).unwrap();
            let within = if shared.is_some() {
                &bundle["$defs"]["profile"]
            } else {
                &bundle
            };
            // Those of the shared schema are relative to itself.
            let found = within
                .pointer(pointer)
                .or_else(|| bundle["$defs"]["profile"].pointer(pointer));
            assert!(found.is_some(), "{}: {reference} leads nowhere", schema.name);
            outside |= shared.is_some();
        });
        assert_eq!(
            bundle.pointer("/$defs/profile/$id").is_some(),
            outside,
            "{}",
            schema.name
        );
        if outside {
            referring.push(schema.name);
        }
        assert!(!schema.title().is_empty(), "{}", schema.name);
    }
    assert_eq!(
        referring,
        ["client", "history-line", "analyze-line", "analysis", "client-page"]
    );
    assert!(schema::find(PROFILE.name).is_none(), "it is no document's");
}

fn references(schema: &Value, found: &mut dyn FnMut(&str)) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match value.as_str() {
                    Some(reference) if key == "$ref" => found(reference),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// A second validator takes the same documents and refuses the same.
#[test]
fn pythons_validator_agrees() {
    let script = "import json, sys\nfrom jsonschema import Draft202012Validator as V\n\
                  schema, document = json.load(sys.stdin)\nV.check_schema(schema)\n\
                  print(len(list(V(schema).iter_errors(document))))";
    let known = Command::new("python3")
        .args(["-c", "import jsonschema"])
        .stderr(Stdio::null())
        .status();
    if !known.is_ok_and(|status| status.success()) {
        return println!("Python's jsonschema is not installed: its opinion of the schemas is left out");
    }
    let errors = |schema: &Value, document: &Value| -> u32 {
        let mut child = Command::new("python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        serde_json::to_writer(child.stdin.take().unwrap(), &json!([schema, document])).unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    };
    for (name, mut document) in super::clients::one_of_each() {
        let schema = schema::find(name).unwrap().bundled();
        assert_eq!(errors(&schema, &document), 0, "{name}");
        document["features"]["dot11k"] = json!(2);
        document["airlens"]["signature"]["surplus"] = json!(1);
        assert_eq!(errors(&schema, &document), 2, "{name}");
        assert_eq!(validator(name).iter_errors(&document).count(), 2, "{name}");
    }
}
