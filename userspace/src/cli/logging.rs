//! What is told of a run: its log, its spans, and who started it.

use std::{fs, sync::Arc};

use anyhow::Context as _;
use caps::{CapSet, Capability};
use tracing::level_filters::LevelFilter;

use crate::{
    config::{Config, Origin, Setting},
    events::{Events, RunStarted},
    logging::{LogError, LogOptions, Logging},
    publish::{documents::StartupMethod, lifecycle::RunIdentity},
    session::Telemetry,
    spans::{SpanSource, Traces},
};

/// Warnings and errors on standard error.
pub(super) fn warnings() -> Result<Logging, LogError> {
    Logging::start(&LogOptions {
        level: LevelFilter::WARN,
        ..LogOptions::default()
    })
}

/// What the run tells of itself, by a checked configuration.
pub(super) fn telemetry(config: &Config, log: &Logging, identity: &RunIdentity) -> anyhow::Result<Telemetry> {
    let events = Arc::new(Events::default());
    let traces = match &config.spans {
        Some(options) => {
            let source = SpanSource {
                version: identity.version.clone(),
                pid: identity.pid,
                host: host_name(),
            };
            Some(Arc::new(Traces::start(options, &source, Arc::clone(&events))?))
        }
        None => None,
    };
    Ok(Telemetry {
        events,
        log: log.control(),
        traces,
        ..Telemetry::default()
    })
}

fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// Who runs this process: the real user.
pub(super) fn uid() -> u32 {
    // SAFETY: it takes nothing and can't fail.
    unsafe { libc::getuid() }
}

/// Tells who starts the run, with which rights and settings.
pub(super) fn tell_start(events: &Events, identity: &RunIdentity, settings: &[Setting]) -> anyhow::Result<()> {
    let held = caps::read(None, CapSet::Effective).context("can't read this process's capabilities")?;
    let capabilities = match held.is_superset(&caps::all()) {
        true => "all".to_owned(),
        false => {
            let mut names: Vec<_> = held.iter().map(Capability::to_string).collect();
            names.sort();
            names.join(" ")
        }
    };
    events.emit(&RunStarted {
        uid: uid(),
        startup_method: match identity.startup_method {
            StartupMethod::Systemd => "systemd",
            StartupMethod::Cli => "cli",
        },
        version: &identity.version,
        pid: identity.pid,
        capabilities: &capabilities,
        settings: &told(settings),
    });
    Ok(())
}

/// What is set, without secrets.
fn told(settings: &[Setting]) -> String {
    let set = settings.iter().filter(|setting| setting.origin != Origin::Default);
    let told = set.map(|setting| match setting.key.name {
        name if setting.key.is_secret() => format!("{name}=(hidden)"),
        name => format!("{name}={}", setting.value),
    });
    told.collect::<Vec<_>>().join(" ")
}
