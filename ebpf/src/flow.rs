//! The flow table: slots in an array, each CPU's share of a flow in one of its own, found by an index; and a one-packet record on the
//! ring where no slot is free. See `docs/design/2026-11-22-flow-slots.md`.

use airlens_common::{
    Count,
    flow::{
        FLOW_BUCKET, FLOW_RUN, FlowBucket, FlowCounter, FlowCursor, FlowIndex, FlowKey, FlowPacket, FlowRecord,
        FlowValue, flow_hash, lengths_of, marks, marks_of, merge_lengths,
    },
};
use aya_ebpf::{
    helpers::generated as helpers,
    macros::map,
    maps::{Array, RingBuf},
};

use crate::verifier::{claim_word, fetch_add, opaque};

/// `BPF_F_MMAPABLE` (Linux `include/uapi/linux/bpf.h`): user space drains it without a system call.
const MAPPED: u32 = 1 << 10;

/// Two halves of [`FLOW_SLOT_COUNT`] slots, of which one is in use. Sizes are set when the programs are loaded.
#[map]
static FLOW_SLOTS: Array<FlowRecord> = Array::with_max_entries(2, MAPPED);
/// The index of each half.
#[map]
static FLOW_INDEX: Array<FlowBucket> = Array::with_max_entries(2, MAPPED);
/// Of each half, where each CPU's next slot is.
#[map]
static FLOW_CURSORS: Array<FlowCursor> = Array::with_max_entries(2, MAPPED);
/// Of each half, how many runs of [`FLOW_RUN`] slots CPUs have taken.
#[map]
static FLOW_RUNS: Array<u64> = Array::with_max_entries(2, MAPPED);
/// The half in use, 0 or 1.
#[map]
static FLOW_HALF: Array<u32> = Array::with_max_entries(1, 0);
#[map]
static FLOW_RING: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

/// Slots of a half, a multiple of [`FLOW_RUN`].
#[unsafe(no_mangle)]
static FLOW_SLOT_COUNT: u32 = FLOW_RUN;
#[unsafe(no_mangle)]
static FLOW_BUCKETS: u32 = 1;
#[unsafe(no_mangle)]
static FLOW_MASK: u32 = 2 * FLOW_RUN - 1;
#[unsafe(no_mangle)]
static FLOW_CPUS: u32 = 1;
#[unsafe(no_mangle)]
static FLOW_SEED: u64 = 0;

/// What user space wrote before the programs were loaded.
macro_rules! setting {
    ($name:ident) => {
        // SAFETY: nobody writes it any more.
        unsafe { (&raw const $name).read_volatile() }
    };
}

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
        owner: 0,
        value: first_value(packet, size, length),
    });
    record.submit(0);
    FlowCounter::Exported
}

#[inline(always)]
fn in_table(packet: &FlowPacket, size: Count, length: u32, now: u64) -> bool {
    let slots = setting!(FLOW_SLOT_COUNT);
    let index = FlowIndex {
        buckets: setting!(FLOW_BUCKETS),
        mask: setting!(FLOW_MASK),
    };
    let Some(half) = FLOW_HALF.get(0) else { return false };
    let half = *half & 1;
    // SAFETY: a helper without arguments.
    let cpu = unsafe { helpers::bpf_get_smp_processor_id() };
    // Two CPUs with one flow write to different cache lines.
    let hash = flow_hash(&packet.key, setting!(FLOW_SEED) ^ u64::from(cpu));
    let Some(bucket) = FLOW_INDEX.get_ptr_mut(half * index.buckets + index.bucket(hash)) else {
        return false;
    };
    let entries = bucket.cast::<u32>();
    for step in 0..FLOW_BUCKET {
        // Cut to the bucket again: from an exclusive or of 32 bits the verifier of Linux 6.1 learns nothing.
        let place = opaque(FlowIndex::place(hash, step)) & (FLOW_BUCKET as usize - 1);
        // SAFETY: within the bucket, a live map value.
        let entry = unsafe { entries.add(place) };
        // SAFETY: as above.
        let found = unsafe { entry.read_volatile() };
        if found == 0 {
            // Where another CPU takes the entry in this moment, the packet goes to the ring.
            // SAFETY: as above.
            return unsafe { open(entry, index, hash, half, slots, cpu, packet, size, length) };
        }
        let Some(slot) = index.slot(found, hash) else { continue };
        let Some(slot) = FLOW_SLOTS.get_ptr_mut(half * slots + slot) else {
            return false;
        };
        // SAFETY: a live map value. Only its owner writes to it, and a CPU's programs do not interrupt each other (softirq, or bottom
        // halves off).
        unsafe {
            if (&raw const (*slot).owner).read_volatile() == cpu + 1 && same(&raw const (*slot).key, &packet.key) {
                update(&raw mut (*slot).value, packet, size, length, now);
                return true;
            }
        }
    }
    false
}

/// Takes this CPU's next slot for a flow, and a free entry of the index for it.
///
/// # Safety
///
/// The entry is a live one of this half.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one place calls it, and it is part of that")]
unsafe fn open(
    entry: *mut u32,
    index: FlowIndex,
    hash: u64,
    half: u32,
    slots: u32,
    cpu: u32,
    packet: &FlowPacket,
    size: Count,
    length: u32,
) -> bool {
    let cpus = setting!(FLOW_CPUS);
    if cpu >= cpus {
        return false;
    }
    let Some(cursor) = FLOW_CURSORS.get_ptr_mut(half * cpus + cpu) else {
        return false;
    };
    // SAFETY: live map values; the cursor is this CPU's.
    unsafe {
        if (*cursor).left == 0 {
            let Some(runs) = FLOW_RUNS.get_ptr_mut(half) else {
                return false;
            };
            let most = u64::from(slots / FLOW_RUN);
            // Looked at before: in a full table nobody writes to it.
            if runs.read_volatile() >= most {
                return false;
            }
            let run = fetch_add(runs, 1);
            if run >= most {
                return false;
            }
            (*cursor).next = run as u32 * FLOW_RUN;
            (*cursor).left = FLOW_RUN;
        }
        let number = (*cursor).next;
        let Some(slot) = FLOW_SLOTS.get_ptr_mut(half * slots + number) else {
            return false;
        };
        // Before the slot is written: a locked instruction waits for all writes.
        if !claim_word(entry, index.entry(hash, number)) {
            return false;
        }
        (*cursor).next = number + 1;
        (*cursor).left -= 1;
        (*slot).key = packet.key;
        (*slot).owner = cpu + 1;
        (*slot).value = first_value(packet, size, length);
    }
    true
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
