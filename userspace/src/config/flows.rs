//! `[flows]`: when a flow is over, and what is read of its packets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    ConfigError,
    check::{Problems, duration, wrong},
};
use crate::flow::{Timeouts, features::Sets};

/// `[flows]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each is a key that docs/CONFIGURATION.md shows with its meaning"
)]
pub struct FlowsLayer {
    pub idle_tcp: Option<String>,
    pub idle_udp: Option<String>,
    pub idle_icmp: Option<String>,
    pub idle_other: Option<String>,
    pub active: Option<String>,
    pub linger: Option<String>,
    pub features: Option<Vec<String>>,
}

impl FlowsLayer {
    /// What holds where nothing is said.
    pub(super) fn defaults() -> Self {
        let seconds = |time: Duration| Some(format!("{}s", time.as_secs()));
        let timeouts = Timeouts::default();
        Self {
            idle_tcp: seconds(timeouts.tcp),
            idle_udp: seconds(timeouts.udp),
            idle_icmp: seconds(timeouts.icmp),
            idle_other: seconds(timeouts.other),
            active: seconds(timeouts.active),
            linger: seconds(timeouts.linger),
            features: None,
        }
    }

    pub(super) fn overridden_by(self, higher: Self) -> Self {
        Self {
            idle_tcp: higher.idle_tcp.or(self.idle_tcp),
            idle_udp: higher.idle_udp.or(self.idle_udp),
            idle_icmp: higher.idle_icmp.or(self.idle_icmp),
            idle_other: higher.idle_other.or(self.idle_other),
            active: higher.active.or(self.active),
            linger: higher.linger.or(self.linger),
            features: higher.features.or(self.features),
        }
    }

    /// Checks these settings.
    pub(super) fn check(self, problems: &mut Problems) -> (Timeouts, Sets) {
        let features = problems.keep(sets(self.features.as_deref().unwrap_or_default()));
        let usual = Timeouts::default();
        let mut time = |key, text: Option<String>, usual| match text {
            Some(text) => problems.keep(timeout(key, &text)),
            None => usual,
        };
        let timeouts = Timeouts {
            tcp: time("flows.idle_tcp", self.idle_tcp, usual.tcp),
            udp: time("flows.idle_udp", self.idle_udp, usual.udp),
            icmp: time("flows.idle_icmp", self.idle_icmp, usual.icmp),
            other: time("flows.idle_other", self.idle_other, usual.other),
            active: time("flows.active", self.active, usual.active),
            linger: time("flows.linger", self.linger, usual.linger),
        };
        (timeouts, features)
    }
}

fn sets(names: &[String]) -> Result<Sets, ConfigError> {
    let mut sets = Sets::default();
    match names.iter().find(|name| !sets.add(name)) {
        None => Ok(sets),
        Some(name) => wrong(
            "flows.features",
            format!("{name:?}: choose from {}", Sets::NAMES.join(", ")),
        ),
    }
}

/// The kernel's table is drained once a second: less could not be kept.
fn timeout(key: &'static str, text: &str) -> Result<Duration, ConfigError> {
    match duration(text) {
        Some(time) if (Duration::from_secs(1)..=Duration::from_secs(86_400)).contains(&time) => Ok(time),
        _ => wrong(
            key,
            format!("{text:?}: use a time from 1s to 24h, like \"60s\" or \"5m\""),
        ),
    }
}
