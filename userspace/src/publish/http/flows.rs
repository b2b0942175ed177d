//! `/api/flows`: `?limit=20&sort=bytes&filter=tcp+and+port+443`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};

use super::{problem::Problem, routes::Api};
use crate::export::top::{FlowQuestion, MAX_LIMIT};

/// Flows of an answer unless asked for otherwise.
const DEFAULT_LIMIT: usize = 20;

pub(super) async fn flows(State(api): State<Api>, uri: Uri) -> Response {
    let question = match question(uri.query().unwrap_or_default()) {
        Ok(question) => question,
        Err(message) => return Problem::new(StatusCode::BAD_REQUEST, message).into_response(),
    };
    // A walk over all flows: not on a thread that others wait for.
    let asked = tokio::task::spawn_blocking(move || api.view.flows(&question)).await;
    match asked {
        Ok(list) => Json(list).into_response(),
        Err(error) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn question(query: &str) -> Result<FlowQuestion, String> {
    let mut question = FlowQuestion {
        limit: DEFAULT_LIMIT,
        ..FlowQuestion::default()
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value).ok_or_else(|| format!("{name}: {value:?} is no text in percent-encoding"))?;
        match name {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                question.limit = limit.ok_or_else(|| format!("limit: use a number from 1 to {MAX_LIMIT}"))?;
            }
            "sort" => {
                question.sort = value
                    .parse()
                    .map_err(|error: crate::export::top::FlowSortError| error.to_string())?;
            }
            "filter" if value.trim().is_empty() => {}
            "filter" => {
                let filter = value.parse();
                question.filter = Some(filter.map_err(|error: crate::export::filter::FilterError| error.to_string())?);
            }
            _ => return Err(format!("there is no {name:?}: use limit, sort and filter")),
        }
    }
    Ok(question)
}

/// A value of a query (WHATWG URL, application/x-www-form-urlencoded).
fn decode(value: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                u8::from_str_radix(digits, 16).ok()?
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).ok()
}

/// The opposite of `decode`.
pub(crate) fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(value.len());
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            text.push(octet.into());
        } else {
            // Writing to a string can't fail.
            let _ = write!(text, "%{octet:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::top::FlowSort;

    #[test]
    fn questions() {
        let question = question("limit=5&sort=new&filter=tcp+and%20port+443").unwrap();
        assert_eq!((question.limit, question.sort), (5, FlowSort::New));
        assert_eq!(question.filter, Some("tcp and port 443".parse().unwrap()));
        let whole = super::question("").unwrap();
        assert_eq!((whole.limit, whole.filter), (DEFAULT_LIMIT, None));
        for bad in [
            "limit=0",
            "limit=1001",
            "sort=x",
            "filter=tcp+or",
            "top=1",
            "filter=%zz",
            "filter=%ff",
        ] {
            assert!(super::question(bad).is_err(), "{bad}");
        }
        assert!(
            super::question("filter=tcp+or")
                .unwrap_err()
                .starts_with("filter, column 7")
        );
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let text = "bytes >= 5k && !(net fe80::/10) + ü%";
        assert_eq!(decode(&encode(text)).as_deref(), Some(text));
    }
}
