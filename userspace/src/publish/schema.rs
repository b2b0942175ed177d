//! The JSON Schemas (2020-12) of every document that airlens writes, as `docs/schemas/` holds them.

/// A schema and its name.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// `status`, `info`, `state`, `client`, `history-line`, `analyze-line`, `stats`, `demo-summary`.
    pub name: &'static str,
    /// JSON.
    pub text: &'static str,
}

macro_rules! schemas {
    ($($name:literal),* $(,)?) => {
        [$(Schema { name: $name, text: include_str!(concat!("../../../docs/schemas/", $name, ".schema.json")) }),*]
    };
}

/// All schemas.
pub const SCHEMAS: [Schema; 8] = schemas![
    "status",
    "info",
    "state",
    "client",
    "history-line",
    "analyze-line",
    "stats",
    "demo-summary"
];

/// The schema of a document.
#[must_use]
pub fn find(name: &str) -> Option<Schema> {
    SCHEMAS.into_iter().find(|schema| schema.name == name)
}
