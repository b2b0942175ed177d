//! What a query says (WHATWG URL, application/x-www-form-urlencoded).

use std::borrow::Cow;

use axum::http::Uri;

/// Its names and values, in order. Octets that are no UTF-8 become replacement characters.
pub(super) fn pairs(uri: &Uri) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
}

/// A value as a query has it.
pub(crate) fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let text = "bytes >= 5k && !(net fe80::/10) + ü%";
        let uri: Uri = format!("/x?a={}&b", encode(text)).parse().unwrap();
        let found: Vec<_> = pairs(&uri).collect();
        assert_eq!(found, [("a".into(), text.into()), ("b".into(), "".into())]);
    }
}
