//! Flows of captures: the kernel program's parser and the run's table, fed packet by packet.

use airlens_common::{Count, data::Protocol, ethernet::Layers, flow::FlowValue};
use serde::Serialize;

use super::{
    EndedFlow, FlowTable, FragmentTable, Timeouts,
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
    fragments: FragmentTable,
    sets: Sets,
    layers: Layers,
    outside: Outside,
    packets: u64,
    /// The last packet's time.
    time: u64,
    looked: u64,
}

impl Assembler {
    /// For at most `capacity` flows at a time, of the layers and with the features that are asked for.
    #[must_use]
    pub fn new(capacity: usize, timeouts: Timeouts, sets: Sets, layers: Layers) -> Self {
        Self {
            table: FlowTable::new(capacity, timeouts),
            fragments: FragmentTable::default(),
            sets,
            layers,
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
        let Some(parsed) = link::read(packet.link_type, packet.octets, self.layers, &mut self.fragments) else {
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
        let outside = &mut self.outside;
        *match protocol {
            Protocol::Arp => &mut outside.arp,
            short if short.is_short() && packet.octets.len() < packet.original_length => &mut outside.snapped,
            malformed if malformed.is_malformed() => &mut outside.malformed,
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

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::flow::{EndReason, Row, features::tests::tcp};

    const SECOND: u64 = 1_000_000_000;

    fn packet(link_type: u32, time: u64, original_length: usize, octets: &[u8]) -> Packet<'_> {
        Packet {
            number: 1,
            link_type,
            time: Some(time),
            original_length,
            octets,
        }
    }

    fn all_sets() -> Sets {
        let mut sets = Sets::default();
        assert!(Sets::NAMES.iter().all(|name| sets.add(name)) && !sets.add("all"));
        sets
    }

    #[test]
    fn every_packet_is_in_a_flow_or_counted_by_cause() {
        let mut assembler = Assembler::new(8, Timeouts::default(), Sets::default(), Layers::default());
        let mut ended = Vec::new();
        let mut end = |flow| ended.push(flow);
        let whole = tcp(1, 2, 0x10, 100, &[7; 1000]);
        // Of a large packet its headers; of another not even those.
        assembler.packet(&packet(101, SECOND, whole.len(), &whole[..40]), &mut end);
        assembler.packet(&packet(101, SECOND, whole.len(), &whole[..30]), &mut end);
        assembler.packet(&packet(101, SECOND, 30, &whole[..30]), &mut end);
        assembler.packet(&packet(147, SECOND, 30, &whole[..30]), &mut end);
        let mut arp = vec![0; 42];
        arp[12..14].copy_from_slice(&[8, 6]);
        assembler.packet(&packet(1, SECOND, 42, &arp), &mut end);
        arp[12] = 0x88;
        assembler.packet(&packet(1, SECOND, 42, &arp), &mut end);
        // One without a time came with that before it.
        let timeless = Packet {
            time: None,
            ..packet(101, 0, whole.len(), &whole)
        };
        assembler.packet(&timeless, &mut end);
        let outside = Outside {
            arp: 1,
            other: 1,
            malformed: 1,
            snapped: 1,
            link_type: 1,
        };
        assert_eq!(
            (assembler.outside(), assembler.packets(), assembler.time()),
            (outside, 7, SECOND)
        );
        assembler.finish(&mut end);
        let [EndedFlow { flow, reason }] = &ended[..] else {
            panic!("{ended:?}");
        };
        assert_eq!(
            (flow.value.packets, flow.value.bytes, *reason),
            ([2, 0], [2080, 0], EndReason::Completed)
        );
        assert_eq!((flow.value.last, flow.value.longest(0)), (SECOND, Some(1040)));
    }

    #[test]
    fn silence_ends_flows_as_time_goes_on() {
        let mut assembler = Assembler::new(8, Timeouts::default(), all_sets(), Layers::default());
        let mut ended = Vec::new();
        let octets = tcp(1, 2, 0x10, 100, &[7; 10]);
        let mut other = octets.clone();
        other[21] = 9;
        assembler.packet(&packet(101, SECOND, octets.len(), &octets), &mut |flow| {
            ended.push(flow);
        });
        assembler.packet(&packet(101, 400 * SECOND, other.len(), &other), &mut |flow| {
            ended.push(flow);
        });
        assert_eq!(
            (ended.len(), ended[0].reason, assembler.table().len()),
            (1, EndReason::Timeout, 1)
        );
        let report = ended[0].flow.features.as_ref().unwrap().report(0);
        assert_eq!(report.lengths.unwrap().forward.unwrap().mean, 50.0);
        assert!(report.tcp.unwrap().ways.forward.payload_bytes == 10 && report.tls.is_none());
    }

    /// Packets of any link type, mostly of octets that begin as a packet does.
    fn packets() -> impl Strategy<Value = Vec<(u8, u64, usize, Vec<u8>)>> {
        let payload =
            vec(any::<u8>(), 0..80).prop_map(|rest| [&[22, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3][..], &rest].concat());
        let segment = (
            any::<u32>(),
            any::<u8>(),
            payload,
            vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        )
            .prop_map(|(sequence, flags, payload, changes)| {
                let mut packet = tcp(sequence % 200, 5, flags, 9, &payload);
                for (at, value) in changes {
                    let at = at.index(packet.len());
                    packet[at] = value;
                }
                packet
            });
        let octets = prop_oneof![1 => vec(any::<u8>(), 0..120), 4 => segment];
        vec((0..8u8, 0..2000 * SECOND, 0..100usize, octets), 1..60)
    }

    proptest! {
        #[test]
        fn any_packets(packets in packets()) {
            let mut assembler = Assembler::new(4, Timeouts::default(), all_sets(), Layers::default());
            let mut rows = Vec::new();
            let mut end = |ended: EndedFlow| rows.push(Row::new(&ended.flow, Some(ended.reason), &|time| time));
            for (link_type, time, beyond, octets) in &packets {
                let link_type = [101, 101, 101, 1, 113, 276, 105, 0][usize::from(*link_type)];
                assembler.packet(&packet(link_type, *time, octets.len() + beyond, octets), &mut end);
                prop_assert!(assembler.table().len() <= 4);
            }
            assembler.finish(&mut end);
            let outside = assembler.outside();
            let outside = outside.arp + outside.other + outside.malformed + outside.snapped + outside.link_type;
            let total = assembler.table().total();
            prop_assert_eq!(total.packets + outside, packets.len() as u64);
            prop_assert_eq!(rows.iter().map(|row| (row.packets, row.bytes)).fold((0, 0), |(packets, bytes), row| (packets + row.0, bytes + row.1)), (total.packets, total.bytes));
            for row in rows {
                prop_assert!(row.start <= row.end && row.csv().is_ok());
            }
        }
    }
}
