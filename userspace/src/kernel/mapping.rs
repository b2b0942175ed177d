//! A map's values in this process's memory.

use std::{ops::Range, os::fd::RawFd, ptr::NonNull};

use super::KernelError;

/// The values of an array map with `BPF_F_MMAPABLE`, one after the other. Programs write to them at the same time: they are read and
/// written through pointers only.
pub(super) struct Mapping<T> {
    values: NonNull<T>,
    count: usize,
}

// SAFETY: an address that is valid in every thread.
unsafe impl<T: Send> Send for Mapping<T> {}

impl<T: aya::Pod> Mapping<T> {
    /// Maps `count` values; their size is a multiple of 8, as the kernel lays them out.
    pub(super) fn new(descriptor: RawFd, count: usize) -> Result<Self, KernelError> {
        const { assert!(size_of::<T>().is_multiple_of(8)) };
        // SAFETY: a fresh mapping; the kernel checks descriptor and length.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                count * size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                descriptor,
                0,
            )
        };
        match NonNull::new(address) {
            Some(values) if address != libc::MAP_FAILED => Ok(Self {
                values: values.cast(),
                count,
            }),
            _ => Err(KernelError::system("map a flow table")),
        }
    }

    /// Value number `index`; none behind the last.
    pub(super) fn read(&self, index: usize) -> Option<T> {
        // SAFETY: within the mapping, whose values are aligned.
        self.at(index).map(|value| unsafe { value.read_volatile() })
    }

    /// Writes value number `index`; nothing behind the last.
    pub(super) fn write(&self, index: usize, value: T) {
        if let Some(place) = self.at(index) {
            // SAFETY: within the mapping, whose values are aligned.
            unsafe { place.write_volatile(value) };
        }
    }

    /// Sets values to all zero; those that are there.
    pub(super) fn clear(&self, values: Range<usize>) {
        let end = values.end.min(self.count);
        if let Some(first) = self.at(values.start) {
            // SAFETY: within the mapping; any bit pattern is valid.
            unsafe { first.as_ptr().write_bytes(0, end.saturating_sub(values.start)) };
        }
    }

    /// Where value number `index` is; none behind the last.
    pub(super) fn at(&self, index: usize) -> Option<NonNull<T>> {
        // SAFETY: within the mapping.
        (index < self.count).then(|| unsafe { self.values.add(index) })
    }
}

impl<T> Mapping<T> {
    /// Octets of all values.
    pub(super) fn bytes(&self) -> usize {
        self.count * size_of::<T>()
    }
}

impl<T> Drop for Mapping<T> {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`.
        unsafe { libc::munmap(self.values.as_ptr().cast(), self.bytes()) };
    }
}
