//! The flow table: slots in an array, each CPU's share of a flow in one of its own, and a one-packet record on the ring where no
//! slot is free. See `docs/design/2026-11-21-flow-table.md`.

use airlens_common::{
    Count,
    flow::{
        FLOW_PROBES, FlowCounter, FlowKey, FlowPacket, FlowRecord, FlowValue, claim, flow_hash, flow_position,
        flow_step, lengths_of, marks, marks_of, merge_lengths,
    },
};
use aya_ebpf::{
    helpers::generated as helpers,
    macros::map,
    maps::{Array, RingBuf},
};

use crate::verifier::{atomic_or, claim_word, opaque};

/// `BPF_F_MMAPABLE` (Linux `include/uapi/linux/bpf.h`): user space drains it without a system call.
const MAPPED: u32 = 1 << 10;

/// Two halves of [`FLOW_SLOT_COUNT`] slots, of which one is in use. Sizes are set when the programs are loaded.
#[map]
static FLOW_SLOTS: Array<FlowRecord> = Array::with_max_entries(2, MAPPED);
/// A bit a slot: claimed since the half was drained. Halves begin with a word.
#[map]
static FLOW_USED: Array<u64> = Array::with_max_entries(2, MAPPED);
/// The half in use, 0 or 1.
#[map]
static FLOW_HALF: Array<u32> = Array::with_max_entries(1, 0);
#[map]
static FLOW_RING: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

/// Slots of a half.
#[unsafe(no_mangle)]
static FLOW_SLOT_COUNT: u32 = 1;
#[unsafe(no_mangle)]
static FLOW_SEED: u64 = 0;

/// Counts a packet where there is a place, and says where.
#[inline(always)]
pub(crate) fn account(packet: &FlowPacket, size: Count, length: u32, now: u64) -> FlowCounter {
    if in_table(packet, size, length, now) {
        return FlowCounter::InTable;
    }
    let Some(mut record) = FLOW_RING.reserve::<FlowRecord>(0) else {
        return FlowCounter::LostRingFull;
    };
    record.write(FlowRecord {
        key: packet.key,
        claim: 0,
        value: first_value(packet, size, length),
    });
    record.submit(0);
    FlowCounter::Exported
}

#[inline(always)]
fn in_table(packet: &FlowPacket, size: Count, length: u32, now: u64) -> bool {
    // SAFETY: user space writes them before the programs are loaded.
    let (slots, seed) = unsafe {
        (
            (&raw const FLOW_SLOT_COUNT).read_volatile(),
            (&raw const FLOW_SEED).read_volatile(),
        )
    };
    let Some(half) = FLOW_HALF.get(0) else { return false };
    let half = *half & 1;
    // SAFETY: a helper without arguments.
    let cpu = unsafe { helpers::bpf_get_smp_processor_id() };
    // Two CPUs with one flow write to different cache lines.
    let hash = flow_hash(&packet.key, seed ^ u64::from(cpu));
    let Some(claim) = claim(hash, cpu) else { return false };
    let mut next = hash;
    for _ in 0..FLOW_PROBES {
        let position = flow_position(next, slots);
        let Some(slot) = FLOW_SLOTS.get_ptr_mut(half * slots + position) else {
            return false;
        };
        // SAFETY: a live map value. Only this CPU writes to a slot with its claim, and its programs do not interrupt each other
        // (softirq, or bottom halves off).
        unsafe {
            let owner = (&raw const (*slot).claim).read_volatile();
            if owner == claim && same(&raw const (*slot).key, &packet.key) {
                update(&raw mut (*slot).value, packet, size, length, now);
                return true;
            }
            if owner == 0 && claim_word(&raw mut (*slot).claim, claim) {
                // Before the slot is written: a locked instruction waits for all writes, and those go to memory not in any cache.
                let words = slots.div_ceil(64);
                if let Some(used) = FLOW_USED.get_ptr_mut(half * words + position / 64) {
                    atomic_or(used, 1 << (position & 63));
                }
                (*slot).key = packet.key;
                (*slot).value = first_value(packet, size, length);
                return true;
            }
        }
        next = flow_step(next);
    }
    false
}

/// Word by word, without a branch for each.
///
/// # Safety
///
/// Both are live, and on a boundary of 8.
#[inline(always)]
unsafe fn same(one: *const FlowKey, other: &FlowKey) -> bool {
    let (a, b) = (one.cast::<u64>(), (&raw const *other).cast::<u64>());
    let (c, d) = (one.cast::<u32>(), (&raw const *other).cast::<u32>());
    // SAFETY: 44 octets are five words and a half.
    unsafe {
        let words = (*a ^ *b)
            | (*a.add(1) ^ *b.add(1))
            | (*a.add(2) ^ *b.add(2))
            | (*a.add(3) ^ *b.add(3))
            | (*a.add(4) ^ *b.add(4));
        words | u64::from(*c.add(10) ^ *d.add(10)) == 0
    }
}

/// # Safety
///
/// This CPU's own value.
#[inline(always)]
unsafe fn update(value: *mut FlowValue, packet: &FlowPacket, size: Count, length: u32, now: u64) {
    let way = way(packet);
    // SAFETY: the caller's promise.
    unsafe {
        (*value).packets[way] += size.packets;
        (*value).bytes[way] += size.bytes;
        let marks = &raw mut (*value).marks[way];
        if *marks & marks::TOS_KNOWN == 0 {
            *marks |= marks_of(packet.tcp_flags, packet.tos);
        } else {
            *marks |= u32::from(packet.tcp_flags);
        }
        let lengths = &raw mut (*value).lengths[way];
        *lengths = merge_lengths(*lengths, lengths_of(length));
        // The coarse clock may still show a time before the precise one of the first packet.
        if (*value).last < now {
            (*value).last = now;
        }
    }
}

/// 0 from A to B, 1 from B to A: an index that the verifier sees to be one of the two.
#[inline(always)]
fn way(packet: &FlowPacket) -> usize {
    opaque(usize::from(!packet.from_a)) & 1
}

/// The first packet has its precise time: which of two CPUs saw one earlier says who opened the flow.
#[inline(always)]
fn first_value(packet: &FlowPacket, size: Count, length: u32) -> FlowValue {
    // SAFETY: a helper without arguments.
    let now = unsafe { helpers::bpf_ktime_get_ns() };
    FlowValue::of_packet(way(packet), size, packet.tcp_flags, packet.tos, length, now)
}
