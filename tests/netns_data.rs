//! The data programs on veth and TAP, at each hook. Needs root, tun and tcpdump.

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    net::{IpAddr, Shutdown, TcpListener, TcpStream},
    os::fd::AsRawFd as _,
    thread,
    time::Duration,
};

use airlens::{
    flow::{EndReason, FlowTable, FragmentTable, Timeouts},
    kernel::{Counters, Direction, Hook, HookChoice, KernelPrograms},
    lab::{LinkType, Namespace, Plan, Tap, VethPair, exchange},
};
use airlens_common::{
    Count,
    data::Protocol,
    ethernet::{self, Layers},
    flow::FlowKey,
};
use airlens_tests::support::{
    EVERYTHING, corpus,
    ethernet::{crafted, tagged},
    settled,
    tcpdump::Tcpdump,
};
use anyhow::{Context as _, Result, ensure};
use aya::programs::{SchedClassifier, TcAttachType};

const CLASSES: usize = Protocol::ALL.len();

/// Counts of one direction by class.
fn classes(counters: &Counters, direction: Direction) -> [Count; CLASSES] {
    let mut classes = [Count::default(); CLASSES];
    for count in counters.data.iter().filter(|count| count.direction == direction) {
        classes[count.protocol as usize] += count.count;
    }
    classes
}

fn sum(counts: &[Count]) -> Count {
    counts.iter().fold(Count::default(), |mut sum, count| {
        sum += *count;
        sum
    })
}

/// Two namespaces with a pair between them.
struct Lab {
    here: Namespace,
    there: Namespace,
    pair: VethPair,
}

impl Lab {
    fn new() -> Result<Self> {
        let (here, there) = (Namespace::new()?, Namespace::new()?);
        let pair = VethPair::new(&here, "data0", &there, "peer0")?;
        Ok(Self { here, there, pair })
    }

    fn exchange(&self, address: IpAddr, exchanges: u32) -> Result<airlens::lab::Sent> {
        let plan = Plan {
            exchanges,
            size: 700,
            pause: Duration::ZERO,
        };
        Ok(exchange(&self.here, &self.there, address, plan)?)
    }
}

/// TCP and UDP over IPv4 and IPv6: the programs, the driver, tcpdump and the sockets must say the same.
fn counts_are_the_drivers(choice: HookChoice, hook: Hook) -> Result<()> {
    let lab = Lab::new()?;
    lab.pair.offload_off(&lab.here, &lab.there)?;
    settled(&lab.here, "data0")?;
    let mut programs = KernelPrograms::load(&EVERYTHING)?;
    programs.announce(lab.pair.here.index)?;
    let (mut drain, _) = programs.flow_drain()?;
    let before = settled(&lab.here, "data0")?;
    let [receive, transmit] = lab.here.run(|| programs.attach_data("data0", choice))??;
    let out = if hook == Hook::Clsact { hook } else { Hook::Tcx };
    assert_eq!((receive.hook, transmit.hook), (hook, out));
    let tcpdump = Tcpdump::start(&lab.here, "data0")?;

    let exchanges = 40;
    let mut sent = lab.exchange(lab.pair.there.ipv4.into(), exchanges)?;
    sent += lab.exchange(lab.pair.there.ipv6.into(), exchanges)?;

    let after = settled(&lab.here, "data0")?;
    let counters = programs.counters()?;
    let there = classes(&counters, Direction::Transmit);
    let back = classes(&counters, Direction::Receive);
    let captured = tcpdump.stop(
        corpus::LinkType::Ethernet,
        (sum(&there).packets + sum(&back).packets) as usize,
    )?;

    let difference = |after: Count, before: Count| Count {
        packets: after.packets - before.packets,
        bytes: after.bytes - before.bytes,
    };
    let mut received = difference(after.receive, before.receive);
    if hook == Hook::XdpNative {
        // With a program in the driver it counts what is behind the Ethernet header (Linux `drivers/net/veth.c`, `veth_xdp_rcv`).
        received.bytes += 14 * received.packets;
    }
    assert_eq!(sum(&back), received);
    assert_eq!(sum(&there), difference(after.transmit, before.transmit));
    assert_eq!(captured.len() as u64, sum(&there).packets + sum(&back).packets);
    let octets: usize = captured.iter().map(Vec::len).sum();
    assert_eq!(octets as u64, sum(&there).bytes + sum(&back).bytes);

    // Ethernet and UDP headers, and as many of IPv4 as of IPv6.
    let each_way = u64::from(2 * exchanges);
    let udp = Count {
        packets: each_way,
        bytes: sent.udp_octets / 2 + each_way * (14 + 8) + each_way / 2 * (20 + 40),
    };
    assert_eq!(
        (there[Protocol::Udp as usize], back[Protocol::Udp as usize]),
        (udp, udp)
    );
    assert_eq!(2 * udp.packets, sent.udp_datagrams);
    assert!(there[Protocol::Tcp as usize].bytes > sent.tcp_octets / 2);
    assert_ne!(there[Protocol::Arp as usize].packets, 0);
    assert_ne!(there[Protocol::Icmpv6 as usize].packets, 0);
    assert_eq!(
        Protocol::ALL
            .into_iter()
            .filter(|protocol| protocol.is_malformed())
            .map(|protocol| there[protocol as usize].packets + back[protocol as usize].packets)
            .sum::<u64>(),
        0
    );

    flows_are_the_sockets(&programs, &mut drain, udp, sum(&[there[0], back[0]]))
}

/// Four flows of TCP and UDP, and neighbour discovery; TCP closed by both ends.
fn flows_are_the_sockets(
    programs: &KernelPrograms,
    drain: &mut airlens::kernel::FlowDrain,
    udp: Count,
    tcp: Count,
) -> Result<()> {
    let mut table = FlowTable::new(1024, Timeouts::default());
    let mut ended = |_| ();
    drain.drain(|key, value| {
        table.merge(key, value, &mut ended);
    })?;
    let balance = programs.counters()?.flows;
    assert!(balance.holds(), "{balance:?}");
    assert_eq!(table.total(), balance.seen);
    let of = |protocol: u8| {
        let flows: Vec<_> = table.iter().filter(move |flow| flow.key.protocol == protocol).collect();
        let packets = flows.iter().flat_map(|flow| flow.value.packets).sum();
        let bytes = flows.iter().flat_map(|flow| flow.value.bytes).sum();
        (flows.len(), Count { packets, bytes })
    };
    let both_ways = Count {
        packets: 2 * udp.packets,
        bytes: 2 * udp.bytes,
    };
    assert_eq!(of(17), (2, both_ways));
    assert_eq!(of(6), (2, tcp));
    table.finish(&mut ended);
    assert_eq!(table.ended()[&EndReason::Fin], 2);
    Ok(())
}

#[test]
fn counts_are_the_drivers_at_native_xdp() -> Result<()> {
    counts_are_the_drivers(HookChoice::Native, Hook::XdpNative)
}

#[test]
fn counts_are_the_drivers_at_generic_xdp() -> Result<()> {
    counts_are_the_drivers(HookChoice::Generic, Hook::XdpGeneric)
}

#[test]
fn counts_are_the_drivers_at_tc() -> Result<()> {
    counts_are_the_drivers(HookChoice::Tc, Hook::Tcx)
}

#[test]
fn counts_are_the_drivers_at_clsact() -> Result<()> {
    counts_are_the_drivers(HookChoice::Clsact, Hook::Clsact)
}

/// With segmentation offload a packet in the stack is many on the wire: what is counted is the wire.
#[test]
fn segments_are_counted_not_their_aggregates() -> Result<()> {
    const OCTETS: u64 = 5_000_000;
    let lab = Lab::new()?;
    let mut programs = KernelPrograms::load(&EVERYTHING)?;
    programs.announce(lab.pair.here.index)?;
    let _drain = programs.flow_drain()?;
    settled(&lab.here, "data0")?;
    lab.here.run(|| programs.attach_data("data0", HookChoice::Tc))??;
    let listener = lab.there.run(|| TcpListener::bind((lab.pair.there.ipv4, 0)))??;
    let mut stream = lab.here.run(|| TcpStream::connect(listener.local_addr()?))??;
    let (mut accepted, _) = listener.accept()?;
    // Gives the socket back, so that its end does not close before all is read.
    let reader = thread::spawn(move || -> std::io::Result<(u64, TcpStream)> {
        let mut total = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match accepted.read(&mut buffer)? {
                0 => return Ok((total, accepted)),
                octets => total += octets as u64,
            }
        }
    });
    stream.write_all(&vec![7; OCTETS as usize])?;
    stream.shutdown(Shutdown::Write)?;
    let (received, _accepted) = reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    assert_eq!(received, OCTETS);
    let driver = settled(&lab.here, "data0")?;
    let (segments, octets) = segments_out(&stream)?;
    let tcp = classes(&programs.counters()?, Direction::Transmit)[Protocol::Tcp as usize];
    // Ethernet, IPv4 and TCP headers with the time stamp option: 66 octets in each segment, 8 more in the SYN.
    assert_eq!((tcp.packets, tcp.bytes), (segments, octets + 66 * segments + 8));
    assert!(
        driver.transmit.packets < tcp.packets / 2,
        "no segmentation offload: {driver:?}"
    );
    Ok(())
}

/// Segments that a socket sent, and octets in them, those sent again included: `tcpi_segs_out` and `tcpi_bytes_sent`
/// (Linux `include/uapi/linux/tcp.h`).
fn segments_out(stream: &TcpStream) -> Result<(u64, u64)> {
    let mut info = [0u8; 208];
    let mut length = info.len() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` octets.
    let result = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    ensure!(
        result == 0 && length as usize == info.len(),
        "TCP_INFO: {length} octets"
    );
    let segments = u32::from_ne_bytes(info[136..140].try_into()?);
    Ok((u64::from(segments), u64::from_ne_bytes(info[200..208].try_into()?)))
}

/// Every crafted frame through a TAP of Ethernet link type: halves of headers too, and VLAN tags that the kernel takes out.
fn crafted_frames(choice: HookChoice, hook: Hook) -> Result<()> {
    let namespace = Namespace::new()?;
    let tap = namespace.run(|| Tap::new("data0", LinkType::Ethernet))??;
    let mut programs = KernelPrograms::load(&EVERYTHING)?;
    programs.announce(tap.index())?;
    let (mut drain, _) = programs.flow_drain()?;
    settled(&namespace, "data0")?;
    let [receive, _] = namespace.run(|| programs.attach_data("data0", choice))??;
    assert_eq!(receive.hook, hook);

    let mut expected = [Count::default(); CLASSES];
    let mut flows: HashMap<FlowKey, u64> = HashMap::new();
    let mut fragments = FragmentTable::default();
    for (_, frame) in crafted() {
        tap.write(&frame)?;
        let octets = frame.len() as u64;
        let Some((frame, vlan)) = (if matches!(hook, Hook::Tcx | Hook::Clsact) {
            untagged(&frame)
        } else {
            Some((frame, 0))
        }) else {
            continue;
        };
        let summary = ethernet::parse_with(&frame[..], tap.index(), vlan, Layers::default(), &mut fragments);
        expected[summary.protocol as usize] += Count {
            packets: 1,
            bytes: octets,
        };
        if let Some(flow) = summary.flow() {
            *flows.entry(flow.key).or_default() += 1;
        }
    }
    let counters = programs.counters()?;
    assert_eq!(classes(&counters, Direction::Receive), expected);
    assert_eq!(sum(&classes(&counters, Direction::Transmit)), Count::default());
    let mut drained = HashMap::new();
    drain.drain(|key, value| {
        *drained.entry(*key).or_default() += value.packets.iter().sum::<u64>();
    })?;
    assert_eq!(drained, flows);
    Ok(())
}

/// The frame as tc sees it, and the VLAN identifier that the kernel keeps beside it; none where the kernel drops the frame
/// (Linux `net/core/skbuff.c`, `skb_vlan_untag`).
fn untagged(frame: &[u8]) -> Option<(Vec<u8>, u16)> {
    match frame[12..14] {
        [0x81, 0x00] | [0x88, 0xa8] => {
            let tag = frame.get(14..20)?;
            let vlan = u16::from_be_bytes([tag[0], tag[1]]) & 0x0fff;
            Some(([&frame[..12], &frame[16..]].concat(), vlan))
        }
        _ => Some((frame.to_vec(), 0)),
    }
}

#[test]
fn crafted_frames_at_native_xdp() -> Result<()> {
    crafted_frames(HookChoice::Native, Hook::XdpNative)
}

#[test]
fn crafted_frames_at_generic_xdp() -> Result<()> {
    crafted_frames(HookChoice::Generic, Hook::XdpGeneric)
}

#[test]
fn crafted_frames_at_tc() -> Result<()> {
    crafted_frames(HookChoice::Tc, Hook::Tcx)
}

#[test]
fn crafted_frames_at_clsact() -> Result<()> {
    crafted_frames(HookChoice::Clsact, Hook::Clsact)
}

#[test]
fn a_vlan_names_its_flow_at_every_hook() -> Result<()> {
    for choice in [HookChoice::Native, HookChoice::Generic, HookChoice::Tc] {
        let namespace = Namespace::new()?;
        let tap = namespace.run(|| Tap::new("data0", LinkType::Ethernet))??;
        let mut programs = KernelPrograms::load(&EVERYTHING)?;
        programs.announce(tap.index())?;
        let (mut drain, _) = programs.flow_drain()?;
        namespace.run(|| programs.attach_data("data0", choice))??;
        for vlan in [1, 7, 4094] {
            tap.write(&tagged(vlan))?;
        }
        let mut vlans = Vec::new();
        drain.drain(|key, _| vlans.push(key.vlan))?;
        vlans.sort_unstable();
        assert_eq!(vlans, [1, 7, 4094], "{choice:?}");
    }
    Ok(())
}

#[test]
fn hooks_are_free_after_drop() -> Result<()> {
    let lab = Lab::new()?;
    for choice in [HookChoice::Native, HookChoice::Generic, HookChoice::Tc] {
        let mut programs = KernelPrograms::load(&EVERYTHING)?;
        programs.announce(lab.pair.here.index)?;
        lab.here
            .run(|| programs.attach_data("data0", choice))
            .context("attach")??;
        drop(programs);
        for side in [TcAttachType::Ingress, TcAttachType::Egress] {
            let (_, left) = lab.here.run(|| SchedClassifier::query_tcx("data0", side))??;
            assert!(left.is_empty(), "{left:?}");
        }
    }
    Ok(())
}
