//! What a scrape takes, with nothing to tell and with a million active flows and a thousand clients; what it costs a kernel
//! program to be measured; and what a run takes of a CPU. Needs root and tun.

use std::{
    thread,
    time::{Duration, Instant},
};

use airlens::kernel::{KernelPrograms, LoadOptions, Measuring};
use airlens_benches::{Run, Table, median, ticks, wanted};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::udp,
    program::Program,
    radiotap::{FCS, Header, frame},
};
use anyhow::Result;

const FLOWS: u32 = 1_000_000;
const CLIENTS: u16 = 1000;
const SCRAPES: usize = 101;

fn main() -> Result<()> {
    if wanted("scrape") {
        scrape()?;
    }
    if wanted("program-stats") {
        program_stats()?;
    }
    if wanted("run-cpu") {
        run_cpu()?;
    }
    Ok(())
}

fn scrape() -> Result<()> {
    let run = Run::start(&["--program-stats", "--listen", "127.0.0.1:0"])?;
    let mut table = Table::new(["with", "as", "octets", "lines", "median, ms", "p99, ms", "longest, ms"]);
    rows(&run, "nothing", &mut table)?;
    run.fill(FLOWS, CLIENTS)?;
    rows(&run, "1,000,000 flows, 1,000 clients", &mut table)?;
    table.print("Scrapes of /metrics over the run's socket (of 101)");
    run.end()
}

/// What user space takes of a CPU while packets of 1,000 flows cross a data interface: the programs run for who sends them.
fn run_cpu() -> Result<()> {
    const SECONDS: u32 = 10;
    const TURN: Duration = Duration::from_millis(1);
    let frames: Vec<_> = (1..=1000).map(|flow| udp(flow, 64)).collect();
    let mut table = Table::new(["packets a second", "user, %", "system, %"]);
    let run = Run::start(&[])?;
    for rate in [0, 10_000, 100_000] {
        let (before, begun) = (ticks(run.pid())?, Instant::now());
        let mut next = frames.iter().cycle();
        let mut sent = 0_u32;
        for turn in 1..=SECONDS * 1000 {
            for frame in next.by_ref().take(rate / 1000) {
                run.data.write(frame)?;
                sent += 1;
            }
            thread::sleep((begun + TURN * turn).saturating_duration_since(Instant::now()));
        }
        let (after, time) = (ticks(run.pid())?, begun.elapsed());
        let percent = |index: usize| {
            let used = (after[index] - before[index]) / time.as_secs_f64();
            format!("{:.2}", used * 100.0)
        };
        let real = f64::from(sent) / time.as_secs_f64();
        table.row([format!("{real:.0}"), percent(0), percent(1)]);
    }
    table.print("What a run takes of a CPU, packets of 1,000 flows");
    run.end()
}

fn rows(run: &Run, with: &str, table: &mut Table<7>) -> Result<()> {
    for (name, accept) in [("text", "text/plain"), ("OpenMetrics", "application/openmetrics-text")] {
        let mut times = Vec::new();
        let mut text = String::new();
        for _ in 0..SCRAPES {
            let begun = Instant::now();
            text = run.metrics(accept)?;
            times.push(begun.elapsed());
            // A drain each second comes into some of them.
            thread::sleep(Duration::from_millis(37));
        }
        times.sort_unstable();
        let figures = [times.len() / 2, times.len() * 99 / 100, times.len() - 1];
        let [median, p99, longest] = figures.map(|index| format!("{:.2}", times[index].as_secs_f64() * 1000.0));
        table.row([
            with.to_owned(),
            name.to_owned(),
            text.len().to_string(),
            text.lines().count().to_string(),
            median,
            p99,
            longest,
        ]);
    }
    Ok(())
}

/// A data frame that is filtered and a UDP packet of a known flow, with and without the kernel measuring.
fn program_stats() -> Result<()> {
    const RUNS: usize = 9;
    const REPEAT: u32 = 200_000;
    let header = Header::usual(FCS);
    let beacon = header.with(&frame(2, 8, false, 512 - header.octets().len()));
    let mut table = Table::new(["program", "ns a packet", "measured, ns a packet", "difference, ns"]);
    for (name, packet) in [("monitor", beacon), ("data_rx", udp(1, 512))] {
        let mut programs = KernelPrograms::load(&LoadOptions {
            subtypes: 0b101,
            ..EVERYTHING
        })?;
        programs.announce(1)?;
        let program = Program::of(&mut programs, name)?;
        let (mut plain, mut measured) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            plain.push(program.run(&packet, REPEAT)?.1);
            let measuring = Measuring::start()?;
            measured.push(program.run(&packet, REPEAT)?.1);
            drop(measuring);
        }
        let (plain, measured) = (median(plain), median(measured));
        table.row([
            name.to_owned(),
            plain.as_nanos().to_string(),
            measured.as_nanos().to_string(),
            measured.saturating_sub(plain).as_nanos().to_string(),
        ]);
    }
    table.print("A run of a program while the kernel measures programs (median of 9 runs)");
    Ok(())
}
