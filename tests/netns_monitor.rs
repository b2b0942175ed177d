//! The monitor program on a TAP of radiotap link type, at each hook. Needs root, tun and tcpdump.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use airlens::{
    kernel::{Frame, Hook, HookChoice, KernelError, KernelPrograms, LoadOptions, RingReader},
    lab::{LinkType, Namespace, Tap},
};
use airlens_common::{
    ieee80211::KINDS,
    monitor::{Counter, KindCount, MAX_PACKET, Verdict},
    radiotap::flags,
};
use airlens_tests::support::{
    EVERYTHING, corpus,
    radiotap::{Header, association_request, broken, frame, large, whole},
    settled,
    tcpdump::Tcpdump,
};
use anyhow::{Result, ensure};

/// A monitor interface of our own.
fn monitor_interface() -> Result<(Namespace, Tap)> {
    let namespace = Namespace::new()?;
    let tap = namespace.run(|| Tap::new("mon0", LinkType::Monitor))??;
    Ok((namespace, tap))
}

/// Sends every crafted packet through the hook: counts, records, tcpdump and the driver must say the same.
fn everything_arrives(choice: HookChoice, hook: Hook) -> Result<()> {
    let subtypes = 0b0011_1000_0011_1111;
    let (namespace, tap) = monitor_interface()?;
    let mut programs = KernelPrograms::load(&LoadOptions {
        ring_bytes: 1 << 22,
        subtypes,
        ..EVERYTHING
    })?;
    let (ring, _) = programs.frame_ring()?;
    let frames = Arc::new(Mutex::new(Vec::new()));
    let collected = Arc::clone(&frames);
    let reader = RingReader::spawn("frames", ring, move |record| {
        if let (Some(frame), Ok(mut frames)) = (Frame::from_record(record), collected.lock()) {
            frames.push(frame);
        }
    })?;
    let attachment = namespace.run(|| programs.attach_monitor("mon0", choice))??;
    assert_eq!((attachment.hook, &attachment.interface[..]), (hook, "mon0"));

    let tcpdump = Tcpdump::start(&namespace, "mon0")?;
    let before = settled(&namespace, "mon0")?;
    let sent: Vec<_> = [whole(), large(), broken()].into_iter().flatten().collect();
    for (_, packet) in &sent {
        tap.write(packet)?;
    }
    let after = settled(&namespace, "mon0")?;
    let captured = tcpdump.stop(corpus::LinkType::Radiotap, sent.len())?;
    reader.stop();

    let mut kinds = vec![KindCount::default(); KINDS as usize];
    let mut counts = [0; Counter::ALL.len()];
    let mut wanted = Vec::new();
    for (_, packet) in &sent {
        let Some(verdict) = Verdict::of(&packet[..], subtypes) else {
            counts[Counter::LostMalformed as usize] += 1;
            continue;
        };
        kinds[verdict.control.index() as usize] += KindCount {
            frames: 1,
            bytes: packet.len() as u64 - u64::from(verdict.radiotap.length),
            retries: u64::from(verdict.control.retry()),
            bad_fcs: u64::from(verdict.radiotap.flags & flags::BAD_FCS != 0),
        };
        if verdict.counter != Counter::HandedOver {
            counts[verdict.counter as usize] += 1;
        } else if packet.len() > MAX_PACKET {
            counts[Counter::LostOversize as usize] += 1;
        } else {
            counts[Counter::HandedOver as usize] += 1;
            wanted.push(packet);
        }
    }
    let counters = programs.counters()?;
    let balance = &counters.frames;
    assert_eq!(counters.kinds, kinds);
    assert_eq!(balance.seen.packets, sent.len() as u64);
    assert_eq!(balance.handed_over.packets, counts[Counter::HandedOver as usize]);
    assert_eq!(
        balance.filtered["bad-fcs"].packets,
        counts[Counter::FilteredBadFcs as usize]
    );
    assert_eq!(
        balance.filtered["not-selected"].packets,
        counts[Counter::FilteredKind as usize]
    );
    assert_eq!(
        balance.lost["malformed"].packets,
        counts[Counter::LostMalformed as usize]
    );
    assert_eq!(balance.lost["oversize"].packets, counts[Counter::LostOversize as usize]);
    assert!(balance.holds(), "{balance:?}");

    let frames = frames.lock().map_err(|_| anyhow::anyhow!("the reader panicked"))?;
    assert_eq!(frames.len(), wanted.len());
    for (frame, packet) in frames.iter().zip(&wanted) {
        ensure!(
            frame.packet == packet[..],
            "a record differs from its packet: {:?}",
            frame.header
        );
        assert_eq!(frame.header.ifindex, tap.index());
    }
    assert_eq!(captured.len(), sent.len());
    for ((name, packet), captured) in sent.iter().zip(&captured) {
        ensure!(packet == captured, "{name}: tcpdump saw another packet");
    }
    assert_eq!(after.receive.packets - before.receive.packets, sent.len() as u64);
    Ok(())
}

#[test]
fn everything_arrives_at_generic_xdp() -> Result<()> {
    everything_arrives(HookChoice::Generic, Hook::XdpGeneric)
}

#[test]
fn everything_arrives_at_native_xdp() -> Result<()> {
    everything_arrives(HookChoice::Native, Hook::XdpNative)
}

#[test]
fn everything_arrives_at_tc() -> Result<()> {
    everything_arrives(HookChoice::Tc, Hook::Tcx)
}

#[test]
fn an_urgent_frame_wakes_the_reader_at_once_and_others_wait() -> Result<()> {
    let (namespace, tap) = monitor_interface()?;
    let mut programs = KernelPrograms::load(&LoadOptions {
        urgent: 1,
        ..EVERYTHING
    })?;
    let (ring, gauge) = programs.frame_ring()?;
    let (sender, arrived) = std::sync::mpsc::channel();
    let reader = RingReader::spawn("frames", ring, move |record| {
        let subtype =
            Frame::from_record(record).map(|frame| frame.packet[usize::from(frame.header.radiotap_length)] >> 4);
        let _ = sender.send((Instant::now(), subtype));
    })?;
    namespace.run(|| programs.attach_monitor("mon0", HookChoice::Auto))??;
    let beacon = Header::usual(0).with(&frame(0, 8, false, 100));
    let request = Header::usual(0).with(&association_request());
    let mut quick = 0;
    for _ in 0..10 {
        let start = Instant::now();
        tap.write(&request)?;
        let (time, subtype) = arrived.recv_timeout(Duration::from_secs(2))?;
        assert_eq!(subtype, Some(0));
        // The reader's clock is 50 ms.
        quick += u32::from(time - start < Duration::from_millis(25));
    }
    assert!(quick >= 8, "{quick} of 10 within 25 ms");
    // What wakes nobody is read by the clock.
    tap.write(&beacon)?;
    let (_, subtype) = arrived.recv_timeout(Duration::from_secs(2))?;
    assert_eq!(subtype, Some(8));
    reader.stop();
    // With nobody there it stays, and the gauge shows it.
    assert_eq!(gauge.occupied(), 0);
    tap.write(&beacon)?;
    assert_eq!(gauge.occupied(), (8 + 24 + beacon.len()).next_multiple_of(8));
    assert_eq!(gauge.capacity(), EVERYTHING.ring_bytes as usize);
    Ok(())
}

#[test]
fn a_busy_hook_is_named_and_free_after_drop() -> Result<()> {
    let (namespace, tap) = monitor_interface()?;
    let mut first = KernelPrograms::load(&EVERYTHING)?;
    let mut second = KernelPrograms::load(&EVERYTHING)?;
    namespace.run(|| first.attach_monitor("mon0", HookChoice::Native))??;
    for choice in [HookChoice::Native, HookChoice::Generic] {
        let Err(error @ KernelError::Attach { .. }) = namespace.run(|| second.attach_monitor("mon0", choice))? else {
            anyhow::bail!("{choice:?} on a busy interface");
        };
        let text = error.to_string();
        for part in ["monitor", "mon0", "xdp-", "--hook"] {
            assert!(text.contains(part), "{text}");
        }
    }
    // tc has room beside XDP, and both see every frame.
    let attachment = namespace.run(|| second.attach_monitor("mon0", HookChoice::Auto))??;
    assert_eq!((attachment.hook, attachment.program), (Hook::Tcx, "monitor_tc"));
    // What was tried in vain was taken out of the kernel again.
    assert!(second.is_loaded("monitor_tc") && !second.is_loaded("monitor"));
    let packet = Header::usual(0).with(&association_request());
    tap.write(&packet)?;
    let seen = |programs: &KernelPrograms| Ok::<_, KernelError>(programs.counters()?.frames.seen.packets);
    assert_eq!((seen(&first)?, seen(&second)?), (1, 1));
    drop(first);
    let mut third = KernelPrograms::load(&EVERYTHING)?;
    let attachment = namespace.run(|| third.attach_monitor("mon0", HookChoice::Generic))??;
    assert_eq!(attachment.hook, Hook::XdpGeneric);
    tap.write(&packet)?;
    assert_eq!((seen(&second)?, seen(&third)?), (2, 1));
    drop((second, third));
    tap.write(&packet)?;
    let left =
        namespace.run(|| aya::programs::SchedClassifier::query_tcx("mon0", aya::programs::TcAttachType::Ingress))??;
    assert!(left.1.is_empty(), "{left:?}");
    Ok(())
}

#[test]
fn nothing_is_left_behind() -> Result<()> {
    let (namespace, tap) = monitor_interface()?;
    drop(tap);
    let gone = namespace.run(|| airlens::lab::Statistics::read("mon0"))?;
    assert!(gone.is_err(), "{gone:?}");
    Ok(())
}
