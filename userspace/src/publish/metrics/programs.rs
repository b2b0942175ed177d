//! What the kernel programs cost, as metric families.

use prometheus::proto::MetricType::COUNTER;

use super::families::{Families, count};
use crate::publish::snapshot::ProgramCost;

/// Adds the families; none where the kernel does not measure.
pub(super) fn collect(families: &mut Families, programs: &[ProgramCost]) {
    for program in programs {
        let labels = [("program", program.program.as_str())];
        let runs = "How often the kernel program ran.";
        families.counter("program_runs_total", runs, &labels, program.runs);
        let time = "Time that the kernel program ran for.";
        let seconds = count(program.nanoseconds) / 1e9;
        families.real("program_run_seconds_total", time, COUNTER, &labels, seconds);
    }
}
