//! Capturing: nanoseconds a packet in the kernel with and without a filter, by `BPF_PROG_TEST_RUN`, and packets a second from
//! a TAP to /dev/null beside tcpdump and dumpcap, on the same frames. Needs root, tun, libpcap, tcpdump and dumpcap.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use airlens::{
    filter::Filter,
    kernel::{CaptureOptions, CaptureProgram, CaptureSource, HookChoice},
    lab::{LinkType, Namespace, Tap},
};
use airlens_benches::{Table, median, wanted};
use airlens_tests::support::{
    capture::Told,
    cli::airlens,
    ethernet::{tcp, udp},
    program::{Kind, Program},
};
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 9;
const RING: u32 = 64 << 20;
const SIZES: [usize; 3] = [64, 512, 1500];

/// None, one that takes the packet at once, one that follows the header's length, and a list of networks; then one that
/// leaves it out.
const FILTERS: [(&str, &str); 6] = [
    ("none", ""),
    ("ip", "ip"),
    ("tcp port 443", "tcp port 443"),
    ("20 hosts and a port", "20"),
    ("not taken: arp", "arp"),
    ("not taken: udp port 53", "udp port 53"),
];

fn main() -> Result<()> {
    if wanted("capture-programs") {
        for (name, kind) in [("capture", Kind::Xdp), ("capture_tc", Kind::Classifier)] {
            programs(name, kind)?;
        }
    }
    if wanted("capture-live") {
        live()?;
    }
    Ok(())
}

fn expression(text: &str) -> String {
    if text != "20" {
        return text.to_owned();
    }
    // The last of them is the packet's.
    let hosts: Vec<_> = (0..20).map(|host| format!("dst host 10.0.{}.2", 19 - host)).collect();
    format!("({}) and port 443", hosts.join(" or "))
}

fn programs(name: &'static str, kind: Kind) -> Result<()> {
    let mut table = Table::new(["filter", "octets", "ns a packet", "empty program, ns", "on the ring"]);
    let result = if kind == Kind::Xdp { 2 } else { -1 };
    let baseline = Program::returning(kind, result)?;
    for (label, text) in FILTERS {
        let filter = (!text.is_empty())
            .then(|| Filter::compile(&expression(text), 1))
            .transpose()?;
        for octets in SIZES {
            let packet = tcp(octets);
            let (mut ours, mut empty, mut captured) = (Vec::new(), Vec::new(), 0);
            for _ in 0..RUNS {
                let mut capture = CaptureProgram::load(&CaptureOptions {
                    ring_bytes: RING,
                    snap_length: 65_535,
                })?;
                capture.prepare(&CaptureSource {
                    interface: "lo",
                    index: 1,
                    filter: filter.as_ref(),
                    direction: None,
                    hook: HookChoice::Auto,
                })?;
                let program = Program::of(capture.programs(), name)?;
                // As many as the ring holds.
                let repeat = RING / (octets as u32 + 600) / 2;
                let (answer, time) = program.run(&packet, repeat)?;
                ensure!(answer == result, "{name} answered {answer}");
                let counts = capture.counts(0)?;
                ensure!(counts.holds() && counts.lost() == 0, "{counts:?}");
                captured = counts.captured.packets * 100 / counts.seen.packets;
                ours.push(time);
                empty.push(baseline.run(&packet, repeat)?.1);
            }
            table.row([
                label.to_owned(),
                octets.to_string(),
                median(ours).as_nanos().to_string(),
                median(empty).as_nanos().to_string(),
                format!("{captured} %"),
            ]);
        }
    }
    table.print(&format!("{name}, without an interface (median of {RUNS} runs)"));
    Ok(())
}

/// Which program captures.
#[derive(Clone, Copy, Debug)]
enum Who {
    Nobody,
    Airlens(&'static str),
    Tcpdump,
    Dumpcap,
}

/// A capture to /dev/null in progress.
struct Capture {
    child: Child,
    who: Who,
    log: tempfile::NamedTempFile,
}

impl Capture {
    fn start(namespace: &Namespace, who: Who) -> Result<Option<Self>> {
        let (mut command, ready) = match who {
            Who::Nobody => return Ok(None),
            Who::Airlens(hook) => {
                let mut command = airlens([
                    "capture",
                    "-i",
                    "tap0",
                    "--direction",
                    "in",
                    "--buffer",
                    "64M",
                    "-w",
                    "/dev/null",
                ])?;
                command.args(["--hook", hook]);
                (command, "capturing")
            }
            Who::Tcpdump => {
                let mut command = Command::new("tcpdump");
                command.args(["-i", "tap0", "-Z", "root", "-B", "65536", "-w", "/dev/null"]);
                (command, "listening on")
            }
            Who::Dumpcap => {
                let mut command = Command::new("dumpcap");
                command.args(["-i", "tap0", "-B", "64", "-w", "/dev/null"]);
                (command, "File: ")
            }
        };
        let log = tempfile::NamedTempFile::new()?;
        command.stdout(Stdio::null()).stderr(File::create(log.path())?);
        let child = namespace.run(|| command.spawn())?.with_context(|| format!("{who:?}"))?;
        let mut capture = Self { child, who, log };
        let start = Instant::now();
        while !fs::read_to_string(capture.log.path())?.contains(ready) {
            ensure!(
                start.elapsed() < Duration::from_secs(20) && capture.child.try_wait()?.is_none(),
                "{who:?}: {}",
                fs::read_to_string(capture.log.path())?
            );
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(200));
        Ok(Some(capture))
    }

    /// Packets captured and lost, as it tells them, and its processor time.
    fn stop(mut self) -> Result<(u64, u64, Duration)> {
        thread::sleep(Duration::from_millis(500));
        let time = processor_time(self.child.id())?;
        // SAFETY: our own child, which was not waited for yet.
        unsafe { libc::kill(self.child.id().cast_signed(), libc::SIGINT) };
        self.child.wait()?;
        let log = fs::read_to_string(self.log.path())?;
        let (captured, lost) = match self.who {
            Who::Airlens(_) => {
                let told = Told::of(&log, "tap0")?;
                (told.written, told.lost)
            }
            Who::Tcpdump => (
                number(&log, " packets captured")?,
                number(&log, " packets dropped by kernel")?,
            ),
            Who::Nobody | Who::Dumpcap => {
                // Packets received/dropped on interface 'tap0': 10/0 (…)
                let counts = log.rsplit_once("': ").context("dumpcap told nothing")?.1;
                let mut counts = counts.split(['/', ' ']);
                let mut next = || -> Result<u64> { Ok(counts.next().context("a count")?.parse()?) };
                (next()?, next()?)
            }
        };
        Ok((captured, lost, time))
    }
}

fn number(log: &str, before: &str) -> Result<u64> {
    let head = log.split_once(before).with_context(|| log.to_owned())?.0;
    Ok(head.rsplit(['\n', ' ']).next().context("a number")?.parse()?)
}

/// User and system time of a process.
fn processor_time(pid: u32) -> Result<Duration> {
    let text = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"))?;
    let fields: Vec<_> = text.rsplit_once(") ").context("stat")?.1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// As fast as one thread writes frames to a TAP.
fn live() -> Result<()> {
    const FRAMES: u32 = 500_000;
    const RUNS: usize = 5;
    let namespace = Namespace::new()?;
    let tap = namespace.run(|| Tap::new("tap0", LinkType::Ethernet))??;
    let mut table = Table::new([
        "captured by",
        "octets",
        "ns a frame",
        "captured a second",
        "lost",
        "ns of its own a frame",
    ]);
    let everyone = [
        Who::Nobody,
        Who::Airlens("native"),
        Who::Airlens("tc"),
        Who::Tcpdump,
        Who::Dumpcap,
    ];
    for octets in [64, 1500] {
        let frame = udp(1, octets);
        let mut results: Vec<Vec<(Duration, u64, u64, Duration)>> = vec![Vec::new(); everyone.len()];
        for _ in 0..RUNS {
            for (who, results) in everyone.into_iter().zip(&mut results) {
                let capture = Capture::start(&namespace, who)?;
                let start = Instant::now();
                for _ in 0..FRAMES {
                    tap.write(&frame)?;
                }
                let time = start.elapsed();
                let (captured, lost, own) = capture.map_or(Ok((0, 0, Duration::ZERO)), Capture::stop)?;
                results.push((time, captured, lost, own));
            }
        }
        for (who, mut results) in everyone.into_iter().zip(results) {
            results.sort_unstable();
            let (time, captured, lost, own) = results[RUNS / 2];
            table.row([
                format!("{who:?}"),
                octets.to_string(),
                (time / FRAMES).as_nanos().to_string(),
                format!("{:.0}", captured as f64 / time.as_secs_f64()),
                lost.to_string(),
                (own / FRAMES).as_nanos().to_string(),
            ]);
        }
    }
    table.print(&format!(
        "{FRAMES} frames from a TAP to /dev/null (the run of the median time of {RUNS})"
    ));
    Ok(())
}
