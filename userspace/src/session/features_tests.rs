use airlens_common::{capture::PacketHeader, flow::FlowValue};

use super::*;
use crate::flow::FlowTable;

const SECOND: u64 = 1_000_000_000;

fn known(active: u64) -> Known {
    let mut sets = Sets::default();
    assert!(sets.add("lengths") && sets.add("tls"));
    let mut known = Known::new(Wanted {
        sets,
        layers: Layers::default(),
        timeouts: Timeouts {
            active: Duration::from_secs(active),
            ..Timeouts::default()
        },
    });
    // Packets that begin with IP.
    known.interfaces.push((7, 101));
    known
}

/// TCP from a port to 443.
fn send(known: &mut Known, port: u16, flags: u8, payload: &[u8], time: u64) {
    let mut packet = vec![0; 40];
    (packet[0], packet[9], packet[19], packet[32], packet[33]) = (0x45, 6, 1, 0x50, flags);
    packet[20..22].copy_from_slice(&port.to_be_bytes());
    packet[22..24].copy_from_slice(&443u16.to_be_bytes());
    packet.extend(payload);
    let length = packet.len() as u32;
    packet[2..4].copy_from_slice(&(length as u16).to_be_bytes());
    let packet = CapturedPacket {
        header: PacketHeader {
            time,
            captured: length,
            length,
            ..PacketHeader::default()
        },
        octets: &packet,
    };
    known.packet(&packet, &mut FragmentTable::default());
}

/// A flow's end as the table gives it, and of how many packets its features are.
fn fetched(known: &mut Known, key: FlowKey, reason: EndReason) -> u64 {
    let mut table = FlowTable::new(1, Timeouts::default());
    let value = FlowValue::of_packet(0, airlens_common::Count { packets: 1, bytes: 1 }, 0, 0, 60, 1);
    let mut ended = Vec::new();
    table.merge(&key, &value, &mut |_| {});
    table.finish(&mut |flow| ended.push(flow));
    ended[0].reason = reason;
    known.fetch(&mut ended[0]);
    ended[0].flow.features.as_ref().map_or(0, |features| features.packets())
}

#[test]
fn connections_of_the_same_ports_are_told_apart() {
    let mut known = known(1800);
    for (flags, payload) in [(2, 0), (2, 0), (16, 9), (16, 9), (2, 0), (16, 9)] {
        send(&mut known, 1000, flags, &vec![9; payload], SECOND);
    }
    let key = *known.flows.keys().next().unwrap();
    assert_eq!((key.ifindex, known.flows.len()), (7, 1));
    // A piece of the first, its rest, and the second; what nothing is known of has no packets.
    for (reason, packets) in [
        (EndReason::Active, 4),
        (EndReason::Fin, 0),
        (EndReason::Completed, 2),
        (EndReason::Timeout, 0),
    ] {
        assert_eq!(fetched(&mut known, key, reason), packets, "{reason:?}");
    }
    assert_eq!((known.flows.len(), known.memory), (0, 0));
}

#[test]
fn memory_is_bounded_and_counted_rightly() {
    let mut known = known(1800);
    // Each keeps the beginning of a hello that never ends.
    let hello = [&[22, 3, 1, 0x3f, 0, 1, 0, 0x3e, 0][..], &[0; 3000]].concat();
    for port in 1..40_000 {
        send(&mut known, port, 16, &hello, SECOND);
    }
    assert!((MEMORY..MEMORY + 40_000).contains(&known.memory), "{}", known.memory);
    let all: usize = known.flows.values().map(Entry::memory).sum();
    assert_eq!(known.memory, all);
    assert!(known.flows.len() < 39_000, "{}", known.flows.len());
}

#[test]
fn what_nobody_fetches_is_forgotten() {
    let mut known = known(100);
    send(&mut known, 1, 16, &[], SECOND);
    send(&mut known, 2, 16, &[], 400 * SECOND);
    known.sweep();
    assert_eq!(known.flows.len(), 2);
    send(&mut known, 2, 16, &[], 462 * SECOND);
    known.sweep();
    assert_eq!(known.flows.len(), 1);
    assert_eq!(known.memory, known.flows.values().map(Entry::memory).sum::<usize>());
}
