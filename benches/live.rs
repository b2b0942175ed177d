//! Frames through a TAP of radiotap link type: what each hook costs, and how many requests a second become profiles with
//! nothing lost. Needs root and tun.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use airlens::{
    demo,
    dot11::link,
    kernel::{Frame, HookChoice, KernelPrograms, LoadOptions, RingReader},
    lab::{LinkType, Namespace, Tap},
    profile::{Capture, Profile},
};
use airlens_benches::{Table, median, wanted};
use airlens_common::monitor::{Counter, Verdict};
use airlens_tests::support::{
    EVERYTHING,
    radiotap::{FCS, Header, frame},
};
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 9;
const HOOKS: [HookChoice; 3] = [HookChoice::Native, HookChoice::Generic, HookChoice::Tc];
/// Association and reassociation requests.
const REQUESTS: u16 = 0b101;

fn main() -> Result<()> {
    let namespace = Namespace::new()?;
    let tap = namespace.run(|| Tap::new("mon0", LinkType::Monitor))??;
    if wanted("hooks") {
        hooks(&namespace, &tap)?;
    }
    if wanted("profiles") {
        profiles(&namespace, &tap)?;
    }
    Ok(())
}

fn load() -> Result<KernelPrograms> {
    Ok(KernelPrograms::load(&LoadOptions {
        ring_bytes: 4 << 20,
        subtypes: REQUESTS,
        ..EVERYTHING
    })?)
}

/// This thread's processor time.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place for the answer; the clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec.try_into().unwrap_or(0))
}

/// The mean processor time of a write: programs on receive run within it.
fn writes(tap: &Tap, packet: &[u8]) -> Result<Duration> {
    const FRAMES: u32 = 20_000;
    let start = processor_time();
    for _ in 0..FRAMES {
        tap.write(packet)?;
    }
    Ok((processor_time() - start) / FRAMES)
}

/// Writes of a frame that is filtered, without a program and with it at each hook in turn. A TAP gives generic XDP 66 octets of
/// headroom, less than the 256 that it needs: the frame is copied, as on a monitor interface of mac80211.
fn hooks(namespace: &Namespace, tap: &Tap) -> Result<()> {
    let mut table = Table::new([
        "hook",
        "octets",
        "ns a write",
        "without a program, ns",
        "difference, ns",
    ]);
    for octets in [64, 512, 1500] {
        let header = Header::usual(FCS);
        let packet = header.with(&frame(2, 8, false, octets - header.octets().len()));
        let (mut nothing, mut ours) = (Vec::new(), HOOKS.map(|_| Vec::new()));
        for _ in 0..RUNS {
            nothing.push(writes(tap, &packet)?);
            for (choice, times) in HOOKS.into_iter().zip(&mut ours) {
                let mut programs = load()?;
                namespace.run(|| programs.attach_monitor(tap.name(), choice))??;
                times.push(writes(tap, &packet)?);
            }
        }
        let nothing = median(nothing);
        for (choice, times) in HOOKS.into_iter().zip(ours) {
            let time = median(times);
            table.row([
                format!("{choice:?}"),
                octets.to_string(),
                time.as_nanos().to_string(),
                nothing.as_nanos().to_string(),
                time.saturating_sub(nothing).as_nanos().to_string(),
            ]);
        }
    }
    table.print("A data frame that is filtered, through a TAP (median of 9 runs)");
    Ok(())
}

/// Requests of the project's own capture through kernel and ring to a profile, as fast as nothing is lost: the sender rests
/// while the ring is half full. A batch wakes the reader, as on a channel too busy for one wakeup a request.
fn profiles(namespace: &Namespace, tap: &Tap) -> Result<()> {
    const FRAMES: usize = 100_000;
    let requests: Vec<_> = demo::frames(demo::CAPTURE)?
        .into_iter()
        .filter(|packet| Verdict::of(&packet[..], REQUESTS).is_some_and(|found| found.counter == Counter::HandedOver))
        .collect();
    ensure!(!requests.is_empty(), "no request in the capture");
    let mut table = Table::new(["hook", "to", "frames a second", "ns a frame", "lost"]);
    for choice in HOOKS {
        for decode in [false, true] {
            let mut programs = load()?;
            let (ring, gauge) = programs.frame_ring()?;
            let done = Arc::new(AtomicU64::new(0));
            let counted = Arc::clone(&done);
            let reader = RingReader::spawn("frames", ring, move |record| {
                let whole = Frame::from_record(record).is_some_and(|frame| !decode || is_profile(&frame.packet));
                counted.fetch_add(u64::from(whole), Ordering::Relaxed);
            })?;
            namespace.run(|| programs.attach_monitor(tap.name(), choice))??;
            let start = Instant::now();
            for packet in requests.iter().cycle().take(FRAMES) {
                while gauge.occupied() > gauge.capacity() / 2 {
                    thread::yield_now();
                }
                tap.write(packet)?;
            }
            reader.stop();
            let time = start.elapsed();
            let frames = programs.counters()?.frames;
            ensure!(frames.lost_total() == 0 && frames.holds(), "{frames:?}");
            ensure!(done.load(Ordering::Relaxed) == FRAMES as u64, "{done:?} of {FRAMES}");
            table.row([
                format!("{choice:?}"),
                if decode { "profile" } else { "octets" }.to_owned(),
                format!("{:.0}", FRAMES as f64 / time.as_secs_f64()),
                (time / u32::try_from(FRAMES).context("frames")?).as_nanos().to_string(),
                frames.lost_total().to_string(),
            ]);
        }
    }
    table.print("Association requests from a TAP through the ring, one sender and one reader");
    Ok(())
}

fn is_profile(packet: &[u8]) -> bool {
    matches!(
        Profile::from_packet(link::LinkType::Radiotap, packet, Capture::default()),
        Ok(Some(_))
    )
}
