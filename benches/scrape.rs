//! What a scrape takes, with nothing to tell and with a million active flows and a thousand clients; what it costs a kernel
//! program to be measured; and what a run takes of a CPU. Needs root and tun.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    demo,
    kernel::{KernelPrograms, LoadOptions, Measuring},
    lab::{LinkType, Namespace, Tap},
};
use airlens_benches::{Table, median, wanted};
use airlens_common::monitor::{Counter, Verdict};
use airlens_tests::support::{
    EVERYTHING,
    ethernet::udp,
    program::Program,
    radiotap::{FCS, Header, frame},
};
use anyhow::{Context as _, Result, ensure};

const FLOWS: u32 = 1_000_000;
const CLIENTS: u16 = 1000;
const SCRAPES: usize = 101;
const PATIENCE: Duration = Duration::from_secs(60);
/// Association requests.
const SUBTYPES: u16 = 1;
/// In a management frame.
const TRANSMITTER: usize = 10;

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
    let table = with_run(&["--program-stats"], |_, monitor, data, folder| {
        measure(monitor, data, folder)
    })?;
    table.print("Scrapes of /metrics over the run's socket (of 101)");
    Ok(())
}

/// Does some work beside a run on a monitor and a data interface.
fn with_run<T>(options: &[&str], work: impl FnOnce(u32, &Tap, &Tap, &Path) -> Result<T>) -> Result<T> {
    let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/airlens");
    ensure!(binary.is_file(), "no {}: run `cargo xtask bench`", binary.display());
    Namespace::new()?.enter()?;
    let monitor = Tap::new("bench-mon", LinkType::Monitor)?;
    let data = Tap::new("bench-data", LinkType::Ethernet)?;
    let folder = tempfile::tempdir()?;
    let mut run = start(&binary, &monitor, &data, folder.path(), options)?;
    let done = work(run.id(), &monitor, &data, folder.path());
    // SAFETY: a signal to our own child, which was not waited for yet.
    unsafe { libc::kill(run.id().cast_signed(), libc::SIGTERM) };
    ensure!(run.wait()?.success(), "the run did not end cleanly");
    done
}

/// What user space takes of a CPU while packets of 1,000 flows cross a data interface: the programs run for who sends them.
fn run_cpu() -> Result<()> {
    const SECONDS: u32 = 10;
    const TURN: Duration = Duration::from_millis(1);
    let frames: Vec<_> = (1..=1000).map(|flow| udp(flow, 64)).collect();
    let mut table = Table::new(["packets a second", "user, %", "system, %"]);
    with_run(&[], |pid, _, data, _| {
        for rate in [0, 10_000, 100_000] {
            let (before, begun) = (ticks(pid)?, Instant::now());
            let mut next = frames.iter().cycle();
            let mut sent = 0_u32;
            for turn in 1..=SECONDS * 1000 {
                for frame in next.by_ref().take(rate / 1000) {
                    data.write(frame)?;
                    sent += 1;
                }
                thread::sleep((begun + TURN * turn).saturating_duration_since(Instant::now()));
            }
            let (after, time) = (ticks(pid)?, begun.elapsed());
            let percent = |index: usize| {
                let used = (after[index] - before[index]) / time.as_secs_f64();
                format!("{:.2}", used * 100.0)
            };
            let real = f64::from(sent) / time.as_secs_f64();
            table.row([format!("{real:.0}"), percent(0), percent(1)]);
        }
        Ok(())
    })?;
    table.print("What a run takes of a CPU, packets of 1,000 flows");
    Ok(())
}

/// User and system time of a process in seconds (proc_pid_stat(5)).
fn ticks(pid: u32) -> Result<[f64; 2]> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').context("no name")?;
    let mut fields = fields.split_whitespace().skip(11);
    // SAFETY: asks for a number.
    let second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let mut next = || Ok::<_, anyhow::Error>(fields.next().context("too few fields")?.parse::<f64>()? / second);
    Ok([next()?, next()?])
}

fn start(binary: &Path, monitor: &Tap, data: &Tap, folder: &Path, options: &[&str]) -> Result<Child> {
    let stem = folder.join("airlens");
    let child = Command::new(binary)
        // The other benches' object is no setting of a run.
        .env_remove("AIRLENS_BENCH_OBJECT")
        .args(["run", "--interface", monitor.name(), "--data", data.name()])
        .args(["--log-level", "error", "--listen", "127.0.0.1:0"])
        .args(options)
        .arg("--run-stem")
        .arg(&stem)
        .arg("--state-path")
        .arg(folder.join("state.json"))
        .arg("--journal-path")
        .arg(folder.join("journals"))
        .arg("--files-path")
        .arg(folder)
        .spawn()?;
    wait("the run", || {
        let status = fs::read_to_string(stem.with_extension("status.json"));
        Ok(status.is_ok_and(|text| text.contains("\"running\"")))
    })?;
    Ok(child)
}

fn wait(what: &str, mut reached: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !reached()? {
        ensure!(begun.elapsed() < PATIENCE, "not in time: {what}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn measure(monitor: &Tap, data: &Tap, folder: &Path) -> Result<Table<7>> {
    let socket = folder.join("airlens.sock");
    let mut table = Table::new(["with", "as", "octets", "lines", "median, ms", "p99, ms", "longest, ms"]);
    rows(&socket, "nothing", &mut table)?;
    fill(monitor, data)?;
    wait("flows and clients", || {
        let text = get(&socket, "text/plain")?;
        let value = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok())
        };
        let (flows, clients) = (value("airlens_active_flows "), value("airlens_clients "));
        Ok(flows >= Some(f64::from(FLOWS)) && clients >= Some(f64::from(CLIENTS)))
    })?;
    rows(&socket, "1,000,000 flows, 1,000 clients", &mut table)?;
    Ok(table)
}

fn rows(socket: &Path, with: &str, table: &mut Table<7>) -> Result<()> {
    for (name, accept) in [("text", "text/plain"), ("OpenMetrics", "application/openmetrics-text")] {
        let mut times = Vec::new();
        let mut text = String::new();
        for _ in 0..SCRAPES {
            let begun = Instant::now();
            text = get(socket, accept)?;
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

fn get(socket: &Path, accept: &str) -> Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /metrics HTTP/1.0\r\nAccept: {accept}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no end of the head")?;
    ensure!(head.contains(" 200 "), "{head}");
    Ok(body.to_owned())
}

/// Flows by their addresses; clients by those of the project's own first request.
fn fill(monitor: &Tap, data: &Tap) -> Result<()> {
    for flow in 1..=FLOWS {
        data.write(&udp(flow, 64))?;
    }
    let mut packet = demo::frames(demo::CAPTURE)?
        .into_iter()
        .find(|packet| Verdict::of(&packet[..], SUBTYPES).is_some_and(|found| found.counter == Counter::HandedOver))
        .context("no association request in the capture")?;
    let header = usize::from(u16::from_le_bytes([packet[2], packet[3]]));
    for client in 1..=CLIENTS {
        let [high, low] = client.to_be_bytes();
        packet[header + TRANSMITTER..][..6].copy_from_slice(&[2, 0, 0, 0, high, low]);
        monitor.write(&packet)?;
        // The ring holds them all, the disk takes its time.
        thread::sleep(Duration::from_micros(200));
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
