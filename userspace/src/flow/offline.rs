//! Flows of captures: the kernel program's parser and the run's table, fed packet by packet.

use airlens_common::{Count, data::Protocol, ethernet::belongs_to_flow, flow::FlowValue};
use serde::Serialize;

use super::{
    EndedFlow, FlowTable, Timeouts,
    features::{Features, PacketView, Sets},
    link,
};
use crate::capture::Packet;

/// ns between two looks for flows that are over, as a shift: 1.1 s. What a packet's own flow needs does not wait for one.
const LOOK: u32 = 30;

/// Packets of captures that belong to no flow, by cause; with those of the flows they are all there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// ARP.
    pub arp: u64,
    /// No IP: another EtherType, 802.11 frames without a packet, encrypted ones.
    pub other: u64,
    /// A header that is cut short or contradicts itself.
    pub malformed: u64,
    /// A header that the capture does not hold to its end, though the packet did: its snapshot length was too small.
    pub snapped: u64,
    /// Link types that are not read.
    pub link_type: u64,
}

/// Makes flows of the packets of captures.
#[derive(Debug)]
pub struct Assembler {
    table: FlowTable,
    sets: Sets,
    outside: Outside,
    packets: u64,
    /// The last packet's time.
    time: u64,
    looked: u64,
}

impl Assembler {
    /// For at most `capacity` flows at a time.
    #[must_use]
    pub fn new(capacity: usize, timeouts: Timeouts, sets: Sets) -> Self {
        Self {
            table: FlowTable::new(capacity, timeouts),
            sets,
            outside: Outside::default(),
            packets: 0,
            time: 0,
            looked: 0,
        }
    }

    /// Takes the next packet; `ended` gets the flows that are over. One whose capture doesn't say when it came, came with the
    /// one before it.
    #[inline]
    pub fn packet(&mut self, packet: &Packet<'_>, ended: &mut impl FnMut(EndedFlow)) {
        self.packets += 1;
        let time = packet.time.unwrap_or(self.time);
        self.time = time;
        if time >> LOOK > self.looked {
            self.looked = time >> LOOK;
            self.table.expire(time, ended);
        }
        let Some(parsed) = link::read(packet.link_type, packet.octets) else {
            self.outside.link_type += 1;
            return;
        };
        let Some(flow) = parsed.summary.flow() else {
            self.count_outside(parsed.summary.protocol, packet);
            return;
        };
        // On the wire, whatever was captured of it.
        let length = (packet.original_length - parsed.frame_at) as u32;
        let size = Count {
            packets: 1,
            bytes: length.into(),
        };
        let way = usize::from(!flow.from_a);
        let value = FlowValue::of_packet(way, size, flow.tcp_flags, flow.tos, length, time);
        let entry = self.table.merge(&flow.key, &value, ended);
        if self.sets != Sets::default() {
            let view = PacketView {
                time,
                length,
                network: parsed.network(packet.octets),
            };
            let features = &mut entry.features;
            features
                .get_or_insert_with(|| Box::new(Features::new(self.sets)))
                .packet(way, &view);
        }
    }

    #[cold]
    fn count_outside(&mut self, protocol: Protocol, packet: &Packet<'_>) {
        debug_assert!(!belongs_to_flow(protocol));
        let outside = &mut self.outside;
        *match protocol {
            Protocol::Arp => &mut outside.arp,
            Protocol::Malformed if packet.octets.len() < packet.original_length => &mut outside.snapped,
            Protocol::Malformed => &mut outside.malformed,
            _ => &mut outside.other,
        } += 1;
    }

    /// Ends every flow: the capture is over, and what follows is another.
    pub fn finish(&mut self, ended: &mut impl FnMut(EndedFlow)) {
        self.table.finish(ended);
    }

    /// Packets so far.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// The last packet's time, ns since 1970-01-01 UTC; 0 before the first.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Packets that belong to no flow.
    #[must_use]
    pub fn outside(&self) -> Outside {
        self.outside
    }

    /// The flows.
    #[must_use]
    pub fn table(&self) -> &FlowTable {
        &self.table
    }
}

/// Whether packets of this link type are read.
#[must_use]
pub fn reads(link_type: u32) -> bool {
    link::is_known(link_type)
}
