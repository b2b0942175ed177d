//! Events, log lines and spans.

use super::families::Families;
use crate::publish::snapshot::Snapshot;

pub(super) fn collect(families: &mut Families, snapshot: &Snapshot) {
    for event in &snapshot.events {
        let help = "What happened, by kind of event; the log has a line of each, or of the first ones of many.";
        families.counter("events_total", help, &[("event", &event.cause)], event.count);
    }
    for log in &snapshot.logs {
        let written = "Lines written, by log: log, audit.";
        families.counter("log_lines_total", written, &[("log", &log.log)], log.written);
        for lost in &log.lost {
            let labels = [("log", log.log.as_str()), ("cause", lost.cause.as_str())];
            let help = "Lines that are in no log, by cause.";
            families.counter("log_lines_lost_total", help, &labels, lost.count);
        }
    }
    let Some(spans) = &snapshot.spans else { return };
    families.counter(
        "spans_sent_total",
        "Spans that the collector has taken.",
        &[],
        spans.sent,
    );
    for lost in &spans.lost {
        let help = "Spans that the collector has not, by cause.";
        families.counter("spans_lost_total", help, &[("cause", &lost.cause)], lost.count);
    }
}
