//! From the kernel's ring to the output, in large writes.

use super::output::Output;
use crate::{
    kernel::{CaptureProgram, CapturedInterface, Clock, Scribe},
    publish::atomic::WriteError,
};

/// Octets that are written at once.
const BATCH: usize = 1 << 20;

/// What goes into the files.
pub(super) struct Recorder {
    scribe: Scribe,
    output: Output,
    /// Packet blocks that are not yet written.
    batch: Vec<u8>,
    /// The newest packet's time.
    last: u64,
    /// Packets that are still wanted.
    left: u64,
}

impl Recorder {
    pub(super) fn new(scribe: Scribe, output: Output, count: Option<u64>) -> Result<Self, WriteError> {
        let mut recorder = Self {
            scribe,
            output,
            batch: Vec::with_capacity(BATCH + (128 << 10)),
            last: 0,
            left: count.unwrap_or(u64::MAX),
        };
        let start = recorder.scribe.start(None);
        recorder.output.frame(&start)?;
        Ok(recorder)
    }

    /// As many packets as were asked for.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0
    }

    pub(super) fn interfaces(&self) -> &[CapturedInterface] {
        self.scribe.interfaces()
    }

    /// Adds a record of the ring.
    pub(super) fn add(&mut self, record: &[u8], program: &CaptureProgram) -> anyhow::Result<()> {
        if self.left == 0 {
            return Ok(());
        }
        let Some(time) = self.scribe.packet(record, &mut self.batch) else {
            return Ok(());
        };
        self.left -= 1;
        self.last = self.last.max(time);
        if self.batch.len() >= BATCH {
            self.flush()?;
            self.scribe.note_losses(program)?;
        }
        if self.output.is_full(self.batch.len(), time) {
            self.turn(program)?;
        }
        Ok(())
    }

    /// Nothing is on the ring at the moment.
    pub(super) fn rest(&mut self, program: &CaptureProgram) -> anyhow::Result<()> {
        self.scribe.read_clock();
        self.flush()?;
        self.scribe.note_losses(program)?;
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
        let end = self.scribe.end(program, 0)?;
        self.output.turn(&end, &self.scribe.start(None), Clock::unix())?;
        Ok(())
    }

    /// Writes the last seconds to a file: what there is to say of it.
    pub(super) fn snapshot(&mut self, program: &CaptureProgram) -> anyhow::Result<String> {
        self.flush()?;
        let now = Clock::unix();
        let end = self.scribe.end(program, 0)?;
        Ok(match self.output.snapshot(&self.scribe.start(None), &end, now)? {
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
        let end = self.scribe.end(program, Clock::unix())?;
        self.output.frame(&end)?;
        Ok(())
    }
}
