//! `capture`: hands packets to user space, those alone that the interface's filter takes.
//!
//! A filter is a program of its own that user space makes of the expression: `capture` calls it in its stead (a tail call);
//! the filter counts what it leaves out, and calls one of the `captured` programs for the rest. Without a filter the call
//! finds nothing and returns.

use airlens_common::{
    Count,
    capture::{COUNTERS, Config, Counter, MAX_SNAP_LENGTH, PacketHeader, SIZES, programs},
    data::{RECEIVE, TRANSMIT},
};
use aya_ebpf::{
    bindings::{TC_ACT_UNSPEC, xdp_action},
    helpers::generated as helpers,
    macros::{classifier, map, xdp},
    maps::{Array, PerCpuArray, ProgramArray, RingBuf},
    programs::{TcContext, XdpContext},
};

use crate::{packet::Packet, ring::wakeup, verifier::opaque};

#[map]
static CAPTURE_CONFIG: Array<Config> = Array::with_max_entries(1, 0);
#[map]
static CAPTURE_COUNTS: PerCpuArray<Count> = PerCpuArray::with_max_entries(COUNTERS, 0);
/// Filters and what they call, of XDP.
#[map]
static CAPTURE_XDP: ProgramArray = ProgramArray::with_max_entries(programs::ENTRIES, 0);
/// The same of tc.
#[map]
static CAPTURE_TC: ProgramArray = ProgramArray::with_max_entries(programs::ENTRIES, 0);
/// Its size is set when it is loaded.
#[map]
static CAPTURE_RING: RingBuf = RingBuf::with_byte_size(1 << 12, 0);

/// XDP: packets from the network.
#[xdp(frags)]
pub fn capture(context: XdpContext) -> u32 {
    if let Some((config, slot)) = enter(&context, 0) {
        // SAFETY: the programs of the map are XDP programs; nothing here waits to be dropped.
        unsafe { CAPTURE_XDP.tail_call(&context, programs::filter(slot, RECEIVE)) };
        take(&context, config, slot, RECEIVE, Tag::NONE);
    }
    xdp_action::XDP_PASS
}

/// XDP, behind the filter.
#[xdp(frags)]
pub fn captured(context: XdpContext) -> u32 {
    if let Some((config, slot)) = config(&context) {
        take(&context, config, slot, RECEIVE, Tag::NONE);
    }
    xdp_action::XDP_PASS
}

/// tc ingress: packets from the network.
#[classifier]
pub fn capture_tc(context: TcContext) -> i32 {
    enter_tc(&context, RECEIVE)
}

/// tc egress: packets to the network.
#[classifier]
pub fn capture_tx(context: TcContext) -> i32 {
    enter_tc(&context, TRANSMIT)
}

/// tc ingress, behind the filter.
#[classifier]
pub fn captured_tc(context: TcContext) -> i32 {
    take_tc(&context, RECEIVE)
}

/// tc egress, behind the filter.
#[classifier]
pub fn captured_tx(context: TcContext) -> i32 {
    take_tc(&context, TRANSMIT)
}

#[inline(always)]
fn enter_tc(context: &TcContext, direction: u8) -> i32 {
    let tag = Tag::beside(context);
    if let Some((config, slot)) = enter(context, tag.length()) {
        // SAFETY: the programs of the map are tc programs; nothing here waits to be dropped.
        unsafe { CAPTURE_TC.tail_call(context, programs::filter(slot, direction)) };
        take(context, config, slot, direction, tag);
    }
    TC_ACT_UNSPEC
}

#[inline(always)]
fn take_tc(context: &TcContext, direction: u8) -> i32 {
    if let Some((config, slot)) = config(context) {
        take(context, config, slot, direction, Tag::beside(context));
    }
    TC_ACT_UNSPEC
}

/// The VLAN tag that the kernel or the device keeps beside a packet, as it was on the wire: 4 octets and [`TAGGED`], or 0.
///
/// No `Option`: LLVM leaves the tag of none as it finds it, and the verifier refuses to read what was never written.
#[derive(Clone, Copy)]
struct Tag(u64);

const TAGGED: u64 = 1 << 32;

impl Tag {
    const NONE: Self = Self(0);

    #[inline(always)]
    fn beside(context: &TcContext) -> Self {
        // SAFETY: the context is the kernel's.
        let (present, kind, tag) = unsafe {
            let skb = context.skb.skb;
            ((*skb).vlan_present, (*skb).vlan_proto, (*skb).vlan_tci)
        };
        if present == 0 {
            return Self::NONE;
        }
        // The one is in the network's order, the other in this machine's.
        Self(TAGGED | u64::from(kind & 0xffff) | u64::from((tag as u16).to_be()) << 16)
    }

    #[inline(always)]
    fn length(self) -> u32 {
        if self.0 == 0 { 0 } else { 4 }
    }
}

#[inline(always)]
fn config<P: Packet>(packet: &P) -> Option<(&'static Config, u32)> {
    let config = CAPTURE_CONFIG.get(0)?;
    let ifindex = packet.ifindex();
    let mut slot = 0;
    while slot < config.interfaces.len() {
        if config.interfaces[slot] == ifindex {
            return Some((config, slot as u32));
        }
        slot += 1;
    }
    None
}

#[inline(always)]
fn enter<P: Packet>(packet: &P, beside: u32) -> Option<(&'static Config, u32)> {
    let (config, slot) = config(packet)?;
    count(slot, Counter::Seen, packet.length() + beside);
    Some((config, slot))
}

#[inline(always)]
fn take<P: Packet>(packet: &P, config: &Config, slot: u32, direction: u8, tag: Tag) {
    let length = packet.length() + tag.length();
    let header = PacketHeader {
        // SAFETY: a helper without arguments.
        time: unsafe { helpers::bpf_ktime_get_tai_ns() },
        slot,
        captured: length.min(config.snap_length).min(MAX_SNAP_LENGTH),
        length,
        direction,
        reserved: [0; 3],
    };
    count(slot, output(packet, config, &header, tag), length);
}

/// A record with room for `N` octets of a packet.
#[repr(C)]
struct Record<const N: usize> {
    header: PacketHeader,
    packet: [u8; N],
}

#[inline(always)]
fn output<P: Packet>(packet: &P, config: &Config, header: &PacketHeader, tag: Tag) -> Counter {
    None.or_else(|| record::<P, { SIZES[0] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[1] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[2] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[3] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[4] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[5] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[6] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[7] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[8] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[9] }>(packet, config, header, tag))
        .or_else(|| record::<P, { SIZES[10] }>(packet, config, header, tag))
        .unwrap_or(Counter::LostCopy)
}

/// Writes the packet to a record of the ring that has room for `N` octets of it; `None` if it needs more.
#[inline(always)]
fn record<P: Packet, const N: usize>(packet: &P, config: &Config, header: &PacketHeader, tag: Tag) -> Option<Counter> {
    // Less one: the copy must not be of 0 octets.
    let last = opaque((header.captured as usize).wrapping_sub(1));
    if last >= N {
        return None;
    }
    let Some(mut entry) = CAPTURE_RING.reserve::<Record<N>>(0) else {
        return Some(Counter::LostRingFull);
    };
    let record = entry.as_mut_ptr();
    // SAFETY: the record has room for `last + 1` octets, and a tagged packet's first 16 always.
    let copied = unsafe {
        (*record).header = *header;
        let to = (&raw mut (*record).packet).cast::<u8>();
        if tag.0 == 0 {
            packet.copy(0, to, last as u32 + 1)
        } else {
            copy_tagged::<P, N>(packet, to, last, tag)
        }
    };
    if !copied {
        entry.discard(u64::from(aya_ebpf::bindings::BPF_RB_NO_WAKEUP));
        return Some(Counter::LostCopy);
    }
    entry.submit(wakeup(
        &CAPTURE_RING,
        config.wakeup_bytes,
        size_of::<Record<N>>() + 8,
        false,
    ));
    Some(Counter::Captured)
}

/// Both addresses, the tag, and the rest up to octet `last`.
///
/// # Safety
///
/// `to` has room for `N` octets.
#[inline(always)]
unsafe fn copy_tagged<P: Packet, const N: usize>(packet: &P, to: *mut u8, last: usize, tag: Tag) -> bool {
    // SAFETY: the caller's promise; `N` is more than 16.
    unsafe {
        if !packet.copy(0, to, 12) {
            return false;
        }
        to.add(12).cast::<u32>().write_unaligned(tag.0 as u32);
        let rest = opaque(last.wrapping_sub(16));
        rest >= N - 16 || packet.copy(12, to.add(16), rest as u32 + 1)
    }
}

#[inline(always)]
fn count(slot: u32, counter: Counter, octets: u32) {
    if let Some(count) = CAPTURE_COUNTS.get_ptr_mut(counter.index(slot)) {
        // SAFETY: this CPU's own slot, and programs on one CPU do not interrupt each other here (softirq).
        unsafe {
            (*count).packets += 1;
            (*count).bytes += u64::from(octets);
        }
    }
}
