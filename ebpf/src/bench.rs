//! Programs to measure with: what `data_rx` does in steps, another flow table beside it, and a source of packets. They drop what they
//! get, and begin with the same rewriting of the source address, so that each can be held against `bench_empty`.

use airlens_common::{
    Count,
    data::RECEIVE,
    flow::{FlowCounter, FlowKey, FlowPacket},
};
use aya_ebpf::{
    bindings::{BPF_NOEXIST, bpf_spin_lock, xdp_action},
    btf_maps::HashMap,
    helpers::generated as helpers,
    macros::{btf_map, map, xdp},
    maps::{Array, PerCpuArray},
    programs::XdpContext,
};

use crate::{
    data::{Wire, account},
    flow,
};

/// How many flows packets are spread over, and the interface that `bench_send` sends them to.
#[map]
static BENCH_CONFIG: Array<[u32; 2]> = Array::with_max_entries(1, 0);
#[map]
static BENCH_PACKETS: PerCpuArray<u64> = PerCpuArray::with_max_entries(1, 0);

/// A flow behind a lock, with precise times: the design of netobserv's agent.
#[repr(C)]
pub struct Locked {
    lock: bpf_spin_lock,
    flags: u32,
    packets: u64,
    bytes: u64,
    first: u64,
    last: u64,
}

#[btf_map]
static BENCH_LOCKED: HashMap<FlowKey, Locked, 1_200_000> = HashMap::new();

/// Gives an IPv4 packet the source address of a flow chosen at random, and the configuration.
#[inline(always)]
fn spread(context: &XdpContext) -> Option<[u32; 2]> {
    let config = *BENCH_CONFIG.get(0)?;
    let packets = BENCH_PACKETS.get_ptr_mut(0)?;
    // SAFETY: this CPU's own.
    let mut number = unsafe {
        *packets += 0x9e37_79b9_7f4a_7c15;
        *packets
    };
    // SplitMix64: without mixing, flows would come again in the order in which they came first.
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32;
    let flow = ((number * u64::from(config[0])) >> 32) as u32;
    let source = context.data() + 26;
    if source + 4 > context.data_end() {
        return None;
    }
    let source = source as *mut [u8; 4];
    let [_, high, middle, low] = flow.to_be_bytes();
    // SAFETY: checked against the packet's end.
    unsafe { *source = [10, high, middle, low] };
    Some(config)
}

/// Nothing else.
#[xdp(frags)]
pub fn bench_empty(context: XdpContext) -> u32 {
    spread(&context);
    xdp_action::XDP_DROP
}

/// Parsing and counters.
#[xdp(frags)]
pub fn bench_count(context: XdpContext) -> u32 {
    spread(&context);
    account(&context, RECEIVE, &Wire::PACKET, |_, _, _, _| FlowCounter::InTable);
    xdp_action::XDP_DROP
}

/// All that `data_rx` does.
#[xdp(frags)]
pub fn bench_flow(context: XdpContext) -> u32 {
    spread(&context);
    account(&context, RECEIVE, &Wire::PACKET, flow::account);
    xdp_action::XDP_DROP
}

/// The other table.
#[xdp(frags)]
pub fn bench_lock(context: XdpContext) -> u32 {
    spread(&context);
    account(&context, RECEIVE, &Wire::PACKET, locked);
    xdp_action::XDP_DROP
}

/// A source: packets to another interface.
#[xdp]
pub fn bench_send(context: XdpContext) -> u32 {
    match spread(&context) {
        // SAFETY: a helper without pointers.
        Some([_, interface]) => unsafe { helpers::bpf_redirect(interface, 0) as u32 },
        None => xdp_action::XDP_ABORTED,
    }
}

#[inline(always)]
fn locked(packet: &FlowPacket, size: Count, _: u32, _: u64) -> FlowCounter {
    // SAFETY: a helper without arguments.
    let now = unsafe { helpers::bpf_ktime_get_ns() };
    if let Some(flow) = BENCH_LOCKED.get_ptr_mut(packet.key) {
        // SAFETY: a live map value, written under its lock.
        unsafe {
            helpers::bpf_spin_lock(&raw mut (*flow).lock);
            (*flow).packets += size.packets;
            (*flow).bytes += size.bytes;
            (*flow).last = now;
            (*flow).flags |= u32::from(packet.tcp_flags);
            helpers::bpf_spin_unlock(&raw mut (*flow).lock);
        }
        return FlowCounter::InTable;
    }
    let new = Locked {
        lock: bpf_spin_lock { val: 0 },
        flags: u32::from(packet.tcp_flags),
        packets: size.packets,
        bytes: size.bytes,
        first: now,
        last: now,
    };
    match BENCH_LOCKED.insert(packet.key, &new, u64::from(BPF_NOEXIST)) {
        Ok(()) => FlowCounter::InTable,
        Err(_) => FlowCounter::Exported,
    }
}
