//! What first fragments said, for the later ones.

use airlens_common::{
    ethernet::{Fragments, Transport},
    flow::FlowKey,
};
use aya_ebpf::{macros::map, maps::LruHashMap};

#[map]
static FLOW_FRAGMENTS: LruHashMap<FlowKey, Transport> = LruHashMap::with_max_entries(8192, 0);

/// The map, as the parser uses it.
pub(crate) struct KernelFragments;

impl Fragments for KernelFragments {
    #[inline(always)]
    fn remember(&mut self, packet: &FlowKey, transport: Transport) {
        // Refused only where the map is busy on all CPUs: then the later fragments are a flow without ports.
        let _ = FLOW_FRAGMENTS.insert(packet, transport, 0);
    }

    #[inline(always)]
    fn recall(&mut self, packet: &FlowKey) -> Option<Transport> {
        // SAFETY: a value that another CPU writes at this moment is written whole or belongs to the same packet.
        unsafe { FLOW_FRAGMENTS.get(packet) }.copied()
    }
}
