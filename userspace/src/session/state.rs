//! What a run shows of itself: counts, health, clients.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use airlens_common::{Count, data::Protocol, ieee80211::FrameControl};
use jiff::Timestamp;

use super::{Engine, Profiler, Stage};
use crate::{
    kernel::{Counters, Direction},
    publish::{
        documents::Progress,
        http::{ClientEntry, ClientKind, Health, HealthStatus, Readiness, RunView},
        snapshot::{self, Attachment, CauseCount, FrameCount, FrameKind, Snapshot},
    },
};

/// A run, as its parts share it.
pub(super) struct RunState {
    pub(super) engine: Engine,
    pub(super) stage: Stage,
    pub(super) profiler: Mutex<Profiler>,
    /// Files that could not be written.
    pub(super) output_errors: AtomicU64,
    /// The programs run and nothing fatal has happened.
    pub(super) capturing: AtomicBool,
    pub(super) version: String,
    pub(super) started: Instant,
    pub(super) started_at: Timestamp,
    /// The last frame's channel frequency in MHz, 0 before the first.
    pub(super) frequency: AtomicU64,
}

impl RunState {
    pub(super) fn profiler(&self) -> std::sync::MutexGuard<'_, Profiler> {
        self.profiler.lock().unwrap_or_else(PoisonError::into_inner)
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
            profile_count: counts.profiles,
            failed_profile_count: counts.failed,
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
        let profiles = self.profiler().counts().clone();
        let mut errors = vec![
            CauseCount::new("parsing", profiles.invalid),
            CauseCount::new("output", self.output_errors.load(Ordering::Relaxed)),
        ];
        let counters = self.engine.counters().unwrap_or_else(|error| {
            tracing::error!(%error, "counters can't be read");
            errors.push(CauseCount::new("capture", 1));
            Counters::default()
        });
        let (occupied, capacity) = self.engine.ring();
        let ring_full = counters.frames.lost.get("ring-full").map_or(0, |count| count.packets);
        Snapshot {
            version: self.version.clone(),
            started_at: self.started_at.as_millisecond() as f64 / 1000.0,
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
            profiles: snapshot::Profiles {
                count: profiles.profiles,
                failed: profiles.failed,
                clients: profiles.clients,
            },
            errors,
        }
    }

    fn health(&self) -> Health {
        let status = match (self.readiness(), self.engine.counters()) {
            (Readiness::NotReady(_), _) | (_, Err(_)) => HealthStatus::Unhealthy,
            (_, Ok(counters)) => {
                let losses = counters.frames.lost_total() + counters.flows.lost.packets;
                let errors = self.output_errors.load(Ordering::Relaxed);
                if losses + errors > 0 {
                    HealthStatus::Degraded
                } else {
                    HealthStatus::Healthy
                }
            }
        };
        Health {
            status,
            uptime_seconds: self.started.elapsed().as_secs(),
            connected_clients: self.profiler().counts().clients,
            active_sessions: u64::from(self.capturing.load(Ordering::Relaxed)),
        }
    }

    fn readiness(&self) -> Readiness {
        if self.capturing.load(Ordering::Relaxed) {
            Readiness::Ready
        } else {
            Readiness::NotReady("no program is attached: the run starts or ends".to_owned())
        }
    }

    fn clients(&self) -> Vec<ClientEntry> {
        let now = Timestamp::now();
        let profiler = self.profiler();
        profiler
            .stations()
            .map(|(address, station)| ClientEntry {
                client_id: address.to_string(),
                kind: ClientKind::Device,
                platform: station.maker.clone().unwrap_or_default(),
                connected_at: station.first_seen.as_millisecond() as f64 / 1000.0,
                uptime_seconds: u64::try_from(now.as_second() - station.first_seen.as_second()).unwrap_or(0),
            })
            .collect()
    }
}

impl RunState {
    fn frames(&self, counters: &Counters) -> Vec<FrameCount> {
        let Some(monitor) = &self.stage.monitor else {
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
        let name = |ifindex| {
            self.stage
                .data
                .iter()
                .find(|found| found.index == ifindex)
                .map(|found| found.name.clone())
        };
        counters
            .data
            .iter()
            .filter_map(|count| {
                Some(snapshot::DataCount {
                    interface: name(count.ifindex)?,
                    direction: match count.direction {
                        Direction::Receive => snapshot::Direction::Rx,
                        Direction::Transmit => snapshot::Direction::Tx,
                    },
                    protocol: label(count.protocol).to_owned(),
                    packets: count.count.packets,
                    bytes: count.count.bytes,
                })
            })
            .collect()
    }

    fn flows(&self, counters: &Counters) -> snapshot::Flows {
        let table = self.engine.flows();
        snapshot::Flows {
            active: table.active as u64,
            capacity: table.capacity as u64,
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

fn causes<'a>(counts: impl IntoIterator<Item = (&'a &'static str, &'a Count)>) -> Vec<CauseCount> {
    counts
        .into_iter()
        .map(|(cause, count)| CauseCount::new(*cause, count.packets))
        .collect()
}

fn label(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Sctp => "sctp",
        Protocol::Icmp => "icmp",
        Protocol::Icmpv6 => "icmpv6",
        Protocol::Ipv4Other => "ipv4-other",
        Protocol::Ipv6Other => "ipv6-other",
        Protocol::Arp => "arp",
        Protocol::Other => "other",
        Protocol::Malformed => "malformed",
    }
}

/// Shared between the tasks of a run.
pub(super) type Shared = Arc<RunState>;
