//! When the reader of a ring is woken.

use aya_ebpf::{
    bindings::{BPF_RB_AVAIL_DATA, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP},
    maps::RingBuf,
};

/// Flags of a record of `size` octets: wakes the reader for an urgent one, and as often as a full batch more waits; the rest is
/// read on the reader's clock.
///
/// Not for every record beyond the first batch: a wakeup costs microseconds (an interrupt to this CPU), just when the reader
/// can't follow, and it does not sleep then: a poll of a ring that holds anything returns at once.
#[inline(always)]
pub(crate) fn wakeup(ring: &RingBuf, batch: u32, size: usize, urgent: bool) -> u64 {
    let batch = u64::from(batch).max(1);
    let before = ring.query(u64::from(BPF_RB_AVAIL_DATA));
    let after = before + size as u64;
    if urgent && before < batch || before / batch != after / batch {
        u64::from(BPF_RB_FORCE_WAKEUP)
    } else {
        u64::from(BPF_RB_NO_WAKEUP)
    }
}
