//! What the programs cost, as the kernel measures it: `BPF_ENABLE_STATS` (Linux 5.8).

use std::os::fd::OwnedFd;

use aya::sys::{Stats, enable_stats};

use super::{KernelError, KernelPrograms, load::PROGRAMS};

/// The kernel measures every program of the machine while this value is there, two readings of its clock a run. It asks for
/// CAP_SYS_ADMIN (`bpf_enable_stats` of kernel/bpf/syscall.c).
#[derive(Debug)]
pub struct Measuring(#[expect(dead_code, reason = "closing it ends the measuring")] OwnedFd);

impl Measuring {
    /// Begins.
    ///
    /// # Errors
    ///
    /// CAP_SYS_ADMIN is missing, or the kernel is older.
    pub fn start() -> Result<Self, KernelError> {
        match enable_stats(Stats::RunTime) {
            Ok(descriptor) => Ok(Self(descriptor)),
            Err(error) if error.io_error.raw_os_error() == Some(libc::EPERM) => Err(KernelError::Permission {
                action: "measure kernel programs (monitoring.program_stats asks for CAP_SYS_ADMIN)".to_owned(),
            }),
            Err(error) => Err(KernelError::System {
                call: "measure kernel programs",
                source: error.io_error,
            }),
        }
    }
}

/// What a program has cost since it was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Its name.
    pub program: &'static str,
    /// How often it ran while it was measured.
    pub runs: u64,
    /// How long in all.
    pub nanoseconds: u64,
}

impl KernelPrograms {
    /// What each program in the kernel has cost; zeros where nobody measures.
    #[must_use]
    pub fn costs(&self) -> Vec<Cost> {
        let loaded = PROGRAMS.into_iter().filter(|name| self.is_loaded(name));
        let cost = |program| {
            // One that is being taken out has no cost to tell.
            let info = self.ebpf.program(program)?.info().ok()?;
            Some(Cost {
                program,
                runs: info.run_count(),
                nanoseconds: u64::try_from(info.run_time().as_nanos()).unwrap_or(u64::MAX),
            })
        };
        loaded.filter_map(cost).collect()
    }
}
