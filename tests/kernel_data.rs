//! `data_rx`, `data_rx_tc` and `data_tx` against the same parser in user space, packet by packet, without an interface.
//! Needs root.

use std::collections::HashMap;

use airlens::{
    flow::FragmentTable,
    kernel::{Direction, FlowDrain, KernelPrograms, LoadOptions},
};
use airlens_common::{
    Count,
    data::Protocol,
    ethernet::{self, Layers},
    flow::{FlowKey, FlowValue},
};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::{crafted, tcp6, udp},
    program::{Program, makes_buffer},
    property::holds_for_batches,
};
use anyhow::{Context as _, Result, ensure};
use proptest::{
    collection::vec,
    prelude::{Strategy, any, prop_oneof},
};

/// XDP_PASS and TC_ACT_UNSPEC.
const HOOKS: [(&str, i32, Direction); 3] = [
    ("data_rx", 2, Direction::Receive),
    ("data_rx_tc", -1, Direction::Receive),
    ("data_tx", -1, Direction::Transmit),
];

/// A test run's packets come from the loopback interface.
const LOOPBACK: u32 = 1;

/// A program beside what it ought to have counted.
struct Bench {
    programs: KernelPrograms,
    program: Program,
    drain: FlowDrain,
    result: i32,
    direction: Direction,
    layers: Layers,
    classes: [Count; Protocol::ALL.len()],
    flows: HashMap<FlowKey, FlowValue>,
    of_flows: Count,
    fragments: FragmentTable,
    /// Packets so far, the time of user space's flows.
    clock: u64,
}

impl Bench {
    fn new(hook: (&'static str, i32, Direction), announce: bool) -> Result<Self> {
        Self::with(hook, announce, Layers::default())
    }

    fn with((name, result, direction): (&'static str, i32, Direction), announce: bool, layers: Layers) -> Result<Self> {
        let mut programs = KernelPrograms::load(&LoadOptions {
            inner: layers.inner,
            ..EVERYTHING
        })?;
        if announce {
            programs.announce(LOOPBACK)?;
        }
        Ok(Self {
            drain: programs.flow_drain()?.0,
            program: Program::of(&mut programs, name)?,
            programs,
            result,
            direction,
            layers,
            classes: [Count::default(); Protocol::ALL.len()],
            flows: HashMap::new(),
            of_flows: Count::default(),
            fragments: FragmentTable::default(),
            clock: 0,
        })
    }

    /// Runs the program over a packet, and counts it here too.
    fn run(&mut self, name: &str, packet: &[u8]) -> Result<()> {
        // tc sees these in `netns_data.rs`.
        if self.result == -1 && !makes_buffer(packet) {
            ensure!(self.program.run(packet, 1).is_err(), "{name}: the kernel takes it now");
            return Ok(());
        }
        let (result, _) = self.program.run(packet, 1).with_context(|| name.to_owned())?;
        ensure!(result == self.result, "{name}: returned {result}");
        let summary = ethernet::parse_with(packet, LOOPBACK, 0, self.layers, &mut self.fragments);
        let one = Count {
            packets: 1,
            bytes: packet.len() as u64,
        };
        self.classes[summary.protocol as usize] += one;
        if let Some(flow) = summary.flow() {
            let way = usize::from(!flow.from_a);
            self.clock += 1;
            let packet = FlowValue::of_packet(way, one, flow.tcp_flags, flow.tos, packet.len() as u32, self.clock);
            self.flows
                .entry(flow.key)
                .and_modify(|value| value.merge(&packet))
                .or_insert(packet);
            self.of_flows += one;
        }
        Ok(())
    }

    /// Holds the program's counters against ours.
    fn check_counters(&self, name: &str) -> Result<()> {
        let counters = self.programs.counters()?;
        ensure!(
            counters.data.len() == 2 * Protocol::ALL.len(),
            "{name}: {:?}",
            counters.data
        );
        for count in &counters.data {
            let ours = if count.direction == self.direction {
                self.classes[count.protocol as usize]
            } else {
                Count::default()
            };
            ensure!(
                count.ifindex == LOOPBACK && count.count == ours,
                "{name}: {count:?}, parser {ours:?}"
            );
        }
        ensure!(counters.unlisted == Count::default(), "{name}: {:?}", counters.unlisted);
        ensure!(counters.flows.holds(), "{name}: {:?}", counters.flows);
        ensure!(counters.flows.seen == self.of_flows, "{name}: {:?}", counters.flows);
        ensure!(counters.flows.in_table == self.of_flows, "{name}: {:?}", counters.flows);
        Ok(())
    }

    /// Drains the flows and holds them against ours, which start anew.
    fn check_flows(&mut self, name: &str) -> Result<()> {
        let mut flows = std::mem::take(&mut self.flows);
        let mut wrong = Vec::new();
        let mut drained: HashMap<FlowKey, FlowValue> = HashMap::new();
        // A share from each CPU that this thread has been on.
        self.drain.drain(|key, share| {
            let flow = drained.entry(*key);
            flow.and_modify(|flow| flow.merge(share)).or_insert(*share);
        })?;
        for (key, value) in &drained {
            let ours = flows.remove(key);
            let sound = value.first != 0 && value.first <= value.last;
            let timeless = |value: FlowValue| FlowValue {
                first: 0,
                last: 0,
                ..value
            };
            if ours.map(timeless) != Some(timeless(*value)) || !sound {
                wrong.push(format!("{key:?}: {value:?}, parser {ours:?}"));
            }
        }
        ensure!(wrong.is_empty(), "{name}: {wrong:#?}");
        ensure!(flows.is_empty(), "{name}: not in the table: {flows:#?}");
        Ok(())
    }
}

#[test]
fn crafted_packets() -> Result<()> {
    let packets = crafted();
    for hook in HOOKS {
        let mut bench = Bench::new(hook, true)?;
        for (name, packet) in &packets {
            bench.run(name, packet)?;
            // Every few, so that what is wrong is found near its packet.
            if packet.len() % 8 == 0 {
                bench.check_counters(name)?;
            }
        }
        for protocol in Protocol::ALL {
            assert_ne!(
                bench.classes[protocol as usize].packets, 0,
                "no packet of class {protocol:?}"
            );
        }
        bench.check_counters("all")?;
        bench.check_flows("all")?;
    }
    Ok(())
}

#[test]
fn what_tunnels_carry() -> Result<()> {
    for hook in HOOKS {
        let mut bench = Bench::with(hook, true, Layers { inner: true })?;
        for (name, packet) in crafted().iter().filter(|(_, packet)| packet.len() % 3 == 0) {
            bench.run(name, packet)?;
        }
        bench.check_counters("inner")?;
        bench.check_flows("inner")?;
    }
    Ok(())
}

#[test]
fn packets_longer_than_a_page() -> Result<()> {
    let mut bench = Bench::new(HOOKS[0], true)?;
    for octets in [1500, 4096, 9014, 20_000] {
        bench.run("large", &udp(1, octets))?;
    }
    bench.check_counters("large")?;
    bench.check_flows("large")
}

/// IPv6 with two destination options so long that UDP stands beyond what a test run gives in one piece: a page less headroom and tail room.
#[test]
fn headers_beyond_the_first_page() -> Result<()> {
    const DESTINATION: u8 = 60;
    const UDP: u8 = 17;
    let option = |next, octets: usize| {
        let mut header = vec![0; octets];
        header[..2].copy_from_slice(&[next, (octets / 8 - 1) as u8]);
        header
    };
    let mut packet = tcp6(60)[..54].to_vec();
    packet[20] = DESTINATION;
    packet.extend(option(DESTINATION, 2048));
    packet.extend(option(UDP, 1440));
    packet.extend([0x9c, 0x40, 0, 53, 0, 8, 0, 0]);
    packet.resize(4000, 0);
    let summary = ethernet::parse(&packet[..], LOOPBACK, 0);
    let key = summary.flow().context("no flow")?.key;
    assert_eq!((key.protocol, key.port_a.min(key.port_b)), (UDP, 53));
    let mut bench = Bench::new(HOOKS[0], true)?;
    bench.run("beyond the first page", &packet)?;
    bench.check_counters("beyond the first page")?;
    bench.check_flows("beyond the first page")
}

#[test]
fn packets_of_an_interface_that_was_not_announced_are_counted_apart() -> Result<()> {
    for hook in HOOKS {
        let mut bench = Bench::new(hook, false)?;
        bench.run("unlisted", &udp(1, 100))?;
        let counters = bench.programs.counters()?;
        assert_eq!(counters.unlisted, Count { packets: 1, bytes: 100 });
        let data = counters.data.iter().filter(|count| count.count.packets > 0);
        assert_eq!(
            data.map(|count| (count.ifindex, count.count.bytes)).collect::<Vec<_>>(),
            [(0, 100)]
        );
    }
    Ok(())
}

/// Random octets, and crafted packets with octets changed.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let crafted: Vec<_> = crafted().into_iter().map(|(_, packet)| packet).collect();
    let mutated = (
        proptest::sample::select(crafted),
        vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
    )
        .prop_map(|(mut packet, changes)| {
            packet.resize(packet.len().max(14), 0);
            for (at, value) in changes {
                let at = at.index(packet.len());
                packet[at] = value;
            }
            packet
        });
    prop_oneof![1 => vec(any::<u8>(), 14..200), 4 => mutated]
}

#[test]
fn random_and_mutated_packets() -> Result<()> {
    for hook in HOOKS {
        let bench = holds_for_batches(Bench::new(hook, true)?, packets(), |bench, batch| {
            for packet in batch {
                bench.run("random", packet)?;
            }
            bench.check_counters("random")
        });
        bench?.check_flows("random")?;
    }
    Ok(())
}
