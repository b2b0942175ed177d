//! From settings to a configuration.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{CaptureMode, Compat, Config, ConfigError, Layer, MonitoringLayer, Origin, access, radio};
use crate::air::HopList;
use crate::publish::http::MetricsPath;
use crate::publish::lifecycle::RunPaths;
use crate::publish::metrics::{DEFAULT_NAMESPACE, PrometheusSink};
use crate::publish::snapshot::FrameKind;

pub(super) const DEFAULT_PORT: u16 = 9474;
/// The folder of `clients/…` unless another is named.
pub const DEFAULT_FILES: &str = "/var/lib/wlanpi-profiler";
/// The folder of locks and journals unless another is named.
pub const DEFAULT_JOURNALS: &str = "/run/airlens";
pub(super) const DEFAULT_RING: u32 = 1 << 20;
pub(super) const DEFAULT_FLOWS: u32 = 1_048_576;
pub(super) const DEFAULT_DWELL: &str = "250ms";
pub(super) const DEFAULT_ATTEMPT: &str = "5s";
pub(super) const DEFAULT_INTERVAL: &str = "0s";
/// What a profile is made from, what tells devices apart, that a client tried, and what became of it.
pub(super) const DEFAULT_SUBTYPES: [&str; 8] = [
    "association-request",
    "reassociation-request",
    "probe-request",
    "authentication",
    "association-response",
    "reassociation-response",
    "disassociation",
    "deauthentication",
];

/// A socket's path has 108 octets with its final zero (unix(7)); `.sock` and one more are added to the stem.
const MAX_STEM: usize = 101;

pub(super) fn wrong<T>(key: &'static str, message: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Value {
        origin: Origin::Default,
        key,
        message: message.into(),
    })
}

/// Everything that is wrong, so that it can be told at once.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<ConfigError>);

impl Problems {
    /// The value, or one to go on checking with.
    pub(super) fn keep<T: Default>(&mut self, checked: Result<T, ConfigError>) -> T {
        checked.unwrap_or_else(|problem| {
            self.0.push(problem);
            T::default()
        })
    }
}

impl Layer {
    /// Checks everything and fills in what is not set.
    ///
    /// # Errors
    /// [`ConfigError::Value`], each that there is.
    pub fn check(self) -> Result<Config, Vec<ConfigError>> {
        let mut problems = Problems::default();
        let mut radio = radio::check(&self, &mut problems);
        let interface = self.interface.map(|name| interface_name("interface", name)).transpose();
        let interface = problems.keep(interface);
        let data = problems.keep(data(self.data.unwrap_or_default(), interface.as_deref()));
        let monitoring = self.monitoring;
        let state = self.state_path.unwrap_or_else(|| RunPaths::DEFAULT_STATE.into());
        let state = problems.keep(file("state_path", state));
        let dwell = problems.keep(dwell(self.dwell.as_deref().unwrap_or(DEFAULT_DWELL)));
        let hop = problems.keep(hop(self.hop, dwell, &mut radio));
        let (timeouts, features) = self.flows.check(&mut problems);
        let config = Config {
            hop,
            air: self.air.unwrap_or(true),
            interface,
            data,
            radio,
            listen: problems.keep(listen(self.listen, &monitoring)),
            access: access::check(&monitoring, &mut problems),
            metrics_path: problems.keep(metrics_path(monitoring.metrics_path.as_deref())),
            metrics_namespace: problems.keep(namespace(monitoring.namespace)),
            update_interval: problems.keep(interval(
                "monitoring.update_interval",
                monitoring.update_interval.as_deref(),
            )),
            program_stats: monitoring.program_stats.unwrap_or(false),
            files_path: problems.keep(folder("files_path", self.files_path, DEFAULT_FILES)),
            paths: problems.keep(run_paths(self.run_stem, &state, self.compat)),
            journal_path: problems.keep(folder("journal_path", self.journal_path, DEFAULT_JOURNALS)),
            hook: self.hook.unwrap_or_default(),
            ring_bytes: problems.keep(ring_bytes(self.ring_bytes)),
            flow_capacity: problems.keep(flow_capacity(self.flow_capacity)),
            inner_flows: self.inner_flows.unwrap_or(false),
            subtypes: problems.keep(subtypes(self.subtypes)),
            probe_interval: problems.keep(interval("probe_interval", self.probe_interval.as_deref())),
            attempt_timeout: problems.keep(attempt(self.attempt_timeout.as_deref().unwrap_or(DEFAULT_ATTEMPT))),
            oui_file: self.oui_file.unwrap_or_default(),
            devices: self.devices.unwrap_or_default(),
            pin: self.pin,
            timeouts,
            features,
            capture: self.capture.check(&mut problems),
            export: self.export.check(&mut problems),
            log_level: self.logging.level.unwrap_or_default(),
            log: self.logging.check(&mut problems),
            spans: self.tracing.check(&mut problems),
        };
        if problems.0.is_empty() {
            Ok(config)
        } else {
            Err(problems.0)
        }
    }
}

fn metrics_path(path: Option<&str>) -> Result<MetricsPath, ConfigError> {
    let Some(path) = path else {
        return Ok(MetricsPath::default());
    };
    path.parse()
        .or_else(|error: crate::publish::http::MetricsPathError| wrong("monitoring.metrics_path", error.to_string()))
}

/// Names as Linux takes them (`dev_valid_name` in net/core/dev.c).
fn interface_name(key: &'static str, name: String) -> Result<String, ConfigError> {
    let valid = (1..=15).contains(&name.len())
        && name != "."
        && name != ".."
        && !name.contains(|c: char| c == '/' || c == ':' || c == '\0' || c.is_whitespace());
    if valid {
        Ok(name)
    } else {
        wrong(
            key,
            format!("{name:?} is no interface name: 1 to 15 characters, no / or :"),
        )
    }
}

fn data(names: Vec<String>, monitor: Option<&str>) -> Result<Vec<String>, ConfigError> {
    let mut data = Vec::with_capacity(names.len());
    for name in names {
        let name = interface_name("data", name)?;
        if monitor == Some(name.as_str()) {
            return wrong(
                "data",
                format!("{name} is the Wi-Fi interface already: name other interfaces"),
            );
        }
        if data.contains(&name) {
            return wrong("data", format!("{name} is named twice: its packets would count twice"));
        }
        data.push(name);
    }
    Ok(data)
}

fn listen(listen: Option<SocketAddr>, monitoring: &MonitoringLayer) -> Result<Option<SocketAddr>, ConfigError> {
    if monitoring.enabled == Some(false) {
        return Ok(None);
    }
    match (listen, monitoring.prometheus_port) {
        (Some(address), Some(port)) if address.port() != port => wrong(
            "monitoring.prometheus_port",
            format!("listen = \"{address}\" names another port than {port}: keep one of the two"),
        ),
        (Some(address), _) => Ok(Some(address)),
        (None, port) => Ok(Some(
            (IpAddr::V4(Ipv4Addr::LOCALHOST), port.unwrap_or(DEFAULT_PORT)).into(),
        )),
    }
}

fn namespace(name: Option<String>) -> Result<String, ConfigError> {
    let name = name.unwrap_or_else(|| DEFAULT_NAMESPACE.into());
    match PrometheusSink::new(&name, None) {
        Ok(_) => Ok(name),
        Err(error) => wrong("monitoring.namespace", error.to_string()),
    }
}

fn interval(key: &'static str, text: Option<&str>) -> Result<Duration, ConfigError> {
    let text = text.unwrap_or(DEFAULT_INTERVAL);
    match duration(text) {
        Some(duration) if duration <= Duration::from_secs(3600) => Ok(duration),
        _ => wrong(
            key,
            format!("{text:?}: use a time like \"15s\" or \"500ms\", at most 1h"),
        ),
    }
}

/// A second at least: clients take their time between two frames.
fn attempt(text: &str) -> Result<Duration, ConfigError> {
    match duration(text) {
        Some(timeout) if (Duration::from_secs(1)..=Duration::from_secs(600)).contains(&timeout) => Ok(timeout),
        _ => wrong(
            "attempt_timeout",
            format!("{text:?}: use a time from 1s to 10m, like \"5s\""),
        ),
    }
}

/// Visits of 10 ms to a minute: the radio takes some milliseconds to tune.
fn dwell(text: &str) -> Result<Duration, ConfigError> {
    match duration(text) {
        Some(dwell) if (Duration::from_millis(10)..=Duration::from_secs(60)).contains(&dwell) => Ok(dwell),
        _ => wrong(
            "dwell",
            format!("{text:?}: use a time from 10ms to 60s, like \"250ms\""),
        ),
    }
}

/// Whoever hops listens.
fn hop(
    list: Option<HopList>,
    dwell: Duration,
    radio: &mut radio::Radio,
) -> Result<Option<(HopList, Duration)>, ConfigError> {
    let Some(list) = list else { return Ok(None) };
    if !matches!(radio.mode, CaptureMode::Auto | CaptureMode::Listen) {
        return wrong(
            "hop",
            "an access point stays on its channel: use mode listen, or leave hop out",
        );
    }
    radio.mode = CaptureMode::Listen;
    Ok(Some((list, dwell)))
}

pub(super) fn duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok()
}

fn run_paths(stem: Option<PathBuf>, state: &Path, compat: Option<Compat>) -> Result<RunPaths, ConfigError> {
    let stem = file("run_stem", stem.unwrap_or_else(|| RunPaths::DEFAULT_STEM.into()))?;
    if stem.as_os_str().len() > MAX_STEM {
        return wrong(
            "run_stem",
            format!("at most {MAX_STEM} characters: a socket's path cannot be longer"),
        );
    }
    let paths = RunPaths::new(&stem, state);
    Ok(match compat {
        Some(Compat::Wlanpi) => paths.with_wlanpi(&stem),
        None => paths,
    })
}

fn file(key: &'static str, path: PathBuf) -> Result<PathBuf, ConfigError> {
    let named = path.file_name().is_some() && !path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if named {
        Ok(path)
    } else {
        wrong(key, format!("{:?} is a folder: add a name", path.display().to_string()))
    }
}

fn folder(key: &'static str, path: Option<PathBuf>, default: &str) -> Result<PathBuf, ConfigError> {
    let path = path.unwrap_or_else(|| default.into());
    if path.as_os_str().is_empty() {
        wrong(key, "name a folder")
    } else {
        Ok(path)
    }
}

/// The kernel takes powers of two, whole pages (`ringbuf_map_alloc` in kernel/bpf/ringbuf.c).
fn ring_bytes(bytes: Option<u64>) -> Result<u32, ConfigError> {
    match bytes.map_or(Ok(DEFAULT_RING), u32::try_from) {
        Ok(bytes @ 4096..=0x4000_0000) if bytes.is_power_of_two() => Ok(bytes),
        _ => wrong("ring_bytes", "use a power of two from 4096 to 1073741824"),
    }
}

fn flow_capacity(flows: Option<u64>) -> Result<u32, ConfigError> {
    match flows.map_or(Ok(DEFAULT_FLOWS), u32::try_from) {
        Ok(flows @ 1..=0x100_0000) => Ok(flows),
        _ => wrong("flow_capacity", "use a number from 1 to 16777216"),
    }
}

fn subtypes(names: Option<Vec<String>>) -> Result<Vec<FrameKind>, ConfigError> {
    let names = names.unwrap_or_else(|| DEFAULT_SUBTYPES.map(str::to_owned).into());
    let kinds: Result<BTreeSet<_>, _> = names
        .iter()
        .map(|name| match FrameKind::from_names("management", name) {
            Some(kind) => Ok(kind),
            None => wrong("subtypes", format!("{name:?}: choose from {}", management_names())),
        })
        .collect();
    Ok(kinds?.into_iter().collect())
}

fn management_names() -> String {
    let management = FrameKind::all().filter(|kind| kind.frame_type() == 0);
    let names: Vec<_> = management
        .map(FrameKind::subtype_name)
        .filter(|name| !name.starts_with("reserved"))
        .collect();
    names.join(", ")
}
