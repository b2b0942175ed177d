//! `airlens run`: capture, profile and count until told to stop.

use std::{
    env,
    io::{self, IsTerminal as _, Write},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    Exit, ONE_SIGNAL,
    identity::{IdentityError, load},
    logging,
    settings::SettingArgs,
};
use crate::{
    air::Pace,
    config::{Config, Hook, LogLevel},
    events::RunStopped,
    kernel::{HookChoice, LoadOptions},
    logging::Logging,
    profile::Identity,
    publish::{
        atomic::AtomicWriter,
        documents::{Reason, StartupMethod},
        http::AccessOptions,
        lifecycle::{Failure, RunIdentity},
        snapshot::FrameKind,
    },
    session::{
        EngineOptions, HopOptions, Listen, RefusedRun, Run, RunOptions, ServiceManager, StageOptions, Telemetry,
        journal::Journals, refuse,
    },
};

/// Capture, profile Wi-Fi clients and count traffic until interrupted
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    settings: SettingArgs,
}

pub(super) fn run(args: &Args, _out: &mut dyn Write) -> anyhow::Result<Exit> {
    let settings = args.settings.read();
    let in_force = settings.in_force();
    let (config, warnings) = settings.check()?;
    let begun = Instant::now();
    let log = Logging::start(&config.log)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let telemetry = logging::telemetry(&config, &log, &identity())?;
    logging::tell_start(&telemetry.events, &identity(), &in_force)?;
    let result = load(&config.oui_file, &config.devices)
        .map_err(|error| {
            refused(&config, &error);
            error.into()
        })
        .and_then(|known| {
            let options = options(&config, Arc::new(known), telemetry.clone());
            runtime()?.block_on(capture(options, begun))
        });
    if let Some(traces) = &telemetry.traces {
        traces.finish(LAST_SPANS);
    }
    telemetry.events.tell_suppressed(true);
    let (code, error) = match &result {
        Ok(Ended { exit, error }) => (*exit, error.clone()),
        Err(error) => (Exit::of(error), Some(super::message(error))),
    };
    telemetry.events.emit(&RunStopped {
        pid: std::process::id(),
        uid: logging::uid(),
        code: code as u8,
        error: error.as_deref(),
        seconds: begun.elapsed().as_secs(),
    });
    result.map(|ended| ended.exit)
}

/// The run's files tell that it did not begin for want of a file.
fn refused(config: &Config, error: &IdentityError) {
    let missing = matches!(error, IdentityError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound);
    let run = RefusedRun {
        paths: &config.paths,
        writer: AtomicWriter::for_system(),
        identity: identity(),
        interface: config.interface.as_deref(),
        mode: config.radio.mode,
    };
    let failure = Failure {
        code: Exit::BadInput as i32,
        reason: if missing {
            Reason::FileNotFound
        } else {
            Reason::ConfigValidation
        },
        message: error.to_string(),
    };
    refuse(&run, failure);
}

/// How long a collector may take for the last spans.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// How a run ended that had begun.
struct Ended {
    exit: Exit,
    error: Option<String>,
}

/// The runtime of a run. Profiles are made on one thread; another serves.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("can't start threads")
}

async fn capture(options: RunOptions, begun: Instant) -> anyhow::Result<Ended> {
    // Before the start, so that a signal during it ends the run cleanly too.
    let mut signals = Signals::new()?;
    let scheme = if options.access.tls.is_some() { "https" } else { "http" };
    let manager = ServiceManager::of(|name| env::var(name).ok()).context("can't speak to the service manager")?;
    let telemetry = options.telemetry.clone();
    let metrics_path = options.metrics_path.clone();
    let _reloading = Reloading::start(&telemetry, &manager)?;
    let mut run = Run::start(options).await?;
    manager.ready(&run.snapshot());
    let told = manager.follow(run.source());
    for attachment in run.snapshot().attachments {
        tracing::info!(
            program = attachment.program,
            interface = attachment.interface,
            hook = attachment.hook,
            "attached"
        );
    }
    match run.address() {
        Some(address) => tracing::info!(
            "running; metrics at {scheme}://{address}{metrics_path}",
            metrics_path = metrics_path.as_str()
        ),
        None => tracing::info!("running"),
    }
    let failure = tokio::select! {
        () = signals.next() => None,
        error = run.failed() => Some(error),
    };
    if let Some(told) = told {
        told.abort();
    }
    manager.stopping();
    let again = async {
        let first = Instant::now();
        loop {
            signals.next().await;
            if first.elapsed() >= ONE_SIGNAL {
                return Exit::Interrupted;
            }
        }
    };
    let end = async {
        let stopped = run.stop(failure.clone()).await;
        match failure {
            Some(error) => {
                let exit = Exit::of_cause(&*error).unwrap_or(Exit::Failure);
                tracing::error!(%error, "the run has failed");
                Ok(Ended {
                    exit,
                    error: Some(error.to_string()),
                })
            }
            None => stopped.map(|_| Ended {
                exit: Exit::Success,
                error: None,
            }),
        }
    };
    tokio::select! {
        exit = again => {
            telemetry.events.emit(&RunStopped {
                pid: std::process::id(),
                uid: logging::uid(),
                code: exit as u8,
                error: Some("ended at once by a second signal"),
                seconds: begun.elapsed().as_secs(),
            });
            let _ = telemetry.log.flush(LAST_WORD);
            std::process::exit(exit as i32)
        }
        ended = end => Ok(ended?),
    }
}

/// How long the log may take where a second signal ends the run.
const LAST_WORD: Duration = Duration::from_millis(200);

/// How long the last lines may take that go to old files.
const LAST_LINES: Duration = Duration::from_secs(5);

/// On SIGHUP files are opened and read anew. At a terminal the signal means that the terminal is gone: see [`Signals`].
struct Reloading(Option<tokio::task::JoinHandle<()>>);

impl Reloading {
    fn start(telemetry: &Telemetry, manager: &ServiceManager) -> anyhow::Result<Self> {
        if io::stdin().is_terminal() {
            return Ok(Self(None));
        }
        let mut hangup = signal(SignalKind::hangup()).context("can't wait for SIGHUP")?;
        let (telemetry, manager) = (telemetry.clone(), manager.clone());
        Ok(Self(Some(tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                let told = manager.reloading();
                telemetry.log.reopen();
                telemetry.reload.call();
                let log = telemetry.log.clone();
                // Whoever waits for the end of the reload may touch the old files then.
                let _ = tokio::task::spawn_blocking(move || log.flush(LAST_LINES)).await;
                if told {
                    manager.reloaded();
                }
                tracing::info!("files are opened and read anew (SIGHUP)");
            }
        }))))
    }
}

impl Drop for Reloading {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// SIGINT and SIGTERM, and SIGHUP where the run belongs to a terminal.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("can't wait for SIGINT")?,
            terminate: signal(SignalKind::terminate()).context("can't wait for SIGTERM")?,
            hangup: match io::stdin().is_terminal() {
                true => Some(signal(SignalKind::hangup()).context("can't wait for SIGHUP")?),
                false => None,
            },
        })
    }

    /// Waits for the next of them.
    pub(super) async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

fn options(config: &Config, known: Arc<Identity>, telemetry: Telemetry) -> RunOptions {
    RunOptions {
        radio: config.radio.clone(),
        stage: stage_options(config),
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
        access: AccessOptions {
            token_file: config.access.token_file.clone().or_else(credential),
            ..config.access.clone()
        },
        attempt_timeout: config.attempt_timeout,
        hop: config.hop.as_ref().map(|(list, dwell)| HopOptions {
            list: list.clone(),
            pace: Pace::of(*dwell),
        }),
        telemetry,
    }
}

/// The tokens that the service manager hands over (systemd.exec(5), `LoadCredential=airlens-token:…`).
fn credential() -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os("CREDENTIALS_DIRECTORY")?).join("airlens-token");
    path.exists().then_some(path)
}

/// What to prepare, by a checked configuration.
pub(super) fn stage_options(config: &Config) -> StageOptions {
    StageOptions {
        interface: config.interface.clone(),
        data: config.data.clone(),
        hindrance: config.radio.hindrances().first().map(ToString::to_string),
        channel: config.radio.channel,
        width: config.radio.width,
        hops: config.hop.is_some(),
        country: config.radio.country,
        prepare: config.radio.interface_prep,
        journals: Journals::new(&config.journal_path, AtomicWriter::for_system()),
        pid: std::process::id(),
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

/// Subtypes of probe responses and beacons.
const NETWORKS: u16 = 1 << 5 | 1 << 8;

/// Of each network, one beacon and one probe response are read in this time.
const NETWORK_INTERVAL: Duration = Duration::from_secs(1);

/// The kernel side's options, by a checked configuration.
pub(super) fn engine_options(config: &Config) -> EngineOptions {
    let bits = |kinds: &[FrameKind]| kinds.iter().fold(0u16, |bits, kind| bits | 1 << kind.subtype());
    EngineOptions {
        load: LoadOptions {
            ring_bytes: config.ring_bytes,
            subtypes: bits(&config.subtypes) | if config.air { NETWORKS } else { 0 },
            // Requests wake the reader at once: their profile is what someone waits for.
            urgent: 1 << 0 | 1 << 2,
            log: config.log_level >= LogLevel::Debug,
            network_interval: NETWORK_INTERVAL,
            request_interval: config.probe_interval,
            stations: config.air,
            // By what is heard on each, hopping plans.
            channels: config.air || config.hop.is_some(),
            flow_capacity: config.flow_capacity,
            inner: config.inner_flows,
        },
        hook: match config.hook {
            Hook::Auto => HookChoice::Auto,
            Hook::Native => HookChoice::Native,
            Hook::Generic => HookChoice::Generic,
            Hook::Tc => HookChoice::Tc,
        },
        flow_capacity: config.flow_capacity,
        pin: config.pin.clone(),
        timeouts: config.timeouts,
        features: config.features,
        capture: config.capture.clone(),
        export: config.export.clone(),
        events: Arc::default(),
        measure: config.program_stats,
    }
}

/// How old counts may be at a scrape unless configured: fresh ones.
pub(super) const FRESH: Duration = Duration::ZERO;
