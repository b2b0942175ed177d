//! `airlens run`: capture, profile and count until told to stop.

use std::{env, io::Write, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    Exit,
    identity::{IdentityArgs, load},
    logging,
};
use crate::{
    config::{self, CaptureMode, Config, Hook, Layer, LogFormat, LogLevel, LoggingLayer, MonitoringLayer},
    kernel::{HookChoice, LoadOptions},
    profile::Identity,
    publish::{atomic::AtomicWriter, documents::StartupMethod, lifecycle::RunIdentity, snapshot::FrameKind},
    session::{EngineOptions, Listen, Run, RunOptions},
};

/// Capture, profile Wi-Fi clients and count traffic until interrupted
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Wi-Fi interface: a monitor, or a managed one beside which a monitor is added
    #[arg(short, long, value_name = "IFACE")]
    interface: Option<String>,
    /// How clients are met: listen (transmit nothing)
    #[arg(long, value_parser = config::parse::<CaptureMode>)]
    mode: Option<CaptureMode>,
    /// Interfaces whose packets and flows are counted
    #[arg(long, value_name = "IFACE", num_args = 1..)]
    data: Option<Vec<String>>,
    /// Address of the HTTP API and of /metrics [default: 127.0.0.1:9474]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Configuration file (TOML); flags and AIRLENS_… variables go before it
    #[arg(long, value_name = "FILE", env = "AIRLENS_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of clients/… [default: /var/lib/wlanpi-profiler]
    #[arg(long, value_name = "DIR")]
    files_path: Option<PathBuf>,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Start of the paths of status, info, socket and lock [default: /run/wlanpi-profiler]
    #[arg(long, value_name = "PATH")]
    run_stem: Option<PathBuf>,
    /// File that records the end of the run [default: /var/lib/wlanpi-profiler/state.json]
    #[arg(long, value_name = "FILE")]
    state_path: Option<PathBuf>,
    /// Where packets are received: auto (native XDP, else TCX, else generic XDP), native, generic or tc
    #[arg(long, value_parser = config::parse::<Hook>)]
    hook: Option<Hook>,
    /// Octets of each ring buffer, a power of two [default: 1048576]
    #[arg(long, value_name = "OCTETS")]
    ring_bytes: Option<u64>,
    /// Flows that the flow table holds [default: 65536]
    #[arg(long, value_name = "FLOWS")]
    flow_capacity: Option<u64>,
    /// Pin the maps in this folder of a bpf file system, for bpftool
    #[arg(long, value_name = "DIR")]
    pin: Option<PathBuf>,
    /// What metric names start with [default: airlens]
    #[arg(long, value_name = "NAME")]
    metrics_namespace: Option<String>,
    /// What is logged: error, warn, info, debug or trace [default: info]
    #[arg(long, value_parser = config::parse::<LogLevel>)]
    log_level: Option<LogLevel>,
    /// How log lines look: text or json [default: text]
    #[arg(long, value_parser = config::parse::<LogFormat>)]
    log_format: Option<LogFormat>,
}

impl Args {
    fn layer(&self) -> Layer {
        Layer {
            interface: self.interface.clone(),
            mode: self.mode,
            data: self.data.clone(),
            listen: self.listen,
            files_path: self.files_path.clone(),
            run_stem: self.run_stem.clone(),
            state_path: self.state_path.clone(),
            hook: self.hook,
            ring_bytes: self.ring_bytes,
            flow_capacity: self.flow_capacity,
            subtypes: None,
            pin: self.pin.clone(),
            oui_file: given(&self.identity.oui_file),
            devices: given(&self.identity.devices),
            monitoring: MonitoringLayer {
                namespace: self.metrics_namespace.clone(),
                ..MonitoringLayer::default()
            },
            logging: LoggingLayer {
                level: self.log_level,
                format: self.log_format,
            },
        }
    }
}

/// A list that was given at all.
fn given(paths: &[PathBuf]) -> Option<Vec<PathBuf>> {
    (!paths.is_empty()).then(|| paths.to_vec())
}

pub(super) fn run(args: &Args, _out: &mut dyn Write) -> anyhow::Result<Exit> {
    // A variable that is not UTF-8 is none of ours.
    let environment =
        env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(args.config.as_deref(), environment, args.layer())?;
    logging::start(config.log_level, config.log_format);
    let known = Arc::new(load(&config.oui_file, &config.devices)?);
    runtime()?.block_on(capture(options(&config, known)))
}

/// The runtime of a run. Profiles are made on one thread; another serves.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("can't start threads")
}

async fn capture(options: RunOptions) -> anyhow::Result<Exit> {
    // Before the start, so that a signal during it ends the run cleanly too.
    let mut signals = Signals::new()?;
    let mut run = Run::start(options).await?;
    for attachment in run.snapshot().attachments {
        tracing::info!(
            program = attachment.program,
            interface = attachment.interface,
            hook = attachment.hook,
            "attached"
        );
    }
    match run.address() {
        Some(address) => tracing::info!("running; metrics at http://{address}/metrics"),
        None => tracing::info!("running"),
    }
    let failure = tokio::select! {
        () = signals.next() => None,
        error = run.failed() => Some(error),
    };
    let again = async {
        signals.next().await;
        Exit::Interrupted
    };
    let end = async {
        let stopped = run.stop(failure.clone()).await;
        match failure {
            Some(error) => {
                let exit = Exit::of_cause(&*error).unwrap_or(Exit::Failure);
                tracing::error!(%error, "the run has failed");
                Ok(exit)
            }
            None => stopped.map(|last| {
                tracing::info!(profiles = last.profiles.count, frames = last.balance.seen, "stopped");
                Exit::Success
            }),
        }
    };
    tokio::select! {
        exit = again => std::process::exit(exit as i32),
        exit = end => Ok(exit?),
    }
}

/// SIGINT and SIGTERM.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("can't wait for SIGINT")?,
            terminate: signal(SignalKind::terminate()).context("can't wait for SIGTERM")?,
        })
    }

    /// Waits for the next of either.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn options(config: &Config, known: Arc<Identity>) -> RunOptions {
    RunOptions {
        interface: config.interface.clone(),
        data: config.data.clone(),
        engine: engine_options(config),
        paths: config.paths.clone(),
        files: config.files_path.clone(),
        writer: AtomicWriter::for_system(),
        identity: identity(),
        known,
        namespace: config.metrics_namespace.clone(),
        metrics_path: config.metrics_path.clone(),
        metrics_age: config.update_interval,
        listen: config.listen.map_or(Listen::Off, Listen::Address),
    }
}

/// This process, as the run's files name it.
pub(super) fn identity() -> RunIdentity {
    RunIdentity {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        startup_method: StartupMethod::detect(|name| env::var(name).ok()),
    }
}

/// Of each network, one beacon and one probe response are read in this time.
const NETWORK_INTERVAL: Duration = Duration::from_secs(1);

/// The kernel side's options, by a checked configuration.
pub(super) fn engine_options(config: &Config) -> EngineOptions {
    let bits = |kinds: &[FrameKind]| kinds.iter().fold(0u16, |bits, kind| bits | 1 << kind.subtype());
    EngineOptions {
        load: LoadOptions {
            ring_bytes: config.ring_bytes,
            subtypes: bits(&config.subtypes),
            // Requests wake the reader at once: their profile is what someone waits for.
            urgent: 1 << 0 | 1 << 2,
            log: config.log_level >= LogLevel::Debug,
            network_interval: NETWORK_INTERVAL,
            request_interval: Duration::ZERO,
            stations: true,
        },
        hook: match config.hook {
            Hook::Auto => HookChoice::Auto,
            Hook::Native => HookChoice::Native,
            Hook::Generic => HookChoice::Generic,
            Hook::Tc => HookChoice::Tc,
        },
        flow_capacity: config.flow_capacity,
        pin: config.pin.clone(),
    }
}

/// How old counts may be at a scrape unless configured: fresh ones.
pub(super) const FRESH: Duration = Duration::ZERO;
