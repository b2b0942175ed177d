//! Loading the programs, and access to their maps by name.

use std::{thread, time::Duration};

use airlens_common::{
    Count,
    data::{CounterKey, Protocol, RECEIVE, TRANSMIT},
    monitor::{Config, config_flags},
};
use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, HashMap, Map, MapData, PerCpuHashMap, PerCpuValues, RingBuf},
    programs::{Program, ProgramError, SchedClassifier, Xdp},
    util::nr_cpus,
};

use super::{
    KernelError, RingGauge,
    error::{is_permission, os_error},
};

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
    /// Programs that are attached somewhere.
    pub(super) attached: Vec<&'static str>,
}

impl KernelPrograms {
    /// Creates the maps and prepares the programs; a program goes to the kernel when it is first attached.
    ///
    /// # Errors
    ///
    /// Missing capabilities, a kernel without BTF, or too little memory for the rings.
    pub fn load(options: &LoadOptions) -> Result<Self, KernelError> {
        let ring = options.ring_bytes.next_power_of_two().max(4096);
        let log_level = if options.log { aya_log::Level::Debug as u8 } else { 0 };
        let mut loader = EbpfLoader::new();
        loader
            .map_max_entries("MONITOR_RING", ring)
            .map_max_entries("FLOW_RING", ring)
            .override_global(aya_log::LEVEL, &log_level, true);
        let mut programs = Self::open(&mut loader)?;
        let config = Config {
            subtypes: options.subtypes,
            urgent: options.urgent,
            wakeup_bytes: ring / 4,
            network_interval: nanoseconds(options.network_interval),
            request_interval: nanoseconds(options.request_interval),
            flags: if options.stations { config_flags::STATIONS } else { 0 },
            reserved: 0,
        };
        let mut map: Array<_, Config> =
            Array::try_from(programs.map_mut("MONITOR_CONFIG")?).map_err(KernelError::map("MONITOR_CONFIG"))?;
        map.set(0, config, 0).map_err(KernelError::map("MONITOR_CONFIG"))?;
        Ok(programs)
    }

    /// Creates the maps, of the sizes that `loader` was told.
    pub(super) fn open(loader: &mut EbpfLoader<'_>) -> Result<Self, KernelError> {
        let ebpf = loader.load(OBJECT).map_err(|error| {
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
            attached: Vec::new(),
        })
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

    /// Announces an interface to the data programs: every counter key is inserted, so that they only look up.
    ///
    /// # Errors
    ///
    /// The counter map is full: more than 200 interfaces.
    pub fn announce(&mut self, ifindex: u32) -> Result<(), KernelError> {
        const NAME: &str = "DATA_COUNTS";
        let cpus = nr_cpus().map_err(|(_, source)| KernelError::System {
            call: "read the number of CPUs",
            source,
        })?;
        let mut map: PerCpuHashMap<_, CounterKey, Count> =
            PerCpuHashMap::try_from(self.map_mut(NAME)?).map_err(KernelError::map(NAME))?;
        for direction in [RECEIVE, TRANSMIT] {
            for protocol in Protocol::ALL {
                let key = CounterKey {
                    ifindex,
                    direction,
                    protocol: protocol as u8,
                    reserved: 0,
                };
                let zero =
                    PerCpuValues::try_from(vec![Count::default(); cpus]).map_err(|source| KernelError::System {
                        call: "make a per-CPU value",
                        source,
                    })?;
                map.insert(key, zero, 0).map_err(KernelError::map(NAME))?;
            }
        }
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
        let mut result = Ok(());
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

    /// A hash map of the object, for reading.
    pub(super) fn per_cpu_hash<V: aya::Pod>(
        &self,
        name: &'static str,
    ) -> Result<PerCpuHashMap<&MapData, CounterKey, V>, KernelError> {
        PerCpuHashMap::try_from(self.map(name)?).map_err(KernelError::map(name))
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

/// A map of flows of our own making, in place of the object's.
pub(super) type FlowMap<K, V> = HashMap<MapData, K, V>;
