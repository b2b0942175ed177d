//! Records on their way: in batches to the brokers, or to the spool and from there.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use airlens_common::Count;

use super::{
    KafkaOptions, Record, RecordType, SpoolError,
    producer::{Fate, Producer},
    spool::{Head, Spool},
};
use crate::{
    events::{ExportFailed, ExporterLost, ExporterRegained},
    export::{LossCause, line::Line},
};

/// Octets of a request's records, about: well below what brokers take (1 MiB).
const BATCH_OCTETS: usize = 256 << 10;
/// How long records may wait for a batch to be full.
const LINGER: Duration = Duration::from_millis(500);
/// Between two attempts: the shortest and the longest time.
const BACKOFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(10)];

/// A topic's records, in order.
#[derive(Debug)]
pub(super) struct Sender {
    options: KafkaOptions,
    producer: Producer,
    spool: Option<Spool>,
    pending: Vec<(Record, Count)>,
    octets: usize,
    since: Option<Instant>,
    /// The spool's head, and what became of it.
    replay: Option<(Head, Vec<Fate>)>,
    backoff: Duration,
    retry: Option<Instant>,
}

impl Sender {
    pub(super) fn open(options: &KafkaOptions, kind: RecordType, line: &Line) -> Result<Self, SpoolError> {
        let spool = options.spool.as_ref();
        let spool = spool.map(|spool| Spool::open(&spool.folder, spool.bytes)).transpose()?;
        if let Some(spool) = &spool {
            line.tally.recovered(spool.records());
        }
        Ok(Self {
            options: options.clone(),
            producer: Producer::new(&options.brokers, &options.topic, kind),
            spool,
            pending: Vec::new(),
            octets: 0,
            since: None,
            replay: None,
            backoff: BACKOFF[0],
            retry: None,
        })
    }

    /// Adds a record, whose item carried so much.
    pub(super) fn add(&mut self, record: Record, carried: Count, line: &Line) {
        self.octets += record.value.len();
        self.pending.push((record, carried));
        self.since.get_or_insert_with(Instant::now);
        if self.pending.len() >= self.options.batch || self.octets >= BATCH_OCTETS {
            self.flush(line);
        }
    }

    /// An item that is no record.
    pub(super) fn refuse(carried: Count, line: &Line) {
        line.tally.lost(LossCause::Rejected, 1, carried);
    }

    /// What is due by the clock.
    pub(super) fn work(&mut self, line: &Line) {
        if self.since.is_some_and(|since| since.elapsed() >= LINGER) {
            self.flush(line);
        }
        if self.is_spooling() && self.may_try() {
            self.try_replay(line);
        }
    }

    /// The spool holds records, and the brokers are there.
    pub(super) fn is_busy(&self) -> bool {
        self.is_spooling() && self.retry.is_none()
    }

    /// No record comes any more.
    pub(super) fn finish(&mut self, line: &Line) {
        self.flush(line);
        // Once more where it waits for its time; a broker that is away again and again keeps nobody waiting.
        self.retry = None;
        while self.is_spooling() && self.retry.is_none() && !line.is_late() {
            self.try_replay(line);
        }
    }

    fn may_try(&self) -> bool {
        self.retry.is_none_or(|retry| Instant::now() >= retry)
    }

    fn is_spooling(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| !spool.is_empty())
    }

    /// One attempt; false where something is left to send.
    fn attempt(&mut self, records: &[Record], fates: &mut [Fate], line: &Line) -> bool {
        match self.producer.send(records, fates) {
            Ok(()) => {
                if self.retry.take().is_some() {
                    line.emit(&ExporterRegained {
                        exporter: line.name,
                        to: &self.options.topic,
                    });
                }
                self.backoff = BACKOFF[0];
            }
            Err(error) => {
                if self.retry.is_none() {
                    line.failed(&ExporterLost {
                        exporter: line.name,
                        to: &self.options.topic,
                        error: &error,
                    });
                } else {
                    line.tally.failed();
                }
                self.retry = Some(Instant::now() + self.backoff);
                self.backoff = (self.backoff * 2).min(BACKOFF[1]);
            }
        }
        !fates.contains(&Fate::Waiting)
    }

    /// Sends what is in memory, or spools it.
    fn flush(&mut self, line: &Line) {
        self.since = None;
        self.octets = 0;
        let pending = std::mem::take(&mut self.pending);
        let (records, counts): (Vec<_>, Vec<_>) = pending.into_iter().unzip();
        if records.is_empty() {
            return;
        }
        let mut fates = vec![Fate::Waiting; records.len()];
        // Behind what is spooled already, to keep the order.
        let mut done = !self.is_spooling() && self.may_try() && self.attempt(&records, &mut fates, line);
        while !done && self.spool.is_none() && !line.is_late() {
            line.sleep(self.backoff);
            done = self.attempt(&records, &mut fates, line);
        }
        let of = |fate| fates.iter().filter(|other| **other == fate).count() as u64;
        line.tally.sent(of(Fate::Sent));
        let lost = |fate: Fate| fates.iter().zip(&counts).filter(move |(other, _)| **other == fate);
        lose(line, LossCause::Rejected, lost(Fate::Rejected).map(|(_, count)| *count));
        let left = records.into_iter().zip(counts).zip(&fates);
        let left = left.filter(|(_, fate)| **fate == Fate::Waiting).map(|(left, _)| left);
        self.keep(left.unzip(), line);
    }

    /// Spools records that could not be sent.
    fn keep(&mut self, (records, counts): (Vec<Record>, Vec<Count>), line: &Line) {
        let Some(spool) = &mut self.spool else {
            return lose(line, LossCause::Unsent, counts.into_iter());
        };
        match spool.append(&records) {
            Ok(taken) => {
                line.tally.spooled(taken as u64);
                lose(line, LossCause::SpoolFull, counts.into_iter().skip(taken));
            }
            Err(error) => {
                line.failed(&ExportFailed {
                    exporter: line.name,
                    what: "spool records",
                    path: self.folder(),
                    error: &error,
                });
                lose(line, LossCause::WriteFailed, counts.into_iter());
            }
        }
    }

    /// Sends the head of the spool.
    fn replay(&mut self, line: &Line) -> Result<(), SpoolError> {
        let Some(spool) = self.spool.as_mut().filter(|spool| !spool.is_empty()) else {
            return Ok(());
        };
        let (head, mut fates) = match self.replay.take() {
            Some(replay) => replay,
            None => {
                let head = spool.head(self.options.batch, BATCH_OCTETS)?;
                let fates = vec![Fate::Waiting; head.records.len()];
                (head, fates)
            }
        };
        if !self.attempt(&head.records, &mut fates, line) {
            self.replay = Some((head, fates));
            return Ok(());
        }
        let rejected = fates.iter().filter(|fate| **fate == Fate::Rejected).count() as u64;
        let sent = fates.len() as u64 - rejected;
        line.tally
            .unspooled(sent, (rejected > 0).then_some((LossCause::Rejected, rejected)));
        match &mut self.spool {
            Some(spool) => spool.acknowledge(&head),
            None => Ok(()),
        }
    }

    fn folder(&self) -> &Path {
        let spool = self.options.spool.as_ref();
        spool.map_or(Path::new(""), |spool| &spool.folder)
    }

    fn try_replay(&mut self, line: &Line) {
        if let Err(error) = self.replay(line) {
            line.failed(&ExportFailed {
                exporter: line.name,
                what: "send spooled records",
                path: self.folder(),
                error: &error,
            });
            self.retry = Some(Instant::now() + BACKOFF[1]);
        }
    }
}

/// Counts records that are lost.
fn lose(line: &Line, cause: LossCause, counts: impl Iterator<Item = Count>) {
    let (mut flows, mut total) = (0, Count::default());
    for count in counts {
        flows += 1;
        total += count;
    }
    if flows > 0 {
        line.tally.lost(cause, flows, total);
    }
}
