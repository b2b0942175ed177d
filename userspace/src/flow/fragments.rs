//! What first fragments said, for the later ones: as the kernel's `FLOW_FRAGMENTS`.

use std::collections::{HashMap, VecDeque};

use airlens_common::{
    ethernet::{Fragments, Transport},
    flow::FlowKey,
};

/// Packets of which the first fragment is kept.
const CAPACITY: usize = 8192;

/// The packets whose first fragment was seen last.
#[derive(Debug, Default)]
pub struct FragmentTable {
    packets: HashMap<FlowKey, Transport>,
    order: VecDeque<FlowKey>,
}

impl Fragments for FragmentTable {
    fn remember(&mut self, packet: &FlowKey, transport: Transport) {
        if self.packets.insert(*packet, transport).is_some() {
            return;
        }
        if self.order.len() == CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.packets.remove(&oldest);
        }
        self.order.push_back(*packet);
    }

    fn recall(&mut self, packet: &FlowKey) -> Option<Transport> {
        self.packets.get(packet).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let mut table = FragmentTable::default();
        let name = |number: usize| FlowKey {
            ifindex: number as u32,
            ..FlowKey::default()
        };
        let transport = Transport {
            source_port: 7,
            ..Transport::default()
        };
        for number in 0..=CAPACITY {
            table.remember(&name(number), transport);
            table.remember(&name(number), transport);
        }
        assert_eq!(table.recall(&name(0)), None);
        assert_eq!(table.recall(&name(1)), Some(transport));
        assert_eq!((table.packets.len(), table.order.len()), (CAPACITY, CAPACITY));
    }
}
