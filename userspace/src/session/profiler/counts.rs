//! What the profiler of a run counts.

use std::collections::BTreeMap;

use super::FailureCause;
use crate::publish::snapshot::Histogram;

/// Frames of stations that found no room in a bounded table. Any number of stations can be made up: their files would fill the
/// disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StationsLeftOut {
    /// Requests that gave no profile.
    pub requests: u64,
    /// Authentications of which nobody follows what they come to.
    pub authentications: u64,
    /// Authentications of stations that are not listed.
    pub stations: u64,
    /// Probe requests that gave way to those of later stations before theirs asked to associate.
    pub probes: u64,
}

impl StationsLeftOut {
    /// By cause.
    #[must_use]
    pub fn causes(&self) -> [(&'static str, u64); 4] {
        [
            ("request", self.requests),
            ("authentication", self.authentications),
            ("station", self.stations),
            ("probe-request", self.probes),
        ]
    }
}

/// Counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileCounts {
    /// Profiles of clients that asked this run's own AP.
    pub own: u64,
    /// Profiles of clients that asked another AP.
    pub observed: u64,
    /// Requests that can't be read.
    pub unreadable: u64,
    /// Clients that authenticated and never asked, by cause.
    pub failed: BTreeMap<FailureCause, u64>,
    /// Frames that can't be read as what they are.
    pub invalid: u64,
    /// Different stations seen authenticating or associating, bounded.
    pub clients: u64,
    /// Requests that were the retransmission or the repetition of one profiled before.
    pub retransmissions: u64,
    /// What had no room in the tables of stations, or gave way there.
    pub left_out: StationsLeftOut,
    /// Requests that their AP accepted.
    pub accepted: u64,
    /// Requests that their AP refused by a status code.
    pub turned_away: u64,
    /// From a client's first authentication frame to the answer that accepts it.
    pub handshakes: Histogram,
    /// Associations that the AP ended.
    pub ended_by_ap: u64,
    /// Associations that the client ended.
    pub ended_by_client: u64,
}

impl ProfileCounts {
    /// Profiles made.
    #[must_use]
    pub fn profiles(&self) -> u64 {
        self.own + self.observed
    }

    /// Clients that gave no profile.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.unreadable + self.failed.values().sum::<u64>()
    }

    /// Attempts to join that came to nothing: no request, or one that was refused.
    #[must_use]
    pub fn not_joined(&self) -> u64 {
        self.turned_away + self.failed.values().sum::<u64>()
    }
}
