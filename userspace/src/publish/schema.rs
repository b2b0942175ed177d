//! The JSON Schemas (2020-12) of every document that airlens writes, as `docs/schemas/` holds them.
//!
//! What the documents about clients have in common stands in `profile.schema.json`, which they refer to by its `$id`.

use serde_json::Value;

/// A schema and its name.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// `status`, `info`, `state`, `last-session`, `client`, `failures`, `history-line`, `analyze-line`, `analysis`, `stats`, `air`,
    /// `flow`, `flows`, `flow-list`, `mon`, `demo-summary`, `config`, `journal`, `restore`, `run-status`, `client-list`,
    /// `client-page`, `problem`, `health`, `event`, `log`.
    pub name: &'static str,
    /// JSON, as in `docs/schemas/`: it may refer to [`PROFILE`].
    pub text: &'static str,
}

macro_rules! schema {
    ($name:literal) => {
        Schema {
            name: $name,
            text: include_str!(concat!("../../../docs/schemas/", $name, ".schema.json")),
        }
    };
}

/// All documents' schemas.
pub const SCHEMAS: [Schema; 26] = [
    schema!("status"),
    schema!("info"),
    schema!("state"),
    schema!("last-session"),
    schema!("client"),
    schema!("failures"),
    schema!("history-line"),
    schema!("analyze-line"),
    schema!("analysis"),
    schema!("stats"),
    schema!("air"),
    schema!("flow"),
    schema!("flows"),
    schema!("flow-list"),
    schema!("mon"),
    schema!("demo-summary"),
    schema!("config"),
    schema!("journal"),
    schema!("restore"),
    schema!("run-status"),
    schema!("client-list"),
    schema!("client-page"),
    schema!("problem"),
    schema!("health"),
    schema!("event"),
    schema!("log"),
];

/// What other schemas refer to; no document's own.
pub const PROFILE: Schema = schema!("profile");

/// The schema of a document.
#[must_use]
pub fn find(name: &str) -> Option<Schema> {
    SCHEMAS.into_iter().find(|schema| schema.name == name)
}

impl Schema {
    /// The schema with all that it refers to, as JSON Schema 2020-12 (9.3.1) bundles: any validator takes it as it is.
    #[must_use]
    pub fn bundled(self) -> Value {
        let mut schema = parse(self.text);
        if self.text.contains("\"urn:airlens:schema:profile#") {
            schema["$defs"][PROFILE.name] = parse(PROFILE.text);
        }
        schema
    }

    /// What the document is, in a few words.
    #[must_use]
    pub fn title(self) -> String {
        parse(self.text)["title"].as_str().unwrap_or_default().to_owned()
    }
}

fn parse(text: &str) -> Value {
    // It is compiled in: the tests read each of them.
    serde_json::from_str(text).unwrap_or_default()
}
