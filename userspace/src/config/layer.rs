//! One source of settings, before it is checked: nothing is required, everything has its type.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    CaptureLayer, CaptureMode, Compat, Country, ExportLayer, FlowsLayer, Hook, LoggingLayer, Passphrase, SecurityMode,
    TracingLayer, Width,
    check::{
        DEFAULT_ATTEMPT, DEFAULT_DWELL, DEFAULT_FILES, DEFAULT_FLOWS, DEFAULT_INTERVAL, DEFAULT_JOURNALS, DEFAULT_PORT,
        DEFAULT_RING, DEFAULT_SUBTYPES,
    },
    values::{channel, listen},
};
use crate::{
    air::HopList,
    dot11::Channel,
    publish::{
        http::{DEFAULT_RATE, DEFAULT_VIEWERS, MetricsPath},
        lifecycle::RunPaths,
        metrics::DEFAULT_NAMESPACE,
    },
};

/// A path, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<PathBuf>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a path or a list of paths")]
    enum OneOrMore {
        One(PathBuf),
        More(Vec<PathBuf>),
    }
    OneOrMore::deserialize(deserializer).map(|paths| match paths {
        OneOrMore::One(path) => Some(vec![path]),
        OneOrMore::More(paths) => Some(paths),
    })
}

/// Settings of one source; keys as in the file, meanings as in [`super::Config`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct Layer {
    pub interface: Option<String>,
    pub mode: Option<CaptureMode>,
    #[serde(default, with = "channel")]
    pub channel: Option<Channel>,
    pub frequency: Option<u32>,
    pub width: Option<Width>,
    pub hop: Option<HopList>,
    pub dwell: Option<String>,
    pub air: Option<bool>,
    pub ssid: Option<String>,
    pub hostname_ssid: Option<bool>,
    pub passphrase: Option<Passphrase>,
    pub security_mode: Option<SecurityMode>,
    pub ax: Option<bool>,
    pub be: Option<bool>,
    pub multi_link: Option<bool>,
    pub profiler_element: Option<bool>,
    pub interface_prep: Option<bool>,
    pub country: Option<Country>,
    pub data: Option<Vec<String>>,
    #[serde(default, deserialize_with = "listen")]
    pub listen: Option<SocketAddr>,
    pub files_path: Option<PathBuf>,
    pub run_stem: Option<PathBuf>,
    pub state_path: Option<PathBuf>,
    pub compat: Option<Compat>,
    pub journal_path: Option<PathBuf>,
    pub hook: Option<Hook>,
    pub ring_bytes: Option<u64>,
    pub flow_capacity: Option<u64>,
    pub inner_flows: Option<bool>,
    pub subtypes: Option<Vec<String>>,
    pub probe_interval: Option<String>,
    pub attempt_timeout: Option<String>,
    pub pin: Option<PathBuf>,
    #[serde(default, deserialize_with = "one_or_more")]
    pub oui_file: Option<Vec<PathBuf>>,
    #[serde(default, deserialize_with = "one_or_more")]
    pub devices: Option<Vec<PathBuf>>,
    #[serde(default)]
    pub monitoring: MonitoringLayer,
    #[serde(default)]
    pub logging: LoggingLayer,
    #[serde(default)]
    pub tracing: TracingLayer,
    #[serde(default)]
    pub flows: FlowsLayer,
    #[serde(default)]
    pub capture: CaptureLayer,
    #[serde(default)]
    pub export: ExportLayer,
}

/// `[monitoring]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct MonitoringLayer {
    pub enabled: Option<bool>,
    pub prometheus_port: Option<u16>,
    pub hosts: Option<Vec<String>>,
    pub token_file: Option<PathBuf>,
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub rate_limit: Option<u64>,
    pub event_listeners: Option<u64>,
    pub metrics_path: Option<String>,
    pub namespace: Option<String>,
    pub update_interval: Option<String>,
    pub program_stats: Option<bool>,
}

/// Of two keys that say the same in two ways, the higher source's overrides both.
fn unless<T, U>(lower: Option<T>, other: &Option<U>) -> Option<T> {
    lower.filter(|_| other.is_none())
}

impl Layer {
    /// What holds where nothing is said.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            mode: Some(CaptureMode::default()),
            channel: Some(Channel::DEFAULT),
            width: Some(Width::default()),
            dwell: Some(DEFAULT_DWELL.to_owned()),
            air: Some(true),
            hostname_ssid: Some(false),
            passphrase: Some(Passphrase::default()),
            security_mode: Some(SecurityMode::default()),
            ax: Some(true),
            multi_link: Some(true),
            profiler_element: Some(true),
            interface_prep: Some(true),
            listen: Some((IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_PORT).into()),
            files_path: Some(DEFAULT_FILES.into()),
            run_stem: Some(RunPaths::DEFAULT_STEM.into()),
            state_path: Some(RunPaths::DEFAULT_STATE.into()),
            journal_path: Some(DEFAULT_JOURNALS.into()),
            hook: Some(Hook::default()),
            ring_bytes: Some(DEFAULT_RING.into()),
            flow_capacity: Some(DEFAULT_FLOWS.into()),
            inner_flows: Some(false),
            subtypes: Some(DEFAULT_SUBTYPES.map(str::to_owned).into()),
            probe_interval: Some(DEFAULT_INTERVAL.to_owned()),
            attempt_timeout: Some(DEFAULT_ATTEMPT.to_owned()),
            monitoring: MonitoringLayer {
                enabled: Some(true),
                metrics_path: Some(MetricsPath::default().as_str().to_owned()),
                namespace: Some(DEFAULT_NAMESPACE.to_owned()),
                update_interval: Some(DEFAULT_INTERVAL.to_owned()),
                program_stats: Some(false),
                rate_limit: Some(DEFAULT_RATE.into()),
                event_listeners: Some(DEFAULT_VIEWERS as u64),
                ..MonitoringLayer::default()
            },
            logging: LoggingLayer::defaults(),
            tracing: TracingLayer::defaults(),
            flows: FlowsLayer::defaults(),
            capture: CaptureLayer::defaults(),
            export: ExportLayer::defaults(),
            ..Self::default()
        }
    }

    /// These settings with those of `higher` over them.
    #[must_use]
    pub fn overridden_by(self, higher: Self) -> Self {
        let monitoring = self.monitoring;
        // Whoever names an address over a lower "no TCP listener" wants one.
        let wanted = (higher.listen.is_some() || higher.monitoring.prometheus_port.is_some()).then_some(true);
        let lower_port = unless(monitoring.prometheus_port, &higher.listen);
        let lower_listen = unless(self.listen, &higher.monitoring.prometheus_port);
        let by_hostname = higher.hostname_ssid.filter(|by_hostname| *by_hostname);
        Self {
            interface: higher.interface.or(self.interface),
            mode: higher.mode.or(self.mode),
            channel: higher.channel.or(unless(self.channel, &higher.frequency)),
            frequency: higher.frequency.or(unless(self.frequency, &higher.channel)),
            width: higher.width.or(self.width),
            hop: higher.hop.or(self.hop),
            dwell: higher.dwell.or(self.dwell),
            air: higher.air.or(self.air),
            hostname_ssid: higher.hostname_ssid.or(unless(self.hostname_ssid, &higher.ssid)),
            ssid: higher.ssid.or(unless(self.ssid, &by_hostname)),
            passphrase: higher.passphrase.or(self.passphrase),
            security_mode: higher.security_mode.or(self.security_mode),
            ax: higher.ax.or(self.ax),
            be: higher.be.or(self.be),
            multi_link: higher.multi_link.or(self.multi_link),
            profiler_element: higher.profiler_element.or(self.profiler_element),
            interface_prep: higher.interface_prep.or(self.interface_prep),
            country: higher.country.or(self.country),
            data: higher.data.or(self.data),
            listen: higher.listen.or(lower_listen),
            files_path: higher.files_path.or(self.files_path),
            run_stem: higher.run_stem.or(self.run_stem),
            state_path: higher.state_path.or(self.state_path),
            compat: higher.compat.or(self.compat),
            journal_path: higher.journal_path.or(self.journal_path),
            hook: higher.hook.or(self.hook),
            ring_bytes: higher.ring_bytes.or(self.ring_bytes),
            flow_capacity: higher.flow_capacity.or(self.flow_capacity),
            inner_flows: higher.inner_flows.or(self.inner_flows),
            subtypes: higher.subtypes.or(self.subtypes),
            probe_interval: higher.probe_interval.or(self.probe_interval),
            attempt_timeout: higher.attempt_timeout.or(self.attempt_timeout),
            pin: higher.pin.or(self.pin),
            oui_file: higher.oui_file.or(self.oui_file),
            devices: higher.devices.or(self.devices),
            monitoring: MonitoringLayer {
                enabled: higher.monitoring.enabled.or(wanted).or(monitoring.enabled),
                prometheus_port: higher.monitoring.prometheus_port.or(lower_port),
                hosts: higher.monitoring.hosts.or(monitoring.hosts),
                token_file: higher.monitoring.token_file.or(monitoring.token_file),
                tls_certificate: higher.monitoring.tls_certificate.or(monitoring.tls_certificate),
                tls_key: higher.monitoring.tls_key.or(monitoring.tls_key),
                rate_limit: higher.monitoring.rate_limit.or(monitoring.rate_limit),
                event_listeners: higher.monitoring.event_listeners.or(monitoring.event_listeners),
                metrics_path: higher.monitoring.metrics_path.or(monitoring.metrics_path),
                namespace: higher.monitoring.namespace.or(monitoring.namespace),
                update_interval: higher.monitoring.update_interval.or(monitoring.update_interval),
                program_stats: higher.monitoring.program_stats.or(monitoring.program_stats),
            },
            logging: self.logging.overridden_by(higher.logging),
            tracing: self.tracing.overridden_by(higher.tracing),
            flows: self.flows.overridden_by(higher.flows),
            capture: self.capture.overridden_by(higher.capture),
            export: self.export.overridden_by(higher.export),
        }
    }
}
