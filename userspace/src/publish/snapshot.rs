//! The counts of a run at one moment, as plain data: what metrics, `/api/stats` and `airlens stats` are made from.
//!
//! All counts are cumulative since the start and never reset; a reader takes differences.

mod flows;
mod frame_kind;
mod histogram;
pub(in crate::publish) mod process;

pub use flows::{FlowPackets, Flows};
pub use frame_kind::FrameKind;
pub use histogram::Histogram;
pub use process::ProcessUse;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::air::ChannelEntry;

/// Everything that a run counts, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// airlens's version.
    pub version: String,
    /// When the run started, Unix seconds.
    pub started_at: f64,
    /// Seconds from then to these counts, by a clock that nobody sets: rates are differences of counts by differences of this.
    pub uptime_seconds: f64,
    /// What the process takes from its machine; `None` where that can't be read.
    #[serde(default)]
    pub process: Option<ProcessUse>,
    /// 802.11 frames by interface and kind.
    pub frames: Vec<FrameCount>,
    /// What became of the frames: `seen = handed_over + filtered + lost`.
    pub balance: Balance,
    /// The ring buffer between kernel and user space.
    pub ring: Ring,
    /// Packets on data interfaces.
    pub data: Vec<DataCount>,
    /// The flow table.
    pub flows: Flows,
    /// Where the programs are attached, and how.
    pub attachments: Vec<Attachment>,
    /// What the programs cost, where the kernel was asked to measure it.
    #[serde(default)]
    pub programs: Vec<ProgramCost>,
    /// Profiles and clients.
    pub profiles: Profiles,
    /// Clients that join and leave.
    #[serde(default)]
    pub sessions: Sessions,
    /// Look-ups of makers.
    #[serde(default)]
    pub lookups: Lookups,
    /// The run's own access point, where it is one.
    #[serde(default)]
    pub access_point: Option<AccessPoint>,
    /// Errors by stage: `parsing`, `extraction`, `output`, `capture`, `nl80211`.
    pub errors: Vec<CauseCount>,
    /// What became of ended flows, by exporter.
    #[serde(default)]
    pub exports: Vec<Export>,
    /// What happened, by kind of event.
    #[serde(default)]
    pub events: Vec<CauseCount>,
    /// Lines of the logs.
    #[serde(default)]
    pub logs: Vec<LogCount>,
    /// Spans, where they are asked for.
    #[serde(default)]
    pub spans: Option<SpanCount>,
    /// Requests to the HTTP API by route and status.
    #[serde(default)]
    pub http: Vec<RequestCount>,
    /// Channels of the air, with what was heard on each: metrics are made from it, `/api/air` has it.
    #[serde(skip)]
    pub channels: Vec<ChannelEntry>,
}

/// 802.11 frames of one kind on one interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameCount {
    /// The interface's name.
    pub interface: String,
    /// Type and subtype.
    #[serde(flatten)]
    pub kind: FrameKind,
    /// Frames, those with a bad FCS included.
    pub frames: u64,
    /// Octets of the frames, without the radiotap header.
    pub bytes: u64,
    /// Frames with the retry bit.
    pub retries: u64,
    /// Frames with a bad frame check sequence.
    pub bad_fcs: u64,
}

/// Packets on a data interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataCount {
    /// The interface's name.
    pub interface: String,
    /// `rx` or `tx`.
    pub direction: Direction,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `arp`, `other` …
    pub protocol: String,
    /// Packets.
    pub packets: u64,
    /// Octets from the Ethernet header on.
    pub bytes: u64,
}

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the machine.
    Rx,
    /// Out of the machine.
    Tx,
}

impl Direction {
    /// As a label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rx => "rx",
            Self::Tx => "tx",
        }
    }
}

/// A count with its cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseCount {
    /// From a small, fixed set of names: it becomes a label.
    pub cause: String,
    /// How often.
    pub count: u64,
}

impl CauseCount {
    /// A count of `cause`.
    pub fn new(cause: impl Into<String>, count: u64) -> Self {
        Self {
            cause: cause.into(),
            count,
        }
    }
}

/// What became of the captured frames.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Frames that reached the programs.
    pub seen: u64,
    /// Frames handed to user space.
    pub handed_over: u64,
    /// Frames left in the kernel on purpose, by cause.
    pub filtered: Vec<CauseCount>,
    /// Frames that should have been handed over and were not, by cause.
    pub lost: Vec<CauseCount>,
}

impl Balance {
    /// Whether every frame is accounted for: `seen = handed_over + filtered + lost`.
    #[must_use]
    pub fn holds(&self) -> bool {
        let sum = |causes: &[CauseCount]| causes.iter().map(|cause| u128::from(cause.count)).sum::<u128>();
        u128::from(self.seen) == u128::from(self.handed_over) + sum(&self.filtered) + sum(&self.lost)
    }
}

/// The ring buffer between kernel and user space.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Octets that it holds at most.
    pub capacity_bytes: u64,
    /// Octets written and not yet read.
    pub occupied_bytes: u64,
    /// Reservations that found it full.
    pub failed_reserves: u64,
}

/// Ended flows or profiles of one exporter: `given + recovered = sent + spooled + waiting + lost`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// `files`, `ipfix`, `kafka` or `kafka-profiles`.
    pub exporter: String,
    /// Flows, and pieces of flows, that ended; profiles that were published.
    pub given: u64,
    /// Those that the spool of an earlier run held.
    pub recovered: u64,
    /// Those that are out: written, handed to the network, acknowledged by the broker.
    pub sent: u64,
    /// Those in the spool now.
    pub spooled: u64,
    /// Those in memory now.
    pub waiting: u64,
    /// Those that are lost, by cause.
    pub lost: Vec<CauseCount>,
    /// Attempts that failed.
    pub failures: u64,
}

impl Export {
    /// Whether each is accounted for.
    #[must_use]
    pub fn holds(&self) -> bool {
        let lost: u64 = self.lost.iter().map(|cause| cause.count).sum();
        self.given + self.recovered == self.sent + self.spooled + self.waiting + lost
    }
}

/// Lines of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCount {
    /// `log` or `audit`.
    pub log: String,
    /// Lines written.
    pub written: u64,
    /// Lines that are lost, by cause.
    pub lost: Vec<CauseCount>,
}

/// Spans for a collector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanCount {
    /// Spans that it has taken.
    pub sent: u64,
    /// Spans that are lost, by cause.
    pub lost: Vec<CauseCount>,
}

/// Requests to one route of the HTTP API that were answered by one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCount {
    /// The route's pattern, such as `/api/clients/{id}`; `unknown` for paths that have none, `page` for the page's files.
    pub route: String,
    /// HTTP status code.
    pub status: u16,
    /// How many.
    pub count: u64,
    /// From the whole request head to the head of its answer.
    pub duration: Histogram,
}

/// A program on an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The program's name, as in `bpftool prog`.
    pub program: String,
    /// The interface's name.
    pub interface: String,
    /// `xdp native`, `xdp generic`, `tcx` or `clsact`.
    pub hook: String,
}

/// What a program has cost since it was loaded (`run_cnt` and `run_time_ns` of bpf_prog_info).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramCost {
    /// The program's name, as in `bpftool prog`.
    pub program: String,
    /// How often it ran.
    pub runs: u64,
    /// How long in all.
    pub nanoseconds: u64,
}

/// Clients that join and leave, of this run's own AP and of others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// Clients that have authenticated and neither asked to associate nor failed.
    pub authenticating: u64,
    /// Clients that are associated, as far as was heard.
    pub established: u64,
    /// Requests that their AP accepted.
    pub succeeded: u64,
    /// Requests that it refused, and clients that authenticated and never asked.
    pub failed: u64,
    /// Associations that ended, by who ended them: `ap`, `client`.
    pub ended: Vec<CauseCount>,
    /// From a client's first authentication frame to the answer that accepts it.
    pub handshake: Histogram,
}

/// Look-ups of clients' makers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookups {
    /// By result: `found`, `unknown`, `randomised`.
    pub results: Vec<CauseCount>,
    /// Assignments in the registry.
    pub assignments: u64,
    /// How long they took: metrics are made from it.
    #[serde(skip)]
    pub times: LookupTimes,
}

/// Durations in ns, counted by how long they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupTimes {
    /// The upper bound of each class.
    pub bounds_ns: Vec<u64>,
    /// Durations in each class, not cumulative; one more than bounds.
    pub counts: Vec<u64>,
    /// The sum of all.
    pub sum_ns: u64,
}

/// Profiles and clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profiles {
    /// Profiles published.
    pub count: u64,
    /// Of these, clients of other APs than this run's own.
    pub observed: u64,
    /// Clients that gave no profile.
    pub failed: u64,
    /// These, by cause: `unreadable` requests, and why clients that authenticated never asked.
    pub failures: Vec<CauseCount>,
    /// Different stations seen.
    pub clients: u64,
    /// Requests that their AP accepted.
    pub accepted: u64,
    /// Requests that their AP refused.
    pub turned_away: u64,
    /// Stations, access points left out, that were heard in the last minute by any frame; `None` where none are listed.
    #[serde(default)]
    pub heard: Option<u64>,
    /// Frames of stations that found no room in a table, or gave way there, by cause: `request`, `authentication`, `station`,
    /// `probe-request`.
    #[serde(default)]
    pub left_out: Vec<CauseCount>,
}

/// The run's own access point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPoint {
    /// Frames that it heard, by what became of them; none where hostapd answers.
    pub frames: Vec<CauseCount>,
    /// SAE handshakes that failed, by cause.
    pub sae_failures: Vec<CauseCount>,
    /// Answers: `sent`, `failed`; of those sent, `acknowledged` and `unacknowledged` where the driver tells.
    pub answers: Vec<CauseCount>,
    /// From the coming of a frame to the sending of its answer.
    pub response_latency: Histogram,
    /// Beacons that airlens sends itself: `sent`, `missed`, `failed`.
    pub beacons: Vec<CauseCount>,
    /// How much later than due these were sent.
    pub beacon_jitter: Histogram,
    /// How often the access point was started again.
    pub restarts: u64,
    /// What came and was not answered, by cause: frames from before it was `not-open`, `unreadable` or with a `bad-fcs`;
    /// frames and events that found `queue-full` or `buffer-full`; events that found `log-full`. None where hostapd answers.
    #[serde(default)]
    pub lost: Vec<CauseCount>,
}

/// Where a snapshot comes from.
pub trait SnapshotSource: Send + Sync {
    /// The counts now. It may read kernel maps: some ten microseconds, not seconds.
    fn snapshot(&self) -> Snapshot;
}

impl<F: Fn() -> Snapshot + Send + Sync> SnapshotSource for F {
    fn snapshot(&self) -> Snapshot {
        self()
    }
}

/// A source that several readers share.
pub type SharedSource = Arc<dyn SnapshotSource>;
