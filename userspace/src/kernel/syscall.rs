//! bpf(2) where aya has no call for it.

use std::{
    io,
    os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd},
};

use aya_obj::generated::{bpf_attr, bpf_cmd};

/// Attributes without content.
pub(super) fn attributes() -> bpf_attr {
    // SAFETY: all-zero is a valid bpf_attr.
    unsafe { std::mem::zeroed() }
}

/// A descriptor as attributes, instructions and maps name it.
pub(super) fn number(descriptor: BorrowedFd<'_>) -> u32 {
    descriptor.as_raw_fd().unsigned_abs()
}

/// A command; what its attributes point to lives meanwhile.
pub(super) fn bpf(command: bpf_cmd, attributes: &mut bpf_attr) -> io::Result<i32> {
    let attributes: *mut bpf_attr = attributes;
    // SAFETY: the attributes and what they point to stay valid for the call.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, attributes, size_of::<bpf_attr>()) };
    match i32::try_from(result) {
        Ok(result @ 0..) => Ok(result),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A command that makes a descriptor.
pub(super) fn make(command: bpf_cmd, attributes: &mut bpf_attr) -> io::Result<OwnedFd> {
    let descriptor = bpf(command, attributes)?;
    // SAFETY: a new descriptor that nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Puts a map or a program into a map of such.
pub(super) fn put(map: BorrowedFd<'_>, index: u32, what: BorrowedFd<'_>) -> io::Result<()> {
    let value = number(what);
    let mut attributes = attributes();
    // SAFETY: these members are those that BPF_MAP_UPDATE_ELEM reads.
    unsafe {
        let element = &mut attributes.__bindgen_anon_2;
        element.map_fd = number(map);
        element.key = &raw const index as u64;
        element.__bindgen_anon_1.value = &raw const value as u64;
    }
    bpf(bpf_cmd::BPF_MAP_UPDATE_ELEM, &mut attributes).map(drop)
}

/// Names a map or a program; the last octet stays 0.
pub(super) fn name(to: &mut [std::ffi::c_char; 16], name: &[u8]) {
    for (to, from) in to[..15].iter_mut().zip(name) {
        *to = from.cast_signed();
    }
}
