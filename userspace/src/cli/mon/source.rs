//! What a look at the run brings: only the documents that the view at hand shows.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::View;
use crate::{
    air::Report,
    export::top::FlowSort,
    publish::{
        client_page::ClientPage,
        query::{Asked, QueryError},
        snapshot::Snapshot,
    },
};

/// How long the run may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Flows that are asked for.
const FLOWS: usize = 200;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) view: View,
    /// The client whose page is shown.
    pub(super) detail: Option<String>,
    pub(super) sort: FlowSort,
}

/// What the run said.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// When it was asked, in seconds of any clock that only goes on.
    pub(super) at: f64,
    /// The same as Unix seconds.
    pub(super) time: f64,
    /// `/api/status`.
    pub(super) status: Value,
    /// `/api/stats`.
    pub(super) stats: Snapshot,
    /// `/api/clients`, `clients` of it.
    pub(super) clients: Option<Vec<Value>>,
    /// `/api/flows`.
    pub(super) flows: Option<Value>,
    /// `/api/air`.
    pub(super) air: Option<Report>,
    /// `/api/clients/{id}/page`, or why there is none.
    pub(super) detail: Option<(String, Result<ClientPage, String>)>,
}

/// Asks the run for what is wanted. `at` is the time in seconds of a clock that only goes on.
///
/// # Errors
/// Any [`QueryError`].
pub(super) fn look(run: &Asked, want: &Want, at: f64) -> Result<Look, QueryError> {
    // Before the counts: no client is there that they don't have.
    let clients = match want.view {
        View::Overview | View::Clients => Some(ask::<Value>(run, "/api/clients")?["clients"].take()),
        _ => None,
    };
    let stats = ask(run, "/api/stats")?;
    let status = ask(run, "/api/status")?;
    let mut look = Look {
        at,
        time: jiff::Timestamp::now().as_microsecond() as f64 / 1e6,
        status,
        stats,
        clients: match clients {
            Some(Value::Array(entries)) => Some(entries),
            _ => None,
        },
        ..Look::default()
    };
    match want.view {
        View::Flows => {
            let target = format!("/api/flows?limit={FLOWS}&sort={}", want.sort.label());
            look.flows = Some(ask(run, &target)?);
        }
        View::Channels => look.air = Some(ask(run, "/api/air")?),
        View::Overview | View::Clients | View::Frames => {}
    }
    if let Some(client) = &want.detail {
        let page = match ask(run, &format!("/api/clients/{client}/page")) {
            Err(QueryError::Refused { detail, .. }) => Err(detail),
            other => Ok(other?),
        };
        look.detail = Some((client.clone(), page));
    }
    Ok(look)
}

fn ask<T: DeserializeOwned>(run: &Asked, target: &str) -> Result<T, QueryError> {
    run.get_json(target, PATIENCE)
}
