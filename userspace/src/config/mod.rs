//! What a run is set to do: file < environment < flags, checked once into a [`Config`].
//!
//! The file is TOML, or the `config.ini` of wlanpi-profiler. docs/CONFIGURATION.md has every key. An example:
//!
//! ```toml
//! interface = "wlan0"                     # monitor or managed
//! mode = "auto"                           # auto, listen, ap, fakeap, hostapd
//! channel = 36                            # or "6g5", or frequency = 5180
//! dwell = "250ms"                         # the usual time on one
//! air = true                              # networks and stations around are listed
//! width = "auto"                          # or 20, 40, 80, 160, 320
//! ssid = "airlens"
//! passphrase = "profiler"
//! security_mode = "ft-wpa3-mixed"         # wpa2, ft-wpa2, wpa3-mixed
//! multi_link = true                       # with 802.11be and SAE
//! data = ["eth0"]                         # interfaces whose packets and flows are counted
//! listen = "127.0.0.1:9474"               # the HTTP API over TCP
//! files_path = "/var/lib/wlanpi-profiler" # clients/… goes below it
//! run_stem = "/run/wlanpi-profiler"       # STEM.status.json, .info.json, .sock, .lock
//! state_path = "/var/lib/wlanpi-profiler/state.json"
//! journal_path = "/run/airlens"           # what is to be given back
//! hook = "auto"                           # auto, native, generic, tc
//! ring_bytes = 1048576                    # a power of two
//! flow_capacity = 1048576
//! inner_flows = false                     # flows of what GRE and VXLAN carry, not of the tunnels
//! subtypes = ["association-request", "reassociation-request", "probe-request", "authentication", "association-response",
//!             "reassociation-response", "disassociation", "deauthentication"] # handed to user space
//! probe_interval = "0s"                  # of each transmitter, one probe request in this time; 0: each
//! attempt_timeout = "5s"                 # who has authenticated only, has failed then
//! oui_file = "oui.csv"                   # a newer IEEE registry, or a list of them
//! devices = ["/etc/airlens/devices.toml"] # devices to recognise, or a list
//! pin = "/sys/fs/bpf/airlens"             # unset: the maps are not pinned
//!
//! [monitoring]
//! enabled = true                          # false: no TCP listener
//! hosts = ["airlens.lan"]                  # names beside localhost by which the server may be asked
//! token_file = "/etc/airlens/tokens"       # a token a line; unset: anybody is answered
//! tls_certificate = "/etc/airlens/tls.pem" # with tls_key; unset: plain HTTP
//! tls_key = "/etc/airlens/tls.key"
//! rate_limit = 50                         # requests a second of each address
//! event_listeners = 16                    # pages and programs that listen to events at once
//! metrics_path = "/metrics"
//! namespace = "airlens"
//! update_interval = "0s"                  # scrapes within it share one reading of the counts
//! program_stats = false                   # the kernel measures what its programs cost
//!
//! [logging]
//! level = "info"                          # error, warn, info, debug, trace
//! format = "text"                         # text, json
//! output = "auto"                         # auto, stderr, journald, or the path of a file
//! max_size = "100MB"                      # then the next file begins
//! max_backups = 10
//! max_age = "0s"                          # of backups; 0s: for ever
//! compress = true
//! audit = "/var/log/airlens/audit.log"    # security events
//!
//! [tracing]
//! otlp_endpoint = "http://127.0.0.1:4318" # spans of each request, from its frame to its files
//! headers_file = "/etc/airlens/otlp"      # lines NAME: VALUE
//! sample_ratio = 1.0
//!
//! [flows]
//! idle_tcp = "300s"                       # idle_udp, idle_icmp, idle_other: silent for so long, a flow is over
//! active = "1800s"                        # a long one is given out in pieces of so long
//!
//! [capture]
//! last = "30s"                            # packets of the last seconds are kept in memory: /api/capture
//!
//! [export.ipfix]
//! collector = "udp://192.0.2.1:4739"      # or tcp://
//!
//! [export.kafka]
//! brokers = ["192.0.2.2:9092"]
//! profile_topic = "airlens-profiles"      # profiles; topic: flows
//! spool = "/var/spool/airlens"            # records wait here while the brokers are away
//!
//! [export.files]
//! path = "/var/log/airlens/flows.jsonl"   # or .csv
//! ```
//!
//! In the environment the same keys are `AIRLENS_INTERFACE`, `AIRLENS_DATA` (comma separated),
//! `AIRLENS_MONITORING_METRICS_PATH`, `AIRLENS_LOGGING_LEVEL` and so on. A key that is not listed is refused.

mod access;
mod capture;
mod check;
mod environment;
mod error;
mod export;
mod file;
mod flows;
mod ini;
mod keys;
mod layer;
mod logging;
mod meant;
mod needs;
mod origin;
mod radio;
mod values;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use capture::{CaptureLayer, LastOptions};
pub use check::{DEFAULT_FILES, DEFAULT_JOURNALS};
pub use environment::parse;
pub use error::{ConfigError, ConfigErrors, Origin, Place, Warning};
pub use export::{ExportLayer, FilesLayer, IpfixLayer, KafkaLayer};
pub use flows::FlowsLayer;
pub use keys::{KEYS, Key};
pub use layer::{Layer, MonitoringLayer};
pub use logging::{LoggingLayer, Ratio, RatioError, TracingLayer};
pub use origin::{Setting, Settings};
pub use radio::{Radio, Ssid};
pub use values::{CaptureMode, Compat, Country, Hook, LogLevel, Passphrase, ValueError, Width, listen_address};

use crate::air::HopList;
pub use crate::ap::SecurityMode;
use crate::export::ExportOptions;
use crate::flow::{Timeouts, features::Sets};
pub use crate::logging::LineFormat as LogFormat;
use crate::logging::LogOptions;
use crate::publish::http::{AccessOptions, MetricsPath};
use crate::publish::lifecycle::RunPaths;
use crate::publish::snapshot::FrameKind;
use crate::spans::SpanOptions;

/// A checked configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The Wi-Fi interface; without one and with an empty `data`, the only one that there is.
    pub interface: Option<String>,
    /// The radio and the access point.
    pub radio: Radio,
    /// Channels that are visited in turn, and the usual time on one.
    pub hop: Option<(HopList, Duration)>,
    /// Beacons and probe responses are read, and transmitters counted.
    pub air: bool,
    /// Interfaces whose packets and flows are counted; no name twice.
    pub data: Vec<String>,
    /// Where the HTTP API listens over TCP; `None` where monitoring is off.
    pub listen: Option<SocketAddr>,
    /// Where it serves the metrics.
    pub metrics_path: MetricsPath,
    /// What metric names start with.
    pub metrics_namespace: String,
    /// Scrapes within it share one reading of the counts; 0 reads at each scrape.
    pub update_interval: Duration,
    /// The kernel measures what its programs cost.
    pub program_stats: bool,
    /// The folder of `clients/…`.
    pub files_path: PathBuf,
    /// Status, info, socket, lock and state.
    pub paths: RunPaths,
    /// The folder of locks and journals.
    pub journal_path: PathBuf,
    /// Where the programs are attached.
    pub hook: Hook,
    /// Octets of the ring buffer: a power of two, 4 KiB to 1 GiB.
    pub ring_bytes: u32,
    /// Flows that the table holds: 1 to 2^24.
    pub flow_capacity: u32,
    /// Flows are of what GRE and VXLAN carry, not of the tunnels.
    pub inner_flows: bool,
    /// Management frames that are handed to user space, sorted.
    pub subtypes: Vec<FrameKind>,
    /// Newer registries of makers.
    pub oui_file: Vec<PathBuf>,
    /// Files of devices to recognise.
    pub devices: Vec<PathBuf>,
    /// Of each transmitter, one probe request is read in this time; 0: each.
    pub probe_interval: Duration,
    /// A client that authenticated and asked for nothing more in this time has failed.
    pub attempt_timeout: Duration,
    /// Whom the HTTP API answers over TCP.
    pub access: AccessOptions,
    /// Where the maps are pinned.
    pub pin: Option<PathBuf>,
    /// What is logged.
    pub log_level: LogLevel,
    /// When a flow is over.
    pub timeouts: Timeouts,
    /// What is read of the first packets of flows.
    pub features: Sets,
    /// Packets that are kept for whoever asks.
    pub capture: Option<LastOptions>,
    /// The same, and how and where.
    pub log: LogOptions,
    /// Where spans go.
    pub spans: Option<SpanOptions>,
    /// Where ended flows go.
    pub export: ExportOptions,
}

impl Config {
    /// Reads `file`, puts `environment` over it, `flags` over both, and checks the result. Of `environment` only
    /// names that start with `AIRLENS_` count. What is odd but usable goes to `warn`.
    ///
    /// # Errors
    /// All that is wrong: where it stands, what is wrong and what would be right.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: Layer,
    ) -> Result<(Self, Vec<Warning>), ConfigErrors> {
        Settings::read(file, environment, flags).check()
    }
}
