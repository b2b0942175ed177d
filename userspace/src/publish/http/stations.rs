//! `/api/clients`, and one of them.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{
    answers::{Json, on_a_thread},
    pairs::pairs,
    problem::Problem,
    routes::Api,
    view::Clients,
};
use crate::{dot11::Address, publish::recall::RecallError};

/// A client's address in a path.
type Id = Result<Path<String>, PathRejection>;

/// `?limit=100`: those that were seen last.
pub(super) async fn clients(State(api): State<Api>, uri: Uri) -> Result<Json<Clients>, Problem> {
    let limit = limit(&uri).map_err(|why| Problem::new(StatusCode::BAD_REQUEST, why))?;
    // On a busy channel they are many.
    let mut clients = on_a_thread(move || api.view.clients()).await?;
    let total = clients.len();
    clients.truncate(limit);
    Ok(Json(Clients { clients, total }))
}

fn limit(uri: &Uri) -> Result<usize, String> {
    let mut limit = usize::MAX;
    for (name, value) in pairs(uri) {
        if name != "limit" {
            return Err(format!("there is no {name:?}: use limit"));
        }
        limit = value.parse().map_err(|_| format!("limit: {value:?} is no number"))?;
    }
    Ok(limit)
}

pub(super) async fn client(State(api): State<Api>, id: Id) -> Result<Response, Problem> {
    let client = address(id)?;
    let found = on_a_thread(move || api.view.client(client)).await?;
    let document = found.map_err(|error| unreadable(&error))?;
    let document = document.ok_or_else(|| unknown(&format!("no client {client} was profiled")))?;
    Ok(Json(document).into_response())
}

pub(super) async fn history(State(api): State<Api>, id: Id) -> Result<Response, Problem> {
    let client = address(id)?;
    let found = on_a_thread(move || api.view.history(client)).await?;
    let lines = found.map_err(|error| unreadable(&error))?;
    if lines.is_empty() {
        return Err(unknown(&format!("no client {client} has a history")));
    }
    Ok(Json(json!({ "mac": client.to_string(), "history": lines })).into_response())
}

pub(super) async fn page(State(api): State<Api>, id: Id) -> Result<Response, Problem> {
    let client = address(id)?;
    let found = on_a_thread(move || api.view.client_page(client)).await?;
    let page = found.map_err(|error| unreadable(&error))?;
    let page = page.ok_or_else(|| unknown(&format!("no client {client} was profiled")))?;
    Ok(Json(page).into_response())
}

/// Six octets, and nothing else that a path could hold.
fn address(id: Id) -> Result<Address, Problem> {
    let address = id.ok().and_then(|Path(id)| id.parse().ok());
    address.ok_or_else(|| unknown("no client has such an id: use a MAC address, such as 02:00:00:00:00:01"))
}

fn unknown(why: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, why)
}

/// What the files are called is the run's own business.
fn unreadable(error: &RecallError) -> Problem {
    tracing::error!(%error, "a client can't be shown");
    let why = "the client's files can't be read: the log says why";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why)
}
