//! The flow table when it is full, and drained while programs run. Needs root.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use airlens::kernel::{FlowDrain, KernelPrograms, LoadOptions};
use airlens_common::{
    Count,
    flow::{FlowKey, FlowRecord},
};
use airlens_tests::support::{EVERYTHING, ethernet::udp, program::Program, stay_on};
use anyhow::{Result, ensure};

const OCTETS: usize = 100;

/// Record headers of the ring (Linux `kernel/bpf/ringbuf.c`) and a record, rounded up to 8.
const RECORD: u64 = (8 + size_of::<FlowRecord>() as u64).next_multiple_of(8);

fn load(name: &'static str, ring_bytes: u32, capacity: u32) -> Result<(KernelPrograms, Program, FlowDrain)> {
    let mut programs = KernelPrograms::load(&LoadOptions {
        ring_bytes,
        flow_capacity: capacity,
        ..EVERYTHING
    })?;
    programs.announce(1)?;
    let (drain, _) = programs.flow_drain()?;
    let program = Program::of(&mut programs, name)?;
    Ok((programs, program, drain))
}

/// Packets by flow, of all drains so far.
#[derive(Default)]
struct Drained {
    flows: HashMap<FlowKey, u64>,
    total: Count,
}

impl Drained {
    fn take(&mut self, drain: &mut FlowDrain) -> Result<()> {
        drain.drain(|key, value| {
            *self.flows.entry(*key).or_default() += value.packets.iter().sum::<u64>();
            self.total += Count {
                packets: value.packets.iter().sum(),
                bytes: value.bytes.iter().sum(),
            };
        })?;
        Ok(())
    }
}

#[test]
fn what_finds_no_place_is_exported_then_counted_as_lost() -> Result<()> {
    const FLOWS: u32 = 16_000;
    stay_on(0);
    let (programs, program, mut drain) = load("data_tx", 4096, 64)?;
    let slots = u64::from(drain.slots());
    ensure!(slots < u64::from(FLOWS) / 2, "a table of {slots} slots is not full");
    for flow in 0..FLOWS {
        program.run(&udp(flow, OCTETS), 1)?;
    }
    let flows = programs.counters()?.flows;
    assert_eq!(
        flows.seen,
        Count {
            packets: FLOWS.into(),
            bytes: 100 * u64::from(FLOWS)
        }
    );
    let in_table = flows.in_table.packets;
    assert_eq!(in_table, slots, "{flows:?}");
    let room = 4096 / RECORD;
    assert!([room, room - 1].contains(&flows.exported.packets), "{flows:?}");
    assert!(flows.holds(), "{flows:?}");

    let mut drained = Drained::default();
    drained.take(&mut drain)?;
    assert_eq!(drained.total.packets, flows.in_table.packets + flows.exported.packets);
    assert_eq!(drained.flows.len() as u64, drained.total.packets);
    assert_ne!(flows.lost.packets, 0);

    // A flow that is in the table is counted there, however full it is.
    for _ in 0..3 {
        for flow in 0..64 {
            program.run(&udp(flow, OCTETS), 1)?;
        }
    }
    let again = programs.counters()?.flows;
    assert_eq!(again.in_table.packets, in_table + 3 * 64);
    assert_eq!((again.exported, again.lost), (flows.exported, flows.lost));
    drained.take(&mut drain)?;
    assert_eq!(drained.total.packets, again.in_table.packets + again.exported.packets);
    Ok(())
}

/// Two threads run the program over `flows` flows while this one drains: every packet comes out once.
fn drain_under_load(name: &'static str, ring_bytes: u32, flows: u32, capacity: u32) -> Result<()> {
    const BURST: u32 = 500;
    let (programs, program, mut drain) = load(name, ring_bytes, capacity)?;
    let stop = AtomicBool::new(false);
    let send = || -> Result<HashMap<u32, u64>> {
        let packets: Vec<_> = (0..flows).map(|flow| udp(flow, OCTETS)).collect();
        let mut sent = HashMap::new();
        while !stop.load(Ordering::Relaxed) {
            for (flow, packet) in (0..).zip(&packets) {
                // Bursts for one flow in eight: the update in place, and the first packet, meet the swap.
                let repeat = if flow % 8 == 0 { BURST } else { 1 };
                program.run(packet, repeat)?;
                *sent.entry(flow).or_default() += u64::from(repeat);
            }
        }
        Ok(sent)
    };
    let mut drained = Drained::default();
    let mut rounds = 0;
    let (one, other) = thread::scope(|scope| -> Result<_> {
        let senders = [scope.spawn(send), scope.spawn(send)];
        let start = Instant::now();
        let mut result = Ok(());
        while start.elapsed() < Duration::from_secs(2) && result.is_ok() {
            result = drained.take(&mut drain);
            rounds += 1;
        }
        stop.store(true, Ordering::Relaxed);
        result?;
        let [one, other] = senders.map(|sender| sender.join().unwrap_or_else(|_| anyhow::bail!("a sender panicked")));
        Ok((one?, other?))
    })?;
    // The spare table of the last round and the one in use.
    drained.take(&mut drain)?;
    let sent: u64 = one.values().chain(other.values()).sum();
    let balance = programs.counters()?.flows;
    assert!(rounds > 10, "{rounds} drains");
    assert_eq!(balance.seen.packets, sent);
    assert!(balance.holds(), "{balance:?}");
    assert_eq!(drained.total.packets + balance.lost.packets, sent, "{balance:?}");
    assert_eq!(
        drained.total.bytes + balance.lost.bytes,
        sent * OCTETS as u64,
        "{balance:?}"
    );
    if balance.lost.packets == 0 {
        for (flow, packets) in &one {
            let expected = packets + other.get(flow).copied().unwrap_or(0);
            let key = airlens_common::ethernet::parse(&udp(*flow, OCTETS)[..], 1, 0);
            let key = key.flow().map(|flow| flow.key).unwrap_or_default();
            assert_eq!(drained.flows.get(&key), Some(&expected), "flow {flow}");
        }
    }
    Ok(())
}

#[test]
fn drain_under_load_with_room() -> Result<()> {
    drain_under_load("data_rx", 1 << 20, 200, 4096)?;
    drain_under_load("data_tx", 1 << 20, 200, 4096)
}

#[test]
fn drain_under_load_with_a_table_too_small() -> Result<()> {
    drain_under_load("data_rx", 1 << 20, 700, 32)?;
    drain_under_load("data_tx", 4096, 2000, 32)
}
