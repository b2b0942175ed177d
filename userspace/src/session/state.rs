//! What a run shows of itself: counts, health, clients.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use airlens_common::{
    Count,
    data::{Protocol, RECEIVE},
    ieee80211::FrameControl,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Engine, FailureCause, ProfileCounts, Profiler, Telemetry, air::AirDesk, counts, ground::Ground, modes::Mode,
    ready::Facts, shown::Shown,
};
use crate::{
    air::Report,
    dot11::Address,
    events::{CountersUnreadable, Kind, SessionCreated},
    export::{
        ProfileExports,
        top::{FlowList, FlowQuestion},
    },
    kernel::Counters,
    profile::Identity,
    publish::{
        client_page::ClientPage,
        documents::Progress,
        http::{
            ClientEntry, Health, HealthStatus, Network, NoPackets, PacketQuestion, Packets, Readiness, RunView, Status,
        },
        recall::RecallError,
        snapshot::{self, Attachment, CauseCount, FrameCount, FrameKind, Snapshot},
    },
};

/// What stands for the interfaces that the kernel's table of counters has no place for.
const UNLISTED: &str = "unlisted";

/// A run, as its parts share it.
pub(super) struct RunState {
    pub(super) engine: Engine,
    pub(super) ground: Ground,
    /// What transmits, where the run does; taken at its end.
    pub(super) mode: Mutex<Option<Mode>>,
    pub(super) profiler: Mutex<Profiler>,
    pub(super) air: AirDesk,
    /// Where published profiles go.
    pub(super) profile_exports: ProfileExports,
    /// What clients are told by.
    pub(super) known: Arc<Identity>,
    /// The last counters that could be read: a counter that falls back to 0 would look like a new start.
    pub(super) last: Mutex<Counters>,
    /// Events, log and spans.
    pub(super) telemetry: Telemetry,
    /// Data interfaces that are away.
    pub(super) absent: AtomicUsize,
    /// The programs run and nothing fatal has happened.
    pub(super) capturing: AtomicBool,
    /// The last files could not be written.
    pub(super) unwritable: AtomicBool,
    pub(super) version: String,
    pub(super) started: Instant,
    pub(super) started_at: Timestamp,
    /// The last frame's channel frequency in MHz, 0 before the first.
    pub(super) frequency: AtomicU64,
    pub(super) shown: Shown,
}

impl RunState {
    pub(super) fn profiler(&self) -> std::sync::MutexGuard<'_, Profiler> {
        self.profiler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mode(&self) -> std::sync::MutexGuard<'_, Option<Mode>> {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The programs are attached.
    pub(super) fn tell_created(&self) {
        let stage = &self.ground.stage;
        let data: Vec<_> = stage.data.iter().map(|data| &*data.name).collect();
        self.telemetry.events.emit(&SessionCreated {
            monitor: stage.monitor.as_ref().map(|monitor| &*monitor.name),
            mode: self.ground.mode().as_str(),
            data: &data.join(","),
            attachments: self.engine.attachments().len(),
        });
    }

    /// Programs are attached, and nothing fatal has happened.
    fn captures(&self) -> bool {
        self.capturing.load(Ordering::Relaxed) && !self.engine.attachments().is_empty()
    }

    /// Ends what transmits; its last counts stay. It may take some seconds.
    pub(super) fn stop_mode(&self) {
        if let Some(mode) = self.mode().as_mut() {
            mode.stop();
        }
    }

    /// The counters now, or the last that could be read.
    fn counters(&self) -> Counters {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match self.engine.counters() {
            Ok(counters) => *last = counters,
            Err(error) => {
                self.telemetry.events.emit(&CountersUnreadable {
                    what: "the kernel programs'",
                    error: &error,
                });
            }
        }
        last.clone()
    }

    /// The counts of the info file.
    pub(super) fn progress(&self) -> Progress {
        let counts = self.profiler().counts().clone();
        let kinds = self
            .engine
            .counters()
            .map(|counters| counters.kinds)
            .unwrap_or_default();
        Progress {
            profile_count: counts.profiles(),
            failed_profile_count: counts.failures(),
            total_clients_seen: counts.clients,
            invalid_frame_count: counts.invalid,
            bad_fcs_count: kinds.iter().map(|kind| kind.bad_fcs).sum(),
            last_profile: None,
            last_profile_timestamp: None,
        }
    }
}

impl RunView for RunState {
    fn snapshot(&self) -> Snapshot {
        let (profiles, sessions) = {
            let profiler = self.profiler();
            (profiler.counts().clone(), profiler.sessions())
        };
        let uptime_seconds = self.started.elapsed().as_secs_f64();
        let counters = self.counters();
        let events = &self.telemetry.events;
        let errors = vec![
            CauseCount::new("parsing", profiles.invalid),
            CauseCount::new(
                "extraction",
                profiles.left_out.requests + profiles.left_out.authentications,
            ),
            CauseCount::new("output", events.count(Kind::FileNotWritten)),
            CauseCount::new(
                "capture",
                events.count(Kind::CountersUnreadable) + events.count(Kind::FlowsNotDrained),
            ),
            CauseCount::new("nl80211", events.count(Kind::EventsMissed)),
        ];
        let (occupied, capacity) = self.engine.ring();
        let ring_full = counters.frames.lost.get("ring-full").map_or(0, |count| count.packets);
        Snapshot {
            version: self.version.clone(),
            started_at: self.started_at.as_millisecond() as f64 / 1000.0,
            uptime_seconds,
            process: snapshot::ProcessUse::own(),
            frames: self.frames(&counters),
            balance: snapshot::Balance {
                seen: counters.frames.seen.packets,
                handed_over: counters.frames.handed_over.packets,
                filtered: causes(&counters.frames.filtered),
                lost: causes(&counters.frames.lost),
            },
            ring: snapshot::Ring {
                capacity_bytes: capacity as u64,
                occupied_bytes: occupied as u64,
                failed_reserves: ring_full,
            },
            data: self.data(&counters),
            flows: self.flows(&counters),
            attachments: self
                .engine
                .attachments()
                .iter()
                .map(|attachment| Attachment {
                    program: attachment.program.to_owned(),
                    interface: attachment.interface.clone(),
                    hook: attachment.hook.to_string(),
                })
                .collect(),
            programs: counts::programs(&self.engine),
            sessions: counts::sessions(&profiles, sessions),
            lookups: counts::lookups(&self.known.registry),
            profiles: snapshot::Profiles {
                heard: self
                    .ground
                    .stage
                    .monitor
                    .as_ref()
                    .and_then(|_| self.air.heard(&self.engine)),
                ..profiles_of(&profiles)
            },
            access_point: self.mode().as_ref().map(Mode::snapshot),
            errors,
            channels: self.air.channels(&self.engine),
            exports: self.exports(),
            events: self.telemetry.event_counts(),
            logs: self.telemetry.log_counts(),
            spans: self.telemetry.span_counts(),
            http: self.shown.requests.snapshot(),
        }
    }

    fn flows(&self, question: &FlowQuestion) -> FlowList {
        self.engine.ask(question)
    }

    fn air(&self) -> Report {
        self.air.report(&self.engine)
    }

    fn packets(&self, question: &PacketQuestion) -> Result<Packets, NoPackets> {
        self.engine.packets(question)
    }

    fn health(&self) -> Health {
        let counters = self.counters();
        let losses = counters.frames.lost_total() + counters.flows.lost.packets + self.unexported();
        let errors = [Kind::FileNotWritten, Kind::CountersUnreadable, Kind::FlowsNotDrained]
            .map(|kind| self.telemetry.events.count(kind));
        let status = if !self.captures() {
            HealthStatus::Unhealthy
        } else if self.absent.load(Ordering::Relaxed) > 0 || losses + errors.iter().sum::<u64>() > 0 {
            HealthStatus::Degraded
        } else {
            HealthStatus::Healthy
        };
        Health {
            status,
            uptime_seconds: self.started.elapsed().as_secs(),
            connected_clients: self.profiler().counts().clients + *self.shown.events.audience().borrow() as u64,
            active_sessions: u64::from(self.capturing.load(Ordering::Relaxed)),
        }
    }

    fn readiness(&self) -> Readiness {
        let facts = Facts {
            capturing: self.captures(),
            ring: self.engine.ring(),
            unwritable: self.unwritable.load(Ordering::Relaxed),
        };
        facts.readiness()
    }

    fn clients(&self) -> Vec<ClientEntry> {
        self.shown_clients()
    }

    fn status(&self) -> Status {
        self.shown_status()
    }

    fn client(&self, client: Address) -> Result<Option<Value>, RecallError> {
        self.shown_client(client)
    }

    fn history(&self, client: Address) -> Result<Vec<Value>, RecallError> {
        self.shown_history(client)
    }

    fn client_page(&self, client: Address) -> Result<Option<ClientPage>, RecallError> {
        self.shown_client_page(client)
    }

    fn network(&self) -> Option<Network> {
        self.shown_network()
    }
}

impl RunState {
    fn frames(&self, counters: &Counters) -> Vec<FrameCount> {
        let Some(monitor) = &self.ground.stage.monitor else {
            return Vec::new();
        };
        let kinds = counters.kinds.iter().enumerate().filter(|(_, kind)| kind.frames > 0);
        kinds
            .map(|(index, kind)| {
                let control = FrameControl::from_index(index as u32);
                FrameCount {
                    interface: monitor.name.clone(),
                    kind: FrameKind::new(control.kind(), control.subtype()),
                    frames: kind.frames,
                    bytes: kind.bytes,
                    retries: kind.retries,
                    bad_fcs: kind.bad_fcs,
                }
            })
            .collect()
    }

    fn data(&self, counters: &Counters) -> Vec<snapshot::DataCount> {
        let names = self.engine.names().read();
        // An interface that went and came back has counters for each of its indices.
        let mut sums: BTreeMap<(&str, u8, u8), (Protocol, Count)> = BTreeMap::new();
        for count in &counters.data {
            let name = names.get(&count.ifindex).map(String::as_str);
            if let Some(name) = name.or((count.ifindex == 0).then_some(UNLISTED)) {
                let key = (name, count.direction.number(), count.protocol as u8);
                sums.entry(key).or_insert((count.protocol, Count::default())).1 += count.count;
            }
        }
        let counted =
            |((interface, direction, _), (protocol, count)): ((&str, u8, u8), (Protocol, Count))| snapshot::DataCount {
                interface: interface.to_owned(),
                direction: if direction == RECEIVE {
                    snapshot::Direction::Rx
                } else {
                    snapshot::Direction::Tx
                },
                protocol: protocol.label().to_owned(),
                packets: count.packets,
                bytes: count.bytes,
            };
        sums.into_iter().map(counted).collect()
    }

    fn flows(&self, counters: &Counters) -> snapshot::Flows {
        let table = self.engine.flows();
        snapshot::Flows {
            active: table.active as u64,
            capacity: table.capacity as u64,
            memory_bytes: self.engine.flow_memory() as u64,
            packets: snapshot::FlowPackets {
                seen: counters.flows.seen.packets,
                in_table: counters.flows.in_table.packets,
                exported: counters.flows.exported.packets,
                lost: vec![CauseCount::new("ring-full", counters.flows.lost.packets)],
            },
            ended: table
                .ended
                .iter()
                .map(|(reason, flows)| CauseCount::new(*reason, *flows))
                .collect(),
        }
    }
}

fn profiles_of(counts: &ProfileCounts) -> snapshot::Profiles {
    let unreadable = CauseCount::new("unreadable", counts.unreadable);
    let failed = FailureCause::ALL
        .iter()
        .map(|cause| CauseCount::new(cause.label(), counts.failed.get(cause).copied().unwrap_or(0)));
    snapshot::Profiles {
        count: counts.profiles(),
        observed: counts.observed,
        failed: counts.failures(),
        failures: [unreadable].into_iter().chain(failed).collect(),
        clients: counts.clients,
        accepted: counts.accepted,
        turned_away: counts.turned_away,
        heard: None,
        left_out: counts
            .left_out
            .causes()
            .map(|(cause, count)| CauseCount::new(cause, count))
            .into(),
    }
}

fn causes<'a>(counts: impl IntoIterator<Item = (&'a &'static str, &'a Count)>) -> Vec<CauseCount> {
    counts
        .into_iter()
        .map(|(cause, count)| CauseCount::new(*cause, count.packets))
        .collect()
}

/// Shared between the tasks of a run.
pub(super) type Shared = Arc<RunState>;
