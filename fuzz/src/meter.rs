//! How much memory the code under test holds at its peak.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The system's allocator, which counts. libFuzzer's own memory is not Rust's and isn't counted.
struct Meter;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static METER: Meter = Meter;

fn add(octets: usize) {
    let held = HELD.fetch_add(octets, Relaxed) + octets;
    PEAK.fetch_max(held, Relaxed);
}

fn remove(octets: usize) {
    HELD.fetch_sub(octets, Relaxed);
}

// SAFETY: every call goes to the system's allocator as it is; the counters touch no memory of the caller's.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        remove(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size);
        remove(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Does the work on `input` octets and asserts that it held at no time more memory than `factor` octets for each of them and
/// `constant` beside.
pub fn bounded<T>(input: usize, factor: usize, constant: usize, work: impl FnOnce() -> T) -> T {
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    let most = PEAK.load(Relaxed) - before;
    assert!(
        most <= factor * input + constant,
        "{most} octets of memory for {input} octets of input, {factor} each and {constant} are the bound"
    );
    result
}
