//! From frame to profile: in process, and as whole processes beside tshark on the same file.
//!
//! The frames are those of `../shared/corpus` where it is there, else the project's own capture, many times over.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use airlens::{
    capture::Reader,
    dot11::link::LinkType,
    profile::{Capture, Profile},
};
use airlens_benches::{Table, median, wanted};
use anyhow::{Context as _, Result, ensure};

const RUNS: usize = 9;
/// Frames of the file that the processes read, at least.
const FRAMES: usize = 10_000;
const RADIOTAP: u32 = 127;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let frames = frames(&root)?;
    let requests: Vec<_> = frames.iter().filter(|frame| profile(frame).is_some()).collect();
    ensure!(!requests.is_empty(), "no request in the captures");
    println!("{} frames, {} of them requests", frames.len(), requests.len());
    if wanted("decode") {
        in_process(&requests)?;
    }
    if wanted("analyze") {
        processes(&root, &frames)?;
    }
    Ok(())
}

fn profile(frame: &[u8]) -> Option<Profile> {
    Profile::from_packet(LinkType::Radiotap, frame, Capture::default())
        .ok()
        .flatten()
}

fn in_process(requests: &[&Vec<u8>]) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        for request in requests {
            std::hint::black_box(profile(std::hint::black_box(request)));
        }
        times.push(start.elapsed() / u32::try_from(requests.len())?);
    }
    println!(
        "frame to profile, in process: {} ns (median of {RUNS} runs)",
        median(times).as_nanos()
    );
    Ok(())
}

/// The same file through airlens and tshark, their processor time.
fn processes(root: &Path, frames: &[Vec<u8>]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("merged.pcap");
    write(&file, frames)?;
    let airlens = root.join("target/release/airlens");
    ensure!(airlens.is_file(), "no {}: run `cargo xtask bench`", airlens.display());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(run(Command::new(&airlens).args(["analyze", "--jsonl"]).arg(&file))?);
        let tshark = run(Command::new("tshark").args(["-T", "json", "-r"]).arg(&file));
        theirs.push(tshark.context("tshark is the peer: `cargo xtask setup` installs it")?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let milliseconds = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    let mut table = Table::new(["program", "ms", "ratio"]);
    table.row(["airlens analyze --jsonl".to_owned(), milliseconds(ours), "1".to_owned()]);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    table.row(["tshark -T json".to_owned(), milliseconds(theirs), format!("{ratio:.0}")]);
    table.print("Processor time of a whole process, the same frames");
    Ok(())
}

/// User and system time of a process that is waited for.
fn run(command: &mut Command) -> Result<Duration> {
    let before = children();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(children() - before)
}

fn children() -> Duration {
    // SAFETY: all-zero is a valid rusage, and the call fills it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let time =
        |value: libc::timeval| Duration::new(value.tv_sec.unsigned_abs(), value.tv_usec.unsigned_abs() as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn frames(root: &Path) -> Result<Vec<Vec<u8>>> {
    let corpus = root.join("../shared/corpus/taxonomy/pcaps");
    let mut files: Vec<PathBuf> = match fs::read_dir(&corpus) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?,
        Err(_) => {
            println!("no ../shared/corpus: the project's own capture instead");
            vec![root.join("tests/fixtures/hwsim.pcap")]
        }
    };
    files.sort();
    let mut frames = Vec::new();
    for file in files {
        let mut reader = Reader::new(File::open(&file)?)?;
        // One file of the corpus is cut off: what is before it counts.
        while let Ok(Some(packet)) = reader.next_packet() {
            if packet.link_type == RADIOTAP {
                frames.push(packet.octets.to_vec());
            }
        }
    }
    Ok(frames)
}

/// A classic pcap file of radiotap frames, over and over until there are enough.
fn write(path: &Path, frames: &[Vec<u8>]) -> Result<()> {
    let mut file = std::io::BufWriter::new(File::create(path)?);
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0x0004_0000, RADIOTAP] {
        file.write_all(&u32::to_ne_bytes(word))?;
    }
    for frame in frames.iter().cycle().take(FRAMES.max(frames.len())) {
        let length = frame.len() as u32;
        for word in [1_700_000_000, 0, length, length] {
            file.write_all(&u32::to_ne_bytes(word))?;
        }
        file.write_all(frame)?;
    }
    Ok(file.flush()?)
}
