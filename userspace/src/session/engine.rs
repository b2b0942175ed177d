//! The kernel side of a run: programs in place, rings and flow tables read, counters at hand.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::mpsc;

use super::{
    SessionError,
    exported::EXPORT_END,
    features::{LiveFeatures, Wanted},
    flow_desk::{FlowDesk, FlowState},
    flows::{FlowThread, Leaving, WayOut},
    last::LastPackets,
};
use crate::{
    config::LastOptions,
    events::Events,
    export::{
        ExportOptions, Exports, InterfaceNames, Outcome,
        filter::Surroundings,
        top::{FlowList, FlowQuestion, foremost, rows, seconds},
    },
    flow::{FlowTable, Layers, Timeouts, features::Sets},
    kernel::{
        AirCounts, Attachment, Clock, Cost, Counters, Frame, HookChoice, KernelPrograms, LoadOptions, Measuring, Pins,
        RingGauge, RingReader,
    },
    nl80211::Interface,
    publish::http::{NoPackets, PacketQuestion, Packets},
};

/// Frames that may wait between the ring's reader and the profiler. When they are full, the reader waits, the ring fills, and
/// the kernel program counts what it can't hand over.
const QUEUE: usize = 4096;

/// What the kernel side is told.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Sizes and selections.
    pub load: LoadOptions,
    /// The receive hook.
    pub hook: HookChoice,
    /// Flows between two drains, and active flows in user space.
    pub flow_capacity: u32,
    /// When a flow is over.
    pub timeouts: Timeouts,
    /// What is read of the first packets of flows.
    pub features: Sets,
    /// Pin the maps below this folder.
    pub pin: Option<PathBuf>,
    /// Packets that are kept.
    pub capture: Option<LastOptions>,
    /// Where ended flows and profiles go.
    pub export: ExportOptions,
    /// Where its events are told and counted.
    pub events: Arc<Events>,
    /// Let the kernel measure what programs cost: those of the whole machine, some ten nanoseconds a run.
    pub measure: bool,
}

/// The kernel side, running.
pub struct Engine {
    programs: Mutex<KernelPrograms>,
    attachments: Mutex<Vec<Attachment>>,
    hook: HookChoice,
    gauge: RingGauge,
    flows: Arc<FlowDesk>,
    flow_memory: usize,
    way_out: WayOut,
    names: InterfaceNames,
    readers: Mutex<Option<Readers>>,
    pins: Mutex<Option<Pins>>,
    last: Option<LastPackets>,
    log: Option<tokio::task::JoinHandle<()>>,
    measuring: Option<Measuring>,
}

struct Readers {
    frames: RingReader,
    flows: FlowThread,
}

impl Engine {
    /// Loads the programs, starts the readers, then attaches: nothing comes before there is someone to take it. Call it
    /// within a tokio runtime.
    ///
    /// # Errors
    ///
    /// Missing privileges, an interface that takes no program, too little memory.
    pub fn start(
        options: &EngineOptions,
        monitor: Option<&Interface>,
        data: &[Interface],
    ) -> Result<(Self, mpsc::Receiver<Frame>), SessionError> {
        let load = LoadOptions {
            // Without data interfaces no flow ever comes: the smallest table does.
            flow_capacity: if data.is_empty() { 1 } else { options.flow_capacity },
            ..options.load
        };
        let measuring = options.measure.then(Measuring::start).transpose()?;
        let mut programs = KernelPrograms::load(&load)?;
        let pins = match &options.pin {
            Some(directory) => Some(programs.pin(directory)?),
            None => None,
        };
        let log = if options.load.log {
            Some(programs.forward_log()?)
        } else {
            None
        };
        let (ring, gauge) = programs.frame_ring()?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let frames = RingReader::spawn("airlens-frames", ring, move |record| {
            // An error means that the profiler is gone: the run is over.
            if let Some(frame) = Frame::from_record(record) {
                let _ = sender.blocking_send(frame);
            }
        })?;
        let (drain, _) = programs.flow_drain()?;
        let flow_memory = drain.memory();
        let table = FlowTable::new(options.flow_capacity as usize, options.timeouts);
        let table = Arc::new(FlowDesk::new(table));
        let names: InterfaceNames = data.iter().map(|data| (data.index, data.name.clone())).collect();
        let exports = Arc::new(Exports::with_events(&options.export, &names, &options.events)?);
        let mut attachments = Vec::new();
        let features = match options.features {
            sets if sets == Sets::default() || data.is_empty() => None,
            sets => {
                let wanted = Wanted {
                    sets,
                    layers: Layers {
                        inner: options.load.inner,
                    },
                    timeouts: options.timeouts,
                };
                let (live, attached) = LiveFeatures::start(wanted, &captured(false, None, data))?;
                attachments.extend(attached);
                Some(Arc::new(live))
            }
        };
        let way_out = WayOut { exports, features };
        let flows = FlowThread::spawn(drain, Arc::clone(&table), way_out.clone(), Arc::clone(&options.events))?;
        programs.preload(&expected(options.hook, monitor, data));
        for interface in data {
            programs.announce(interface.index)?;
            attachments.extend(programs.attach_data(&interface.name, options.hook)?);
        }
        if let Some(interface) = monitor {
            attachments.push(programs.attach_monitor(&interface.name, options.hook)?);
        }
        let last = match &options.capture {
            Some(last) => {
                let names = captured(last.monitor.unwrap_or(data.is_empty()), monitor, data);
                let (last, attached) = LastPackets::start(last, &names)?;
                attachments.extend(attached);
                Some(last)
            }
            None => None,
        };
        let engine = Self {
            programs: Mutex::new(programs),
            attachments: Mutex::new(attachments),
            hook: options.hook,
            gauge,
            flows: table,
            flow_memory,
            way_out,
            names,
            readers: Mutex::new(Some(Readers { frames, flows })),
            pins: Mutex::new(pins),
            last,
            log,
            measuring,
        };
        Ok((engine, receiver))
    }

    /// Where the programs run.
    #[must_use]
    pub fn attachments(&self) -> Vec<Attachment> {
        lock(&self.attachments).clone()
    }

    /// Names of the data interfaces by index, those that were there before included.
    #[must_use]
    pub fn names(&self) -> &InterfaceNames {
        &self.names
    }

    /// A data interface is gone: its programs too, or, where it is in another namespace, they are taken off there.
    pub fn forget(&self, name: &str) {
        if let Err(error) = lock(&self.programs).detach_from(name) {
            tracing::warn!(interface = name, %error, "programs stay on an interface that is gone");
        }
        lock(&self.attachments).retain(|attachment| attachment.interface != name);
    }

    /// Attaches to a data interface that is there again.
    ///
    /// # Errors
    ///
    /// It takes no program.
    pub fn take_back(&self, interface: &Interface) -> Result<(), SessionError> {
        self.names.add(interface.index, interface.name.clone());
        let mut programs = lock(&self.programs);
        programs.announce(interface.index)?;
        let attached = programs.attach_data(&interface.name, self.hook)?;
        lock(&self.attachments).extend(attached);
        drop(programs);
        if let Some(features) = &self.way_out.features {
            let attached = features.take_back(&interface.name)?;
            lock(&self.attachments).extend(attached);
        }
        if let Some(last) = &self.last {
            let attached = last.take_back(&interface.name)?;
            lock(&self.attachments).extend(attached);
        }
        Ok(())
    }

    /// The packets of the last seconds.
    ///
    /// # Errors
    ///
    /// Why there are none.
    pub fn packets(&self, question: &PacketQuestion) -> Result<Packets, NoPackets> {
        self.last.as_ref().ok_or(NoPackets::Off)?.ask(question)
    }

    /// Octets of kernel memory that the flow table takes.
    #[must_use]
    pub fn flow_memory(&self) -> usize {
        self.flow_memory
    }

    /// Octets that wait in the frame ring, and its size.
    #[must_use]
    pub fn ring(&self) -> (usize, usize) {
        (self.gauge.occupied(), self.gauge.capacity())
    }

    /// Reads every counter of the kernel programs.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn counters(&self) -> Result<Counters, SessionError> {
        Ok(lock(&self.programs).counters()?)
    }

    /// Reads what the monitor program counted by channel and transmitter.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn air(&self) -> Result<AirCounts, SessionError> {
        Ok(lock(&self.programs).air()?)
    }

    /// Management frames on a channel, and transmitters that were new, since the start.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn heard(&self, frequency: u16) -> Result<(u64, u64), SessionError> {
        Ok(lock(&self.programs).heard(frequency)?)
    }

    /// The flow table's state after its last drain.
    #[must_use]
    pub fn flows(&self) -> FlowState {
        self.flows.state()
    }

    /// What the programs have cost, where that is measured.
    #[must_use]
    pub fn costs(&self) -> Vec<Cost> {
        match &self.measuring {
            Some(_) => lock(&self.programs).costs(),
            None => Vec::new(),
        }
    }

    /// The foremost active flows. The flow thread waits meanwhile, some ten milliseconds for a million flows; the kernel's
    /// programs do not.
    #[must_use]
    pub fn ask(&self, question: &FlowQuestion) -> FlowList {
        let clock = Clock::now();
        let names = self.names.read();
        let around = Surroundings {
            now: Clock::monotonic(),
            names: &names,
        };
        let table = self.flows.table();
        let (mut flows, matched) = foremost(table.iter(), question, around);
        let (active, capacity) = (table.len() as u64, table.capacity() as u64);
        drop(table);
        if let Some(features) = &self.way_out.features {
            features.show(&mut flows);
        }
        FlowList {
            time: seconds(clock.timestamp(around.now)),
            active,
            capacity,
            matched,
            sort: question.sort,
            flows: rows(&flows, clock, &names),
        }
    }

    /// What became of ended flows, by exporter.
    #[must_use]
    pub fn exports(&self) -> Vec<(&'static str, Outcome)> {
        self.way_out.exports.outcomes()
    }

    /// Tells exporters how much no flow counts, so that collectors learn of it.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn tell_losses(&self) -> Result<(), SessionError> {
        if !self.way_out.exports.is_empty() {
            self.way_out.exports.ignored(self.counters()?.flows.lost);
        }
        Ok(())
    }

    /// Detaches the programs, then reads what is left in rings and tables. Counters stay readable. The frame queue must still
    /// be read meanwhile, or this waits for ever: call it beside the profiler, off the asynchronous threads.
    ///
    /// # Errors
    ///
    /// A program can't be detached.
    pub fn stop(&self) -> Result<(), SessionError> {
        lock(&self.programs).detach()?;
        if let Some(last) = &self.last {
            last.stop()?;
        }
        if let Some(features) = &self.way_out.features {
            features.stop()?;
        }
        if let Some(readers) = lock(&self.readers).take() {
            readers.frames.stop();
            readers.flows.stop();
        }
        let end = Instant::now() + EXPORT_END;
        let mut leaving = Leaving::until(&self.way_out, Some(end));
        let mut table = self.flows.table();
        table.finish(&mut |ended| leaving.add(ended));
        self.flows.tell(&table);
        drop(table);
        leaving.give();
        self.way_out.exports.finish(end);
        drop(lock(&self.pins).take());
        if let Some(log) = &self.log {
            log.abort();
        }
        Ok(())
    }
}

/// The interfaces that are captured.
fn captured<'a>(wireless: bool, monitor: Option<&'a Interface>, data: &'a [Interface]) -> Vec<&'a str> {
    data.iter()
        .chain(monitor.filter(|_| wireless))
        .map(|interface| interface.name.as_str())
        .collect()
}

/// The programs that will most likely be attached. mac80211 has no native XDP for its monitor interfaces.
fn expected(hook: HookChoice, monitor: Option<&Interface>, data: &[Interface]) -> Vec<&'static str> {
    let tc = matches!(hook, HookChoice::Tc | HookChoice::Clsact);
    let mut names = Vec::new();
    if let Some(monitor) = monitor {
        let wireless = hook == HookChoice::Auto && monitor.phy.is_some();
        names.push(if tc || wireless { "monitor_tc" } else { "monitor" });
    }
    if !data.is_empty() {
        names.extend([if tc { "data_rx_tc" } else { "data_rx" }, "data_tx"]);
    }
    names
}

/// A panic elsewhere must not take the counters away: what is behind these locks is valid after every step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
