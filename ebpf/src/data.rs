//! `data_rx` and `data_tx`: packets and octets by interface, direction and protocol, and the flow table.

use airlens_common::{
    Count,
    data::{CounterKey, Protocol, RECEIVE, TRANSMIT},
    ethernet::{self, FlowPacket},
};
use aya_ebpf::{
    bindings::{TC_ACT_UNSPEC, xdp_action},
    macros::{classifier, map, xdp},
    maps::{PerCpuArray, PerCpuHashMap},
    programs::{TcContext, XdpContext},
};

use crate::{
    flow,
    packet::{Packet, pull_headers},
    verifier::in_memory,
};

/// Keys are inserted by user space before it attaches, so a lookup is all that happens here.
#[map]
static DATA_COUNTS: PerCpuHashMap<CounterKey, Count> = PerCpuHashMap::with_max_entries(4096, 0);
/// Packets on an interface that user space did not announce: nonzero only if that order is broken.
#[map]
static DATA_UNLISTED: PerCpuArray<Count> = PerCpuArray::with_max_entries(1, 0);

/// XDP: packets from the network.
#[xdp(frags)]
pub fn data_rx(context: XdpContext) -> u32 {
    account(&context, RECEIVE, 0, 1);
    xdp_action::XDP_PASS
}

/// tc ingress: the same, where XDP is not wanted.
#[classifier]
pub fn data_rx_tc(context: TcContext) -> i32 {
    account_skb(&context, RECEIVE);
    TC_ACT_UNSPEC
}

/// tc egress: packets to the network.
#[classifier]
pub fn data_tx(context: TcContext) -> i32 {
    account_skb(&context, TRANSMIT);
    TC_ACT_UNSPEC
}

#[inline(always)]
fn account_skb(context: &TcContext, direction: u8) {
    pull_headers(context);
    // SAFETY: the context is the kernel's.
    let (vlan_present, vlan_tci, segments) = unsafe {
        let skb = context.skb.skb;
        ((*skb).vlan_present, (*skb).vlan_tci, (*skb).gso_segs)
    };
    let vlan = if vlan_present != 0 {
        (vlan_tci & 0x0fff) as u16
    } else {
        0
    };
    account(context, direction, vlan, segments.max(1));
}

/// Counts one packet, or `segments` of them: what segmentation offload sends on the wire, each with the headers again.
#[inline(always)]
fn account<P: Packet>(packet: &P, direction: u8, vlan: u16, segments: u32) {
    let ifindex = packet.ifindex();
    let mut flow = FlowPacket::default();
    let flow = in_memory(&mut flow);
    let protocol = ethernet::parse_into(&packet.memory(), ifindex, vlan, flow);
    let whole = ethernet::belongs_to_flow(protocol);
    let repeated = if whole {
        u64::from(segments - 1) * u64::from(flow.header_length)
    } else {
        0
    };
    let size = Count {
        packets: u64::from(segments),
        bytes: u64::from(packet.length()) + repeated,
    };
    count(ifindex, direction, protocol, size);
    if whole {
        flow::account(flow, size, packet.length());
    }
}

#[inline(always)]
fn count(ifindex: u32, direction: u8, protocol: Protocol, size: Count) {
    let key = CounterKey {
        ifindex,
        direction,
        protocol: protocol as u8,
        reserved: 0,
    };
    let slot = DATA_COUNTS.get_ptr_mut(key).or_else(|| DATA_UNLISTED.get_ptr_mut(0));
    if let Some(slot) = slot {
        // SAFETY: this CPU's own slot.
        unsafe { *slot += size };
    }
}
