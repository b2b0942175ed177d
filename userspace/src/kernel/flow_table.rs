//! The flow tables that user space makes, of the same shape as the one in the programs' object.
//!
//! The kernel takes a map into a map of maps only if it is like the template, and Linux 6.1 also compares what it found in
//! the BTF of the values (`timer_off` in `bpf_map_meta_equal`, `kernel/bpf/map_in_map.c`): a table without BTF is refused there
//! with EINVAL. The template has BTF, so these have it too.

use std::{
    ffi::CStr,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
};

use airlens_common::flow::{FlowKey, FlowValue};
use aya_obj::generated::{bpf_attr, bpf_cmd, bpf_map_type};

use super::KernelError;

/// Magic number and version of BTF, and the kind of a structure (Linux `include/uapi/linux/btf.h`).
const MAGIC: u16 = 0xeb9f;
const VERSION: u8 = 1;
const KIND_STRUCT: u32 = 4;

/// Type ids, in the order of [`types`].
const KEY: u32 = 1;
const VALUE: u32 = 2;

/// A hash map from flow keys to flow values, with a name that bpftool shows.
pub(super) fn create(name: &CStr, capacity: u32) -> Result<OwnedFd, KernelError> {
    let btf = load_types()?;
    // SAFETY: all-zero is a valid bpf_attr.
    let mut attributes: bpf_attr = unsafe { std::mem::zeroed() };
    // SAFETY: this member is the one that BPF_MAP_CREATE reads.
    let map = unsafe { &mut attributes.__bindgen_anon_1 };
    map.map_type = bpf_map_type::BPF_MAP_TYPE_HASH as u32;
    map.key_size = size_of::<FlowKey>() as u32;
    map.value_size = size_of::<FlowValue>() as u32;
    map.max_entries = capacity.max(1);
    map.btf_fd = btf.as_raw_fd().unsigned_abs();
    map.btf_key_type_id = KEY;
    map.btf_value_type_id = VALUE;
    // The last octet stays 0.
    let room = map.map_name.len() - 1;
    for (to, from) in map.map_name[..room].iter_mut().zip(name.to_bytes()) {
        *to = from.cast_signed();
    }
    bpf(bpf_cmd::BPF_MAP_CREATE, "BPF_MAP_CREATE", &mut attributes)
}

fn load_types() -> Result<OwnedFd, KernelError> {
    let types = types();
    // SAFETY: all-zero is a valid bpf_attr.
    let mut attributes: bpf_attr = unsafe { std::mem::zeroed() };
    // SAFETY: this member is the one that BPF_BTF_LOAD reads.
    let btf = unsafe { &mut attributes.__bindgen_anon_7 };
    btf.btf = types.as_ptr() as u64;
    btf.btf_size = types.len() as u32;
    bpf(bpf_cmd::BPF_BTF_LOAD, "BPF_BTF_LOAD", &mut attributes)
}

/// Two structures of which only the sizes count.
fn types() -> Vec<u8> {
    const STRINGS: &[u8] = b"\0FlowKey\0FlowValue\0";
    let structures = [(1, size_of::<FlowKey>()), (9, size_of::<FlowValue>())];
    let types: Vec<u8> = structures
        .iter()
        .flat_map(|&(name, size)| [name, KIND_STRUCT << 24, size as u32])
        .flat_map(u32::to_ne_bytes)
        .collect();
    let length = types.len() as u32;
    let mut btf = Vec::new();
    btf.extend(MAGIC.to_ne_bytes());
    btf.extend([VERSION, 0]);
    for word in [24, 0, length, length, STRINGS.len() as u32] {
        btf.extend(u32::to_ne_bytes(word));
    }
    btf.extend(types);
    btf.extend(STRINGS);
    btf
}

fn bpf(command: bpf_cmd, name: &'static str, attributes: &mut bpf_attr) -> Result<OwnedFd, KernelError> {
    let attributes: *mut bpf_attr = attributes;
    // SAFETY: the attributes and what they point to stay valid for the call.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, attributes, size_of::<bpf_attr>()) };
    let Ok(descriptor @ 0..) = i32::try_from(result) else {
        return Err(KernelError::system(name));
    };
    // SAFETY: a new descriptor that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}
