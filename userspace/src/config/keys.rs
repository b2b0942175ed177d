//! Every setting: its key, what holds where it is not given, and whether it concerns Wi-Fi.

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// As in a TOML file; a dot is before a key of a section.
    pub name: &'static str,
    /// What holds where no value stands, for people.
    pub unset: &'static str,
    /// Concerns the access point, which listening has not.
    pub(super) access_point: bool,
}

const fn key(name: &'static str, unset: &'static str) -> Key {
    Key {
        name,
        unset,
        access_point: false,
    }
}

const fn of_ap(name: &'static str, unset: &'static str) -> Key {
    Key {
        name,
        unset,
        access_point: true,
    }
}

/// In the order of docs/CONFIGURATION.md.
pub const KEYS: [Key; 84] = [
    key("interface", "the only Wi-Fi interface there is"),
    key("mode", ""),
    key("channel", "by frequency"),
    key("frequency", "by channel"),
    key("width", ""),
    key("hop", "no"),
    key("dwell", ""),
    key("air", ""),
    of_ap("ssid", "Profiler, and the end of eth0's or the interface's address"),
    of_ap("hostname_ssid", ""),
    of_ap("passphrase", ""),
    of_ap("security_mode", ""),
    of_ap("ax", ""),
    of_ap("be", ""),
    of_ap("multi_link", ""),
    of_ap("profiler_element", ""),
    key("interface_prep", ""),
    key("country", "as it is"),
    key("data", "none"),
    key("listen", "127.0.0.1, port monitoring.prometheus_port"),
    key("files_path", ""),
    key("run_stem", ""),
    key("state_path", ""),
    key("compat", "airlens's own files alone"),
    key("journal_path", ""),
    key("hook", ""),
    key("ring_bytes", ""),
    key("flow_capacity", ""),
    key("inner_flows", ""),
    key("subtypes", ""),
    key("probe_interval", ""),
    key("attempt_timeout", ""),
    key("oui_file", "none"),
    key("devices", "none"),
    key("pin", "no"),
    key("monitoring.enabled", ""),
    key("monitoring.prometheus_port", "by listen"),
    key("monitoring.hosts", "none but localhost"),
    key("monitoring.token_file", "anybody is answered"),
    key("monitoring.tls_certificate", "plain HTTP"),
    key("monitoring.tls_key", "plain HTTP"),
    key("monitoring.rate_limit", ""),
    key("monitoring.event_listeners", ""),
    key("monitoring.metrics_path", ""),
    key("monitoring.namespace", ""),
    key("monitoring.update_interval", ""),
    key("monitoring.program_stats", ""),
    key("logging.level", ""),
    key("logging.format", ""),
    key("logging.output", ""),
    key("logging.max_size", ""),
    key("logging.max_backups", ""),
    key("logging.max_age", ""),
    key("logging.compress", ""),
    key("logging.audit", "no"),
    key("tracing.otlp_endpoint", "no"),
    key("tracing.headers_file", "none"),
    key("tracing.sample_ratio", ""),
    key("flows.idle_tcp", ""),
    key("flows.idle_udp", ""),
    key("flows.idle_icmp", ""),
    key("flows.idle_other", ""),
    key("flows.active", ""),
    key("flows.linger", ""),
    key("flows.features", "none"),
    key("capture.last", ""),
    key("capture.filter", "every packet"),
    key("capture.monitor", "without data"),
    key("capture.snap_length", ""),
    key("capture.memory_bytes", ""),
    key("export.queue_flows", ""),
    key("export.files.path", "no"),
    key("export.files.rotate_bytes", ""),
    key("export.files.rotate_interval", ""),
    key("export.ipfix.collector", "no"),
    key("export.ipfix.domain", ""),
    key("export.ipfix.template_interval", ""),
    key("export.kafka.brokers", "no"),
    key("export.kafka.topic", ""),
    key("export.kafka.profile_topic", ""),
    key("export.kafka.key", ""),
    key("export.kafka.batch", ""),
    key("export.kafka.spool", "no"),
    key("export.kafka.spool_bytes", ""),
];

impl Key {
    /// Its value is not to be shown.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self.name == "passphrase"
    }

    /// Its variable without the prefix: `MONITORING_ENABLED`.
    pub(super) fn variable(self) -> String {
        self.name.replace('.', "_").to_uppercase()
    }

    /// The place in the JSON form of a layer.
    pub(super) fn pointer(self) -> String {
        format!("/{}", self.name.replace('.', "/"))
    }
}
