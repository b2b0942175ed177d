//! `airlens capture`: packets from the kernel to pcapng.

mod output;
mod recorder;
mod signals;
mod values;

use std::{
    io::{self, IsTerminal as _, Write},
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use aya::maps::{MapData, RingBuf};

use super::Exit;
use crate::{
    config::{self, Hook},
    filter::Filter,
    kernel::{
        Attachment, CaptureDevice, CaptureOptions, CaptureProgram, CaptureSource, CapturedInterface, Clock, Direction,
        HookChoice, KernelError, RingWaiter, Scribe,
    },
};
use output::{Bounds, Output};
use recorder::Recorder;
use signals::{Asked, Signals};

/// How often it is seen whether the interfaces are there.
const LOOK: Duration = Duration::from_secs(1);

/// Capture packets to pcapng, filtered in the kernel
///
/// A loss is counted by cause, told when the capture ends, and stands in the file's statistics.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Interface to capture on; again for more
    #[arg(short, long = "interface", value_name = "IF", required = true)]
    interfaces: Vec<String>,
    /// Packets to capture, in tcpdump's language (man pcap-filter), such as 'tcp port 443' or 'type mgt'; needs libpcap
    #[arg(short, long, value_name = "EXPR")]
    filter: Option<String>,
    /// File to write, or - for standard output, which is the default where it is a pipe or a file
    #[arg(short, long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Octets to take of each packet
    #[arg(short, long, value_name = "OCTETS", default_value_t = 65_535, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    snaplen: u32,
    /// End after so many packets
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// End after so long
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds)]
    duration: Option<Duration>,
    /// Received packets, sent ones, or both
    #[arg(long, value_name = "WAY", default_value = "both")]
    direction: Way,
    /// Keep the newest N files, named FILE_NUMBER_TIME
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), requires = "write", requires = "bounds")]
    ring_files: Option<u32>,
    /// Begin a new file when one has so many octets: 100M, say
    #[arg(long, value_name = "SIZE", value_parser = values::octets, requires = "ring_files", group = "bounds")]
    ring_size: Option<u64>,
    /// Begin a new file after so long
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, requires = "ring_files", group = "bounds")]
    ring_seconds: Option<Duration>,
    /// Keep the last seconds in memory, and write them to FILE_NUMBER_TIME on each SIGUSR1
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, conflicts_with_all = ["ring_files", "count"], requires = "write")]
    last: Option<Duration>,
    /// Memory for the last seconds
    #[arg(long, value_name = "SIZE", value_parser = values::octets, default_value = "256M", requires = "last")]
    last_size: u64,
    /// Memory of the kernel for packets that are not yet written
    #[arg(long, value_name = "SIZE", value_parser = values::octets, default_value = "16M")]
    buffer: u64,
    /// Where packets are received: auto (native XDP, else TCX, else generic XDP), native, generic or tc
    #[arg(long, default_value = "auto", value_parser = config::parse::<Hook>)]
    hook: Hook,
}

/// Which packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// Received and sent.
    Both,
    /// Received.
    In,
    /// Sent.
    Out,
}

/// What the command line asks for can't be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaptureUsage {
    /// No file and a terminal.
    #[error(
        "name a file with -w, or send the output through a pipe (airlens capture -i eth0 -w - | wireshark -k -i -)"
    )]
    Terminal,
    /// A pipe where files are made.
    #[error("standard output can't be a ring or a snapshot: name a file with -w")]
    Pipe,
    /// A ring's memory.
    #[error("--buffer {octets}: 1G is the most that a ring of the kernel holds here")]
    Buffer {
        /// What was asked for.
        octets: u64,
    },
    /// The same interface twice.
    #[error("-i {0} is there twice")]
    Twice(String),
}

pub(super) fn run(args: &Args, err: &mut dyn Write) -> anyhow::Result<Exit> {
    let path = path(args, io::stdout().is_terminal())?;
    let buffer = u32::try_from(args.buffer)
        .ok()
        .filter(|octets| *octets <= 1 << 30)
        .ok_or(CaptureUsage::Buffer { octets: args.buffer })?;
    let mut sources = Vec::new();
    for (at, name) in args.interfaces.iter().enumerate() {
        if args.interfaces[..at].contains(name) {
            return Err(CaptureUsage::Twice(name.clone()).into());
        }
        let device = CaptureDevice::find(name)?;
        let expression = args.filter.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let filter = expression
            .map(|text| Filter::compile(text, device.link_type))
            .transpose()?;
        sources.push((device, filter));
    }
    // Before the programs run, so that a signal ends the capture cleanly from its first packet on.
    let mut signals = Signals::new().context("can't wait for signals")?;
    let mut program = CaptureProgram::load(&CaptureOptions {
        ring_bytes: buffer,
        snap_length: args.snaplen,
    })?;
    let (ring, _) = program.ring()?;
    // Before packets come: a file that can't be written costs none.
    let output = output(args, &path)?;
    let named = sources.iter().map(|(device, filter)| {
        let expression = filter.as_ref().map(|filter| filter.expression().to_owned());
        CapturedInterface::new(device.clone(), expression)
    });
    let scribe = Scribe::new(named.collect(), args.snaplen);
    let mut recorder = Recorder::new(scribe, output, args.count)?;
    for (device, filter) in &sources {
        let attached = program.attach(&CaptureSource {
            interface: &device.name,
            index: device.index,
            filter: filter.as_ref(),
            direction: match args.direction {
                Way::Both => None,
                Way::In => Some(Direction::Receive),
                Way::Out => Some(Direction::Transmit),
            },
            hook: hook(args.hook),
        })?;
        for Attachment {
            program,
            interface,
            hook,
        } in attached
        {
            // Nobody has to listen.
            let _ = writeln!(err, "airlens: {program} on {interface} by {hook}");
        }
    }
    let _ = writeln!(err, "airlens: capturing");
    let end = args.duration.map(|duration| Instant::now() + duration);
    record(&mut recorder, &mut program, ring, &mut signals, end, err)
}

/// Reads the ring until the end that is asked for, or until the last interface is gone.
fn record(
    recorder: &mut Recorder,
    program: &mut CaptureProgram,
    mut ring: RingBuf<MapData>,
    signals: &mut Signals,
    end: Option<Instant>,
    err: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let waiter = RingWaiter::new(ring.as_raw_fd(), signals.descriptor()).context("can't wait for packets")?;
    let mut looked = Instant::now();
    let mut gone = false;
    let mut more = false;
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        let asked = waiter
            .wait(if more { Some(Duration::ZERO) } else { left })
            .then(|| signals.read());
        more = drain(recorder, program, &mut ring)?;
        match asked {
            Some(Asked::Snapshot) => drop(writeln!(err, "airlens: {}", recorder.snapshot(program)?)),
            Some(Asked::End) => break,
            None => {}
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            gone = !recorder.interfaces().iter().any(|captured| captured.device().exists());
        }
        if recorder.is_done() || gone || end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
    }
    program.detach()?;
    while drain(recorder, program, &mut ring)? {}
    recorder.finish(program)?;
    tell(recorder, program, err)?;
    if gone {
        let name = recorder.interfaces().last().map(|last| last.device().name.clone());
        return Err(KernelError::InterfaceGone {
            name: name.unwrap_or_default(),
        }
        .into());
    }
    Ok(Exit::Success)
}

/// Records of a round: a flood must not keep signals and the clock waiting.
const ROUND: usize = 1 << 16;

/// Takes what is on the ring, up to a round; true if there may be more.
fn drain(recorder: &mut Recorder, program: &CaptureProgram, ring: &mut RingBuf<MapData>) -> anyhow::Result<bool> {
    for _ in 0..ROUND {
        let Some(record) = ring.next() else {
            recorder.rest(program)?;
            return Ok(false);
        };
        recorder.add(&record, program)?;
    }
    recorder.rest(program)?;
    Ok(true)
}

/// The balance of each interface.
fn tell(recorder: &Recorder, program: &CaptureProgram, err: &mut dyn Write) -> anyhow::Result<()> {
    for (slot, captured) in (0..).zip(recorder.interfaces()) {
        let name = &captured.device().name;
        let counts = program.counts(slot)?;
        let _ = writeln!(
            err,
            "airlens: {}: seen {} = captured {} + filtered {} + lost {} (ring-full {}, copy {}); written {}",
            name,
            counts.seen.packets,
            counts.captured.packets,
            counts.filtered.packets,
            counts.lost(),
            counts.ring_full.packets,
            counts.copy.packets,
            captured.written()
        );
        if counts.ring_full.packets > 0 {
            let _ = writeln!(
                err,
                "airlens: {name}: the output was too slow: a filter or --snaplen takes less, --buffer holds more"
            );
        }
    }
    Ok(())
}

fn path(args: &Args, terminal: bool) -> Result<PathBuf, CaptureUsage> {
    let path = args.write.clone().unwrap_or_else(|| PathBuf::from("-"));
    if path != Path::new("-") {
        return Ok(path);
    }
    if args.ring_files.is_some() || args.last.is_some() {
        return Err(CaptureUsage::Pipe);
    }
    if terminal {
        Err(CaptureUsage::Terminal)
    } else {
        Ok(path)
    }
}

fn output(args: &Args, path: &Path) -> anyhow::Result<Output> {
    if let Some(span) = args.last {
        let octets = usize::try_from(args.last_size).unwrap_or(usize::MAX);
        return Ok(Output::memory(path, span, octets));
    }
    if let Some(files) = args.ring_files {
        let bounds = Bounds {
            octets: args.ring_size,
            time: args.ring_seconds,
        };
        return Ok(Output::ring(path, files as usize, bounds, Clock::unix())?);
    }
    Ok(Output::one(path)?)
}

fn hook(hook: Hook) -> HookChoice {
    match hook {
        Hook::Auto => HookChoice::Auto,
        Hook::Native => HookChoice::Native,
        Hook::Generic => HookChoice::Generic,
        Hook::Tc => HookChoice::Tc,
    }
}
