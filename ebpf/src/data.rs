//! `data_rx` and `data_tx`: packets and octets by interface, direction and protocol, and the flow table.

use airlens_common::{
    Count, Octets,
    data::{INTERFACE_PROBES, InterfaceCounts, Protocol, RECEIVE, TRANSMIT, UNLISTED},
    ethernet::{self, Layers},
    flow::{FlowCounter, FlowPacket},
};
use aya_ebpf::{
    bindings::{TC_ACT_UNSPEC, xdp_action},
    helpers::generated as helpers,
    macros::{classifier, map, xdp},
    maps::PerCpuArray,
    programs::{TcContext, XdpContext},
};

use crate::{
    flow,
    fragments::KernelFragments,
    packet::{COPY, CopyMemory, Forgetful, Packet},
    verifier::{in_memory, opaque},
};

/// Places are given by user space before it attaches; the last is for interfaces without one.
#[map]
static DATA_COUNTS: PerCpuArray<InterfaceCounts> = PerCpuArray::with_max_entries(UNLISTED + 1, 0);
/// Where the beginning of a packet is copied that does not lie in one piece.
#[map]
static DATA_COPY: PerCpuArray<[u8; COPY]> = PerCpuArray::with_max_entries(1, 0);

/// What a packet is, by way of a map, of which the verifier takes the content for anything: else it follows all that comes after once
/// for each way in which a packet can be read.
struct Parsed {
    flow: FlowPacket,
    protocol: Protocol,
    offset: usize,
    /// When the coarse clock was read, and what it said.
    tick: u64,
    time: u64,
}

impl Parsed {
    /// The coarse clock, ns. It changes once a tick, and jiffies are a load where it is a call.
    #[inline(always)]
    fn now(&mut self) -> u64 {
        // SAFETY: a helper without arguments.
        let tick = unsafe { helpers::bpf_jiffies64() };
        if tick != self.tick {
            self.tick = tick;
            // SAFETY: likewise.
            self.time = unsafe { helpers::bpf_ktime_get_coarse_ns() };
        }
        self.time
    }

    #[inline(always)]
    fn protocol(&self) -> Protocol {
        // SAFETY: a live value.
        unsafe { (&raw const self.protocol).read_volatile() }
    }
}

#[map]
static DATA_PARSED: PerCpuArray<Parsed> = PerCpuArray::with_max_entries(1, 0);

/// Set when the programs are loaded: flows of what tunnels carry.
#[unsafe(no_mangle)]
static DATA_INNER: u8 = 0;

/// Octets of a VLAN tag.
const TAG: u32 = 4;

/// XDP: packets from the network.
#[xdp(frags)]
pub fn data_rx(context: XdpContext) -> u32 {
    account(&context, RECEIVE, &Wire::PACKET, flow::account);
    xdp_action::XDP_PASS
}

/// tc ingress: the same, where XDP is not wanted.
#[classifier]
pub fn data_rx_tc(context: TcContext) -> i32 {
    account(&context, RECEIVE, &Wire::of(&context), flow::account);
    TC_ACT_UNSPEC
}

/// tc egress: packets to the network.
#[classifier]
pub fn data_tx(context: TcContext) -> i32 {
    account(&context, TRANSMIT, &Wire::of(&context), flow::account);
    TC_ACT_UNSPEC
}

/// How a packet differs from what is on the wire.
pub(crate) struct Wire {
    /// VLAN identifier of the tag that is kept beside the packet.
    vlan: u16,
    /// Octets of that tag.
    tag: u32,
    /// Packets that segmentation offload makes of it, each with the headers again; 0 without.
    segments: u32,
    /// Octets of payload in each of them but the last.
    segment: u32,
}

impl Wire {
    /// A packet that is one.
    pub(crate) const PACKET: Self = Self {
        vlan: 0,
        tag: 0,
        segments: 0,
        segment: 0,
    };

    #[inline(always)]
    fn of(context: &TcContext) -> Self {
        let skb = context.skb.skb;
        // SAFETY: the context is the kernel's.
        let (present, tci, segments, segment) =
            unsafe { ((*skb).vlan_present, (*skb).vlan_tci, (*skb).gso_segs, (*skb).gso_size) };
        // Without branches: the verifier would follow all that comes after once for each way. (0 or 1.)
        let present = opaque(present as usize) as u32;
        Self {
            vlan: ((tci & 0x0fff) * present) as u16,
            tag: TAG * present,
            segments,
            segment,
        }
    }
}

/// Counts one packet, or those that it becomes on the wire; `flows` takes those that belong to a flow, with the length of the
/// longest and the coarse time, and says what became of them.
#[inline(always)]
pub(crate) fn account<P: Packet>(
    packet: &P,
    direction: u8,
    wire: &Wire,
    flows: impl FnOnce(&FlowPacket, Count, u32, u64) -> FlowCounter,
) {
    let ifindex = packet.ifindex();
    let Some(parsed) = DATA_PARSED.get_ptr_mut(0) else {
        return;
    };
    // SAFETY: this CPU's own.
    let parsed = unsafe { &mut *parsed };
    let memory = packet.memory();
    parse(&memory, ifindex, wire.vlan, parsed);
    let length = packet.length();
    let mut protocol = parsed.protocol();
    if protocol.is_short() && memory.length() < length {
        protocol = parse_copy(packet, ifindex, wire.vlan, parsed);
    }
    let now = parsed.now();
    let flow = &parsed.flow;
    let whole = protocol.belongs_to_flow();
    let mut size = Count {
        packets: 1,
        bytes: u64::from(length + wire.tag),
    };
    let mut longest = length + wire.tag;
    if wire.segments > 1 {
        let headers = u32::from(flow.header_length) + wire.tag;
        size.packets = u64::from(wire.segments);
        size.bytes += u64::from(wire.segments - 1) * u64::from(headers);
        longest = headers + wire.segment;
    }
    let Some(counts) = counts(ifindex) else { return };
    let class = opaque(protocol as usize);
    if class >= Protocol::ALL.len() {
        return;
    }
    // SAFETY: this CPU's own counters.
    unsafe { (*counts).classes[usize::from(direction)][class] += size };
    if whole {
        let outcome = flows(flow, size, longest, now);
        // SAFETY: as above.
        unsafe { (*counts).flows[outcome as usize] += size };
    }
}

#[inline(always)]
fn parse<M: Octets>(memory: &M, ifindex: u32, vlan: u16, parsed: &mut Parsed) {
    clear(&mut parsed.flow);
    let memory = Forgetful {
        memory,
        place: &raw mut parsed.offset,
    };
    let flow = in_memory(&mut parsed.flow);
    // SAFETY: user space writes it before the programs are loaded.
    let inner = unsafe { (&raw const DATA_INNER).read_volatile() } != 0;
    parsed.protocol = ethernet::parse_into(&memory, ifindex, vlan, Layers { inner }, &mut KernelFragments, flow);
}

/// A default one, in words: `memset` would do it octet by octet, in a program of its own.
#[inline(always)]
fn clear(flow: &mut FlowPacket) {
    const { assert!(size_of::<FlowPacket>() % 8 == 0 && align_of::<FlowPacket>() == 8) };
    let words = (&raw mut *flow).cast::<u64>();
    for index in 0..size_of::<FlowPacket>() / 8 {
        // SAFETY: within the packet's place, on a boundary of 8; all zero is a default one.
        unsafe { words.add(index).write_volatile(0) };
    }
}

/// Headers that are not all in the packet's directly readable part: drivers receive into pages of their own, and extension
/// headers can be long.
#[inline(never)]
fn parse_copy<P: Packet>(packet: &P, ifindex: u32, vlan: u16, parsed: &mut Parsed) -> Protocol {
    let copy = DATA_COPY.get_ptr_mut(0);
    if let Some(copy) = copy.and_then(|copy| CopyMemory::of(packet, copy)) {
        parse(&copy, ifindex, vlan, parsed);
    }
    // Without a result, what the verifier sees returned would be what the last call left there: a pointer.
    parsed.protocol()
}

/// This CPU's counters of an interface.
#[inline(always)]
fn counts(ifindex: u32) -> Option<*mut InterfaceCounts> {
    for probe in 0..INTERFACE_PROBES {
        let counts = DATA_COUNTS.get_ptr_mut(InterfaceCounts::place(ifindex, probe))?;
        // SAFETY: a live map value.
        if unsafe { (*counts).ifindex } == ifindex {
            return Some(counts);
        }
    }
    DATA_COUNTS.get_ptr_mut(UNLISTED)
}
