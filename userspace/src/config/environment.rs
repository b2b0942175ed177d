//! Settings from environment variables, and from other texts that name one at a time.

use std::str::FromStr;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};

use super::{ConfigError, Key, Layer, keys::KEYS, meant::nearest, values::listen_address};

const PREFIX: &str = "AIRLENS_";

/// Variables of the project that are no settings of a run: where the build keeps its downloads and finds its object,
/// and the name of the configuration file.
const OTHERS: [&str; 3] = ["CACHE", "EBPF_OBJECT", "CONFIG"];

impl Layer {
    /// The settings of the variables that start with `AIRLENS_`, and what is wrong with the others.
    #[must_use]
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>) -> (Self, Vec<ConfigError>) {
        let (mut layer, mut problems) = (Self::default(), Vec::new());
        for (name, value) in variables {
            let Some(variable) = name.strip_prefix(PREFIX).filter(|rest| !OTHERS.contains(rest)) else {
                continue;
            };
            let set = match KEYS.iter().find(|key| key.variable() == variable) {
                Some(key) => layer.set(key.name, &value),
                None => {
                    let names = KEYS.map(Key::variable);
                    Err(match nearest(variable, names.iter().map(String::as_str)) {
                        Some(meant) => format!("there is no such setting: did you mean {PREFIX}{meant}?"),
                        None => format!(
                            "there is no such setting; the names after {PREFIX} are {}",
                            names.join(", ")
                        ),
                    })
                }
            };
            if let Err(message) = set {
                problems.push(ConfigError::Variable { name, message });
            }
        }
        (layer, problems)
    }

    /// Sets one key to a value that is written as a text.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "interface" => self.interface = Some(value.to_owned()),
            "mode" => self.mode = Some(parse(value)?),
            "channel" => self.channel = Some(from_str(value)?),
            "frequency" => self.frequency = Some(number(value)?),
            "width" => self.width = Some(from_str(value)?),
            "hop" => self.hop = Some(from_str(value)?),
            "dwell" => self.dwell = Some(value.to_owned()),
            "air" => self.air = Some(boolean(value)?),
            "ssid" => self.ssid = Some(value.to_owned()),
            "hostname_ssid" => self.hostname_ssid = Some(boolean(value)?),
            "passphrase" => self.passphrase = Some(from_str(value)?),
            "security_mode" => self.security_mode = Some(from_str(value)?),
            "ax" => self.ax = Some(boolean(value)?),
            "be" => self.be = Some(boolean(value)?),
            "multi_link" => self.multi_link = Some(boolean(value)?),
            "profiler_element" => self.profiler_element = Some(boolean(value)?),
            "interface_prep" => self.interface_prep = Some(boolean(value)?),
            "country" => self.country = Some(from_str(value)?),
            "data" => self.data = Some(list(value)),
            "listen" => self.listen = Some(listen_address(value)?),
            "files_path" => self.files_path = Some(value.into()),
            "run_stem" => self.run_stem = Some(value.into()),
            "state_path" => self.state_path = Some(value.into()),
            "compat" => self.compat = Some(parse(value)?),
            "journal_path" => self.journal_path = Some(value.into()),
            "hook" => self.hook = Some(parse(value)?),
            "ring_bytes" => self.ring_bytes = Some(number(value)?),
            "flow_capacity" => self.flow_capacity = Some(number(value)?),
            "inner_flows" => self.inner_flows = Some(boolean(value)?),
            "subtypes" => self.subtypes = Some(list(value)),
            "probe_interval" => self.probe_interval = Some(value.to_owned()),
            "attempt_timeout" => self.attempt_timeout = Some(value.to_owned()),
            "oui_file" => self.oui_file = Some(list(value).into_iter().map(Into::into).collect()),
            "devices" => self.devices = Some(list(value).into_iter().map(Into::into).collect()),
            "pin" => self.pin = Some(value.into()),
            "monitoring.enabled" => self.monitoring.enabled = Some(boolean(value)?),
            "monitoring.prometheus_port" => self.monitoring.prometheus_port = Some(number(value)?),
            "monitoring.hosts" => self.monitoring.hosts = Some(list(value)),
            "monitoring.token_file" => self.monitoring.token_file = Some(value.into()),
            "monitoring.tls_certificate" => self.monitoring.tls_certificate = Some(value.into()),
            "monitoring.tls_key" => self.monitoring.tls_key = Some(value.into()),
            "monitoring.rate_limit" => self.monitoring.rate_limit = Some(number(value)?),
            "monitoring.event_listeners" => self.monitoring.event_listeners = Some(number(value)?),
            "monitoring.metrics_path" => self.monitoring.metrics_path = Some(value.to_owned()),
            "monitoring.namespace" => self.monitoring.namespace = Some(value.to_owned()),
            "monitoring.update_interval" => self.monitoring.update_interval = Some(value.to_owned()),
            "monitoring.program_stats" => self.monitoring.program_stats = Some(boolean(value)?),
            "logging.level" => self.logging.level = Some(parse(value)?),
            "logging.format" => self.logging.format = Some(parse(value)?),
            "logging.output" => self.logging.output = Some(value.to_owned()),
            "logging.max_size" => self.logging.max_size = Some(value.to_owned()),
            "logging.max_backups" => self.logging.max_backups = Some(number(value)?),
            "logging.max_age" => self.logging.max_age = Some(value.to_owned()),
            "logging.compress" => self.logging.compress = Some(boolean(value)?),
            "logging.audit" => self.logging.audit = Some(value.into()),
            "tracing.otlp_endpoint" => self.tracing.otlp_endpoint = Some(value.to_owned()),
            "tracing.headers_file" => self.tracing.headers_file = Some(value.into()),
            "tracing.sample_ratio" => self.tracing.sample_ratio = Some(from_str(value)?),
            "flows.idle_tcp" => self.flows.idle_tcp = Some(value.to_owned()),
            "flows.idle_udp" => self.flows.idle_udp = Some(value.to_owned()),
            "flows.idle_icmp" => self.flows.idle_icmp = Some(value.to_owned()),
            "flows.idle_other" => self.flows.idle_other = Some(value.to_owned()),
            "flows.active" => self.flows.active = Some(value.to_owned()),
            "flows.linger" => self.flows.linger = Some(value.to_owned()),
            "flows.features" => self.flows.features = Some(list(value)),
            "capture.last" => self.capture.last = Some(value.to_owned()),
            "capture.filter" => self.capture.filter = Some(value.to_owned()),
            "capture.monitor" => self.capture.monitor = Some(boolean(value)?),
            "capture.snap_length" => self.capture.snap_length = Some(number(value)?),
            "capture.memory_bytes" => self.capture.memory_bytes = Some(number(value)?),
            "export.queue_flows" => self.export.queue_flows = Some(number(value)?),
            "export.files.path" => self.export.files.path = Some(value.into()),
            "export.files.rotate_bytes" => self.export.files.rotate_bytes = Some(number(value)?),
            "export.files.rotate_interval" => self.export.files.rotate_interval = Some(value.to_owned()),
            "export.ipfix.collector" => self.export.ipfix.collector = Some(value.to_owned()),
            "export.ipfix.domain" => self.export.ipfix.domain = Some(number(value)?),
            "export.ipfix.template_interval" => self.export.ipfix.template_interval = Some(value.to_owned()),
            "export.kafka.brokers" => self.export.kafka.brokers = Some(list(value)),
            "export.kafka.topic" => self.export.kafka.topic = Some(value.to_owned()),
            "export.kafka.profile_topic" => self.export.kafka.profile_topic = Some(value.to_owned()),
            "export.kafka.key" => self.export.kafka.key = Some(value.to_owned()),
            "export.kafka.batch" => self.export.kafka.batch = Some(number(value)?),
            "export.kafka.spool" => self.export.kafka.spool = Some(value.into()),
            "export.kafka.spool_bytes" => self.export.kafka.spool_bytes = Some(number(value)?),
            _ => return Err(format!("there is no setting {key}")),
        }
        Ok(())
    }
}

/// A value written as the file would have it between quotes; fit for command line flags too.
///
/// # Errors
/// What is wrong, with the values that there are.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| error.to_string())
}

fn from_str<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no number that fits; use digits only"))
}

fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("{text:?} is neither true nor false"))
}

/// Names between commas; blanks around them do not count.
fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
