//! An exporter: a thread behind a queue, and what it works with.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use airlens_common::Count;

use super::{
    ExportError, InterfaceNames, LossCause, Outcome, Tally,
    queue::{Batch, End, Next, Queue},
};
use crate::{
    events::{Event, Events},
    flow::EndedFlow,
    profile::Profile,
};

/// How often an exporter may look at its clocks.
const TICK: Duration = Duration::from_millis(200);

/// What is exported.
pub(super) trait Item: Send + Sync + 'static {
    /// Packets and octets that are missing elsewhere where it is lost.
    fn carried(&self) -> Count;
}

impl Item for EndedFlow {
    fn carried(&self) -> Count {
        let value = &self.flow.value;
        Count {
            packets: value.packets.iter().sum(),
            bytes: value.bytes.iter().sum(),
        }
    }
}

impl Item for Arc<Profile> {
    /// None: its packet is counted among the frames.
    fn carried(&self) -> Count {
        Count::default()
    }
}

/// Where items go.
pub(super) trait Output<T>: Send {
    /// Takes items. It may wait, but not beyond [`Line::is_late`], and counts what becomes of each.
    fn export(&mut self, items: &[T], line: &Line);
    /// What is due by the clock; called some times a second.
    fn work(&mut self, line: &Line);
    /// There is work left that waits for nothing.
    fn is_busy(&self) -> bool {
        false
    }
    /// No item comes any more.
    fn finish(&mut self, line: &Line);
}

/// What an exporter works with.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The exporter's, as counts and the log have it.
    pub(super) name: &'static str,
    pub(super) tally: Tally,
    pub(super) names: InterfaceNames,
    end: Arc<End>,
    ignored: Arc<[AtomicU64; 2]>,
    events: Arc<Events>,
}

impl Line {
    pub(super) fn new(
        name: &'static str,
        names: InterfaceNames,
        ignored: Arc<[AtomicU64; 2]>,
        events: Arc<Events>,
    ) -> Self {
        Self {
            name,
            tally: Tally::default(),
            names,
            end: Arc::default(),
            ignored,
            events,
        }
    }

    /// Something happened that is no failed attempt.
    pub(super) fn emit<E: Event>(&self, event: &E) {
        self.events.emit(event);
    }

    /// An attempt failed.
    pub(super) fn failed<E: Event>(&self, event: &E) {
        self.tally.failed();
        self.events.emit(event);
    }

    /// The run is over, and so is the time to be done.
    pub(super) fn is_late(&self) -> bool {
        self.end.is_late()
    }

    /// Waits, shorter when the run ends.
    pub(super) fn sleep(&self, time: Duration) {
        self.end.sleep(time);
    }

    /// Packets and octets that no flow counts.
    pub(super) fn ignored(&self) -> Count {
        let [packets, bytes] = &*self.ignored;
        Count {
            packets: packets.load(Ordering::Relaxed),
            bytes: bytes.load(Ordering::Relaxed),
        }
    }
}

/// An exporter, running.
#[derive(Debug)]
pub(super) struct Exporter<T> {
    line: Line,
    queue: Arc<Queue<T>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<T: Item> Exporter<T> {
    /// Starts the thread of an output, behind a queue of so many items.
    pub(super) fn start(line: Line, capacity: usize, mut output: Box<dyn Output<T>>) -> Result<Self, ExportError> {
        let queue = Arc::new(Queue::new(capacity, Arc::clone(&line.end)));
        let (there, its_queue) = (line.clone(), Arc::clone(&queue));
        let thread = thread::Builder::new()
            .name(format!("export-{}", line.name))
            .spawn(move || carry(&mut *output, &its_queue, &there))
            .map_err(ExportError::Thread)?;
        Ok(Self {
            line,
            queue,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands it items. Those that find no room until `patience` is over are lost.
    pub(super) fn give(&self, batch: &Batch<T>, patience: Option<Instant>) {
        self.line.tally.given(batch.len() as u64);
        let taken = self.queue.put(batch, patience);
        count_lost(&self.line, LossCause::QueueFull, &batch[taken..]);
    }

    /// No item comes any more, and it is to be done at `end`.
    pub(super) fn close(&self, end: Instant) {
        self.queue.close(end);
    }

    /// Waits until it is done.
    pub(super) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(
                exporter = self.line.name,
                "an exporter panicked: what it was given after that is missing"
            );
        }
    }

    /// Its name, and what became of the items.
    pub(super) fn outcome(&self) -> (&'static str, Outcome) {
        (self.line.name, self.line.tally.outcome())
    }
}

/// Counts items that are lost, with what they carried.
pub(super) fn count_lost<T: Item>(line: &Line, cause: LossCause, items: &[T]) {
    if items.is_empty() {
        return;
    }
    let mut count = Count::default();
    for item in items {
        count += item.carried();
    }
    line.tally.lost(cause, items.len() as u64, count);
}

fn carry<T>(output: &mut dyn Output<T>, queue: &Queue<T>, line: &Line) {
    loop {
        let patience = if output.is_busy() { Duration::ZERO } else { TICK };
        match queue.take(patience) {
            Next::Items(batch, upto) => output.export(&batch[..upto], line),
            Next::Nothing => {}
            Next::End => break,
        }
        output.work(line);
    }
    output.finish(line);
}
