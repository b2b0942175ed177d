//! The flow table: in-place updates, and a one-packet record on the ring where the table has no place.
//!
//! The table is behind a map of maps: to drain it, user space puts another one in its place, and the kernel returns from
//! that update only after every running program is done with the old table (`maybe_wait_bpf_programs`, Linux
//! `kernel/bpf/syscall.c`). Then the old one stands still and is read without a race.

use airlens_common::{
    Count,
    ethernet::FlowPacket,
    flow::{FlowCounter, FlowKey, FlowRecord, FlowValue, lengths_of, marks, marks_of, merge_lengths},
};
use aya_ebpf::{
    bindings::BPF_NOEXIST,
    btf_maps::{ArrayOfMaps, HashMap},
    helpers::generated as helpers,
    macros::{btf_map, map},
    maps::{PerCpuArray, RingBuf},
};

use crate::verifier::{atomic_add, atomic_or, opaque};

/// The size here is that of the first table, until user space sets its own.
type Table = HashMap<FlowKey, FlowValue, 1024>;

#[btf_map]
static FLOW_TABLE: ArrayOfMaps<Table, 1> = ArrayOfMaps::new();
#[map]
static FLOW_COUNTS: PerCpuArray<Count> = PerCpuArray::with_max_entries(FlowCounter::ALL.len() as u32, 0);
/// Its size is set when it is loaded.
#[map]
static FLOW_RING: RingBuf = RingBuf::with_byte_size(1 << 20, 0);

#[inline(always)]
pub(crate) fn account(packet: &FlowPacket, size: Count, length: u32) {
    count(FlowCounter::Seen, size);
    // The coarse clock: the precise one costs more than all of the parsing.
    // SAFETY: a helper without arguments.
    let now = unsafe { helpers::bpf_ktime_get_coarse_ns() };
    let outcome = if in_table(packet, size, length, now) {
        FlowCounter::InTable
    } else {
        export(packet, size, length, now)
    };
    count(outcome, size);
}

#[inline(always)]
fn in_table(packet: &FlowPacket, size: Count, length: u32, now: u64) -> bool {
    let Some(table) = FLOW_TABLE.get(0) else {
        return false;
    };
    let key = &packet.key;
    if let Some(value) = table.get_ptr_mut(key) {
        update(value, packet, size, length, now);
        return true;
    }
    // Another CPU may insert the same flow meanwhile; then its entry is there to be updated.
    if table
        .insert(key, first_value(packet, size, length, now), u64::from(BPF_NOEXIST))
        .is_ok()
    {
        return true;
    }
    match table.get_ptr_mut(key) {
        Some(value) => {
            update(value, packet, size, length, now);
            true
        }
        None => false,
    }
}

#[inline(always)]
fn update(value: *mut FlowValue, packet: &FlowPacket, size: Count, length: u32, now: u64) {
    let way = way(packet);
    // SAFETY: a live map value; an entry is deleted only after its table was taken out of use.
    unsafe {
        atomic_add(&raw mut (*value).packets[way], size.packets);
        atomic_add(&raw mut (*value).bytes[way], size.bytes);
        // Most packets bring no new mark, length or tick: leave the cache line's other half unwritten then.
        let marks = &raw mut (*value).marks[way];
        let new = if *marks & marks::TOS_KNOWN == 0 {
            marks_of(packet.tcp_flags, packet.tos)
        } else {
            u32::from(packet.tcp_flags)
        };
        if *marks & new != new {
            atomic_or(marks, new);
        }
        let lengths = &raw mut (*value).lengths[way];
        let merged = merge_lengths(*lengths, lengths_of(length));
        if *lengths != merged {
            *lengths = merged;
        }
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

#[inline(always)]
fn first_value(packet: &FlowPacket, size: Count, length: u32, now: u64) -> FlowValue {
    let way = way(packet);
    FlowValue::of_packet(way, size, packet.tcp_flags, packet.tos, length, now)
}

#[inline(always)]
fn export(packet: &FlowPacket, size: Count, length: u32, now: u64) -> FlowCounter {
    let Some(mut record) = FLOW_RING.reserve::<FlowRecord>(0) else {
        return FlowCounter::LostRingFull;
    };
    record.write(FlowRecord {
        key: packet.key,
        reserved: 0,
        value: first_value(packet, size, length, now),
    });
    record.submit(0);
    FlowCounter::Exported
}

#[inline(always)]
fn count(counter: FlowCounter, size: Count) {
    if let Some(count) = FLOW_COUNTS.get_ptr_mut(counter as u32) {
        // SAFETY: this CPU's own slot.
        unsafe { *count += size };
    }
}
