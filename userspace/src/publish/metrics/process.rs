//! What airlens itself takes from the machine, under the names that every Prometheus client library uses.

use procfs::process::{LimitValue, Process};
use prometheus::proto::MetricType::{COUNTER, GAUGE};

use super::families::Families;
use crate::publish::snapshot::process::{cpu_seconds, resident_bytes};

/// Adds the process's families; those that /proc does not tell are left out.
pub(super) fn collect(families: &mut Families) {
    let Ok(process) = Process::myself() else { return };
    if let Ok(stat) = process.stat() {
        families.plain(
            "process_cpu_seconds_total",
            "Processor time used, user and system.",
            COUNTER,
            cpu_seconds(&stat),
        );
        let resident = to_f64(resident_bytes(&stat));
        families.plain("process_resident_memory_bytes", "Memory held.", GAUGE, resident);
        families.plain(
            "process_virtual_memory_bytes",
            "Address space mapped.",
            GAUGE,
            to_f64(stat.vsize),
        );
        if let Ok(boot) = procfs::boot_time_secs() {
            let start = to_f64(boot) + to_f64(stat.starttime) / to_f64(procfs::ticks_per_second());
            families.plain(
                "process_start_time_seconds",
                "Start of the process, Unix time.",
                GAUGE,
                start,
            );
        }
    }
    if let Ok(open) = process.fd_count() {
        families.plain("process_open_fds", "Open file descriptors.", GAUGE, to_f64(open as u64));
    }
    if let Ok(limits) = process.limits()
        && let LimitValue::Value(most) = limits.max_open_files.soft_limit
    {
        families.plain(
            "process_max_fds",
            "File descriptors that may be open.",
            GAUGE,
            to_f64(most),
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn to_f64(value: u64) -> f64 {
    value as f64
}
