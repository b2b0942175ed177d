//! `/qr.svg`: how to join the run's own network.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{problem::Problem, routes::Api};
use crate::publish::qr::{JoinSecurity, join_text, svg};

/// The code holds the passphrase: it is for those who have a token, or are on this machine.
pub(super) async fn code(State(api): State<Api>) -> Result<Response, Problem> {
    let network = api.view.network();
    let network =
        network.ok_or_else(|| problem(StatusCode::NOT_FOUND, "this run has no network of its own to join"))?;
    let Ok(ssid) = std::str::from_utf8(&network.ssid) else {
        let why = "the network's name is no UTF-8: a code can't hold it";
        return Err(problem(StatusCode::NOT_FOUND, why));
    };
    let security = JoinSecurity::of(&network.passphrase, network.frequency);
    let image = svg(&join_text(ssid, &network.passphrase, security));
    let image = image.map_err(|error| problem(StatusCode::NOT_FOUND, &error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], image).into_response())
}

/// Where anybody may ask.
pub(super) async fn refused() -> Problem {
    let why = "the code holds the passphrase: set monitoring.token_file, or ask on this machine";
    problem(StatusCode::FORBIDDEN, why)
}

fn problem(status: StatusCode, why: &str) -> Problem {
    Problem::new(status, why)
}
