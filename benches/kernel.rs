//! Nanoseconds a packet of each kernel program, by `BPF_PROG_TEST_RUN`, beside a program that only returns: same packet, same
//! machine, same minute. Needs root.

use std::time::Duration;

use airlens::kernel::{FlowDrain, KernelPrograms, LoadOptions};
use airlens_benches::{Table, median, wanted};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::{tcp, tcp6, udp},
    program::{Kind, Program},
    radiotap::{FCS, Header, frame},
};
use anyhow::{Result, ensure};
use aya::maps::{MapData, RingBuf};

/// Runs of which the median is taken.
const RUNS: usize = 9;
/// Packets of a run where nothing is handed over.
const REPEAT: u32 = 200_000;
const RING: u32 = 4 << 20;
const SIZES: [usize; 3] = [64, 512, 1500];

/// A program, its maps, and what it is held against.
struct Bench {
    name: &'static str,
    programs: KernelPrograms,
    program: Program,
    baseline: Program,
    ring: RingBuf<MapData>,
    drain: FlowDrain,
}

impl Bench {
    fn new(name: &'static str, kind: Kind, air: bool) -> Result<Self> {
        let mut programs = KernelPrograms::load(&LoadOptions {
            ring_bytes: RING,
            // Association and reassociation requests.
            subtypes: 0b101,
            stations: air,
            channels: air,
            ..EVERYTHING
        })?;
        programs.announce(1)?;
        let result = match kind {
            Kind::Xdp => 2,
            Kind::Classifier => -1,
        };
        Ok(Self {
            name,
            program: Program::of(&mut programs, name)?,
            baseline: Program::returning(kind, result)?,
            ring: programs.frame_ring()?.0,
            drain: programs.flow_drain()?.0,
            programs,
        })
    }

    /// Packets of a run of which `record` octets each go to the ring: as many as it holds.
    fn repeat(record: Option<usize>) -> u32 {
        record.map_or(REPEAT, |octets| RING / (octets as u32 + 32).next_multiple_of(8) - 1)
    }

    fn measure(&mut self, table: &mut Table<6>, case: &str, packet: &[u8], handed_over: bool) -> Result<()> {
        let repeat = Self::repeat(handed_over.then_some(packet.len()));
        let (mut ours, mut nothing) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            nothing.push(self.baseline.run(packet, REPEAT)?.1);
            ours.push(self.program.run(packet, repeat)?.1);
            // The reader; outside of what is measured, as it is on another CPU.
            let mut records = 0;
            while self.ring.next().is_some() {
                records += 1;
            }
            ensure!(records == if handed_over { repeat } else { 0 }, "{records} records");
            self.drain.drain(|_, _| ())?;
        }
        let counters = self.programs.counters()?;
        ensure!(counters.frames.lost_total() == 0, "{:?}", counters.frames);
        let (ours, nothing) = (median(ours), median(nothing));
        let nanoseconds = |time: Duration| time.as_nanos().to_string();
        table.row([
            self.name.to_owned(),
            format!("{case}, {}", packet.len()),
            nanoseconds(ours),
            nanoseconds(nothing),
            format!("{:.1}", ours.as_secs_f64() / nothing.as_secs_f64().max(1e-9)),
            nanoseconds(ours.saturating_sub(nothing)),
        ]);
        Ok(())
    }
}

fn main() -> Result<()> {
    let mut table = Table::new([
        "program",
        "packet, octets",
        "ns",
        "returning only, ns",
        "ratio",
        "difference, ns",
    ]);
    let monitors = [("monitor", Kind::Xdp), ("monitor_tc", Kind::Classifier)];
    for (name, kind) in monitors.into_iter().filter(|(name, _)| wanted(name)) {
        let mut bench = Bench::new(name, kind, true)?;
        for size in SIZES {
            let header = Header::usual(FCS);
            let packet = |kind, subtype| header.with(&frame(kind, subtype, false, size - header.octets().len()));
            bench.measure(&mut table, "data frame, filtered", &packet(2, 8), false)?;
            bench.measure(&mut table, "beacon, filtered", &packet(0, 8), false)?;
            bench.measure(&mut table, "association request, handed over", &packet(0, 0), true)?;
        }
        let data = Header::usual(FCS).with(&frame(2, 8, false, 512));
        Bench::new(name, kind, false)?.measure(&mut table, "data frame, filtered, air = false", &data, false)?;
    }
    let counters = [
        ("data_rx", Kind::Xdp),
        ("data_rx_tc", Kind::Classifier),
        ("data_tx", Kind::Classifier),
    ];
    for (name, kind) in counters.into_iter().filter(|(name, _)| wanted(name)) {
        let mut bench = Bench::new(name, kind, true)?;
        for size in SIZES {
            bench.measure(&mut table, "UDP over IPv4", &udp(1, size), false)?;
            bench.measure(&mut table, "TCP over IPv4", &tcp(size), false)?;
        }
        bench.measure(&mut table, "TCP over IPv6", &tcp6(512), false)?;
    }
    table.print("Nanoseconds a packet (median of 9 runs, one CPU)");
    Ok(())
}
