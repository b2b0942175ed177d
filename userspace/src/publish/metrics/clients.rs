//! Clients that join and leave, and look-ups of their makers, as metric families.

use super::families::{Families, count};
use crate::publish::snapshot::Snapshot;

/// Adds all of them.
pub(super) fn collect(families: &mut Families, snapshot: &Snapshot) {
    let sessions = &snapshot.sessions;
    for (state, clients) in [
        ("authenticating", sessions.authenticating),
        ("established", sessions.established),
    ] {
        let help = "Clients that are joining or have joined a network, as far as was heard, by state.";
        families.gauge("sessions_active", help, &[("state", state)], clients);
    }
    for (result, attempts) in [("success", sessions.succeeded), ("failure", sessions.failed)] {
        let help = "Attempts of clients to join a network, by result.";
        families.counter("sessions_total", help, &[("result", result)], attempts);
    }
    for ended in &sessions.ended {
        let help = "Associations that ended, by who ended them.";
        families.counter("disconnections_total", help, &[("by", &ended.cause)], ended.count);
    }
    let help = "From a client's first authentication frame to the answer that accepts it.";
    families.histogram("handshake_duration_seconds", help, &[], &sessions.handshake);

    let lookups = &snapshot.lookups;
    for result in &lookups.results {
        let help = "Look-ups of clients' makers, by result.";
        families.counter("vendor_lookups_total", help, &[("result", &result.cause)], result.count);
    }
    let help = "Assignments in the registry of makers.";
    families.gauge("vendor_registry_entries", help, &[], lookups.assignments);
    let times = &lookups.times;
    let classes = times.bounds_ns.iter().map(|&bound| count(bound) / 1e9);
    families.classes(
        "vendor_lookup_duration_seconds",
        "Time that a look-up of a client's maker took.",
        &[],
        classes.zip(&times.counts),
        (times.counts.iter().sum(), count(times.sum_ns) / 1e9),
    );
}
