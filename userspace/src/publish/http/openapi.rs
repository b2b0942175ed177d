//! `/api/openapi.json`: this API, described (OpenAPI 3.1). The paths stand in `openapi.json`, with the schemas of `docs/schemas/` as
//! components; what holds for every route is added here.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::routes::Api;
use crate::publish::schema::{PROFILE, SCHEMAS};

/// Info and paths, without what every route has in common.
const PATHS: &str = include_str!("openapi.json");

/// The schemas' own `$id`, before a name.
const ID: &str = "urn:airlens:schema:";

pub(super) async fn openapi(State(api): State<Api>) -> Response {
    let text = document(api.metrics_path.as_str()).to_string();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The description of an API whose metrics are at `metrics_path`.
pub(super) fn document(metrics_path: &str) -> Value {
    // It is compiled in: the tests read it.
    let mut document: Value = serde_json::from_str(PATHS).unwrap_or_default();
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["components"]["schemas"] = schemas();
    if let Some(paths) = document["paths"].as_object_mut() {
        if let Some(metrics) = paths.shift_remove("/metrics") {
            paths.insert(metrics_path.to_owned(), metrics);
        }
        for path in paths.values_mut() {
            complete(path);
        }
    }
    document
}

/// Adds what every route may answer, and HEAD.
fn complete(path: &mut Value) {
    let open = path["get"]["security"].is_array();
    if let Some(responses) = path["get"]["responses"].as_object_mut() {
        for (status, name) in [
            ("401", "Unauthorized"),
            ("403", "Forbidden"),
            ("405", "MethodNotAllowed"),
            ("413", "ContentTooLarge"),
            ("421", "Misdirected"),
            ("429", "TooManyRequests"),
            ("500", "Failed"),
            ("503", "Unavailable"),
        ] {
            if open && ["401", "403"].contains(&status) {
                continue;
            }
            let reference = json!({ "$ref": format!("#/components/responses/{name}") });
            responses.entry(status).or_insert(reference);
        }
    }
}

/// The documents' schemas by name, each reference within this document.
fn schemas() -> Value {
    let all = SCHEMAS.iter().chain([&PROFILE]);
    let schemas: Map<_, _> = all
        .map(|schema| {
            let mut text: Value = serde_json::from_str(schema.text).unwrap_or_default();
            if let Some(members) = text.as_object_mut() {
                members.shift_remove("$schema");
                members.shift_remove("$id");
            }
            refer(&mut text, schema.name);
            (schema.name.to_owned(), text)
        })
        .collect();
    schemas.into()
}

/// References become pointers into the document; those of a schema to itself are of `name`.
fn refer(schema: &mut Value, name: &str) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                let Some(reference) = value.as_str().filter(|_| key == "$ref") else {
                    refer(value, name);
                    continue;
                };
                let (name, pointer) = match reference.strip_prefix(ID) {
                    Some(other) => other.split_once('#').unwrap_or((other, "")),
                    None => (name, reference.trim_start_matches('#')),
                };
                *value = json!(format!("#/components/schemas/{name}{pointer}"));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, name)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::http::routes::{Trust, routes};

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document = document("/m");
        let described: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
        let trust = Trust {
            passphrase: true,
            packets: true,
        };
        let mut served: Vec<_> = routes(trust).iter().map(|route| route.path.to_owned()).collect();
        served.push("/m".to_owned());
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        assert_eq!(sorted(described), sorted(served));
    }

    #[test]
    fn each_reference_leads_somewhere() {
        fn look(value: &Value, document: &Value, found: &mut usize) {
            match value {
                Value::Object(members) => {
                    for (key, value) in members {
                        match value.as_str().filter(|_| key == "$ref") {
                            Some(reference) => {
                                *found += 1;
                                let pointer = reference.strip_prefix('#').unwrap();
                                assert!(document.pointer(pointer).is_some(), "{reference}");
                            }
                            None => look(value, document, found),
                        }
                    }
                }
                Value::Array(values) => values.iter().for_each(|value| look(value, document, found)),
                _ => {}
            }
        }
        let (document, mut found) = (document("/metrics"), 0);
        look(&document, &document, &mut found);
        assert!(found > 200, "{found}");
    }
}
