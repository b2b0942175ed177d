//! The settings of a run on the command line.

use std::{env, net::SocketAddr, path::PathBuf};

use super::identity::IdentityArgs;
use crate::{
    air::HopList,
    config::{
        self, CaptureLayer, CaptureMode, Compat, Country, ExportLayer, FilesLayer, FlowsLayer, Hook, IpfixLayer,
        KafkaLayer, Layer, LogFormat, LogLevel, LoggingLayer, MonitoringLayer, Passphrase, SecurityMode, Settings,
        TracingLayer, Width,
    },
    dot11::Channel,
};

/// Every setting that has a flag.
#[derive(Debug, clap::Args)]
pub(super) struct SettingArgs {
    /// Wi-Fi interface: a monitor, or a managed one [default: the only one]
    #[arg(short, long, value_name = "IFACE")]
    interface: Option<String>,
    /// How clients are met: auto (a monitor listens, a managed interface becomes an access point), listen, ap, fakeap
    /// (an access point by injected frames) or hostapd [default: auto]
    #[arg(long, value_parser = config::parse::<CaptureMode>)]
    mode: Option<CaptureMode>,
    #[arg(long, alias = "noAP", conflicts_with_all = ["mode", "fakeap"], hide = true)]
    listen_only: bool,
    #[arg(long, conflicts_with = "mode", hide = true)]
    fakeap: bool,
    /// Channel; 6g5 is channel 5 of 6 GHz [default: 36; listening: the one that the adapter is on]
    #[arg(short, long, conflicts_with = "frequency")]
    channel: Option<Channel>,
    /// Channel by its frequency
    #[arg(short, long, value_name = "MHZ")]
    frequency: Option<u32>,
    /// Channel width in MHz: 20, 40, 80, 160, 320, or auto, the widest possible [default: auto]
    #[arg(long, value_name = "MHZ")]
    width: Option<Width>,
    /// Visit channels in turn, sending nothing: 2, 5 or 6 (GHz), all, or a list such as 1,6,11,36,6g5
    #[arg(long, value_name = "LIST", conflicts_with_all = ["channel", "frequency"])]
    hop: Option<HopList>,
    /// The usual time on a channel; busy ones get more, quiet ones less [default: 250ms]
    #[arg(long, value_name = "TIME")]
    dwell: Option<String>,
    /// Name of the access point's network [default: Profiler and the end of the address]
    #[arg(short, long, conflicts_with = "hostname_ssid")]
    ssid: Option<String>,
    /// Name the network as this host
    #[arg(long, alias = "hostname_ssid")]
    hostname_ssid: bool,
    /// Passphrase of the network, 8 to 63 printable ASCII characters [default: profiler]
    #[arg(long)]
    passphrase: Option<Passphrase>,
    /// Protection of the network: wpa2, ft-wpa2, wpa3-mixed or ft-wpa3-mixed [default: ft-wpa3-mixed]
    #[arg(long, value_name = "MODE")]
    security_mode: Option<SecurityMode>,
    #[arg(id = "ax", long = "11ax", conflicts_with = "no_ax", hide = true)]
    ax: bool,
    /// Do not announce 802.11ax
    #[arg(id = "no_ax", long = "no11ax")]
    no_ax: bool,
    /// Announce 802.11be with WPA2 alone too
    #[arg(id = "be", long = "11be", conflicts_with = "no_be")]
    be: bool,
    /// Do not announce 802.11be
    #[arg(id = "no_be", long = "no11be")]
    no_be: bool,
    /// Be no multi-link access point
    #[arg(long)]
    no_multi_link: bool,
    /// Leave out the vendor element with the version
    #[arg(long)]
    noprofilertlv: bool,
    /// Use interfaces as they are, prepared by you
    #[arg(long, alias = "no-interface-prep")]
    noprep: bool,
    /// Country whose radio rules are to hold, by two letters [default: as it is]
    #[arg(long)]
    country: Option<Country>,
    /// Interfaces whose packets and flows are counted
    #[arg(long, value_name = "IFACE", num_args = 1..)]
    data: Option<Vec<String>>,
    /// Address of the HTTP API and of /metrics [default: 127.0.0.1:9474]
    #[arg(long, value_name = "ADDRESS", value_parser = config::listen_address)]
    listen: Option<SocketAddr>,
    /// Configuration file: TOML, or wlanpi-profiler's config.ini; flags and AIRLENS_… variables go before it
    #[arg(long, value_name = "FILE", env = "AIRLENS_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of clients/… [default: /var/lib/wlanpi-profiler]
    #[arg(long, alias = "files_path", value_name = "DIR")]
    files_path: Option<PathBuf>,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Start of the paths of status, info, socket and lock [default: /run/wlanpi-profiler]
    #[arg(long, value_name = "PATH")]
    run_stem: Option<PathBuf>,
    /// File that records the end of the run [default: /var/lib/wlanpi-profiler/state.json]
    #[arg(long, value_name = "FILE")]
    state_path: Option<PathBuf>,
    /// Write the further files of another program too: wlanpi
    #[arg(long, value_name = "PROGRAM", value_parser = config::parse::<Compat>)]
    compat: Option<Compat>,
    /// Folder that records what is to be given back [default: /run/airlens]
    #[arg(long, value_name = "DIR")]
    journal_path: Option<PathBuf>,
    /// Where packets are received: auto (native XDP, else TCX, else generic XDP), native, generic or tc [default: auto]
    #[arg(long, value_parser = config::parse::<Hook>)]
    hook: Option<Hook>,
    /// Octets of each ring buffer, a power of two [default: 1048576]
    #[arg(long, value_name = "OCTETS")]
    ring_bytes: Option<u64>,
    /// Flows that the flow table holds [default: 1048576]
    #[arg(long, value_name = "FLOWS")]
    flow_capacity: Option<u64>,
    /// Count flows of what GRE and VXLAN carry, not of the tunnels
    #[arg(long)]
    inner_flows: bool,
    /// Add to each flow what its first packets tell: any of lengths, times, tcp, tls, dns [default: none]
    #[arg(long, value_name = "SET", num_args = 1.., value_delimiter = ',')]
    flow_features: Option<Vec<String>>,
    /// Keep packets of so long in memory, for /api/capture: 30s, say [default: none]
    #[arg(long, value_name = "TIME")]
    capture_last: Option<String>,
    /// Which packets, in tcpdump's language [default: all of the data interfaces; without these, of the monitor]
    #[arg(long, value_name = "EXPR")]
    capture_filter: Option<String>,
    /// Write ended flows to this file, .jsonl or .csv; .part is behind its name until it is whole
    #[arg(long, value_name = "FILE")]
    flows_out: Option<PathBuf>,
    /// Export ended flows by IPFIX to udp://HOST:PORT or tcp://HOST:PORT
    #[arg(long, value_name = "COLLECTOR")]
    ipfix: Option<String>,
    /// Export ended flows and profiles as JSON records to Kafka: HOST:PORT of some brokers
    #[arg(long, value_name = "BROKER", num_args = 1.., value_delimiter = ',')]
    kafka_brokers: Option<Vec<String>>,
    /// Topic of the flows [default: airlens-flows]
    #[arg(long, value_name = "TOPIC")]
    kafka_topic: Option<String>,
    /// Topic of the profiles; "" exports none [default: airlens-profiles]
    #[arg(long, value_name = "TOPIC")]
    kafka_profile_topic: Option<String>,
    /// Key of the flows' records: flow, source, destination or none [default: flow]
    #[arg(long, value_name = "KEY")]
    kafka_key: Option<String>,
    /// Records of a batch [default: 500]
    #[arg(long, value_name = "RECORDS")]
    kafka_batch: Option<u64>,
    /// Folder where records wait while the brokers are away [default: they wait in memory]
    #[arg(long, value_name = "DIR")]
    kafka_spool: Option<PathBuf>,
    /// Octets that the spool may hold of flows, and of profiles [default: 1073741824]
    #[arg(long, value_name = "OCTETS")]
    kafka_spool_bytes: Option<u64>,
    /// Of each transmitter, read one probe request in this time; 0s: each [default: 0s]
    #[arg(long, value_name = "TIME")]
    probe_interval: Option<String>,
    /// When a client has failed that authenticated and asked for nothing more [default: 5s]
    #[arg(long, value_name = "TIME")]
    attempt_timeout: Option<String>,
    /// Pin the maps in this folder of a bpf file system, for bpftool
    #[arg(long, value_name = "DIR")]
    pin: Option<PathBuf>,
    /// What metric names start with [default: airlens]
    #[arg(long, value_name = "NAME")]
    metrics_namespace: Option<String>,
    /// Let the kernel measure what its programs cost: runs and time of each as metrics
    #[arg(long)]
    program_stats: bool,
    /// What is logged: error, warn, info, debug or trace [default: info]
    #[arg(long, value_parser = config::parse::<LogLevel>)]
    log_level: Option<LogLevel>,
    /// How log lines look: text or json [default: text]
    #[arg(long, value_parser = config::parse::<LogFormat>)]
    log_format: Option<LogFormat>,
    /// Where log lines go: auto (standard error, in the journal's form where that is the journal), stderr, journald, or
    /// a file, which rotates and is opened anew on SIGHUP [default: auto]
    #[arg(long, value_name = "OUTPUT")]
    log_output: Option<String>,
    /// Write security events to this file too, as JSON lines
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
    /// Send spans of each request by OTLP to this collector, such as http://127.0.0.1:4318
    #[arg(long, value_name = "URL")]
    otlp_endpoint: Option<String>,
}

impl SettingArgs {
    /// These flags over the environment over the file.
    pub(super) fn read(&self) -> Settings {
        Settings::read(self.config.as_deref(), environment(), self.layer())
    }

    fn layer(&self) -> Layer {
        let by_name = match (self.listen_only, self.fakeap) {
            (true, _) => Some(CaptureMode::Listen),
            (_, true) => Some(CaptureMode::Fakeap),
            _ => None,
        };
        Layer {
            interface: self.interface.clone(),
            mode: self.mode.or(by_name),
            channel: self.channel,
            frequency: self.frequency,
            width: self.width,
            hop: self.hop.clone(),
            dwell: self.dwell.clone(),
            air: None,
            ssid: self.ssid.clone(),
            hostname_ssid: self.hostname_ssid.then_some(true),
            passphrase: self.passphrase.clone(),
            security_mode: self.security_mode,
            ax: either(self.ax, self.no_ax),
            be: either(self.be, self.no_be),
            multi_link: either(false, self.no_multi_link),
            profiler_element: either(false, self.noprofilertlv),
            interface_prep: either(false, self.noprep),
            country: self.country,
            data: self.data.clone(),
            listen: self.listen,
            files_path: self.files_path.clone(),
            run_stem: self.run_stem.clone(),
            state_path: self.state_path.clone(),
            compat: self.compat,
            journal_path: self.journal_path.clone(),
            hook: self.hook,
            ring_bytes: self.ring_bytes,
            flow_capacity: self.flow_capacity,
            inner_flows: either(self.inner_flows, false),
            subtypes: None,
            probe_interval: self.probe_interval.clone(),
            attempt_timeout: self.attempt_timeout.clone(),
            pin: self.pin.clone(),
            oui_file: given(&self.identity.oui_file),
            devices: given(&self.identity.devices),
            monitoring: MonitoringLayer {
                namespace: self.metrics_namespace.clone(),
                program_stats: either(self.program_stats, false),
                ..MonitoringLayer::default()
            },
            logging: LoggingLayer {
                level: self.log_level,
                format: self.log_format,
                output: self.log_output.clone(),
                audit: self.audit_log.clone(),
                ..LoggingLayer::default()
            },
            tracing: TracingLayer {
                otlp_endpoint: self.otlp_endpoint.clone(),
                ..TracingLayer::default()
            },
            flows: FlowsLayer {
                features: self.flow_features.clone(),
                ..FlowsLayer::default()
            },
            capture: CaptureLayer {
                last: self.capture_last.clone(),
                filter: self.capture_filter.clone(),
                ..CaptureLayer::default()
            },
            export: self.export(),
        }
    }
}

impl SettingArgs {
    fn export(&self) -> ExportLayer {
        ExportLayer {
            files: FilesLayer {
                path: self.flows_out.clone(),
                ..FilesLayer::default()
            },
            ipfix: IpfixLayer {
                collector: self.ipfix.clone(),
                ..IpfixLayer::default()
            },
            kafka: KafkaLayer {
                brokers: self.kafka_brokers.clone(),
                topic: self.kafka_topic.clone(),
                profile_topic: self.kafka_profile_topic.clone(),
                key: self.kafka_key.clone(),
                batch: self.kafka_batch,
                spool: self.kafka_spool.clone(),
                spool_bytes: self.kafka_spool_bytes,
            },
            ..ExportLayer::default()
        }
    }
}

/// This process's variables; one that is not UTF-8 is none of ours.
pub(super) fn environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// What the one of two opposite flags that was given says.
fn either(yes: bool, no: bool) -> Option<bool> {
    (yes || no).then_some(yes)
}

/// A list that was given at all.
fn given(paths: &[PathBuf]) -> Option<Vec<PathBuf>> {
    (!paths.is_empty()).then(|| paths.to_vec())
}
