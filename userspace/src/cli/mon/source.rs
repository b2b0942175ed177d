//! What a look at the run brings: only the documents that the view at hand shows.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::View;
use crate::{
    air::Report,
    export::top::FlowSort,
    publish::{
        lifecycle::RunPaths,
        query::{QueryError, get_json},
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
    /// The client whose whole document is shown.
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
    /// `/api/clients/{id}`, or why there is none.
    pub(super) detail: Option<(String, Result<Value, String>)>,
    /// The run's process, where it can be seen.
    pub(super) process: Option<Process>,
}

/// A process, by procfs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Process {
    /// CPU time since its start, in seconds.
    pub(super) cpu_seconds: f64,
    /// Resident memory in octets.
    pub(super) resident: u64,
    /// Memory of the machine in octets.
    pub(super) memory: u64,
}

/// Asks the run for what is wanted. `at` is the time in seconds of a clock that only goes on.
///
/// # Errors
/// Any [`QueryError`].
pub(super) fn look(paths: &RunPaths, want: &Want, at: f64) -> Result<Look, QueryError> {
    let stats = ask(paths, "/api/stats")?;
    let status: Value = ask(paths, "/api/status")?;
    let process = status["pid"].as_i64().and_then(|pid| process(pid.try_into().ok()?));
    let mut look = Look {
        at,
        time: jiff::Timestamp::now().as_microsecond() as f64 / 1e6,
        status,
        stats,
        process,
        ..Look::default()
    };
    match want.view {
        View::Overview | View::Clients => {
            let mut clients: Value = ask(paths, "/api/clients")?;
            if let Value::Array(entries) = clients["clients"].take() {
                look.clients = Some(entries);
            }
        }
        View::Flows => {
            let target = format!("/api/flows?limit={FLOWS}&sort={}", want.sort.label());
            look.flows = Some(ask(paths, &target)?);
        }
        View::Channels => look.air = Some(ask(paths, "/api/air")?),
        View::Frames => {}
    }
    if let Some(client) = &want.detail {
        let document = match ask(paths, &format!("/api/clients/{client}")) {
            Err(QueryError::Refused { detail, .. }) => Err(detail),
            other => Ok(other?),
        };
        look.detail = Some((client.clone(), document));
    }
    Ok(look)
}

fn ask<T: DeserializeOwned>(paths: &RunPaths, target: &str) -> Result<T, QueryError> {
    get_json(&paths.socket, target, PATIENCE)
}

/// It may belong to another user, or live beyond a wall.
fn process(pid: i32) -> Option<Process> {
    use procfs::Current as _;
    let stat = procfs::process::Process::new(pid).ok()?.stat().ok()?;
    let ticks = stat.utime + stat.stime;
    Some(Process {
        cpu_seconds: ticks as f64 / procfs::ticks_per_second() as f64,
        resident: stat.rss * procfs::page_size(),
        memory: procfs::Meminfo::current().ok()?.mem_total,
    })
}
