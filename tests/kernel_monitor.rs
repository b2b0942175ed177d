//! `monitor` and `monitor_tc` against the same parser in user space, packet by packet, without an interface. Needs root.

use airlens::kernel::{Counters, Frame, KernelPrograms, LoadOptions};
use airlens_common::{
    Count,
    ieee80211::KINDS,
    monitor::{Counter, KindCount, MAX_PACKET, Verdict, frame_flags},
    radiotap::flags,
};
use airlens_tests::support::{
    EVERYTHING, Named,
    air::Air,
    corpus,
    program::{Program, makes_buffer},
    property::holds_for_batches,
    radiotap::{Header, association_request, broken, frame, large, whole},
};
use anyhow::{Context as _, Result, ensure};
use aya::maps::{MapData, RingBuf};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any, prop_oneof},
};

/// XDP_PASS and TC_ACT_UNSPEC.
const HOOKS: [(&str, i32); 2] = [("monitor", 2), ("monitor_tc", -1)];

/// The kernel makes socket buffers of one page for a test run; what is longer is tested in a namespace.
const PAGE: usize = 3000;

/// A program beside what it ought to have counted.
struct Bench {
    programs: KernelPrograms,
    program: Program,
    result: i32,
    ring: RingBuf<MapData>,
    subtypes: u16,
    kinds: Vec<KindCount>,
    counts: [Count; Counter::ALL.len()],
    air: Air,
}

/// What is said last, of a signal say, is known of each CPU alone: the clock is too coarse to order two.
fn stay_on_this_cpu() {
    // SAFETY: a set of CPUs of our own, all zeros of which is the empty one; the thread is this one.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(usize::try_from(libc::sched_getcpu()).unwrap_or(0), &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
    }
}

impl Bench {
    fn new((name, result): (&'static str, i32), options: LoadOptions) -> Result<Self> {
        stay_on_this_cpu();
        let mut programs = KernelPrograms::load(&options)?;
        Ok(Self {
            program: Program::of(&mut programs, name)?,
            result,
            ring: programs.frame_ring()?.0,
            programs,
            subtypes: options.subtypes,
            kinds: vec![KindCount::default(); KINDS as usize],
            counts: [Count::default(); Counter::ALL.len()],
            air: Air::default(),
        })
    }

    /// Runs the program over a packet, and counts it here too.
    fn run(&mut self, name: &str, packet: &[u8]) -> Result<Counter> {
        let (result, _) = self.program.run(packet, 1).with_context(|| name.to_owned())?;
        ensure!(result == self.result, "{name}: returned {result}");
        let verdict = Verdict::of(packet, self.subtypes);
        let octets = packet.len() - verdict.map_or(0, |verdict| usize::from(verdict.radiotap.length));
        let one = Count {
            packets: 1,
            bytes: octets as u64,
        };
        let outcome = match verdict {
            None => Counter::LostMalformed,
            Some(verdict) => {
                self.kinds[verdict.control.index() as usize] += KindCount {
                    frames: 1,
                    bytes: octets as u64,
                    retries: u64::from(verdict.control.retry()),
                    bad_fcs: u64::from(verdict.radiotap.flags & flags::BAD_FCS != 0),
                };
                match verdict.counter {
                    Counter::HandedOver if packet.len() > MAX_PACKET => Counter::LostOversize,
                    counter => counter,
                }
            }
        };
        if let Some(verdict) = verdict {
            self.air.count(packet, &verdict, octets as u64);
        }
        self.counts[Counter::Seen as usize] += one;
        self.counts[outcome as usize] += one;
        Ok(outcome)
    }

    /// Takes the next record, which must be `packet` as user space reads it.
    fn expect_record(&mut self, name: &str, packet: &[u8]) -> Result<()> {
        let record = self.ring.next().with_context(|| format!("{name}: no record"))?;
        let frame = Frame::from_record(&record).with_context(|| format!("{name}: a record cut short"))?;
        let verdict = Verdict::of(packet, self.subtypes).with_context(|| format!("{name}: unreadable"))?;
        ensure!(frame.packet == packet, "{name}: the record is not the packet");
        let header = frame.header;
        let radiotap = verdict.radiotap;
        ensure!(header.time != 0 && header.ifindex == 1, "{name}: {header:?}");
        ensure!(header.length as usize == packet.len(), "{name}: {header:?}");
        ensure!(
            (header.radiotap_length, header.frequency, header.signal)
                == (radiotap.length, radiotap.frequency, radiotap.signal),
            "{name}: {header:?}"
        );
        ensure!(header.flags == verdict.frame_flags(), "{name}: {header:?}");
        ensure!(
            (header.flags & frame_flags::SIGNAL != 0) == radiotap.has_signal,
            "{name}: {header:?}"
        );
        Ok(())
    }

    fn expect_no_record(&mut self, name: &str) -> Result<()> {
        ensure!(self.ring.next().is_none(), "{name}: a record too many");
        Ok(())
    }

    fn check_packet(&mut self, name: &str, packet: &[u8]) -> Result<Counter> {
        let outcome = self.run(name, packet)?;
        if outcome == Counter::HandedOver {
            self.expect_record(name, packet)?;
        }
        self.expect_no_record(name)?;
        Ok(outcome)
    }

    /// Holds the program's counters against ours.
    fn check_counters(&self, name: &str) -> Result<Counters> {
        let counters = self.programs.counters()?;
        let frames = &counters.frames;
        for (kind, (kernel, ours)) in counters.kinds.iter().zip(&self.kinds).enumerate() {
            ensure!(
                kernel == ours,
                "{name}: kind {kind:#x}: kernel {kernel:?}, parser {ours:?}"
            );
        }
        let kernel = [
            frames.seen,
            frames.handed_over,
            frames.filtered["bad-fcs"],
            frames.filtered["not-selected"],
            frames.lost["ring-full"],
            frames.lost["malformed"],
            frames.lost["oversize"],
            frames.lost["copy"],
            frames.filtered["limited"],
        ];
        ensure!(
            kernel == self.counts,
            "{name}: kernel {kernel:?}, parser {:?}",
            self.counts
        );
        ensure!(frames.holds(), "{name}: {frames:?}");
        self.air.check(&self.programs.air()?).context(name.to_owned())?;
        Ok(counters)
    }
}

fn check_all(hook: (&'static str, i32), subtypes: u16, packets: &[Named]) -> Result<()> {
    let mut bench = Bench::new(hook, LoadOptions { subtypes, ..EVERYTHING })?;
    for (name, packet) in packets {
        bench.check_packet(name, packet)?;
        bench.check_counters(name)?;
    }
    Ok(())
}

#[test]
fn whole_headers() -> Result<()> {
    for hook in HOOKS {
        check_all(hook, u16::MAX, &whole())?;
        // What a profiler asks for: requests and responses of association, authentication, action.
        check_all(hook, 0b0011_1000_0000_1111, &whole())?;
    }
    Ok(())
}

#[test]
fn broken_headers() -> Result<()> {
    for hook in HOOKS {
        check_all(hook, u16::MAX, &broken())?;
        let mut bench = Bench::new(hook, EVERYTHING)?;
        let mut malformed = 0;
        for (name, packet) in broken() {
            malformed += u32::from(bench.check_packet(&name, &packet)? == Counter::LostMalformed);
        }
        assert!(malformed > 20, "{malformed}");
    }
    Ok(())
}

#[test]
fn packets_longer_than_a_page() -> Result<()> {
    check_all(HOOKS[0], u16::MAX, &large())
}

#[test]
fn every_frame_of_the_corpus() -> Result<()> {
    let Some(folder) = corpus::folder() else {
        println!("../shared/corpus is not there: programs were not held against the parser on captured frames");
        return Ok(());
    };
    let captures = corpus::captures(&folder)?;
    let packets: Vec<_> = captures
        .iter()
        .map(|path| {
            Ok((
                path.display().to_string(),
                corpus::packets(path, corpus::LinkType::Radiotap)?,
            ))
        })
        .collect::<Result<_>>()?;
    let total: usize = packets.iter().map(|(_, packets)| packets.len()).sum();
    println!("{total} frames in {} captures", captures.len());
    ensure!(total > 1000, "{total} frames in {} captures", captures.len());
    for hook in HOOKS {
        let mut bench = Bench::new(hook, EVERYTHING)?;
        for (name, packets) in &packets {
            for packet in packets.iter().filter(|packet| packet.len() <= PAGE) {
                bench.check_packet(name, packet)?;
            }
            bench.check_counters(name)?;
        }
    }
    Ok(())
}

#[test]
fn a_full_ring_is_counted() -> Result<()> {
    for hook in HOOKS {
        let mut bench = Bench::new(
            hook,
            LoadOptions {
                ring_bytes: 4096,
                ..EVERYTHING
            },
        )?;
        let packet = Header::usual(0).with(&association_request());
        let (length, sent) = (association_request().len() as u64, 100);
        for _ in 0..sent {
            bench.program.run(&packet, 1)?;
        }
        let counters = bench.programs.counters()?;
        let frames = &counters.frames;
        // Each record: its header of 8 octets, ours of 24, the packet, rounded up to 8 (Linux kernel/bpf/ringbuf.c).
        let room = 4096 / (8 + 24 + packet.len() as u64).next_multiple_of(8);
        assert!(
            frames.handed_over.packets == room || frames.handed_over.packets + 1 == room,
            "{frames:?}"
        );
        assert_eq!(frames.lost["ring-full"].packets, sent - frames.handed_over.packets);
        assert_eq!(
            frames.seen,
            Count {
                packets: sent,
                bytes: sent * length
            }
        );
        assert!(frames.holds());
        for _ in 0..frames.handed_over.packets {
            bench.expect_record("full ring", &packet)?;
        }
        bench.expect_no_record("full ring")?;
        // With room again, frames go on.
        bench.program.run(&packet, 1)?;
        bench.expect_record("emptied ring", &packet)?;
    }
    Ok(())
}

/// Random octets, and sound packets with octets changed and cut anywhere.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let sound: Vec<_> = whole().into_iter().map(|(_, packet)| packet).collect();
    let mutated = (
        proptest::sample::select(sound),
        vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
        any::<proptest::sample::Index>(),
        prop_oneof![3 => Just(false), 1 => Just(true)],
    )
        .prop_map(|(mut packet, changes, cut, shorten)| {
            for (at, value) in changes {
                // Most header octets are at the start: half of the changes go there.
                let at = if value & 1 == 0 {
                    at.index(packet.len())
                } else {
                    at.index(24.min(packet.len()))
                };
                packet[at] = value;
            }
            if shorten {
                packet.truncate(14.max(cut.index(packet.len())));
            }
            packet
        });
    prop_oneof![1 => vec(any::<u8>(), 14..400), 4 => mutated]
}

#[test]
fn random_and_mutated_packets() -> Result<()> {
    for hook in HOOKS {
        holds_for_batches(Bench::new(hook, EVERYTHING)?, packets(), |bench, batch| {
            for packet in batch.iter().filter(|packet| hook.1 == 2 || makes_buffer(packet)) {
                bench.check_packet("random", packet)?;
            }
            bench.check_counters("random").map(drop)
        })?;
    }
    Ok(())
}

#[test]
fn a_beacon_is_filtered_where_it_is_not_selected() -> Result<()> {
    let beacon = Header::usual(0).with(&frame(0, 8, false, 300));
    for hook in HOOKS {
        let mut bench = Bench::new(
            hook,
            LoadOptions {
                subtypes: !(1 << 8),
                ..EVERYTHING
            },
        )?;
        assert_eq!(bench.check_packet("beacon", &beacon)?, Counter::FilteredKind);
        let counters = bench.check_counters("beacon")?;
        assert_eq!((counters.kinds[8].frames, counters.frames.handed_over.packets), (1, 0));
    }
    Ok(())
}
