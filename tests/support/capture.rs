//! The capture program beside tcpdump.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use airlens::{
    capture::Reader,
    filter::Filter,
    kernel::{CaptureOptions, CaptureProgram, CaptureSource, CapturedPacket, HookChoice},
};
use airlens_common::capture::PacketHeader;
use anyhow::{Context as _, Result, ensure};
use aya::maps::{MapData, RingBuf};

use super::{program::Program, tshark};

/// A test run's packets come from the loopback interface.
const LOOPBACK: u32 = 1;

/// What the program answers: XDP_PASS, TC_ACT_UNSPEC.
#[must_use]
pub fn passes(program: &str) -> i32 {
    if program == "capture" { 2 } else { -1 }
}

/// The capture program with a filter, to be run over packets without an interface.
pub struct Bench {
    /// The programs.
    pub capture: CaptureProgram,
    program: Program,
    name: &'static str,
    ring: RingBuf<MapData>,
}

impl Bench {
    /// Loads it.
    ///
    /// # Errors
    ///
    /// The kernel does not take it.
    pub fn new(name: &'static str, filter: Option<&Filter>, snap_length: u32) -> Result<Self> {
        let mut capture = CaptureProgram::load(&CaptureOptions {
            ring_bytes: 1 << 20,
            snap_length,
        })?;
        capture.prepare(&CaptureSource {
            interface: "lo",
            index: LOOPBACK,
            filter,
            direction: None,
            hook: HookChoice::Auto,
        })?;
        let program = Program::of(capture.programs(), name)?;
        Ok(Self {
            ring: capture.ring()?.0,
            capture,
            program,
            name,
        })
    }

    /// Sets another filter.
    ///
    /// # Errors
    ///
    /// The kernel does not take it.
    pub fn set_filter(&mut self, filter: &Filter) -> Result<()> {
        Ok(self.capture.set_filter(0, filter)?)
    }

    /// Runs it over a packet: what it put on the ring.
    ///
    /// # Errors
    ///
    /// It answered anything but what lets the packet pass, or put more than one record there.
    pub fn run(&mut self, packet: &[u8]) -> Result<Option<(PacketHeader, Vec<u8>)>> {
        let (result, _) = self.program.run(packet, 1)?;
        ensure!(result == passes(self.name), "returned {result}");
        let record = self.ring.next().map(|record| {
            CapturedPacket::from_record(&record)
                .map(|packet| (packet.header, packet.octets.to_vec()))
                .context("no record")
        });
        ensure!(self.ring.next().is_none(), "a second record");
        record.transpose()
    }
}

/// Which of the packets tcpdump chooses, by their positions.
///
/// # Errors
///
/// tcpdump is not installed, or does not know the expression.
pub fn chosen(folder: &Path, link_type: u32, packets: &[Vec<u8>], expression: &str) -> Result<BTreeSet<usize>> {
    let (from, to) = (folder.join("all.pcap"), folder.join("chosen.pcap"));
    let mut file = tshark::capture(link_type, packets)?;
    // Their positions as their times, in seconds.
    let mut at = 24;
    for (position, packet) in packets.iter().enumerate() {
        file[at..at + 4].copy_from_slice(&u32::try_from(position)?.to_le_bytes());
        at += 16 + packet.len();
    }
    fs::write(&from, file)?;
    let mut tcpdump = Command::new("tcpdump");
    tcpdump.arg("-Z").arg("root").arg("-r").arg(&from).arg("-w").arg(&to);
    let said = tcpdump
        .arg(expression)
        .output()
        .context("tcpdump: install it (apt-get install tcpdump)")?;
    ensure!(
        said.status.success(),
        "tcpdump {expression:?}: {}",
        String::from_utf8_lossy(&said.stderr)
    );
    let chosen = fs::read(&to)?;
    let mut reader = Reader::new(&chosen[..])?;
    let mut positions = BTreeSet::new();
    while let Some(packet) = reader.next_packet()? {
        positions.insert(usize::try_from(packet.time.context("no time")? / 1_000_000_000)?);
    }
    Ok(positions)
}

/// Fails unless tshark and capinfos read a file to its end without a complaint, and find so many packets.
///
/// # Errors
///
/// They complain, or are not installed.
pub fn wireshark_reads(path: &Path, packets: usize) -> Result<()> {
    let tshark = Command::new("tshark").arg("-n").arg("-r").arg(path).output()?;
    let capinfos = Command::new("capinfos").arg("-Mc").arg(path).output()?;
    for said in [&tshark, &capinfos] {
        let complaints = String::from_utf8_lossy(&said.stderr)
            .lines()
            .filter(|line| !line.starts_with("Running as user"))
            .collect::<Vec<_>>()
            .join("\n");
        ensure!(
            said.status.success() && complaints.is_empty(),
            "{}: {complaints}",
            path.display()
        );
    }
    let lines = String::from_utf8_lossy(&tshark.stdout).lines().count();
    ensure!(lines == packets, "tshark reads {lines} of {packets} packets");
    let counted = String::from_utf8_lossy(&capinfos.stdout).into_owned();
    ensure!(
        counted.split_whitespace().any(|word| word == packets.to_string()),
        "capinfos: {counted}"
    );
    Ok(())
}

/// The numbers of the balance that a capture tells of an interface at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Packets that reached the hook.
    pub seen: u64,
    /// On the ring.
    pub captured: u64,
    /// Left out.
    pub filtered: u64,
    /// Lost.
    pub lost: u64,
    /// Written.
    pub written: u64,
}

impl Told {
    /// Reads the line of an interface.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn of(log: &str, interface: &str) -> Result<Self> {
        let line = log
            .lines()
            .find_map(|line| line.strip_prefix(&format!("airlens: {interface}: seen ")))
            .with_context(|| log.to_owned())?;
        let after = |word: &str| -> Result<u64> {
            let rest = line.split_once(word).context("a word is missing")?.1;
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            Ok(digits.parse()?)
        };
        let told = Self {
            seen: line.split(' ').next().context("seen")?.parse()?,
            captured: after("captured ")?,
            filtered: after("filtered ")?,
            lost: after("lost ")?,
            written: after("written ")?,
        };
        ensure!(told.seen == told.captured + told.filtered + told.lost, "{line}");
        Ok(told)
    }
}
