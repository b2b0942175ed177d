//! The files of `airlens capture`: rings, snapshots, what becomes of them when something fails. Needs root, tun and tshark.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use airlens::lab::{LinkType, Tap};
use airlens_tests::support::{
    capture::{Told, wireshark_reads},
    cli::{Said, airlens},
    ethernet::udp,
    pcapng::{File, number},
    run::{Network, Place, Running},
    settled,
};
use anyhow::{Context as _, Result, ensure};

/// A TAP, and a capture of what comes in on it.
struct Capture {
    tap: Tap,
    running: Running,
    _network: Network,
    place: Place,
}

impl Capture {
    fn start(path: &str, arguments: &[&str]) -> Result<Self> {
        Self::within(Place::new()?, path, arguments)
    }

    fn within(place: Place, path: &str, arguments: &[&str]) -> Result<Self> {
        let network = Network::new()?;
        let tap = network.here.run(|| Tap::new("tap0", LinkType::Ethernet))??;
        settled(&network.here, "tap0")?;
        let mut command = airlens(["capture", "-i", "tap0", "--direction", "in", "-w"])?;
        command.arg(place.folder().join(path)).args(arguments);
        let mut running = Running::spawn(&network, &place, &mut command)?;
        let log = place.folder().join("log");
        running.until("it captures", || Ok(fs::read_to_string(&log)?.contains("capturing")))?;
        Ok(Self {
            tap,
            running,
            _network: network,
            place,
        })
    }

    fn send(&self, flows: std::ops::Range<u32>, octets: usize) -> Result<()> {
        for flow in flows {
            self.tap.write(&udp(flow, octets))?;
        }
        Ok(())
    }
}

/// Captures in a folder, by their names.
fn captures(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "pcapng") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Which flows a capture has, in their order.
fn flows(file: &File) -> Vec<u32> {
    let flow = |octets: &[u8]| u32::from_be_bytes([0, octets[27], octets[28], octets[29]]);
    file.packets.iter().map(|packet| flow(&packet.octets)).collect()
}

#[test]
fn a_ring_of_files_by_size() -> Result<()> {
    let capture = Capture::start("ring.pcapng", &["--ring-files", "3", "--ring-size", "64K"])?;
    capture.send(0..1000, 1000)?;
    let Capture { running, place, .. } = capture;
    running.signal(libc::SIGINT);
    let (code, log) = running.end()?;
    ensure!(code == Some(0), "{log}");
    let told = Told::of(&log, "tap0")?;
    assert_eq!((told.written, told.lost), (1000, 0));
    let paths = captures(&place.folder())?;
    assert_eq!(paths.len(), 3, "{paths:?}");
    let mut all = Vec::new();
    for path in &paths {
        let name = path.file_stem().and_then(|name| name.to_str()).context("a name")?;
        let parts: Vec<_> = name.split('_').collect();
        ensure!(
            parts[0] == "ring" && parts[1].len() == 5 && parts[2].len() == 14,
            "{name}"
        );
        let size = fs::metadata(path)?.len();
        assert!(size < (64 << 10) + 2000, "{name}: {size}");
        assert_eq!(fs::metadata(path)?.permissions().mode() & 0o777 & !0o640, 0);
        let file = File::read(path)?;
        wireshark_reads(path, file.packets.len())?;
        assert_eq!(file.statistics.len(), 1, "{name}");
        all.extend(flows(&file));
    }
    // The newest packets, none missing from one file to the next.
    let first = *all.first().context("no packet")?;
    assert!(all == (first..1000).collect::<Vec<_>>(), "{all:?}");
    let last = File::read(&paths[2])?;
    assert_eq!(number(&last.statistics[0].1, 8), 1000);
    Ok(())
}

#[test]
fn a_ring_of_files_by_time() -> Result<()> {
    let capture = Capture::start("time.pcapng", &["--ring-files", "100", "--ring-seconds", "0.4"])?;
    for round in 0..4 {
        capture.send(round * 10..round * 10 + 10, 100)?;
        thread::sleep(Duration::from_millis(450));
    }
    let Capture { running, place, .. } = capture;
    // As timeout(1) does it: once to the process, once to its group.
    running.signal(libc::SIGTERM);
    thread::sleep(Duration::from_millis(2));
    running.signal(libc::SIGTERM);
    let (code, log) = running.end()?;
    ensure!(code == Some(0), "{code:?}: {log}");
    let paths = captures(&place.folder())?;
    assert!((4..=8).contains(&paths.len()), "{paths:?}");
    let mut all = Vec::new();
    for path in &paths {
        all.extend(flows(&File::read(path)?));
    }
    assert_eq!(all, (0..40).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn the_last_seconds_on_a_signal() -> Result<()> {
    let mut capture = Capture::start("last.pcapng", &["--last", "1"])?;
    capture.send(0..10, 100)?;
    thread::sleep(Duration::from_millis(1300));
    capture.send(10..30, 100)?;
    let log = capture.place.folder().join("log");
    for snapshot in 1..=2 {
        thread::sleep(Duration::from_millis(150));
        capture.running.signal(libc::SIGUSR1);
        capture.running.until("a snapshot", || {
            Ok(fs::read_to_string(&log)?.matches("octets of packets").count() == snapshot)
        })?;
        capture.send(30..35, 100)?;
    }
    let Capture { running, place, .. } = capture;
    running.signal(libc::SIGINT);
    let (code, log) = running.end()?;
    ensure!(code == Some(0), "{log}");
    let paths = captures(&place.folder())?;
    assert_eq!(paths.len(), 2, "{paths:?}");
    let files = [File::read(&paths[0])?, File::read(&paths[1])?];
    assert_eq!(flows(&files[0]), (10..30).collect::<Vec<_>>());
    assert_eq!(flows(&files[1]), (10..35).collect::<Vec<_>>());
    for (path, file) in paths.iter().zip(&files) {
        wireshark_reads(path, file.packets.len())?;
        assert_eq!(file.statistics.len(), 1);
    }
    Ok(())
}

#[test]
fn as_many_packets_as_were_asked_for() -> Result<()> {
    let capture = Capture::start("count.pcapng", &["--count", "17"])?;
    capture.send(0..50, 100)?;
    let Capture { running, place, .. } = capture;
    let (code, log) = running.end()?;
    ensure!(code == Some(0), "{log}");
    let file = File::read(&place.folder().join("count.pcapng"))?;
    assert_eq!(flows(&file), (0..17).collect::<Vec<_>>());
    assert_eq!(Told::of(&log, "tap0")?.written, 17);
    Ok(())
}

/// A small file system of its own.
struct Small(PathBuf);

impl Small {
    fn mount(at: PathBuf) -> Result<Self> {
        fs::create_dir(&at)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "none"])
            .arg(&at)
            .status()?;
        ensure!(mounted.success(), "mount");
        Ok(Self(at))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_what_was_written_can_be_read() -> Result<()> {
    let place = Place::new()?;
    let small = Small::mount(place.folder().join("small"))?;
    let capture = Capture::within(place, "small/full.pcapng", &[])?;
    capture.send(0..200, 1000)?;
    let Capture { running, place, .. } = capture;
    let (code, log) = running.end()?;
    ensure!(code == Some(9), "{code:?}: {log}");
    ensure!(log.contains("full.pcapng") && log.contains("free some space"), "{log}");
    let path = place.folder().join("small/full.pcapng");
    let file = File::read(&path)?;
    wireshark_reads(&path, file.packets.len())?;
    drop(small);
    Ok(())
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_well() -> Result<()> {
    let network = Network::new()?;
    let tap = network.here.run(|| Tap::new("tap0", LinkType::Ethernet))??;
    let mut command = airlens(["capture", "-i", "tap0"])?;
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = network.here.run(|| command.spawn())??;
    drop(child.stdout.take());
    let mut ended = None;
    for flow in 0..1000 {
        tap.write(&udp(flow, 100))?;
        thread::sleep(Duration::from_millis(10));
        ended = child.try_wait()?;
        if ended.is_some() {
            break;
        }
    }
    ensure!(ended.and_then(|status| status.code()) == Some(0), "{ended:?}");
    Ok(())
}

#[test]
fn what_cant_be_done_is_told() -> Result<()> {
    for (arguments, code, words) in [
        (&["-i", "none0", "-w", "/dev/null"][..], 6, &["no interface none0"][..]),
        (
            &["-i", "lo", "-w", "/dev/null", "-f", "prot 80"],
            2,
            &["prot 80", "pcap-filter"],
        ),
        (
            &["-i", "lo", "-w", "/dev/null", "-f", "type mgt"],
            2,
            &["type mgt", "802.11"],
        ),
        (&["-i", "lo", "-i", "lo", "-w", "/dev/null"], 2, &["twice"]),
        (&["-i", "lo", "-w", "-", "--last", "3"], 2, &["standard output"]),
        (&["-i", "lo", "-w", "/dev/null", "--buffer", "3G"], 2, &["--buffer"]),
        (&["-i", "lo", "-w", "/nowhere/file"], 9, &["/nowhere/file"]),
    ] {
        let mut command = airlens(["capture"])?;
        Said::by(command.args(arguments))?.refuses(code, words)?;
    }
    Ok(())
}
