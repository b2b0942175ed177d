//! Loading the programs, and access to their maps by name.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    thread,
    time::Duration,
};

use airlens_common::{
    air::MAX_STATIONS,
    data::{INTERFACE_PROBES, InterfaceCounts, RECEIVE, TRANSMIT},
    monitor::{Config, config_flags},
};
use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, Map, MapData, PerCpuArray, PerCpuValues, RingBuf},
    programs::{Program, ProgramError, SchedClassifier, Xdp},
    util::nr_cpus,
};

use super::{
    KernelError, RingGauge,
    attach::Placed,
    error::{is_permission, os_error},
    flows::{FlowSizes, affordable},
    owner::Owner,
};
use crate::lab::Namespace;

/// The kernel programs, as `cargo xtask build-ebpf` made them.
pub static OBJECT: &[u8] = aya::include_bytes_aligned!(env!("AIRLENS_EBPF_OBJECT"));

/// Every program of the object.
pub const PROGRAMS: [&str; 11] = [
    "monitor",
    "monitor_tc",
    "data_rx",
    "data_rx_tc",
    "data_tx",
    "capture",
    "capture_tc",
    "capture_tx",
    "captured",
    "captured_tc",
    "captured_tx",
];

/// Sizes and selections, fixed when the programs are loaded.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// Octets of each ring buffer; rounded up to a power of two and a page.
    pub ring_bytes: u32,
    /// Management subtypes handed over, bit n = subtype n.
    pub subtypes: u16,
    /// Subtypes that wake the reader at once.
    pub urgent: u16,
    /// Let the programs log (malformed packets).
    pub log: bool,
    /// Of each transmitter's beacons, and of its probe responses, one is handed over in this time; 0 hands over all.
    pub network_interval: Duration,
    /// The same of probe requests.
    pub request_interval: Duration,
    /// Count frames by transmitter.
    pub stations: bool,
    /// Count frames by channel.
    pub channels: bool,
    /// Flows between two drains; as many of them as take a sixteenth of the memory, each 240 octets.
    pub flow_capacity: u32,
    /// Flows of what GRE and VXLAN carry, not of the tunnels.
    pub inner: bool,
}

impl LoadOptions {
    fn flags(&self) -> u32 {
        let flag = |on, flag| if on { flag } else { 0 };
        flag(self.stations, config_flags::STATIONS) | flag(self.channels, config_flags::CHANNELS)
    }
}

/// The direction of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the network.
    Receive,
    /// To the network.
    Transmit,
}

impl Direction {
    /// As the kernel programs write it.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Receive => RECEIVE,
            Self::Transmit => TRANSMIT,
        }
    }
}

/// The loaded object: programs, maps and links. Dropping it detaches and unloads everything.
pub struct KernelPrograms {
    pub(super) ebpf: Ebpf,
    /// Programs that are attached.
    pub(super) placed: Vec<Placed>,
    /// Interfaces, by index, that have a clsact qdisc for them alone.
    pub(super) qdiscs: Vec<u32>,
    /// Whose filters are, once there is one.
    pub(super) owner: Option<Arc<Owner>>,
    /// Where filters are on interfaces: these indices mean something else in another namespace.
    pub(super) home: Option<Namespace>,
    /// Places of interfaces in `DATA_COUNTS`.
    pub(super) places: Vec<u32>,
    /// Sizes of the flow table, where it has them.
    pub(super) flow_sizes: Option<FlowSizes>,
}

impl KernelPrograms {
    /// Creates the maps and prepares the programs; a program goes to the kernel when it is first attached.
    ///
    /// # Errors
    ///
    /// Missing capabilities, a kernel without BTF, or too little memory for the rings.
    pub fn load(options: &LoadOptions) -> Result<Self, KernelError> {
        Self::load_object(OBJECT, options)
    }

    /// The same from another object with the same maps, such as that of the benches.
    ///
    /// # Errors
    ///
    /// As [`Self::load`].
    pub fn load_object(object: &[u8], options: &LoadOptions) -> Result<Self, KernelError> {
        let ring = options.ring_bytes.next_power_of_two().max(4096);
        let log_level = if options.log { aya_log::Level::Debug as u8 } else { 0 };
        let flows = affordable(options.flow_capacity);
        if flows < options.flow_capacity {
            tracing::warn!(
                flows,
                "the flow table is made smaller: it would take more than a sixteenth of the memory"
            );
        }
        let sizes = FlowSizes::of(flows, RandomState::new().hash_one(0))?;
        let inner = u8::from(options.inner);
        let mut loader = EbpfLoader::new();
        sizes.tell(&mut loader);
        loader
            .override_global("DATA_INNER", &inner, true)
            .map_max_entries("MONITOR_RING", ring)
            .map_max_entries("FLOW_RING", ring)
            .map_max_entries("MONITOR_STATIONS", if options.stations { MAX_STATIONS } else { 1 })
            .override_global(aya_log::LEVEL, &log_level, true);
        let mut programs = Self::open(&mut loader, object)?;
        programs.flow_sizes = Some(sizes);
        let config = Config {
            subtypes: options.subtypes,
            urgent: options.urgent,
            wakeup_bytes: ring / 4,
            network_interval: nanoseconds(options.network_interval),
            request_interval: nanoseconds(options.request_interval),
            flags: options.flags(),
            reserved: 0,
        };
        let mut map: Array<_, Config> =
            Array::try_from(programs.map_mut("MONITOR_CONFIG")?).map_err(KernelError::map("MONITOR_CONFIG"))?;
        map.set(0, config, 0).map_err(KernelError::map("MONITOR_CONFIG"))?;
        Ok(programs)
    }

    /// Creates the maps, of the sizes that `loader` was told.
    pub(super) fn open(loader: &mut EbpfLoader<'_>, object: &[u8]) -> Result<Self, KernelError> {
        let ebpf = loader.load(object).map_err(|error| {
            if is_permission(&error) {
                KernelError::Permission {
                    action: "load eBPF programs".to_owned(),
                }
            } else {
                KernelError::Load(Box::new(error))
            }
        })?;
        Ok(Self {
            ebpf,
            placed: Vec::new(),
            qdiscs: Vec::new(),
            owner: None,
            home: None,
            places: Vec::new(),
            flow_sizes: None,
        })
    }

    /// The object itself, for what it has besides airlens's own programs and maps.
    pub fn object(&mut self) -> &mut Ebpf {
        &mut self.ebpf
    }

    /// A map by its name in the object.
    pub(super) fn map(&self, name: &'static str) -> Result<&Map, KernelError> {
        self.ebpf.map(name).ok_or(KernelError::Missing(name))
    }

    /// A map by its name in the object.
    pub(super) fn map_mut(&mut self, name: &'static str) -> Result<&mut Map, KernelError> {
        self.ebpf.map_mut(name).ok_or(KernelError::Missing(name))
    }

    pub(super) fn take_ring(&mut self, name: &'static str) -> Result<(RingBuf<MapData>, RingGauge), KernelError> {
        let map = self.ebpf.take_map(name).ok_or(KernelError::Missing(name))?;
        let ring = RingBuf::try_from(map).map_err(KernelError::map(name))?;
        let gauge = RingGauge::new(&ring)?;
        Ok((ring, gauge))
    }

    /// Takes the ring of captured frames; once.
    ///
    /// # Errors
    ///
    /// [`KernelError::Missing`] the second time.
    pub fn frame_ring(&mut self) -> Result<(RingBuf<MapData>, RingGauge), KernelError> {
        self.take_ring("MONITOR_RING")
    }

    /// Takes the ring of packets that found no place in the flow table; once.
    ///
    /// # Errors
    ///
    /// [`KernelError::Missing`] the second time.
    pub(super) fn flow_ring(&mut self) -> Result<(RingBuf<MapData>, RingGauge), KernelError> {
        self.take_ring("FLOW_RING")
    }

    /// Gives an interface counters of its own; one that has them keeps them.
    ///
    /// # Errors
    ///
    /// The kernel refuses a map operation. With too many interfaces it is no error: what has no place counts together, see
    /// [`super::Counters::unlisted`].
    pub fn announce(&mut self, ifindex: u32) -> Result<(), KernelError> {
        const NAME: &str = "DATA_COUNTS";
        for probe in 0..INTERFACE_PROBES {
            let place = InterfaceCounts::place(ifindex, probe);
            let there: InterfaceCounts = self.one(NAME, place)?;
            if there.ifindex == ifindex {
                return Ok(());
            }
            if there.ifindex == 0 {
                let cpus = nr_cpus().map_err(|(_, source)| KernelError::System {
                    call: "read the number of CPUs",
                    source,
                })?;
                let zero = PerCpuValues::try_from(vec![InterfaceCounts::of(ifindex); cpus]).map_err(|source| {
                    KernelError::System {
                        call: "make a per-CPU value",
                        source,
                    }
                })?;
                let mut map: PerCpuArray<_, InterfaceCounts> =
                    PerCpuArray::try_from(self.map_mut(NAME)?).map_err(KernelError::map(NAME))?;
                map.set(place, zero, 0).map_err(KernelError::map(NAME))?;
                self.places.push(place);
                return Ok(());
            }
        }
        tracing::warn!(
            ifindex,
            "no counters are left for one more interface: its packets count as unlisted"
        );
        Ok(())
    }

    /// Loads programs side by side: each keeps the verifier busy for 15 to 50 ms. One that is refused is refused again, with the
    /// reason, when it is attached.
    pub fn preload(&mut self, names: &[&str]) {
        thread::scope(|scope| {
            for (_, program) in self.ebpf.programs_mut().filter(|(name, _)| names.contains(name)) {
                scope.spawn(|| match program {
                    Program::Xdp(program) => drop(program.load()),
                    Program::SchedClassifier(program) => drop(program.load()),
                    _ => {}
                });
            }
        });
    }

    /// An XDP program, loaded.
    pub fn xdp(&mut self, name: &'static str) -> Result<&mut Xdp, KernelError> {
        let program = self.ebpf.program_mut(name).ok_or(KernelError::Missing(name))?;
        let program: &mut Xdp = program.try_into().map_err(refused(name))?;
        if program.fd().is_err() {
            program.load().map_err(refused(name))?;
        }
        Ok(program)
    }

    /// A tc program, loaded.
    pub fn classifier(&mut self, name: &'static str) -> Result<&mut SchedClassifier, KernelError> {
        let program = self.ebpf.program_mut(name).ok_or(KernelError::Missing(name))?;
        let program: &mut SchedClassifier = program.try_into().map_err(refused(name))?;
        if program.fd().is_err() {
            program.load().map_err(refused(name))?;
        }
        Ok(program)
    }

    /// Takes every program off its hooks and out of the kernel; maps stay readable.
    ///
    /// # Errors
    ///
    /// The kernel refuses to detach one; the others are detached all the same.
    pub fn detach(&mut self) -> Result<(), KernelError> {
        let mut result = self.take_off(|_| true);
        for name in PROGRAMS {
            if let Err(error) = self.unload(name) {
                result = Err(refused(name)(error));
            }
        }
        result
    }

    /// The program is in the kernel.
    #[must_use]
    pub fn is_loaded(&self, name: &str) -> bool {
        self.ebpf.program(name).is_some_and(|program| program.fd().is_ok())
    }

    /// Takes a program out of the kernel, from every hook; nothing to do where it is not there.
    pub(super) fn unload(&mut self, name: &'static str) -> Result<(), ProgramError> {
        match self.ebpf.program_mut(name) {
            Some(Program::Xdp(program)) if program.fd().is_ok() => program.unload(),
            Some(Program::SchedClassifier(program)) if program.fd().is_ok() => program.unload(),
            _ => Ok(()),
        }
    }
}

impl Drop for KernelPrograms {
    fn drop(&mut self) {
        // Links go with the programs, but qdiscs do not.
        let _ = self.detach();
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) fn refused(program: &'static str) -> impl Fn(ProgramError) -> KernelError {
    move |error| {
        // The verifier's own refusal is EACCES too, but comes with a log.
        let verifier =
            matches!(&error, ProgramError::LoadError { verifier_log, .. } if !verifier_log.to_string().is_empty());
        if !verifier && os_error(&error) == Some(libc::EPERM) {
            return KernelError::Permission {
                action: format!("load program {program}"),
            };
        }
        KernelError::Program {
            program,
            source: Box::new(error),
        }
    }
}

/// An error and its sources in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}
