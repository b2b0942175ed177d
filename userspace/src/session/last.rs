//! The packets of the last seconds of a run, for whoever asks: `/api/capture`.

use std::{
    io::{PipeReader, PipeWriter, Read as _, Write as _, pipe},
    iter,
    os::fd::AsRawFd as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use aya::maps::{MapData, RingBuf};
use bytes::Bytes;

use super::{SessionError, engine::lock};
use crate::{
    capture::write::{Excerpt, Recent, WrittenPacket},
    config::LastOptions,
    filter::{Filter, FilterError},
    kernel::{
        Attachment, CaptureDevice, CaptureOptions, CaptureProgram, CaptureSource, CapturedInterface, Clock, HookChoice,
        KernelError, RingWaiter, Scribe,
    },
    publish::http::{NoPackets, PacketQuestion, Packets},
};

/// Answers that may be on their way at once: each may hold as much memory as is kept.
const ANSWERS: usize = 2;
/// Octets that are put into memory at once.
const BATCH: usize = 64 << 10;
/// Records that are read in a row before somebody's question is looked at.
const ROUND: usize = 1 << 14;
/// Rounds that a question waits for, so that what came before it is in its answer.
const ROUNDS: usize = 64;
/// How long the thread may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The programs that capture, and the thread that keeps what they give.
pub(super) struct LastPackets {
    span: Duration,
    program: Arc<Mutex<CaptureProgram>>,
    devices: Vec<CaptureDevice>,
    /// To the thread, and to wake it; none at the end.
    questions: Mutex<Option<(Sender<Question>, PipeWriter)>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    answers: Arc<AtomicUsize>,
}

/// For an excerpt of this length.
struct Question {
    span: Option<Duration>,
    answer: SyncSender<Answer>,
}

/// What stands before the packets, they themselves, and what stands behind them.
type Answer = Result<(Vec<u8>, Excerpt, Vec<u8>), KernelError>;

impl LastPackets {
    /// Captures on these interfaces.
    ///
    /// # Errors
    ///
    /// The filter is none for one of them, or the kernel refuses something.
    pub(super) fn start(options: &LastOptions, names: &[&str]) -> Result<(Self, Vec<Attachment>), SessionError> {
        let ring_bytes = u32::try_from(options.memory / 4).map_or(1 << 30, |octets| 1 << octets.max(1).ilog2().min(30));
        let mut program = CaptureProgram::load(&CaptureOptions {
            ring_bytes,
            snap_length: options.snap_length,
        })?;
        let (ring, _) = program.ring()?;
        let (mut devices, mut attachments, mut captured) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let device = CaptureDevice::find(name)?;
            let filter = options.filter.as_deref();
            let filter = filter
                .map(|text| Filter::compile(text, device.link_type))
                .transpose()
                .map_err(|error| KernelError::Filter(Box::new(error)))?;
            attachments.extend(program.attach(&source(&device, filter.as_ref()))?);
            captured.push(CapturedInterface::new(device.clone(), options.filter.clone()));
            devices.push(device);
        }
        let (reader, writer) = pipe().map_err(SessionError::thread)?;
        let (sender, questions) = channel();
        let program = Arc::new(Mutex::new(program));
        let keeper = Keeper {
            waiter: RingWaiter::new(ring.as_raw_fd(), reader.as_raw_fd()).map_err(SessionError::thread)?,
            ring,
            reader,
            questions,
            program: Arc::clone(&program),
            scribe: Scribe::new(captured, options.snap_length),
            recent: Recent::new(options.span, options.memory - options.memory.min(ring_bytes as usize)),
            batch: Vec::with_capacity(2 * BATCH),
            last: 0,
        };
        let thread = thread::Builder::new()
            .name("airlens-capture".to_owned())
            .spawn(|| keeper.work())
            .map_err(SessionError::thread)?;
        let packets = Self {
            span: options.span,
            program,
            devices,
            questions: Mutex::new(Some((sender, writer))),
            thread: Mutex::new(Some(thread)),
            answers: Arc::default(),
        };
        Ok((packets, attachments))
    }

    /// Captures on an interface that is there again; nothing to do for one that was not captured.
    ///
    /// # Errors
    ///
    /// It takes no program, or has packets of another kind.
    pub(super) fn take_back(&self, name: &str) -> Result<Vec<Attachment>, SessionError> {
        let Some(slot) = self.devices.iter().position(|device| device.name == name) else {
            return Ok(Vec::new());
        };
        let device = CaptureDevice::find(name)?;
        if device.link_type != self.devices[slot].link_type {
            return Err(KernelError::OtherPackets {
                interface: name.to_owned(),
            }
            .into());
        }
        Ok(lock(&self.program).attach_again(slot as u32, &source(&device, None))?)
    }

    /// Detaches the programs and ends the thread.
    ///
    /// # Errors
    ///
    /// A program can't be detached.
    pub(super) fn stop(&self) -> Result<(), SessionError> {
        let detached = lock(&self.program).detach();
        drop(lock(&self.questions).take());
        if lock(&self.thread).take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that keeps packets panicked");
        }
        Ok(detached?)
    }

    /// The packets that were asked for. It may take some time until the first is there.
    ///
    /// # Errors
    ///
    /// Why there are none.
    pub(super) fn ask(&self, question: &PacketQuestion) -> Result<Packets, NoPackets> {
        if let Some(last) = question.last.filter(|last| *last > self.span) {
            return Err(NoPackets::TooLong { last, kept: self.span });
        }
        let turn = Turn::take(&self.answers)?;
        let filters = question.filter.as_deref().map(|text| self.filters(text)).transpose()?;
        let (answer, answered) = sync_channel(1);
        {
            let mut questions = lock(&self.questions);
            let (sender, wake) = questions.as_mut().ok_or(NoPackets::Over)?;
            let span = question.last;
            sender.send(Question { span, answer }).map_err(|_| NoPackets::Over)?;
            wake.write_all(&[0]).map_err(|_| NoPackets::Over)?;
        }
        let answered = answered.recv_timeout(PATIENCE).map_err(|_| NoPackets::Over)?;
        let (start, mut excerpt, end) = answered.map_err(|error| NoPackets::Failed(error.to_string()))?;
        if let Some(filters) = filters {
            excerpt = excerpt.chosen(Box::new(move |packet| takes(&filters, packet)));
        }
        let parts = iter::once(Bytes::from(start))
            .chain(excerpt)
            .chain(iter::once(Bytes::from(end)));
        Ok(Box::new(Answered { parts, _turn: turn }))
    }

    /// The filter for packets of each slot. An expression of Wi-Fi is none for Ethernet: it takes no such packet then.
    fn filters(&self, text: &str) -> Result<Vec<Option<Filter>>, FilterError> {
        let mut filters = Vec::with_capacity(self.devices.len());
        let mut refused = None;
        for device in &self.devices {
            let filter = Filter::compile(text, device.link_type);
            filters.push(filter.map_err(|error| refused = Some(error)).ok());
        }
        match refused {
            Some(error) if filters.iter().all(Option::is_none) => Err(error),
            _ => Ok(filters),
        }
    }
}

fn takes(filters: &[Option<Filter>], packet: &WrittenPacket<'_>) -> bool {
    let filter = filters.get(packet.interface as usize).and_then(Option::as_ref);
    filter.is_some_and(|filter| filter.takes(packet.octets, packet.length))
}

/// At tc: XDP is where packets are counted, and takes one program of an interface.
pub(super) fn source<'a>(device: &'a CaptureDevice, filter: Option<&'a Filter>) -> CaptureSource<'a> {
    CaptureSource {
        interface: &device.name,
        index: device.index,
        filter,
        direction: None,
        hook: HookChoice::Tc,
    }
}

/// The right to be answered.
struct Turn(Arc<AtomicUsize>);

impl Turn {
    fn take(answers: &Arc<AtomicUsize>) -> Result<Self, NoPackets> {
        let turn = Self(Arc::clone(answers));
        if answers.fetch_add(1, Ordering::Relaxed) >= ANSWERS {
            return Err(NoPackets::Busy { most: ANSWERS });
        }
        Ok(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer; the next one may come when it is through.
struct Answered<I> {
    parts: I,
    _turn: Turn,
}

impl<I: Iterator<Item = Bytes>> Iterator for Answered<I> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.parts.next()
    }
}

/// What the thread works with.
struct Keeper {
    ring: RingBuf<MapData>,
    waiter: RingWaiter,
    reader: PipeReader,
    questions: Receiver<Question>,
    program: Arc<Mutex<CaptureProgram>>,
    scribe: Scribe,
    recent: Recent,
    /// Packet blocks on their way to memory.
    batch: Vec<u8>,
    /// The newest packet's time.
    last: u64,
}

impl Keeper {
    fn work(mut self) {
        let mut more = false;
        loop {
            let asked = self.waiter.wait(more.then_some(Duration::ZERO));
            more = self.round();
            if asked {
                // Closed at the end.
                if !matches!(self.reader.read(&mut [0]), Ok(1)) {
                    return;
                }
                if let Ok(question) = self.questions.try_recv() {
                    for _ in 0..ROUNDS {
                        if !self.round() {
                            break;
                        }
                    }
                    // Whoever asked may have lost patience.
                    let _ = question.answer.send(self.answer(question.span));
                }
            }
        }
    }

    /// Takes what is on the ring, up to a round; true if there may be more.
    fn round(&mut self) -> bool {
        let mut more = true;
        for _ in 0..ROUND {
            let Some(record) = self.ring.next() else {
                more = false;
                break;
            };
            if let Some(time) = self.scribe.packet(&record, &mut self.batch) {
                self.last = self.last.max(time);
            }
            drop(record);
            if self.batch.len() >= BATCH {
                self.recent.add(&self.batch, self.last);
                self.batch.clear();
            }
        }
        if !self.batch.is_empty() {
            self.recent.add(&self.batch, self.last);
            self.batch.clear();
        }
        self.scribe.read_clock();
        if let Err(error) = self.scribe.note_losses(&lock(&self.program)) {
            tracing::debug!(%error, "losses of the capture can't be read");
        }
        more
    }

    fn answer(&self, span: Option<Duration>) -> Answer {
        let now = Clock::unix();
        let missing = self.recent.is_incomplete(now, span);
        let comment = missing.then_some("older packets of this time had no room: capture.memory_bytes gives more");
        let end = self.scribe.end(&lock(&self.program), 0)?;
        Ok((self.scribe.start(comment), self.recent.excerpt(now, span), end))
    }
}
