//! Ended flows made up, for exporters.

use std::net::IpAddr;

use airlens::flow::{EndedFlow, FlowTable, Timeouts};
use airlens_common::{
    Count,
    flow::{FlowKey, FlowValue},
};

/// A flow as a test tells it: its opener is the source.
#[derive(Clone, Debug)]
pub struct Made {
    /// The end that opens it.
    pub source: (IpAddr, u16),
    /// The other.
    pub destination: (IpAddr, u16),
    /// IP protocol number.
    pub protocol: u8,
    /// 0: untagged.
    pub vlan: u16,
    /// Packets forward and in reverse.
    pub packets: [u64; 2],
    /// Octets of each packet, Ethernet header included, forward and in reverse.
    pub length: [u32; 2],
    /// TCP flags forward and in reverse.
    pub flags: [u8; 2],
    /// Type of service forward and in reverse.
    pub tos: [u8; 2],
    /// First and last packet, ns of the monotonic clock.
    pub times: [u64; 2],
}

/// The index of the interface of all these flows.
pub const IFINDEX: u32 = 7;

/// Words as keys of flows have them.
#[must_use]
pub fn words(address: IpAddr) -> [u32; 4] {
    let mut octets = [0; 16];
    match address {
        IpAddr::V4(address) => octets[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => octets = address.octets(),
    }
    let mut words = [0; 4];
    for (word, four) in words.iter_mut().zip(octets.chunks_exact(4)) {
        *word = u32::from_ne_bytes([four[0], four[1], four[2], four[3]]);
    }
    words
}

impl Made {
    /// UDP from 10.1.0.0/16 to 10.2.0.1 port 53, each `number` another.
    #[must_use]
    pub fn numbered(number: u32) -> Self {
        let [_, _, high, low] = number.to_be_bytes();
        Self {
            source: ([10, 1, high, low].into(), 1024 + (number >> 16) as u16),
            destination: ([10, 2, 0, 1].into(), 53),
            protocol: 17,
            vlan: 0,
            packets: [1, 1],
            length: [80, 200],
            flags: [0, 0],
            tos: [0, 0],
            times: [1_000_000_000, 2_000_000_000],
        }
    }

    /// Its key and the value that the kernel would have counted.
    #[must_use]
    pub fn counted(&self) -> (FlowKey, FlowValue) {
        let mut key = FlowKey {
            address_a: words(self.source.0),
            address_b: words(self.destination.0),
            port_a: self.source.1,
            port_b: self.destination.1,
            vlan: self.vlan,
            protocol: self.protocol,
            ip_version: if self.source.0.is_ipv4() { 4 } else { 6 },
            ifindex: IFINDEX,
        };
        let forward = usize::from(!key.canonicalize());
        let share = |index: usize, way: usize, flags: u8, time: u64| {
            let (packets, length) = (self.packets[index], self.length[index]);
            let size = Count {
                packets,
                bytes: packets * u64::from(length),
            };
            FlowValue::of_packet(way, size, flags, self.tos[index], length, time)
        };
        let mut value = share(0, forward, self.flags[0], self.times[0]);
        if self.packets[1] > 0 {
            value.merge(&share(1, forward ^ 1, self.flags[1], self.times[1]));
        }
        value.last = self.times[1];
        (key, value)
    }
}

/// These flows, ended as the end of a run ends them, in their order.
#[must_use]
pub fn ended(made: &[Made]) -> Vec<EndedFlow> {
    let end = |made: &Made| {
        let (key, value) = made.counted();
        let mut table = FlowTable::new(1, Timeouts::default());
        let mut ended = Vec::new();
        table.merge(&key, &value, &mut |flow| ended.push(flow));
        table.finish(&mut |flow| ended.push(flow));
        ended
    };
    made.iter().flat_map(end).collect()
}
