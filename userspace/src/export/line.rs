//! The exporters of a run, each on its thread behind its queue.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use airlens_common::Count;

use super::{
    LossCause, Outcome, Tally,
    files::{FileError, FileOptions, FileOutput},
    ipfix::{Ipfix, IpfixOptions},
    kafka::{Kafka, KafkaOptions, SpoolError},
    queue::{Batch, Next, Queue},
};
use crate::{
    events::{Event, Events},
    flow::EndedFlow,
};

/// How often an exporter may look at its clocks.
const TICK: Duration = Duration::from_millis(200);

/// Names of the interfaces whose flows come, by index. One that goes and comes back has another index then; flows of the
/// old one keep its name.
#[derive(Clone, Debug, Default)]
pub struct InterfaceNames(Arc<RwLock<BTreeMap<u32, String>>>);

impl InterfaceNames {
    /// One more.
    pub fn add(&self, index: u32, name: String) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(index, name);
    }

    /// All of them, unchanged while they are looked at.
    pub fn read(&self) -> RwLockReadGuard<'_, BTreeMap<u32, String>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<(u32, String)> for InterfaceNames {
    fn from_iter<I: IntoIterator<Item = (u32, String)>>(names: I) -> Self {
        Self(Arc::new(RwLock::new(names.into_iter().collect())))
    }
}

/// Which exporters there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportOptions {
    /// Flows that may wait for each.
    pub queue: usize,
    /// Files of rows.
    pub files: Option<FileOptions>,
    /// An IPFIX collector.
    pub ipfix: Option<IpfixOptions>,
    /// Kafka brokers.
    pub kafka: Option<KafkaOptions>,
}

/// An exporter that can't start.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file can't be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The spool can't be read or written.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// No thread.
    #[error("no thread for an exporter: {0}; the system is out of memory or processes")]
    Thread(std::io::Error),
}

/// Where flows go.
pub(super) trait Output: Send {
    /// Takes flows. It may wait, but not beyond [`Line::is_late`], and counts what becomes of each.
    fn export(&mut self, flows: &[EndedFlow], line: &Line);
    /// What is due by the clock; called some times a second.
    fn work(&mut self, line: &Line);
    /// There is work left that waits for nothing.
    fn is_busy(&self) -> bool {
        false
    }
    /// No flow comes any more.
    fn finish(&mut self, line: &Line);
}

/// What an exporter works with.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) tally: Tally,
    pub(super) names: InterfaceNames,
    queue: Arc<Queue>,
    ignored: Arc<[AtomicU64; 2]>,
    events: Arc<Events>,
}

impl Line {
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
        self.queue.is_late()
    }

    /// Waits, shorter when the run ends.
    pub(super) fn sleep(&self, time: Duration) {
        self.queue.sleep(time);
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

#[derive(Debug)]
struct Exporter {
    name: &'static str,
    line: Line,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The exporters of a run.
#[derive(Debug, Default)]
pub struct Exports {
    exporters: Vec<Exporter>,
    ignored: Arc<[AtomicU64; 2]>,
    events: Arc<Events>,
}

impl Exports {
    /// Starts those that `options` ask for. `names` are of the interfaces whose flows come.
    ///
    /// # Errors
    ///
    /// A file or spool can't be used. Collectors and brokers may be away: they are tried again and again.
    pub fn start(options: &ExportOptions, names: &InterfaceNames) -> Result<Self, ExportError> {
        Self::with_events(options, names, &Arc::default())
    }

    /// As [`Exports::start`], with what happens told to `events`.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn with_events(
        options: &ExportOptions,
        names: &InterfaceNames,
        events: &Arc<Events>,
    ) -> Result<Self, ExportError> {
        let mut exports = Self::default();
        exports.events = Arc::clone(events);
        let capacity = options.queue;
        if let Some(files) = &options.files {
            let output = FileOutput::open(files)?;
            exports.add("files", capacity, names, |_| Ok(Box::new(output)))?;
        }
        if let Some(ipfix) = &options.ipfix {
            exports.add("ipfix", capacity, names, |_| Ok(Box::new(Ipfix::new(ipfix))))?;
        }
        if let Some(kafka) = &options.kafka {
            exports.add("kafka", capacity, names, |line| Ok(Box::new(Kafka::open(kafka, line)?)))?;
        }
        Ok(exports)
    }

    fn add(
        &mut self,
        name: &'static str,
        capacity: usize,
        names: &InterfaceNames,
        make: impl FnOnce(&Line) -> Result<Box<dyn Output>, ExportError>,
    ) -> Result<(), ExportError> {
        let line = Line {
            tally: Tally::default(),
            names: names.clone(),
            queue: Arc::new(Queue::new(capacity)),
            ignored: Arc::clone(&self.ignored),
            events: Arc::clone(&self.events),
        };
        let mut output = make(&line)?;
        let there = line.clone();
        let thread = thread::Builder::new()
            .name(format!("export-{name}"))
            .spawn(move || carry(&mut *output, &there))
            .map_err(ExportError::Thread)?;
        self.exporters.push(Exporter {
            name,
            line,
            thread: Mutex::new(Some(thread)),
        });
        Ok(())
    }

    /// There is no exporter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exporters.is_empty()
    }

    /// Hands flows to every exporter. One whose queue is full loses them, unless there is time until `patience`.
    pub fn give(&self, flows: Vec<EndedFlow>, patience: Option<Instant>) {
        if flows.is_empty() || self.is_empty() {
            return;
        }
        let batch: Batch = flows.into();
        for exporter in &self.exporters {
            let line = &exporter.line;
            line.tally.given(batch.len() as u64);
            let taken = line.queue.put(&batch, patience);
            count_lost(line, LossCause::QueueFull, &batch[taken..]);
        }
    }

    /// Packets and octets that no flow counts so far; collectors are told.
    pub fn ignored(&self, count: Count) {
        let [packets, bytes] = &*self.ignored;
        packets.store(count.packets, Ordering::Relaxed);
        bytes.store(count.bytes, Ordering::Relaxed);
    }

    /// Lets every exporter finish; what is not out by `end` is spooled or lost.
    pub fn finish(&self, end: Instant) {
        for exporter in &self.exporters {
            exporter.line.queue.close(end);
        }
        for exporter in &self.exporters {
            let thread = exporter.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            if thread.is_some_and(|thread| thread.join().is_err()) {
                tracing::error!(
                    exporter = exporter.name,
                    "an exporter panicked: flows after that are missing"
                );
            }
        }
    }

    /// What became of the flows, by exporter.
    #[must_use]
    pub fn outcomes(&self) -> Vec<(&'static str, Outcome)> {
        let outcome = |exporter: &Exporter| (exporter.name, exporter.line.tally.outcome());
        self.exporters.iter().map(outcome).collect()
    }
}

impl Drop for Exports {
    /// A start that fails behind it leaves no thread.
    fn drop(&mut self) {
        self.finish(Instant::now());
    }
}

/// Counts flows that are lost, with what they carried.
pub(super) fn count_lost(line: &Line, cause: LossCause, flows: &[EndedFlow]) {
    if flows.is_empty() {
        return;
    }
    let mut count = Count::default();
    for ended in flows {
        count += carried(ended);
    }
    line.tally.lost(cause, flows.len() as u64, count);
}

/// Packets and octets of a flow.
pub(super) fn carried(ended: &EndedFlow) -> Count {
    let value = &ended.flow.value;
    Count {
        packets: value.packets.iter().sum(),
        bytes: value.bytes.iter().sum(),
    }
}

fn carry(output: &mut dyn Output, line: &Line) {
    loop {
        let patience = if output.is_busy() { Duration::ZERO } else { TICK };
        match line.queue.take(patience) {
            Next::Flows(batch, upto) => output.export(&batch[..upto], line),
            Next::Nothing => {}
            Next::End => break,
        }
        output.work(line);
    }
    output.finish(line);
}
