//! The flow table under load on veth, at both hooks, and jumbo frames. Needs root.

use std::{
    net::UdpSocket,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    kernel::{Direction, HookChoice, KernelPrograms, LoadOptions},
    lab::{Namespace, VethPair},
};
use airlens_common::{Count, data::Protocol, flow::FlowValue};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::udp,
    program::{Kind, Program},
    settled, stay_on,
};
use anyhow::{Result, ensure};

const OCTETS: usize = 100;

fn total(value: &FlowValue) -> Count {
    Count {
        packets: value.packets.iter().sum(),
        bytes: value.bytes.iter().sum(),
    }
}

/// Every CPU sends frames of more flows than there are slots, and more than the ring holds, while the table is drained: what the
/// driver received is in the table, handed over one by one, or counted as lost.
fn balance_under_load(choice: HookChoice) -> Result<()> {
    let (here, there) = (Namespace::new()?, Namespace::new()?);
    let pair = VethPair::new(&here, "data0", &there, "peer0")?;
    let mut programs = KernelPrograms::load(&LoadOptions {
        ring_bytes: 4096,
        flow_capacity: 1,
        ..EVERYTHING
    })?;
    programs.announce(pair.there.index)?;
    let (mut drain, _) = programs.flow_drain()?;
    // Frames are taken by the other end only where it has a program in the driver.
    let pass = Program::returning(Kind::Xdp, 2)?;
    let _link = match choice {
        HookChoice::Tc => Some(there.run(|| pass.attach(pair.there.index))??),
        _ => None,
    };
    let before = settled(&there, "peer0")?;
    there.run(|| programs.attach_data("peer0", choice))??;
    let sender = Program::redirecting(pair.here.index)?;
    let stop = AtomicBool::new(false);
    let send = |cpu| -> Result<()> {
        stay_on(cpu);
        while !stop.load(Ordering::Relaxed) {
            here.run(|| sender.send(&udp(0, OCTETS), 1 << 14))??;
        }
        Ok(())
    };
    let mut drained = Count::default();
    let mut rounds = 0;
    thread::scope(|scope| -> Result<()> {
        let senders: Vec<_> = (0..thread::available_parallelism()?.get())
            .map(|cpu| scope.spawn(move || send(cpu)))
            .collect();
        let start = Instant::now();
        let mut result = Ok(());
        while start.elapsed() < Duration::from_secs(4) && result.is_ok() {
            // Long enough to fill table and ring.
            thread::sleep(Duration::from_millis(200));
            result = drain.drain(|_, value| drained += total(value));
            rounds += 1;
        }
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.join().map_err(|_| anyhow::anyhow!("a sender panicked"))??;
        }
        Ok(result?)
    })?;
    let after = settled(&there, "peer0")?;
    for _ in 0..2 {
        drain.drain(|_, value| drained += total(value))?;
    }
    let counters = programs.counters()?;
    let flows = counters.flows;
    assert!(flows.holds(), "{flows:?}");
    let received: u64 = counters
        .data
        .iter()
        .filter(|count| count.direction == Direction::Receive)
        .map(|count| count.count.packets)
        .sum();
    assert_eq!(received, after.receive.packets - before.receive.packets);
    let mut kept = flows.in_table;
    kept += flows.exported;
    assert_eq!(drained, kept);
    for part in [flows.in_table, flows.exported, flows.lost] {
        ensure!(part.packets != 0, "not every way was taken: {flows:?}");
    }
    ensure!(rounds > 3, "{rounds} drains");
    assert_eq!(counters.unlisted, Count::default());
    Ok(())
}

#[test]
fn balance_under_load_at_native_xdp() -> Result<()> {
    balance_under_load(HookChoice::Native)
}

#[test]
fn balance_under_load_at_tc() -> Result<()> {
    balance_under_load(HookChoice::Tc)
}

/// Frames of two pages and more are one packet each, at every hook.
#[test]
fn jumbo_frames() -> Result<()> {
    const SIZE: usize = 8500;
    const EXCHANGES: u32 = 20;
    for choice in [HookChoice::Native, HookChoice::Generic, HookChoice::Tc] {
        let (here, there) = (Namespace::new()?, Namespace::new()?);
        let pair = VethPair::new(&here, "data0", &there, "peer0")?;
        pair.offload_off(&here, &there)?;
        for (namespace, name) in [(&here, "data0"), (&there, "peer0")] {
            let set = || Command::new("ip").args(["link", "set", name, "mtu", "9000"]).status();
            ensure!(namespace.run(set)??.success(), "ip link set mtu");
        }
        let mut programs = KernelPrograms::load(&EVERYTHING)?;
        programs.announce(pair.here.index)?;
        let (mut drain, _) = programs.flow_drain()?;
        settled(&here, "data0")?;
        here.run(|| programs.attach_data("data0", choice))??;
        let server = there.run(|| UdpSocket::bind((pair.there.ipv4, 0)))??;
        let client = here.run(|| UdpSocket::bind((pair.here.ipv4, 0)))??;
        let mut buffer = vec![7; SIZE];
        for socket in [&server, &client] {
            socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        }
        for _ in 0..EXCHANGES {
            client.send_to(&buffer, server.local_addr()?)?;
            let (octets, from) = server.recv_from(&mut buffer)?;
            ensure!(octets == SIZE, "{octets} octets came");
            server.send_to(&buffer, from)?;
            client.recv(&mut buffer)?;
        }
        settled(&here, "data0")?;
        let counters = programs.counters()?;
        assert!(counters.flows.holds(), "{:?}", counters.flows);
        let udp = counters.data.iter().filter(|count| count.protocol == Protocol::Udp);
        let expected = Count {
            packets: EXCHANGES.into(),
            bytes: u64::from(EXCHANGES) * (SIZE as u64 + 14 + 20 + 8),
        };
        for count in udp {
            assert_eq!(count.count, expected, "{choice:?} {:?}", count.direction);
        }
        let mut flow: Option<FlowValue> = None;
        drain.drain(|key, value| {
            if key.protocol == 17 {
                match &mut flow {
                    Some(flow) => flow.merge(value),
                    None => flow = Some(*value),
                }
            }
        })?;
        let flow = flow.unwrap_or_default();
        assert_eq!(
            [0, 1].map(|way| flow.longest(way)),
            [Some(SIZE as u16 + 42); 2],
            "{choice:?}"
        );
    }
    Ok(())
}
