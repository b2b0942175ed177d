//! What the first packets of live flows tell, by a capture of their own: the programs that count know nothing of it.

use std::{
    collections::HashMap,
    io::{PipeWriter, pipe},
    os::fd::AsRawFd as _,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use airlens_common::flow::{FlowKey, tcp_flags};
use aya::maps::{MapData, RingBuf};

use super::{SessionError, engine::lock};
use crate::{
    flow::{
        EndReason, EndedFlow, Flow, FragmentTable, Layers, Timeouts,
        features::{Features, PacketView, Sets},
        flow_of,
    },
    kernel::{Attachment, CaptureDevice, CaptureOptions, CaptureProgram, CapturedPacket, KernelError, RingWaiter},
};

/// Packets of a flow and direction that are read: a handshake, a hello of several segments, and the beginning of what follows.
const FIRST: u32 = 32;
/// Octets of a packet: the capture ring's records of 4 KiB.
const SNAP_LENGTH: u32 = 4064;
/// Octets of the kernel's ring.
const RING: u32 = 8 << 20;
/// Octets that features may take: of some 30,000 flows at the least, usually of ten times as many.
const MEMORY: usize = 64 << 20;
/// Records that are read in a row while nobody else has the features.
const ROUND: usize = 1 << 12;
/// How often it is looked for what nobody fetched.
const SWEEP: Duration = Duration::from_secs(60);

/// What is read of flows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) sets: Sets,
    pub(super) layers: Layers,
    pub(super) timeouts: Timeouts,
}

/// The programs that capture, and the thread that reads what they give.
pub(super) struct LiveFeatures {
    program: Mutex<CaptureProgram>,
    known: Arc<Mutex<Known>>,
    devices: Vec<CaptureDevice>,
    thread: Mutex<Option<(PipeWriter, JoinHandle<()>)>>,
}

impl LiveFeatures {
    /// Captures on these interfaces.
    ///
    /// # Errors
    ///
    /// The kernel refuses something.
    pub(super) fn start(wanted: Wanted, names: &[&str]) -> Result<(Self, Vec<Attachment>), SessionError> {
        let mut program = CaptureProgram::load(&CaptureOptions {
            ring_bytes: RING,
            snap_length: SNAP_LENGTH,
        })?;
        let (ring, _) = program.ring()?;
        let (mut attachments, mut devices) = (Vec::new(), Vec::new());
        let known = Arc::new(Mutex::new(Known::new(wanted)));
        for name in names {
            let device = CaptureDevice::find(name)?;
            lock(&known).interfaces.push((device.index, device.link_type));
            attachments.extend(program.attach_first(name, device.index, FIRST)?);
            devices.push(device);
        }
        let (reader, stop) = pipe().map_err(SessionError::thread)?;
        let waiter = RingWaiter::new(ring.as_raw_fd(), reader.as_raw_fd()).map_err(SessionError::thread)?;
        let shared = Arc::clone(&known);
        let thread = thread::Builder::new()
            .name("airlens-features".to_owned())
            .spawn(move || {
                work(ring, &waiter, &shared);
                drop(reader);
            })
            .map_err(SessionError::thread)?;
        let live = Self {
            program: Mutex::new(program),
            known,
            devices,
            thread: Mutex::new(Some((stop, thread))),
        };
        Ok((live, attachments))
    }

    /// Captures on an interface that is there again.
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
            let interface = name.to_owned();
            return Err(KernelError::OtherPackets { interface }.into());
        }
        lock(&self.known).interfaces[slot].0 = device.index;
        Ok(lock(&self.program).attach_again(slot as u32, &super::last::source(&device, None))?)
    }

    /// Detaches the programs, and reads what is left.
    ///
    /// # Errors
    ///
    /// A program can't be detached.
    pub(super) fn stop(&self) -> Result<(), SessionError> {
        let detached = lock(&self.program).detach();
        if let Some((stop, thread)) = lock(&self.thread).take() {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the thread that reads first packets panicked");
            }
        }
        Ok(detached?)
    }

    /// Gives a flow that is over, or its piece, what is known of it.
    pub(super) fn fetch(&self, ended: &mut EndedFlow) {
        lock(&self.known).fetch(ended);
    }

    /// Gives active flows what is known of them so far.
    pub(super) fn show(&self, flows: &mut [Flow]) {
        let known = lock(&self.known);
        for flow in flows {
            let features = known.flows.get(&flow.key).map(|entry| entry.features[0].clone());
            let features = features.unwrap_or_else(|| Features::new(known.wanted.sets));
            flow.features = Some(Box::new(features));
        }
    }
}

/// Until the other end of the waiter's pipe is closed.
fn work(mut ring: RingBuf<MapData>, waiter: &RingWaiter, known: &Mutex<Known>) {
    let mut fragments = FragmentTable::default();
    let mut swept = Instant::now();
    let mut more = false;
    loop {
        let stopping = waiter.wait(more.then_some(Duration::ZERO));
        let mut known = lock(known);
        more = known.read(&mut ring, &mut fragments);
        if swept.elapsed() >= SWEEP {
            swept = Instant::now();
            known.sweep();
        }
        if stopping && !more {
            return;
        }
    }
}

/// Features by flow.
struct Known {
    wanted: Wanted,
    /// Index and link type of each slot's interface.
    interfaces: Vec<(u32, u16)>,
    flows: HashMap<FlowKey, Entry>,
    /// Octets.
    memory: usize,
    /// The newest packet's time, ns of the kernel's clock.
    now: u64,
}

/// Of one flow; of several where connections of the same ports follow one another faster than they are over.
struct Entry {
    /// The oldest first, never empty.
    features: Vec<Features>,
    /// The last one has had more than its SYN.
    goes_on: bool,
    /// When a packet came last, or it was asked for a piece.
    touched: u64,
}

/// Connections of the same ports that are told apart.
const MOST_WAITING: usize = 4;

impl Entry {
    fn memory(&self) -> usize {
        size_of::<Self>() + self.features.iter().map(Features::memory).sum::<usize>()
    }
}

impl Known {
    fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            interfaces: Vec::new(),
            flows: HashMap::new(),
            memory: 0,
            now: 0,
        }
    }

    /// Takes what is on the ring, up to a round; true if there may be more.
    fn read(&mut self, ring: &mut RingBuf<MapData>, fragments: &mut FragmentTable) -> bool {
        for _ in 0..ROUND {
            let Some(record) = ring.next() else { return false };
            if let Some(packet) = CapturedPacket::from_record(&record) {
                self.packet(&packet, fragments);
            }
        }
        true
    }

    fn packet(&mut self, packet: &CapturedPacket<'_>, fragments: &mut FragmentTable) {
        let Some(&(index, link_type)) = self.interfaces.get(packet.header.slot as usize) else {
            return;
        };
        let layers = self.wanted.layers;
        let Some(mut flow) = flow_of(link_type.into(), packet.octets, layers, fragments) else {
            return;
        };
        flow.key.ifindex = index;
        self.now = self.now.max(packet.header.time);
        // Beyond the bound nothing is read, and features say of how many packets they are.
        if self.memory > MEMORY {
            return;
        }
        let sets = self.wanted.sets;
        let new = || Features::new(sets);
        let entry = self.flows.entry(flow.key).or_insert_with(|| Entry {
            features: vec![new()],
            goes_on: false,
            touched: 0,
        });
        let before = if entry.touched == 0 { 0 } else { entry.memory() };
        entry.touched = packet.header.time.max(1);
        let syn = flow.tcp_flags & (tcp_flags::SYN | tcp_flags::ACK) == tcp_flags::SYN;
        if syn && entry.goes_on && entry.features.len() < MOST_WAITING {
            entry.features.push(new());
        }
        entry.goes_on = !syn;
        if let Some(features) = entry.features.last_mut() {
            let view = PacketView {
                time: packet.header.time,
                length: packet.header.length,
                network: flow.network,
            };
            features.packet(flow.way, &view);
        }
        self.memory = (self.memory + entry.memory()).saturating_sub(before);
    }

    fn fetch(&mut self, ended: &mut EndedFlow) {
        let EndedFlow { flow, reason } = ended;
        let sets = self.wanted.sets;
        let Some(entry) = self.flows.get_mut(&flow.key) else {
            flow.features = Some(Box::new(Features::new(sets)));
            return;
        };
        let before = entry.memory();
        let features = if *reason == EndReason::Active {
            entry.touched = self.now;
            let next = entry.features[0].next_piece();
            std::mem::replace(&mut entry.features[0], next)
        } else {
            entry.features.remove(0)
        };
        flow.features = Some(Box::new(features));
        let after = entry.memory();
        if entry.features.is_empty() {
            self.flows.remove(&flow.key);
            self.memory = self.memory.saturating_sub(before);
        } else {
            self.memory = (self.memory + after).saturating_sub(before);
        }
    }

    /// Forgets what was left behind: packets that came when their flow was over already.
    fn sweep(&mut self) {
        let Timeouts {
            tcp,
            udp,
            icmp,
            other,
            active,
            ..
        } = self.wanted.timeouts;
        let idle = tcp.max(udp).max(icmp).max(other);
        let longest = active.saturating_add(idle).saturating_add(SWEEP);
        let longest = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
        let now = self.now;
        self.flows
            .retain(|_, entry| now.saturating_sub(entry.touched) < longest);
        self.memory = self.flows.values().map(Entry::memory).sum();
    }
}

#[cfg(test)]
#[path = "features_tests.rs"]
mod tests;
