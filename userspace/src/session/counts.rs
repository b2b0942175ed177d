//! Counts of a run as its snapshot has them.

use super::{Engine, ProfileCounts};
use crate::{
    kernel::Cost,
    profile::{LookupCounts, Registry},
    publish::snapshot::{CauseCount, LookupTimes, Lookups, ProgramCost, Sessions},
};

/// Of clients that join and leave; `active` are those on their way and those that have joined.
pub(super) fn sessions(counts: &ProfileCounts, (authenticating, established): (u64, u64)) -> Sessions {
    Sessions {
        authenticating,
        established,
        succeeded: counts.accepted,
        failed: counts.not_joined(),
        ended: vec![
            CauseCount::new("ap", counts.ended_by_ap),
            CauseCount::new("client", counts.ended_by_client),
        ],
        handshake: counts.handshakes.clone(),
    }
}

/// Of look-ups of makers.
pub(super) fn lookups(registry: &Registry) -> Lookups {
    let counts = registry.lookups().counts();
    let result = |&(result, count): &(&str, u64)| CauseCount::new(result, count);
    Lookups {
        results: counts.results.iter().map(result).collect(),
        assignments: registry.assignments() as u64,
        times: LookupTimes {
            bounds_ns: LookupCounts::BOUNDS.to_vec(),
            counts: counts.classes.to_vec(),
            sum_ns: counts.nanoseconds,
        },
    }
}

/// Of the kernel programs.
pub(super) fn programs(engine: &Engine) -> Vec<ProgramCost> {
    let cost = |cost: Cost| ProgramCost {
        program: cost.program.to_owned(),
        runs: cost.runs,
        nanoseconds: cost.nanoseconds,
    };
    engine.costs().into_iter().map(cost).collect()
}
