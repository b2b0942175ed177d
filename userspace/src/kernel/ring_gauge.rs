//! How full a ring buffer is, without touching it.

use std::{
    os::fd::AsRawFd as _,
    ptr::NonNull,
    sync::atomic::{AtomicUsize, Ordering},
};

use aya::maps::{MapData, RingBuf};

use super::KernelError;

/// A read-only view of a ring's consumer and producer positions, its first two pages (Linux `kernel/bpf/ringbuf.c`).
pub struct RingGauge {
    positions: NonNull<libc::c_void>,
    page: usize,
    capacity: usize,
}

// SAFETY: the mapping is read-only, and its words are read atomically.
unsafe impl Send for RingGauge {}
// SAFETY: as above.
unsafe impl Sync for RingGauge {}

impl RingGauge {
    pub(super) fn new(ring: &RingBuf<MapData>) -> Result<Self, KernelError> {
        let capacity = capacity(ring.as_raw_fd())?;
        // SAFETY: sysconf has no preconditions.
        let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
        // SAFETY: a fresh mapping of the ring's position pages; the kernel checks descriptor and length.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                2 * page,
                libc::PROT_READ,
                libc::MAP_SHARED,
                ring.as_raw_fd(),
                0,
            )
        };
        match NonNull::new(address) {
            Some(positions) if address != libc::MAP_FAILED => Ok(Self {
                positions,
                page,
                capacity,
            }),
            _ => Err(KernelError::system("map a ring's positions")),
        }
    }

    /// Octets that wait to be read, record headers included.
    #[must_use]
    pub fn occupied(&self) -> usize {
        // Consumer first: it never passes the producer.
        let consumer = self.position(0);
        self.position(self.page).saturating_sub(consumer)
    }

    /// Octets that the ring holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    fn position(&self, offset: usize) -> usize {
        // SAFETY: within the mapping, page-aligned; the kernel writes the word atomically.
        let word = unsafe { self.positions.cast::<AtomicUsize>().byte_add(offset).as_ref() };
        word.load(Ordering::Acquire)
    }
}

impl Drop for RingGauge {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`.
        unsafe { libc::munmap(self.positions.as_ptr(), 2 * self.page) };
    }
}

fn capacity(descriptor: i32) -> Result<usize, KernelError> {
    let path = format!("/proc/self/fdinfo/{descriptor}");
    let text = std::fs::read_to_string(path).map_err(|source| KernelError::System {
        call: "read a map's fdinfo",
        source,
    })?;
    let entries = text.lines().find_map(|line| line.strip_prefix("max_entries:"));
    Ok(entries.and_then(|value| value.trim().parse().ok()).unwrap_or(0))
}
