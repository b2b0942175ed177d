//! What a process takes from its machine.

use procfs::{
    Current as _, Meminfo, WithCurrentSystemInfo as _,
    process::{Process, Stat},
};
use serde::{Deserialize, Serialize};

/// What the run's process takes from its machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessUse {
    /// Processor time since its start, user and system, in seconds.
    pub cpu_seconds: f64,
    /// Memory held, in octets.
    pub resident_bytes: u64,
    /// Memory of the machine, in octets.
    pub memory_bytes: u64,
}

impl ProcessUse {
    /// Of the calling process; `None` where procfs is not mounted.
    #[must_use]
    pub fn own() -> Option<Self> {
        let stat = Process::myself().ok()?.stat().ok()?;
        Some(Self {
            cpu_seconds: cpu_seconds(&stat),
            resident_bytes: resident_bytes(&stat),
            memory_bytes: Meminfo::current().ok()?.mem_total,
        })
    }
}

/// Processor time since the process's start, user and system, in seconds.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(in crate::publish) fn cpu_seconds(stat: &Stat) -> f64 {
    (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64
}

/// Memory that the process holds, in octets.
pub(in crate::publish) fn resident_bytes(stat: &Stat) -> u64 {
    stat.rss_bytes().get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_time_are_of_this_process() {
        let before = ProcessUse::own().unwrap();
        let held = std::hint::black_box(vec![1u8; 64 << 20]);
        while ProcessUse::own().unwrap().cpu_seconds < before.cpu_seconds + 0.02 {}
        let now = ProcessUse::own().unwrap();
        assert!(
            now.resident_bytes > before.resident_bytes + (32 << 20),
            "{before:?} {now:?}"
        );
        assert!(now.resident_bytes < now.memory_bytes);
        drop(held);
    }
}
