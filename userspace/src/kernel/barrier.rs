//! Waiting until every program that runs now is done.

use std::os::fd::{AsFd as _, OwnedFd};

use aya_obj::generated::{bpf_cmd, bpf_map_type};

use super::{KernelError, syscall};

/// A map of maps that no program uses. An update of one from user space returns only after every program that ran meanwhile is done
/// (`maybe_wait_bpf_programs`, Linux `kernel/bpf/syscall.c`, since 4.20).
pub(super) struct Barrier {
    outer: OwnedFd,
    inner: OwnedFd,
}

impl Barrier {
    pub(super) fn new() -> Result<Self, KernelError> {
        let inner = create(bpf_map_type::BPF_MAP_TYPE_ARRAY, None)?;
        let outer = create(bpf_map_type::BPF_MAP_TYPE_ARRAY_OF_MAPS, Some(&inner))?;
        Ok(Self { outer, inner })
    }

    /// A grace period: 10 to 30 ms.
    pub(super) fn wait(&self) -> Result<(), KernelError> {
        syscall::put(self.outer.as_fd(), 0, self.inner.as_fd()).map_err(|source| KernelError::System {
            call: "BPF_MAP_UPDATE_ELEM",
            source,
        })
    }
}

/// A map of one entry.
fn create(kind: bpf_map_type, inner: Option<&OwnedFd>) -> Result<OwnedFd, KernelError> {
    let mut attributes = syscall::attributes();
    // SAFETY: this member is the one that BPF_MAP_CREATE reads.
    let map = unsafe { &mut attributes.__bindgen_anon_1 };
    map.map_type = kind as u32;
    map.key_size = 4;
    map.value_size = 4;
    map.max_entries = 1;
    map.inner_map_fd = inner.map_or(0, |inner| syscall::number(inner.as_fd()));
    syscall::name(&mut map.map_name, b"FLOW_BARRIER");
    syscall::make(bpf_cmd::BPF_MAP_CREATE, &mut attributes).map_err(|source| KernelError::System {
        call: "BPF_MAP_CREATE",
        source,
    })
}
