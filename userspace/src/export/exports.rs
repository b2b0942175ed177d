//! The exporters of a run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use airlens_common::Count;

use super::{
    Outcome,
    files::{FileError, FileOptions, FileOutput},
    ipfix::{Ipfix, IpfixOptions},
    kafka::{KafkaOptions, SpoolError, flow_records, profile_records},
    line::{Exporter, Line, Output},
    queue::Batch,
};
use crate::{events::Events, flow::EndedFlow, profile::Profile};

/// Profiles that may wait for their exporter, some kilooctets each.
const PROFILES: usize = 4096;

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

/// The exporters of a run's flows.
#[derive(Debug, Default)]
pub struct Exports {
    exporters: Vec<Exporter<EndedFlow>>,
    ignored: Arc<[AtomicU64; 2]>,
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
        let ignored = Arc::clone(&exports.ignored);
        let line = |name| Line::new(name, names.clone(), Arc::clone(&ignored), Arc::clone(events));
        let mut add = |line, output: Box<dyn Output<EndedFlow>>| -> Result<(), ExportError> {
            exports.exporters.push(Exporter::start(line, options.queue, output)?);
            Ok(())
        };
        if let Some(files) = &options.files {
            add(line("files"), Box::new(FileOutput::open(files)?))?;
        }
        if let Some(ipfix) = &options.ipfix {
            add(line("ipfix"), Box::new(Ipfix::new(ipfix)))?;
        }
        if let Some(kafka) = &options.kafka {
            let line = line("kafka");
            let output = flow_records(kafka, &line)?;
            add(line, Box::new(output))?;
        }
        Ok(exports)
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
        let batch: Batch<_> = flows.into();
        for exporter in &self.exporters {
            exporter.give(&batch, patience);
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
            exporter.close(end);
        }
        for exporter in &self.exporters {
            exporter.join();
        }
    }

    /// What became of the flows, by exporter.
    #[must_use]
    pub fn outcomes(&self) -> Vec<(&'static str, Outcome)> {
        self.exporters.iter().map(Exporter::outcome).collect()
    }
}

impl Drop for Exports {
    /// A start that fails behind it leaves no thread.
    fn drop(&mut self) {
        self.finish(Instant::now());
    }
}

/// The exporter of a run's profiles, where there is one. It needs no data interface.
#[derive(Debug, Default)]
pub struct ProfileExports(Option<Exporter<Arc<Profile>>>);

impl ProfileExports {
    /// Starts it if `options` name brokers and a topic for profiles, with what happens told to `events`.
    ///
    /// # Errors
    ///
    /// Its spool can't be used. Brokers may be away: they are tried again and again.
    pub fn start(options: &ExportOptions, events: &Arc<Events>) -> Result<Self, ExportError> {
        let Some(kafka) = options.kafka.as_ref().and_then(KafkaOptions::of_profiles) else {
            return Ok(Self::default());
        };
        let (names, ignored) = (InterfaceNames::default(), Arc::default());
        let line = Line::new("kafka-profiles", names, ignored, Arc::clone(events));
        let output = profile_records(&kafka, &line)?;
        Ok(Self(Some(Exporter::start(line, PROFILES, Box::new(output))?)))
    }

    /// Hands it profiles. It never waits: those that find no room are lost.
    pub fn give(&self, profiles: Vec<Arc<Profile>>) {
        if let Some(exporter) = &self.0
            && !profiles.is_empty()
        {
            exporter.give(&profiles.into(), None);
        }
    }

    /// Lets it finish; what is not out by `end` is spooled or lost.
    pub fn finish(&self, end: Instant) {
        if let Some(exporter) = &self.0 {
            exporter.close(end);
            exporter.join();
        }
    }

    /// What became of the profiles, by exporter.
    #[must_use]
    pub fn outcomes(&self) -> Vec<(&'static str, Outcome)> {
        self.0.iter().map(Exporter::outcome).collect()
    }
}

impl Drop for ProfileExports {
    /// A start that fails behind it leaves no thread.
    fn drop(&mut self) {
        self.finish(Instant::now());
    }
}
