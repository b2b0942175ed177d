//! What became of a run's flows and profiles that left.

use std::time::{Duration, Instant};

use super::state::RunState;
use crate::{
    export::{LossCause, Outcome},
    publish::snapshot::{CauseCount, Export},
};

/// How long exporters may take at the end of a run.
pub(super) const EXPORT_END: Duration = Duration::from_secs(5);

/// What of it the exporter of profiles has in any case: it ends after the others.
const LAST: Duration = Duration::from_secs(1);

impl RunState {
    /// By exporter.
    fn outcomes(&self) -> impl Iterator<Item = (&'static str, Outcome)> {
        let profiles = self.profile_exports.outcomes();
        self.engine.exports().into_iter().chain(profiles)
    }

    /// The same, as counts of the run.
    pub(super) fn exports(&self) -> Vec<Export> {
        let export = |(exporter, outcome): (&str, Outcome)| Export {
            exporter: exporter.to_owned(),
            given: outcome.given,
            recovered: outcome.recovered,
            sent: outcome.sent,
            spooled: outcome.spooled,
            waiting: outcome.waiting(),
            lost: LossCause::ALL
                .iter()
                .map(|cause| CauseCount::new(cause.label(), outcome.lost.get(cause).copied().unwrap_or(0)))
                .collect(),
            failures: outcome.failures,
        };
        self.outcomes().map(export).collect()
    }

    /// Flows and profiles that exporters have lost.
    pub(super) fn unexported(&self) -> u64 {
        self.outcomes().map(|(_, outcome)| outcome.lost_total()).sum()
    }

    /// Lets the exporter of profiles finish, those of flows have, and tells what became of everything: nobody can ask any
    /// more. The run began to end at `since`.
    pub(super) fn finish_exports(&self, since: Instant) {
        self.profile_exports
            .finish((since + EXPORT_END).max(Instant::now() + LAST));
        for (exporter, outcome) in self.outcomes() {
            let (given, recovered) = (outcome.given, outcome.recovered);
            let (sent, spooled, lost) = (outcome.sent, outcome.spooled, outcome.lost_total());
            if lost > 0 {
                tracing::warn!(exporter, given, recovered, sent, spooled, lost, "exported, but not all");
            } else if given + recovered > 0 {
                tracing::info!(exporter, given, recovered, sent, spooled, "exported");
            }
        }
    }
}
