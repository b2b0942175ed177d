//! Metrics of the work on captures, under the names of a run's.

use std::{fs, path::Path, sync::Arc};

use anyhow::Context as _;

use super::show::Tally;
use crate::{
    flow::FlowTable,
    publish::{
        metrics::{DEFAULT_NAMESPACE, MetricsSink as _, PrometheusSink},
        snapshot::{CauseCount, DataCount, Direction, Flows, Snapshot},
    },
};

/// What stands for the files as an interface: their names would be too many labels.
const FILES: &str = "capture";

/// What work on captures has; the rest is a run's.
const KEPT: [&str; 6] = [
    "airlens_packets_total",
    "airlens_bytes_total",
    "airlens_flows_total",
    "airlens_errors_total",
    "airlens_processing_duration_seconds",
    "airlens_build_info",
];

/// Writes them to `path`, whole or not at all.
pub(super) fn write(path: &Path, tallies: &[Tally], flows: Option<&FlowTable>) -> anyhow::Result<()> {
    let snapshot = snapshot(tallies, flows);
    let sink = PrometheusSink::new(DEFAULT_NAMESPACE, Some(Arc::new(move || snapshot.clone())))?;
    for tally in tallies {
        sink.observe_processing_time("pcap", tally.took);
    }
    let text = sink.render_some(|name| KEPT.contains(&name))?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push("~");
    let written = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    written.with_context(|| format!("can't write {}: name another file", path.display()))
}

fn snapshot(tallies: &[Tally], flows: Option<&FlowTable>) -> Snapshot {
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum();
    let ended = |table: &FlowTable| {
        let ended = table.ended();
        ended
            .iter()
            .map(|(reason, flows)| CauseCount::new(reason.label(), *flows))
            .collect()
    };
    Snapshot {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data: vec![DataCount {
            interface: FILES.to_owned(),
            direction: Direction::Rx,
            protocol: "other".to_owned(),
            packets: sum(|tally| tally.used.packets),
            bytes: sum(|tally| tally.used.bytes),
        }],
        flows: Flows {
            ended: flows.map(ended).unwrap_or_default(),
            ..Flows::default()
        },
        errors: vec![CauseCount::new(
            "parsing",
            sum(|tally| tally.bad_fcs + u64::from(tally.damaged.is_some())),
        )],
        ..Snapshot::default()
    }
}
