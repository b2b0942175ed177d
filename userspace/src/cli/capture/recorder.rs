//! From the kernel's ring to the output, in large writes.

use airlens_common::data::TRANSMIT;

use super::output::Output;
use crate::{
    capture::write::{self, InterfaceBlock, PacketBlock, PacketDirection, StatisticsBlock, WrittenBy},
    kernel::{CaptureCounts, CaptureDevice, CaptureProgram, CapturedPacket, Clock, KernelError},
    publish::atomic::WriteError,
};

/// Octets that are written at once.
const BATCH: usize = 1 << 20;

/// An interface that is captured.
pub(super) struct Source {
    pub(super) device: CaptureDevice,
    pub(super) filter: Option<String>,
    /// Packets written.
    pub(super) written: u64,
    /// Packets lost of which a packet's block has told.
    told: u64,
    /// Those that the next one tells of.
    dropped: u64,
}

impl Source {
    pub(super) fn new(device: CaptureDevice, filter: Option<String>) -> Self {
        Self {
            device,
            filter,
            written: 0,
            told: 0,
            dropped: 0,
        }
    }
}

/// What goes into the files.
pub(super) struct Recorder {
    sources: Vec<Source>,
    output: Output,
    snap_length: u32,
    system: String,
    hardware: String,
    /// Unix time in ns.
    started: u64,
    /// Packet blocks that are not yet written.
    batch: Vec<u8>,
    /// The newest packet's time.
    last: u64,
    /// What the kernel's clock is ahead.
    ahead: u64,
    /// Packets that are still wanted.
    left: u64,
}

impl Recorder {
    pub(super) fn new(
        sources: Vec<Source>,
        output: Output,
        snap_length: u32,
        count: Option<u64>,
    ) -> Result<Self, WriteError> {
        let (system, hardware) = machine();
        let mut recorder = Self {
            sources,
            output,
            snap_length,
            system,
            hardware,
            started: Clock::unix(),
            batch: Vec::with_capacity(BATCH + (128 << 10)),
            last: 0,
            ahead: Clock::ahead_of_unix(),
            left: count.unwrap_or(u64::MAX),
        };
        let start = recorder.start();
        recorder.output.frame(&start)?;
        Ok(recorder)
    }

    /// As many packets as were asked for.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0
    }

    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Adds a record of the ring.
    pub(super) fn add(&mut self, record: &[u8], program: &CaptureProgram) -> anyhow::Result<()> {
        let Some(packet) = CapturedPacket::from_record(record) else {
            return Ok(());
        };
        let Some(source) = self.sources.get_mut(packet.header.slot as usize) else {
            return Ok(());
        };
        if self.left == 0 {
            return Ok(());
        }
        let time = packet.header.time.saturating_sub(self.ahead);
        write::packet(
            &mut self.batch,
            &PacketBlock {
                interface: packet.header.slot,
                time,
                length: packet.header.length,
                octets: packet.octets,
                direction: Some(if packet.header.direction == TRANSMIT {
                    PacketDirection::Outbound
                } else {
                    PacketDirection::Inbound
                }),
                dropped: std::mem::take(&mut source.dropped),
                comment: None,
            },
        );
        source.written += 1;
        self.left -= 1;
        self.last = self.last.max(time);
        if self.batch.len() >= BATCH {
            self.flush()?;
            self.note_losses(program)?;
        }
        if self.output.is_full(self.batch.len(), time) {
            self.turn(program)?;
        }
        Ok(())
    }

    /// Nothing is on the ring at the moment.
    pub(super) fn rest(&mut self, program: &CaptureProgram) -> anyhow::Result<()> {
        // The clock may have been set.
        self.ahead = Clock::ahead_of_unix();
        self.flush()?;
        self.note_losses(program)?;
        if self.output.is_full(0, Clock::unix()) {
            self.turn(program)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        if !self.batch.is_empty() {
            self.output.add(&self.batch, self.last)?;
            self.batch.clear();
        }
        Ok(())
    }

    fn turn(&mut self, program: &CaptureProgram) -> anyhow::Result<()> {
        self.flush()?;
        let (end, start) = (self.end(program, 0)?, self.start());
        self.output.turn(&end, &start, Clock::unix())?;
        Ok(())
    }

    /// Writes the last seconds to a file: what there is to say of it.
    pub(super) fn snapshot(&mut self, program: &CaptureProgram) -> anyhow::Result<String> {
        self.flush()?;
        let now = Clock::unix();
        let (start, end) = (self.start(), self.end(program, 0)?);
        Ok(match self.output.snapshot(&start, &end, now)? {
            None => "SIGUSR1 writes a snapshot only with --last".to_owned(),
            Some((path, octets, incomplete)) => {
                let missing = if incomplete {
                    "; older packets of that time had no room: --last-size gives more"
                } else {
                    ""
                };
                format!("{}: {octets} octets of packets{missing}", path.display())
            }
        })
    }

    /// Writes what is left and the statistics.
    pub(super) fn finish(&mut self, program: &CaptureProgram) -> anyhow::Result<()> {
        self.flush()?;
        let end = self.end(program, Clock::unix())?;
        self.output.frame(&end)?;
        Ok(())
    }

    /// What is lost from now on is told by the packet that comes next.
    fn note_losses(&mut self, program: &CaptureProgram) -> Result<(), KernelError> {
        for (slot, source) in (0..).zip(&mut self.sources) {
            let lost = program.counts(slot)?.lost();
            source.dropped += lost - source.told;
            source.told = lost;
        }
        Ok(())
    }

    /// Section header and interfaces.
    fn start(&self) -> Vec<u8> {
        let mut blocks = Vec::new();
        write::section(
            &mut blocks,
            &WrittenBy {
                hardware: Some(&self.hardware),
                system: Some(&self.system),
                ..WrittenBy::default()
            },
        );
        for source in &self.sources {
            write::interface(
                &mut blocks,
                &InterfaceBlock {
                    link_type: source.device.link_type,
                    snap_length: self.snap_length,
                    name: Some(&source.device.name),
                    filter: source.filter.as_deref(),
                    system: Some(&self.system),
                },
            );
        }
        blocks
    }

    /// Statistics of each interface.
    fn end(&self, program: &CaptureProgram, ended: u64) -> Result<Vec<u8>, KernelError> {
        let mut blocks = Vec::new();
        for (interface, source) in (0..).zip(&self.sources) {
            let counts: CaptureCounts = program.counts(interface)?;
            write::statistics(
                &mut blocks,
                &StatisticsBlock {
                    interface,
                    time: Clock::unix(),
                    start: self.started,
                    end: ended,
                    received: counts.seen.packets,
                    dropped: counts.lost(),
                    accepted: counts.captured.packets + counts.lost(),
                    delivered: source.written,
                },
            );
        }
        Ok(blocks)
    }
}

/// Operating system and hardware, as `uname` tells them.
fn machine() -> (String, String) {
    let read = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
        text.trim().to_owned()
    };
    (
        format!("{} {}", read("ostype"), read("osrelease")),
        std::env::consts::ARCH.to_owned(),
    )
}
