//! From an association request to the profile on disk: `airlens run` on a TAP of radiotap link type, one request at a time.
//!
//! The time starts before the request is written to the TAP, thus before the kernel program's timestamp, and ends when the
//! client's JSON file is seen under its name, flushed. Needs root and tun.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    demo,
    lab::{LinkType, Namespace, Tap},
};
use airlens_benches::{Table, wanted};
use airlens_common::monitor::{Counter, Verdict};
use anyhow::{Context as _, Result, ensure};

const REQUESTS: u32 = 200;
/// Between two requests: on a slow disk too, the files of one are done before the next.
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(10);
/// Association requests.
const SUBTYPES: u16 = 1;
/// In a management frame.
const TRANSMITTER: usize = 10;
const LISTEN_INTERVAL: usize = 26;

fn main() -> Result<()> {
    if !wanted("latency") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let binary = root.join("target/release/airlens");
    ensure!(binary.is_file(), "no {}: run `cargo xtask bench`", binary.display());
    // SAFETY: plain integers; the sleeps of this thread then end when they should.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) };
    Namespace::new()?.enter()?;
    let tap = Tap::new("bench-mon", LinkType::Monitor)?;
    let mut table = Table::new([
        "files on",
        "median, ms",
        "p99, ms",
        "longest, ms",
        "fsync alone, median, ms",
    ]);
    for (medium, folder) in [("tmpfs", Path::new("/dev/shm")), ("disk", &root.join("target"))] {
        let folder = tempfile::tempdir_in(folder)?;
        let flush = flushes(folder.path())?;
        let mut run = start(&binary, tap.name(), folder.path())?;
        let measured = running(folder.path()).and_then(|()| measure(&tap, &folder.path().join("clients")));
        // SAFETY: a signal to our own child, which was not waited for yet.
        unsafe { libc::kill(run.id().cast_signed(), libc::SIGTERM) };
        ensure!(run.wait()?.success(), "the run did not end cleanly");
        for (what, times) in measured? {
            let figures = [
                &times[times.len() / 2],
                &times[times.len() * 99 / 100],
                &times[times.len() - 1],
                &flush,
            ];
            let [median, p99, longest, flush] = figures.map(|time| format!("{:.2}", time.as_secs_f64() * 1000.0));
            table.row([format!("{medium}, {what}"), median, p99, longest, flush]);
        }
    }
    table.print(&format!(
        "From a request to its profile on disk ({REQUESTS} requests, one each {} ms)",
        PAUSE.as_millis()
    ));
    Ok(())
}

fn start(binary: &Path, monitor: &str, folder: &Path) -> Result<Child> {
    Ok(Command::new(binary)
        .args([
            "run",
            "--interface",
            monitor,
            "--log-level",
            "error",
            "--listen",
            "127.0.0.1:0",
        ])
        .arg("--run-stem")
        .arg(folder.join("airlens"))
        .arg("--state-path")
        .arg(folder.join("state.json"))
        .arg("--files-path")
        .arg(folder)
        .spawn()?)
}

fn running(folder: &Path) -> Result<()> {
    let status = folder.join("airlens.status.json");
    let start = Instant::now();
    while !fs::read_to_string(&status).is_ok_and(|text| text.contains("\"running\"")) {
        ensure!(start.elapsed() < PATIENCE, "the run did not start");
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// The project's own first request, under other addresses: clients never seen, then one that is known.
fn measure(tap: &Tap, clients: &Path) -> Result<[(&'static str, Vec<Duration>); 2]> {
    let mut packet = demo::frames(demo::CAPTURE)?
        .into_iter()
        .find(|packet| Verdict::of(&packet[..], SUBTYPES).is_some_and(|found| found.counter == Counter::HandedOver))
        .context("no association request in the capture")?;
    let header = usize::from(u16::from_le_bytes([packet[2], packet[3]]));
    let mut all = [("a new client", Vec::new()), ("a known client", Vec::new())];
    for (known, (_, times)) in all.iter_mut().enumerate() {
        for number in 0..REQUESTS {
            let [_, _, high, low] = number.to_be_bytes();
            let client = if known == 1 {
                [2, 1, 0, 0, 0, 0]
            } else {
                [2, 0, 0, 0, high, low]
            };
            packet[header + TRANSMITTER..][..6].copy_from_slice(&client);
            packet[header + LISTEN_INTERVAL..][..2].copy_from_slice(&[high, low]);
            let name = client.map(|octet| format!("{octet:02x}")).join("-");
            times.push(one(
                tap,
                &packet,
                &clients.join(&name).join(format!("{name}_2.4GHz.json")),
            )?);
            thread::sleep(PAUSE);
        }
        times.sort_unstable();
    }
    Ok(all)
}

/// A file that is replaced is another file.
fn one(tap: &Tap, packet: &[u8], file: &Path) -> Result<Duration> {
    let node = |file: &Path| fs::metadata(file).map(|metadata| metadata.ino()).ok();
    let before = node(file);
    let start = Instant::now();
    tap.write(packet)?;
    loop {
        let now = node(file);
        let elapsed = start.elapsed();
        if now.is_some() && now != before {
            return Ok(elapsed);
        }
        ensure!(elapsed < PATIENCE, "no {}", file.display());
        thread::sleep(Duration::from_micros(10));
    }
}

/// What the medium itself takes: a file of a profile's size, written and flushed; the median of many.
fn flushes(folder: &Path) -> io::Result<Duration> {
    let mut times = Vec::new();
    for number in 0..100 {
        let path = folder.join(format!("flush-{number}"));
        let start = Instant::now();
        let mut file = File::create(&path)?;
        io::Write::write_all(&mut file, &[b' '; 6000])?;
        file.sync_all()?;
        times.push(start.elapsed());
        fs::remove_file(path)?;
    }
    Ok(airlens_benches::median(times))
}
