//! The little of YAML that is written here: text in quotes.

/// `text` as a single-quoted scalar (YAML 1.2.2, 7.3.2): nothing in it but the quote itself needs care. Line breaks would be
/// folded, so they become spaces.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\n', " ").replace('\'', "''"))
}
