//! A snapshot as metric families.

use super::families::Families;
use crate::publish::snapshot::{AccessPoint, Balance, CauseCount, Export, Flows, FrameCount, Profiles, Snapshot};

pub(super) const PACKETS: (&str, &str) = ("packets_total", "Packets processed, by interface and direction.");
pub(super) const BYTES: (&str, &str) = (
    "bytes_total",
    "Octets of the packets processed, by interface and direction.",
);
pub(super) const FLOWS: (&str, &str) = (
    "flows_total",
    "Flows that ended, by reason; kafka: those that Kafka has taken.",
);
pub(super) const ERRORS: (&str, &str) = ("errors_total", "Errors, by stage of the work.");
pub(super) const ACTIVE_FLOWS: (&str, &str) = ("active_flows", "Flows open now.");
pub(super) const DURATION: (&str, &str) = ("processing_duration_seconds", "Time that a job took, by mode.");

/// Series that exist from the start, so that a rate over them does not miss the first event.
const STAGES: [&str; 5] = ["parsing", "extraction", "output", "capture", "nl80211"];
const REASONS: [&str; 6] = ["completed", "timeout", "active", "rst", "fin", "evicted"];

/// Adds all families of `snapshot`.
pub(super) fn collect(families: &mut Families, snapshot: &Snapshot) {
    for data in &snapshot.data {
        let labels = [
            ("interface", data.interface.as_str()),
            ("direction", data.direction.as_str()),
        ];
        families.counter(PACKETS.0, PACKETS.1, &labels, data.packets);
        families.counter(BYTES.0, BYTES.1, &labels, data.bytes);
    }
    for stage in STAGES {
        families.counter(ERRORS.0, ERRORS.1, &[("stage", stage)], 0);
    }
    for error in &snapshot.errors {
        families.counter(ERRORS.0, ERRORS.1, &[("stage", &error.cause)], error.count);
    }
    snapshot.frames.iter().for_each(|count| frames(families, count));
    balance(families, &snapshot.balance);
    flows(families, &snapshot.flows);
    snapshot.exports.iter().for_each(|export| exports(families, export));

    super::air::collect(families, &snapshot.channels);
    super::telemetry::collect(families, snapshot);
    let ring = &snapshot.ring;
    families.gauge(
        "ring_bytes",
        "Octets in the ring buffer, written and not yet read.",
        &[],
        ring.occupied_bytes,
    );
    families.gauge(
        "ring_capacity_bytes",
        "Octets that the ring buffer holds at most.",
        &[],
        ring.capacity_bytes,
    );
    let help = "Records that found the ring buffer full.";
    families.counter("ring_failed_reserves_total", help, &[], ring.failed_reserves);

    for attachment in &snapshot.attachments {
        let labels = [
            ("program", attachment.program.as_str()),
            ("interface", attachment.interface.as_str()),
            ("hook", attachment.hook.as_str()),
        ];
        families.gauge(
            "attachment_info",
            "1 for each program that is attached to an interface.",
            &labels,
            1,
        );
    }

    super::programs::collect(families, &snapshot.programs);
    super::requests::collect(families, &snapshot.http);
    super::clients::collect(families, snapshot);
    let profiles = &snapshot.profiles;
    profiles_of(families, profiles);
    if let Some(access_point) = &snapshot.access_point {
        own_access_point(families, access_point);
    }
    families.gauge("clients", "Different stations seen in this run.", &[], profiles.clients);
    if let Some(heard) = profiles.heard {
        let help = "Stations, access points left out, that were heard in the last minute.";
        families.gauge("clients_heard", help, &[], heard);
    }
    families.gauge(
        "build_info",
        "1, with the version.",
        &[("version", &snapshot.version)],
        1,
    );
}

fn profiles_of(families: &mut Families, profiles: &Profiles) {
    let own = profiles.count.saturating_sub(profiles.observed);
    for (source, count) in [("own", own), ("observed", profiles.observed)] {
        let help = "Client profiles published, by whether the client asked this run's own AP.";
        families.counter("profiles_total", help, &[("source", source)], count);
    }
    let failures = "Clients that gave no profile, by cause.";
    by(families, "failed_profiles_total", failures, "cause", &profiles.failures);
    let left_out = "Frames of stations that found no room in a table of stations, or gave way there, by cause.";
    by(
        families,
        "stations_left_out_total",
        left_out,
        "cause",
        &profiles.left_out,
    );
    for (result, count) in [("accepted", profiles.accepted), ("refused", profiles.turned_away)] {
        let help = "Answers of access points to (re)association requests, by result.";
        families.counter("association_answers_total", help, &[("result", result)], count);
    }
}

/// A counter for each cause of a list.
fn by(families: &mut Families, name: &str, help: &'static str, label: &str, counts: &[CauseCount]) {
    for count in counts {
        families.counter(name, help, &[(label, &count.cause)], count.count);
    }
}

fn own_access_point(families: &mut Families, own: &AccessPoint) {
    let frames = "Frames that the run's own access point heard, by what became of them.";
    by(families, "ap_frames_total", frames, "outcome", &own.frames);
    let failures = "SAE handshakes with the run's own access point that failed, by cause.";
    by(families, "ap_sae_failures_total", failures, "cause", &own.sae_failures);
    let answers = "Answers of the run's own access point: sent or failed; acknowledged and unacknowledged where the driver tells.";
    by(families, "ap_answers_total", answers, "result", &own.answers);
    let beacons = "Beacons that airlens sends itself, by result.";
    by(families, "ap_beacons_total", beacons, "result", &own.beacons);
    let lost = "Frames and events that the run's own access point did not take, by cause.";
    by(families, "ap_lost_total", lost, "cause", &own.lost);
    let restarts = "How often the run's own access point was started again.";
    families.counter("ap_restarts_total", restarts, &[], own.restarts);
    let latency = "From the coming of a frame to the sending of its answer.";
    families.histogram("ap_response_latency_seconds", latency, &[], &own.response_latency);
    let jitter = "How much later than due beacons were sent that airlens sends itself.";
    families.histogram("ap_beacon_jitter_seconds", jitter, &[], &own.beacon_jitter);
}

fn frames(families: &mut Families, count: &FrameCount) {
    let labels = [
        ("interface", count.interface.as_str()),
        ("type", count.kind.type_name()),
        ("subtype", count.kind.subtype_name()),
    ];
    families.counter(
        "frames_total",
        "802.11 frames seen, by type and subtype.",
        &labels,
        count.frames,
    );
    families.counter(
        "frame_bytes_total",
        "Octets of the 802.11 frames seen.",
        &labels,
        count.bytes,
    );
    families.counter(
        "frame_retries_total",
        "802.11 frames seen with the retry bit.",
        &labels,
        count.retries,
    );
    families.counter(
        "bad_fcs_total",
        "802.11 frames with a bad frame check sequence.",
        &labels,
        count.bad_fcs,
    );
}

fn balance(families: &mut Families, balance: &Balance) {
    families.counter(
        "capture_seen_total",
        "802.11 frames that reached the programs.",
        &[],
        balance.seen,
    );
    let mut part = |result: &str, cause: &str, count| {
        let labels = [("result", result), ("cause", cause)];
        let help = "802.11 frames by what became of them; the sum is capture_seen_total.";
        families.counter("capture_frames_total", help, &labels, count);
    };
    part("handed_over", "", balance.handed_over);
    balance
        .filtered
        .iter()
        .for_each(|cause| part("filtered", &cause.cause, cause.count));
    balance
        .lost
        .iter()
        .for_each(|cause| part("lost", &cause.cause, cause.count));
}

fn flows(families: &mut Families, flows: &Flows) {
    for reason in REASONS {
        families.counter(FLOWS.0, FLOWS.1, &[("reason", reason)], 0);
    }
    for ended in &flows.ended {
        families.counter(FLOWS.0, FLOWS.1, &[("reason", &ended.cause)], ended.count);
    }
    families.gauge(ACTIVE_FLOWS.0, ACTIVE_FLOWS.1, &[], flows.active);
    families.gauge(
        "flow_table_capacity",
        "Flows that the table holds at most.",
        &[],
        flows.capacity,
    );
    families.gauge(
        "flow_table_memory_bytes",
        "Kernel memory that the table takes; process_resident_memory_bytes has it too.",
        &[],
        flows.memory_bytes,
    );
    let packets = &flows.packets;
    let seen = "Packets that belong to a flow.";
    families.counter("flow_packets_seen_total", seen, &[], packets.seen);
    let mut part = |result: &str, cause: &str, count| {
        let labels = [("result", result), ("cause", cause)];
        let help = "Packets of flows by what became of them; the sum is flow_packets_seen_total.";
        families.counter("flow_packets_total", help, &labels, count);
    };
    part("in_table", "", packets.in_table);
    part("exported", "", packets.exported);
    packets
        .lost
        .iter()
        .for_each(|cause| part("lost", &cause.cause, cause.count));
}

fn exports(families: &mut Families, export: &Export) {
    let labels = [("exporter", export.exporter.as_str())];
    let given = "Ended flows, pieces of flows or profiles that the exporter was given.";
    families.counter("export_records_given_total", given, &labels, export.given);
    let recovered = "Those that the spool of an earlier run held.";
    families.counter("export_records_recovered_total", recovered, &labels, export.recovered);
    let mut part = |result: &str, cause: &str, count| {
        let labels = [
            ("exporter", export.exporter.as_str()),
            ("result", result),
            ("cause", cause),
        ];
        let help =
            "Those by what became of them: with those that wait and those spooled, as many as given and recovered.";
        families.counter("export_records_total", help, &labels, count);
    };
    part("sent", "", export.sent);
    export
        .lost
        .iter()
        .for_each(|cause| part("lost", &cause.cause, cause.count));
    let waiting = "Those that wait in memory for the exporter.";
    families.gauge("export_records_waiting", waiting, &labels, export.waiting);
    let spooled = "Those that wait on disk for the exporter.";
    families.gauge("export_records_spooled", spooled, &labels, export.spooled);
    let failures = "Attempts to connect, write or send that failed.";
    families.counter("export_failures_total", failures, &labels, export.failures);
    if export.exporter == "kafka" {
        families.counter(FLOWS.0, FLOWS.1, &[("reason", "kafka")], export.sent);
    }
}
