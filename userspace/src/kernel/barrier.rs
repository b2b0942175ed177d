//! Waiting until every program that runs now is done.

use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

use aya_obj::generated::{bpf_attr, bpf_cmd, bpf_map_type};

use super::KernelError;

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
        let (key, value) = (0u32, self.inner.as_raw_fd().unsigned_abs());
        // SAFETY: all-zero is a valid bpf_attr.
        let mut attributes: bpf_attr = unsafe { std::mem::zeroed() };
        // SAFETY: this member is the one that BPF_MAP_UPDATE_ELEM reads.
        let element = unsafe { &mut attributes.__bindgen_anon_2 };
        element.map_fd = self.outer.as_raw_fd().unsigned_abs();
        element.key = &raw const key as u64;
        element.__bindgen_anon_1.value = &raw const value as u64;
        bpf(bpf_cmd::BPF_MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM", &mut attributes).map(drop)
    }
}

/// A map of one entry.
fn create(kind: bpf_map_type, inner: Option<&OwnedFd>) -> Result<OwnedFd, KernelError> {
    // SAFETY: all-zero is a valid bpf_attr.
    let mut attributes: bpf_attr = unsafe { std::mem::zeroed() };
    // SAFETY: this member is the one that BPF_MAP_CREATE reads.
    let map = unsafe { &mut attributes.__bindgen_anon_1 };
    map.map_type = kind as u32;
    map.key_size = 4;
    map.value_size = 4;
    map.max_entries = 1;
    map.inner_map_fd = inner.map_or(0, |inner| inner.as_raw_fd().unsigned_abs());
    // The last octet stays 0.
    for (to, from) in map.map_name.iter_mut().zip(b"FLOW_BARRIER") {
        *to = from.cast_signed();
    }
    let descriptor = bpf(bpf_cmd::BPF_MAP_CREATE, "BPF_MAP_CREATE", &mut attributes)?;
    // SAFETY: a new descriptor that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn bpf(command: bpf_cmd, name: &'static str, attributes: &mut bpf_attr) -> Result<i32, KernelError> {
    let attributes: *mut bpf_attr = attributes;
    // SAFETY: the attributes and what they point to stay valid for the call.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, attributes, size_of::<bpf_attr>()) };
    match i32::try_from(result) {
        Ok(result @ 0..) => Ok(result),
        _ => Err(KernelError::system(name)),
    }
}
