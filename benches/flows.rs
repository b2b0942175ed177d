//! The flow table: nanoseconds a packet by number of flows, beside the same parser with a locked hash table; packets a second
//! through veth, beside a bare sink and tcpdump; a drain of a million flows, and the longest that a program takes meanwhile; what
//! the table costs at the start. Needs root, tcpdump, and the object of
//! `cargo xtask bench`.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    kernel::{FlowDrain, KernelPrograms, LoadOptions},
    lab::{Namespace, Statistics, VethPair},
};
use airlens_benches::{Table, median, wanted};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::udp,
    program::{Kind, Program},
    stay_on,
};
use anyhow::{Context as _, Result, ensure};
use aya::maps::Array;

const MILLION: u32 = 1 << 20;
const FLOWS: [u32; 6] = [1, 1000, 10_000, 100_000, 300_000, 1_000_000];
const SIZES: [usize; 3] = [64, 512, 1500];
const RUNS: usize = 7;

/// A program of the benches' object with its maps.
struct Bench {
    programs: KernelPrograms,
    program: Program,
    drain: FlowDrain,
}

impl Bench {
    fn new(name: &str, flows: u32, interface: u32) -> Result<Self> {
        let path = std::env::var_os("AIRLENS_BENCH_OBJECT").context("run it by `cargo xtask bench`")?;
        let object = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut programs = KernelPrograms::load_object(
            &object,
            &LoadOptions {
                flow_capacity: MILLION,
                ..EVERYTHING
            },
        )?;
        let (drain, _) = programs.flow_drain()?;
        let map = programs.object().map_mut("BENCH_CONFIG").context("no BENCH_CONFIG")?;
        Array::<_, [u32; 2]>::try_from(map)?.set(0, [flows, interface], 0)?;
        Ok(Self {
            program: Program::of_object(programs.object(), name)?,
            programs,
            drain,
        })
    }
}

fn main() -> Result<()> {
    // One CPU: else each run may find its flows in another CPU's slots.
    stay_on(0);
    if wanted("flow-run") {
        run()?;
    }
    if wanted("flow-open") {
        open()?;
    }
    if wanted("flow-live") {
        live()?;
    }
    if wanted("flow-drain") {
        drain()?;
    }
    if wanted("flow-start") {
        start()?;
    }
    Ok(())
}

/// Nanoseconds a packet, once every flow is in the table.
fn measure(bench: &Bench, flows: u32, octets: usize) -> Result<Duration> {
    let packet = udp(0, octets);
    let repeat = flows.max(100_000) * 2;
    bench.program.run(&packet, repeat * 2)?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push(bench.program.run(&packet, repeat)?.1);
    }
    Ok(median(times))
}

fn run() -> Result<()> {
    let names = ["bench_empty", "bench_count", "bench_flow", "bench_lock"];
    let mut table = Table::new([
        "flows, octets",
        "empty, ns",
        "parse and count, ns",
        "with flows, ns",
        "locked table, ns",
        "flows, above empty",
        "locked, above empty",
    ]);
    for flows in FLOWS {
        for octets in SIZES {
            if octets != 64 && ![1, 1_000_000].contains(&flows) {
                continue;
            }
            let mut times = Vec::new();
            for name in names {
                let mut bench = Bench::new(name, flows, 0)?;
                bench.programs.announce(1)?;
                times.push(measure(&bench, flows, octets)?);
                let balance = bench.programs.counters()?.flows;
                ensure!(balance.holds() && balance.lost.packets == 0, "{name}: {balance:?}");
            }
            let nanoseconds = |time: Duration| time.as_nanos().to_string();
            table.row([
                format!("{flows}, {octets}"),
                nanoseconds(times[0]),
                nanoseconds(times[1]),
                nanoseconds(times[2]),
                nanoseconds(times[3]),
                nanoseconds(times[2].saturating_sub(times[0])),
                nanoseconds(times[3].saturating_sub(times[0])),
            ]);
        }
    }
    table.print("UDP over IPv4, flows at random (median of 7 runs, one CPU)");
    Ok(())
}

/// Nanoseconds a packet while nearly each opens a flow.
fn open() -> Result<()> {
    const PACKETS: u32 = 200_000;
    let mut table = Table::new(["table", "packets that open a flow", "ns", "above empty"]);
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    let names = ["bench_empty", "bench_flow", "bench_lock"];
    for _ in 0..RUNS {
        for (name, times) in names.into_iter().zip(&mut times) {
            let mut bench = Bench::new(name, 1_000_000, 0)?;
            bench.programs.announce(1)?;
            times.push(bench.program.run(&udp(0, 64), PACKETS)?.1);
        }
    }
    let [empty, flow, lock] = times.map(median);
    // One less e to the power of minus a fifth, of a fifth.
    for (name, time, opens) in [
        ("none", empty, "0 %"),
        ("airlens", flow, "91 %"),
        ("locked", lock, "91 %"),
    ] {
        let nanoseconds = |time: Duration| time.as_nanos().to_string();
        table.row([
            name.to_owned(),
            opens.to_owned(),
            nanoseconds(time),
            nanoseconds(time.saturating_sub(empty)),
        ]);
    }
    table.print(&format!(
        "The first {PACKETS} packets of a million flows (median of {RUNS} runs)"
    ));
    Ok(())
}

/// What the table costs when it is made.
fn start() -> Result<()> {
    let mut table = Table::new(["flows", "slots", "made in ms", "mapped in ms", "MiB resident"]);
    for flows in [1, 65_536, MILLION] {
        let (mut made, mut mapped) = (Vec::new(), Vec::new());
        let (mut resident, mut slots) = (0, 0);
        for _ in 0..RUNS {
            let before = resident_kibibytes()?;
            let start = Instant::now();
            let mut programs = KernelPrograms::load(&LoadOptions {
                flow_capacity: flows,
                ..EVERYTHING
            })?;
            made.push(start.elapsed());
            let start = Instant::now();
            let (drain, _) = programs.flow_drain()?;
            mapped.push(start.elapsed());
            slots = drain.slots();
            resident = resident_kibibytes()?.saturating_sub(before) / 1024;
        }
        let milliseconds = |times: Vec<Duration>| format!("{:.1}", median(times).as_secs_f64() * 1e3);
        table.row([
            flows.to_string(),
            slots.to_string(),
            milliseconds(made),
            milliseconds(mapped),
            resident.to_string(),
        ]);
    }
    table.print(&format!(
        "All maps made, and the flow table mapped (median of {RUNS} runs)"
    ));
    Ok(())
}

/// This process's resident memory.
fn resident_kibibytes() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Frames that `bench_send` redirects into a veth whose other end has a program, for a second and more.
fn rate(here: &Namespace, there: &Namespace, pair: &VethPair, flows: u32) -> Result<f64> {
    let sender = Bench::new("bench_send", flows, pair.here.index)?;
    let packet = udp(0, 64);
    let read = || there.run(|| Statistics::read("peer0"))?;
    let mut rates = Vec::new();
    for _ in 0..RUNS {
        let (before, start) = (read()?, Instant::now());
        while start.elapsed() < Duration::from_millis(700) {
            here.run(|| sender.program.send(&packet, 1 << 16))??;
        }
        let time = start.elapsed();
        let packets = read()?.receive.packets - before.receive.packets;
        rates.push(Duration::from_nanos(
            (time.as_nanos() / u128::from(packets.max(1))) as u64,
        ));
    }
    Ok(1e9 / median(rates).as_nanos() as f64)
}

fn live() -> Result<()> {
    let (here, there) = (Namespace::new()?, Namespace::new()?);
    let pair = VethPair::new(&here, "data0", &there, "peer0")?;
    let mut table = Table::new(["at the other end", "flows", "packets a second", "of the bare sink"]);
    let sink = Program::returning(Kind::Xdp, 1)?;
    let link = there.run(|| sink.attach(pair.there.index))??;
    let bare = rate(&here, &there, &pair, 1)?;
    drop(link);
    let mut row = |name: &str, flows: u32, rate: f64| {
        table.row([
            name.to_owned(),
            flows.to_string(),
            format!("{rate:.0}"),
            format!("{:.0} %", 100.0 * rate / bare),
        ]);
    };
    row("a program that drops", 1, bare);
    for (name, program) in [
        ("all that data_rx does, then drop", "bench_flow"),
        ("the same with a locked table", "bench_lock"),
    ] {
        for flows in [1, 1000, 1_000_000] {
            let mut bench = Bench::new(program, flows, 0)?;
            bench.programs.announce(pair.there.index)?;
            let link = there.run(|| bench.program.attach(pair.there.index))??;
            let stop = AtomicBool::new(false);
            let rate = thread::scope(|scope| {
                let drainer = scope.spawn(|| -> Result<()> {
                    stay_on(1);
                    while !stop.load(Ordering::Relaxed) {
                        thread::sleep(Duration::from_secs(1));
                        bench.drain.drain(|_, _| ())?;
                    }
                    Ok(())
                });
                let rate = rate(&here, &there, &pair, flows);
                stop.store(true, Ordering::Relaxed);
                drainer.join().map_err(|_| anyhow::anyhow!("the drain panicked"))??;
                rate
            })?;
            drop(link);
            let balance = bench.programs.counters()?.flows;
            ensure!(balance.holds(), "{balance:?}");
            row(name, flows, rate);
        }
    }
    let pass = Program::returning(Kind::Xdp, 2)?;
    let _link = there.run(|| pass.attach(pair.there.index))??;
    let mut command = Command::new("tcpdump");
    command
        .args(["-n", "-i", "peer0", "-w", "/dev/null"])
        .stderr(Stdio::null());
    let mut tcpdump = there.run(|| command.spawn())?.context("tcpdump: install it")?;
    thread::sleep(Duration::from_secs(1));
    let with_tcpdump = rate(&here, &there, &pair, 1);
    tcpdump.kill()?;
    tcpdump.wait()?;
    row("the stack, and tcpdump -w /dev/null", 1, with_tcpdump?);
    table.print("Frames of 64 octets redirected into veth (median of 7 runs)");
    Ok(())
}

/// This thread's processor time.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place for the answer; the clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec.try_into().unwrap_or(0))
}

fn drain() -> Result<()> {
    const BATCH: u32 = 1000;
    const BATCHES: u32 = 200;
    let mut table = Table::new([
        "flows",
        "ms",
        "ms of a CPU",
        "program, ns",
        "program while it drains, ns",
        "longest 1,000 packets, µs",
        "while it drains, µs",
    ]);
    for flows in [1, 10_000, 1_000_000] {
        let mut bench = Bench::new("bench_flow", flows, 0)?;
        bench.programs.announce(1)?;
        let packet = udp(0, 64);
        let (mut wall, mut processor, mut quiet, mut meanwhile) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut drained = 0;
        for _ in 0..RUNS {
            bench.program.run(&packet, flows * 8)?;
            for _ in 0..BATCHES {
                quiet.push(bench.program.run(&packet, BATCH)?.1);
            }
            let done = AtomicBool::new(false);
            let (program, drain) = (&bench.program, &mut bench.drain);
            thread::scope(|scope| -> Result<()> {
                let other = scope.spawn(|| -> Result<Vec<Duration>> {
                    stay_on(1);
                    let mut times = Vec::new();
                    while !done.load(Ordering::Relaxed) {
                        times.push(program.run(&packet, BATCH)?.1);
                    }
                    Ok(times)
                });
                let (start, before) = (Instant::now(), processor_time());
                drained = 0;
                let result = drain.drain(|_, _| drained += 1);
                wall.push(start.elapsed());
                processor.push(processor_time() - before);
                done.store(true, Ordering::Relaxed);
                meanwhile.extend(
                    other
                        .join()
                        .map_err(|_| anyhow::anyhow!("the program's thread panicked"))??,
                );
                Ok(result?)
            })?;
        }
        let balance = bench.programs.counters()?.flows;
        ensure!(balance.holds() && balance.lost.packets == 0, "{balance:?}");
        let milliseconds = |times: Vec<Duration>| format!("{:.1}", median(times).as_secs_f64() * 1e3);
        let longest = |times: &[Duration]| {
            let longest = times.iter().max().copied().unwrap_or_default() * BATCH;
            longest.as_micros().to_string()
        };
        let (calm, busy) = (longest(&quiet), longest(&meanwhile));
        table.row([
            drained.to_string(),
            milliseconds(wall),
            milliseconds(processor),
            median(quiet).as_nanos().to_string(),
            median(meanwhile).as_nanos().to_string(),
            calm,
            busy,
        ]);
    }
    table.print("A drain, with the program on another CPU (median of 7)");
    Ok(())
}
