//! `--json`: what is shown, for programs.

use serde::Serialize;
use serde_json::Value;

use super::{
    model::{Link, Model, View},
    rates::{Lost, lost},
};
use crate::publish::snapshot::FrameKind;

/// Version of the document.
const SCHEMA_VERSION: u32 = 1;

/// A look at a run.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    schema_version: u32,
    /// Unix seconds.
    time: f64,
    /// The run answered.
    connected: bool,
    /// Why it did not.
    error: Option<&'a str>,
    /// `/api/status`, the last that was heard.
    status: &'a Value,
    rates: Option<DocumentRates>,
    clients: DocumentClients,
    lost: Option<Lost>,
    process: Option<DocumentProcess>,
    view: View,
    /// What the view shows.
    list: Value,
}

#[derive(Debug, Serialize)]
struct DocumentRates {
    frames_per_second: f64,
    packets_per_second: f64,
    sent_bits_per_second: f64,
    received_bits_per_second: f64,
    lost_per_second: f64,
}

#[derive(Debug, Serialize)]
struct DocumentClients {
    /// Where the view asks for clients.
    active: Option<usize>,
    total: u64,
}

#[derive(Debug, Serialize)]
struct DocumentProcess {
    cpu_ratio: Option<f64>,
    resident_bytes: u64,
    memory_bytes: u64,
}

#[derive(Debug, Serialize)]
struct KindRate {
    #[serde(flatten)]
    kind: FrameKind,
    frames: u64,
    frames_per_second: Option<f64>,
}

impl<'a> Document<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let with_clients = matches!(model.view, View::Overview | View::Clients);
        let (active, total) = model.counted();
        let error = match &model.link {
            Link::Down { why, .. } => Some(why.as_str()),
            _ => None,
        };
        let process = model.stats.as_ref().and_then(|stats| stats.process);
        Self {
            schema: "urn:airlens:schema:mon",
            schema_version: SCHEMA_VERSION,
            time: model.time,
            connected: model.link == Link::Up,
            error,
            status: &model.status,
            rates: model.rates.as_ref().map(|rates| DocumentRates {
                frames_per_second: rates.frames,
                packets_per_second: rates.packets,
                sent_bits_per_second: rates.sent,
                received_bits_per_second: rates.received,
                lost_per_second: rates.lost,
            }),
            clients: DocumentClients {
                active: with_clients.then_some(active),
                total,
            },
            lost: model.stats.as_ref().map(lost),
            process: process.map(|process| DocumentProcess {
                cpu_ratio: model.rates.as_ref().and_then(|rates| rates.cpu),
                resident_bytes: process.resident_bytes,
                memory_bytes: process.memory_bytes,
            }),
            view: model.view,
            list: list(model),
        }
    }
}

fn list(model: &Model) -> Value {
    match model.view {
        View::Overview | View::Clients => Value::Array(model.clients.clone()),
        View::Flows => model.flows["flows"].clone(),
        View::Channels => serde_json::to_value(&model.channels).unwrap_or_default(),
        View::Frames => {
            let kinds = model.stats.as_ref().map(super::rates::kinds).unwrap_or_default();
            let rate = |kind| Some(*model.rates.as_ref()?.kinds.get(kind)?);
            let kinds = kinds.iter().map(|(kind, frames)| KindRate {
                kind: *kind,
                frames: *frames,
                frames_per_second: rate(kind),
            });
            serde_json::to_value(kinds.collect::<Vec<_>>()).unwrap_or_default()
        }
    }
}
