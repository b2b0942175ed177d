//! `/api/events`: who asks, and its place among the listeners.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};

use super::{events::Viewer, gate::Connection, pairs::pairs, problem::Problem, routes::Api, view::ClientKind};

/// Characters of a name.
const MAX_NAME: usize = 32;

/// Browsers by what their `User-Agent` says of itself beside the others' names; the first that is there counts.
const BROWSERS: [&str; 5] = ["Edg", "OPR", "Firefox", "Chrome", "Safari"];

/// `?as=sensor&name=roof`: without them a viewer.
pub(super) async fn events(
    State(api): State<Api>,
    connection: Option<Extension<Connection>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let viewer = match viewer(&uri, &headers) {
        Ok(viewer) => viewer,
        Err(why) => return Problem::new(StatusCode::BAD_REQUEST, why).into_response(),
    };
    match api.events.attach(viewer, api.view.status()) {
        Ok(attached) => {
            if let Some(Extension(connection)) = connection {
                connection.keep();
            }
            attached.into_response()
        }
        Err(full) => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, full.to_string());
            ([(header::RETRY_AFTER, "10")], problem).into_response()
        }
    }
}

fn viewer(uri: &Uri, headers: &HeaderMap) -> Result<Viewer, String> {
    let (mut kind, mut name) = (ClientKind::Viewer, None);
    for (key, value) in pairs(uri) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        match (&*key, &*value) {
            ("as", "viewer") => kind = ClientKind::Viewer,
            ("as", "sensor") => kind = ClientKind::Sensor,
            ("as", _) => return Err(format!("as: {value:?}: use viewer or sensor")),
            ("name", value) if (1..=MAX_NAME).contains(&value.len()) && value.chars().all(plain) => {
                name = Some(value.to_owned());
            }
            ("name", _) => return Err(format!("name: use 1 to {MAX_NAME} letters, digits and ._-")),
            _ => return Err(format!("there is no {key:?}: use as and name")),
        }
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let program = program(agent.unwrap_or_default());
    Ok(Viewer { kind, name, program })
}

/// A browser's name, or the first word of another program's.
fn program(agent: &str) -> String {
    let products = || agent.split([' ', '/', '(', ';']);
    let browser = BROWSERS
        .into_iter()
        .find(|browser| products().any(|word| word == *browser));
    let name = browser.or_else(|| products().next()).unwrap_or_default();
    name.chars().filter(char::is_ascii_graphic).take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        for (agent, name) in [
            (chrome, "Chrome"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox",
            ),
            ("curl/8.5.0", "curl"),
            ("", ""),
            ("<b>/1", "<b>"),
        ] {
            assert_eq!(program(agent), name);
        }
        assert_eq!(program(&"x".repeat(5000)).len(), MAX_NAME);
    }

    #[test]
    fn who_asks() {
        let asks = |query: &str| viewer(&format!("/api/events{query}").parse().unwrap(), &HeaderMap::new());
        assert_eq!(asks("").unwrap().kind, ClientKind::Viewer);
        let sensor = asks("?as=sensor&name=roof-2").unwrap();
        assert_eq!(
            (sensor.kind, sensor.name.as_deref()),
            (ClientKind::Sensor, Some("roof-2"))
        );
        for bad in ["?as=device", "?name=", "?name=a%20b", "?since=1"] {
            assert!(asks(bad).is_err(), "{bad}");
        }
    }
}
