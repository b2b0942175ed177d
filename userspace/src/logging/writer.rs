//! The thread that writes a log.

use std::{
    io::{self, Write as _},
    sync::Arc,
    thread,
    time::Duration,
};

use super::{
    LineLoss, LogCounts, LogError,
    queue::{Batch, Queue},
    sink::Sink,
};

/// How often a quiet log looks after its file.
const LOOK: Duration = Duration::from_secs(5);

/// A log's queue; its thread ends behind [`Writer::finish`].
#[derive(Clone, Debug)]
pub(super) struct Writer {
    name: &'static str,
    queue: Arc<Queue>,
    counts: Arc<LogCounts>,
}

impl Writer {
    pub(super) fn spawn(name: &'static str, mut sink: Sink) -> Result<Self, LogError> {
        let writer = Self {
            name,
            queue: Arc::default(),
            counts: Arc::default(),
        };
        writer.counts.add_lost(LineLoss::Torn, sink.torn());
        let there = writer.clone();
        thread::Builder::new()
            .name(format!("airlens-{name}"))
            .spawn(move || there.work(&mut sink))
            .map_err(LogError::Thread)?;
        Ok(writer)
    }

    fn work(&self, sink: &mut Sink) {
        let mut batch = Batch::default();
        // Told once, until it works again.
        let mut failing = false;
        loop {
            let orders = self.queue.take(&mut batch, LOOK);
            // Before the lines: what is logged behind the call goes into the new file.
            let looked = if orders.reopen { sink.reopen() } else { sink.look() };
            let lost = sink.write(&batch);
            let count = batch.ends.len() as u64;
            self.counts.add_written(count - lost.lines);
            self.counts.add_lost(LineLoss::WriteFailed, lost.lines);
            match lost.error.or(looked.err()) {
                Some(error) if !failing => {
                    failing = true;
                    tell(&format!(
                        "airlens: lines of the {} are lost: {error}",
                        sink.what(self.name)
                    ));
                }
                None if failing && count > 0 => {
                    failing = false;
                    let lost = self.counts.lost(LineLoss::WriteFailed);
                    tell(&format!(
                        "airlens: the {} is written again; {lost} lines are lost since the start",
                        sink.what(self.name)
                    ));
                }
                _ => {}
            }
            if orders.closed {
                return self.queue.leave();
            }
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn counts(&self) -> Arc<LogCounts> {
        Arc::clone(&self.counts)
    }

    /// Hands a line over; it is counted where there is no room for it.
    pub(super) fn put(&self, line: &[u8]) {
        if !self.queue.put(line) {
            self.counts.add_lost(LineLoss::QueueFull, 1);
        }
    }

    pub(super) fn reopen(&self) {
        self.queue.reopen();
    }

    pub(super) fn flush(&self, patience: Duration) -> bool {
        self.queue.wait_idle(patience)
    }

    /// Ends the thread behind the last line, or leaves it to its fate.
    pub(super) fn finish(&self, patience: Duration) {
        self.queue.close();
        self.queue.wait_gone(patience);
    }
}

/// The last resort, where nothing can fail any more.
fn tell(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}
