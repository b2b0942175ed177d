//! The capture program: attach it to interfaces with a filter each, take its ring, read its counts.

mod device;
mod filter;
mod scribe;
mod wait;

use std::os::fd::{AsFd as _, BorrowedFd};

use airlens_common::{
    Count,
    capture::{Config, Counter, MAX_INTERFACES, MAX_SNAP_LENGTH, PacketHeader, SIZES, programs},
    data::{RECEIVE, TRANSMIT},
};
use aya::{
    EbpfLoader,
    maps::{Array, Map, MapData, RingBuf},
    programs::TcAttachType,
};

use super::{
    Attachment, Direction, HookChoice, KernelError, KernelPrograms, RingGauge,
    load::{OBJECT, refused},
    syscall,
};
use crate::filter::{Filter, Hook, Outcomes};

pub use device::CaptureDevice;
pub use scribe::{CapturedInterface, Scribe};
pub use wait::RingWaiter;

/// Sizes, fixed when the program is loaded.
#[derive(Clone, Copy, Debug)]
pub struct CaptureOptions {
    /// Octets of the ring buffer; rounded up to a power of two and a page.
    pub ring_bytes: u32,
    /// Octets that are taken of a packet at the most.
    pub snap_length: u32,
}

/// Which packets of an interface are captured.
#[derive(Clone, Copy, Debug)]
pub struct CaptureSource<'a> {
    /// Interface name.
    pub interface: &'a str,
    /// Its index.
    pub index: u32,
    /// Those that it takes; `None` for all.
    pub filter: Option<&'a Filter>,
    /// Received, sent, or, for `None`, both.
    pub direction: Option<Direction>,
    /// Where packets are received.
    pub hook: HookChoice,
}

/// Packets of an interface: `seen = captured + filtered + lost`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaptureCounts {
    /// Everything that reached the hooks.
    pub seen: Count,
    /// On the ring.
    pub captured: Count,
    /// Left out by the filter.
    pub filtered: Count,
    /// Lost: the ring had no room.
    pub ring_full: Count,
    /// Lost: the kernel could not copy the packet.
    pub copy: Count,
}

impl CaptureCounts {
    /// Packets that the filter took and nobody gets.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.ring_full.packets + self.copy.packets
    }

    /// `seen = captured + filtered + lost`, packets and octets.
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut sum = self.captured;
        for part in [self.filtered, self.ring_full, self.copy] {
            sum += part;
        }
        self.seen == sum
    }
}

/// Which packets are taken.
#[derive(Clone, Copy)]
enum Choice<'a> {
    Filter(&'a Filter),
    /// So many of each flow and direction.
    First(u32),
}

/// A record of the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapturedPacket<'a> {
    /// What the kernel program says of it.
    pub header: PacketHeader,
    /// The packet's first octets.
    pub octets: &'a [u8],
}

impl<'a> CapturedPacket<'a> {
    /// Reads a record; `None` if it is not one (object and binary of different builds).
    #[must_use]
    pub fn from_record(record: &'a [u8]) -> Option<Self> {
        let (header, packet) = record.split_at_checked(size_of::<PacketHeader>())?;
        // SAFETY: `header` has the size of a PacketHeader, for which any bit pattern is valid; the read may be unaligned.
        let header = unsafe { header.as_ptr().cast::<PacketHeader>().read_unaligned() };
        let octets = packet.get(..header.captured as usize)?;
        Some(Self { header, octets })
    }
}

/// The capture program, loaded. Dropping it detaches and unloads everything.
pub struct CaptureProgram {
    programs: KernelPrograms,
    config: Config,
}

impl CaptureProgram {
    /// Creates the maps and prepares the programs.
    ///
    /// # Errors
    ///
    /// Missing capabilities, a kernel without BTF, or too little memory for the ring.
    pub fn load(options: &CaptureOptions) -> Result<Self, KernelError> {
        // A ring holds at least one record of the largest size.
        let least = SIZES[SIZES.len() - 1] as u32 * 2;
        let ring = options.ring_bytes.max(least).next_power_of_two();
        let mut loader = EbpfLoader::new();
        loader
            .map_max_entries("CAPTURE_RING", ring)
            // None of the other programs is loaded: their maps take no memory to speak of.
            .map_max_entries("MONITOR_RING", 4096)
            .map_max_entries("FLOW_RING", 4096)
            .map_max_entries("MONITOR_STATIONS", 1);
        let config = Config {
            snap_length: options.snap_length.clamp(1, MAX_SNAP_LENGTH),
            // Often enough to empty it in small batches, seldom enough to cost nothing.
            wakeup_bytes: (ring / 8).min(512 << 10),
            interfaces: [0; MAX_INTERFACES],
        };
        let mut capture = Self {
            programs: KernelPrograms::open(&mut loader, OBJECT)?,
            config,
        };
        capture.configure()?;
        Ok(capture)
    }

    /// Takes the ring; once.
    ///
    /// # Errors
    ///
    /// [`KernelError::Missing`] the second time.
    pub fn ring(&mut self) -> Result<(RingBuf<MapData>, RingGauge), KernelError> {
        self.programs.take_ring("CAPTURE_RING")
    }

    /// Captures on an interface too: the n-th, from 0, has slot n.
    ///
    /// # Errors
    ///
    /// No hook of the choice takes the program, or [`MAX_INTERFACES`] are captured already.
    pub fn attach(&mut self, source: &CaptureSource<'_>) -> Result<Vec<Attachment>, KernelError> {
        self.prepare(source)?;
        self.attach_hooks(source)
    }

    /// Captures on an interface that is there again, perhaps with another index: at the slot that it had, with the filter of
    /// that; `source` names none.
    ///
    /// # Errors
    ///
    /// No hook of the choice takes the program.
    pub fn attach_again(&mut self, slot: u32, source: &CaptureSource<'_>) -> Result<Vec<Attachment>, KernelError> {
        if let Some(index) = self.config.interfaces.get_mut(slot as usize) {
            *index = source.index;
        }
        self.configure()?;
        self.attach_hooks(source)
    }

    fn attach_hooks(&mut self, source: &CaptureSource<'_>) -> Result<Vec<Attachment>, KernelError> {
        let mut attached = Vec::new();
        if source.direction != Some(Direction::Transmit) {
            attached.push(
                self.programs
                    .attach_receive("capture", "capture_tc", source.interface, source.hook)?,
            );
        }
        if source.direction != Some(Direction::Receive) {
            attached.push(self.programs.attach_first(
                "capture_tx",
                "capture_tx",
                source.interface,
                TcAttachType::Egress,
                source.hook.transmit(),
            )?);
        }
        Ok(attached)
    }

    /// Sets everything up for an interface but attaches nothing: a program of [`Self::programs`] can be run over packets then.
    ///
    /// # Errors
    ///
    /// The kernel does not take the filter, or [`MAX_INTERFACES`] are captured already.
    pub fn prepare(&mut self, source: &CaptureSource<'_>) -> Result<(), KernelError> {
        let slot = self.free_slot()?;
        if let Some(filter) = source.filter {
            self.set_filter(slot as u32, filter)?;
        }
        // Now the program knows the interface: not before its filter is there.
        self.config.interfaces[slot] = source.index;
        self.configure()
    }

    /// Captures the first packets of each flow of an interface, so many of each direction, at tc. Of a flow that was silent for a
    /// minute they begin anew; it may be some more, where flows take each other's place among 32,768.
    ///
    /// # Errors
    ///
    /// As [`Self::attach`].
    pub fn attach_first(&mut self, interface: &str, index: u32, most: u32) -> Result<Vec<Attachment>, KernelError> {
        let slot = self.free_slot()?;
        for direction in [RECEIVE, TRANSMIT] {
            self.install(Choice::First(most), Hook::Tc, slot as u32, direction)?;
        }
        self.config.interfaces[slot] = index;
        self.configure()?;
        self.attach_hooks(&CaptureSource {
            interface,
            index,
            filter: None,
            direction: None,
            hook: HookChoice::Tc,
        })
    }

    fn free_slot(&self) -> Result<usize, KernelError> {
        let free = self.config.interfaces.iter().position(|index| *index == 0);
        free.ok_or(KernelError::TooManyInterfaces { most: MAX_INTERFACES })
    }

    /// Sets the filter of the interface at a slot, or another one in its place: each packet meets the one or the other.
    ///
    /// # Errors
    ///
    /// The kernel does not take the filter.
    pub fn set_filter(&mut self, slot: u32, filter: &Filter) -> Result<(), KernelError> {
        for direction in [RECEIVE, TRANSMIT] {
            self.install(Choice::Filter(filter), Hook::Tc, slot, direction)?;
        }
        self.install(Choice::Filter(filter), Hook::Xdp, slot, RECEIVE)
    }

    /// The programs, to run one over packets.
    pub fn programs(&mut self) -> &mut KernelPrograms {
        &mut self.programs
    }

    /// Takes the program off every interface; its counts stay.
    ///
    /// # Errors
    ///
    /// A hook does not let go.
    pub fn detach(&mut self) -> Result<(), KernelError> {
        self.programs.detach()
    }

    /// Packets of the interface at a slot, since it was attached.
    ///
    /// # Errors
    ///
    /// The map can't be read.
    pub fn counts(&self, slot: u32) -> Result<CaptureCounts, KernelError> {
        let one = |counter: Counter| self.programs.one("CAPTURE_COUNTS", counter.index(slot));
        Ok(CaptureCounts {
            // Last: what comes meanwhile is not seen without having become of something.
            captured: one(Counter::Captured)?,
            filtered: one(Counter::Filtered)?,
            ring_full: one(Counter::LostRingFull)?,
            copy: one(Counter::LostCopy)?,
            seen: one(Counter::Seen)?,
        })
    }

    fn configure(&mut self) -> Result<(), KernelError> {
        const NAME: &str = "CAPTURE_CONFIG";
        let mut map: Array<_, Config> =
            Array::try_from(self.programs.map_mut(NAME)?).map_err(KernelError::map(NAME))?;
        map.set(0, self.config, 0).map_err(KernelError::map(NAME))
    }

    /// Loads what chooses and what it calls, and puts both in their places.
    fn install(&mut self, choice: Choice<'_>, hook: Hook, slot: u32, direction: u8) -> Result<(), KernelError> {
        let (map, take) = match (hook, direction) {
            (Hook::Xdp, _) => ("CAPTURE_XDP", "captured"),
            (Hook::Tc, TRANSMIT) => ("CAPTURE_TC", "captured_tx"),
            (Hook::Tc, _) => ("CAPTURE_TC", "captured_tc"),
        };
        let taker = match hook {
            Hook::Xdp => self
                .programs
                .xdp(take)?
                .fd()
                .map(|program| program.as_fd().try_clone_to_owned()),
            Hook::Tc => self
                .programs
                .classifier(take)?
                .fd()
                .map(|program| program.as_fd().try_clone_to_owned()),
        };
        let system = |source| KernelError::System {
            call: "copy a descriptor",
            source,
        };
        let taker = taker.map_err(refused(take))?.map_err(system)?;
        let outcomes = Outcomes {
            programs: syscall::number(self.descriptor(map)?),
            take: programs::take(direction),
            counters: syscall::number(self.descriptor("CAPTURE_COUNTS")?),
            slot,
            sent: direction == TRANSMIT,
        };
        let loaded = match choice {
            Choice::Filter(filter) => filter::load(filter, hook, &outcomes)?,
            Choice::First(most) => filter::load_sample(most, &outcomes)?,
        };
        let table = self.descriptor(map)?;
        let refused = |source| KernelError::System {
            call: "BPF_MAP_UPDATE_ELEM of a filter",
            source,
        };
        syscall::put(table, programs::take(direction), taker.as_fd()).map_err(refused)?;
        // The map keeps it.
        syscall::put(table, programs::filter(slot, direction), loaded.as_fd()).map_err(refused)
    }

    fn descriptor(&self, name: &'static str) -> Result<BorrowedFd<'_>, KernelError> {
        match self.programs.map(name)? {
            Map::ProgramArray(map) | Map::PerCpuArray(map) => Ok(map.fd().as_fd()),
            _ => Err(KernelError::Missing(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_checked() {
        let header = PacketHeader {
            captured: 3,
            length: 9,
            ..PacketHeader::default()
        };
        // SAFETY: 24 octets of a plain repr(C) value without padding.
        let octets: [u8; 24] = unsafe { std::mem::transmute(header) };
        let mut record = octets.to_vec();
        record.extend([1, 2, 3, 0, 0]);
        assert_eq!(
            CapturedPacket::from_record(&record),
            Some(CapturedPacket {
                header,
                octets: &[1, 2, 3]
            })
        );
        assert_eq!(CapturedPacket::from_record(&record[..26]), None);
        assert_eq!(CapturedPacket::from_record(&record[..20]), None);
    }

    #[test]
    fn a_balance_is_of_packets_and_octets() {
        let one = Count { packets: 1, bytes: 60 };
        let counts = CaptureCounts {
            seen: Count { packets: 2, bytes: 120 },
            captured: one,
            ring_full: one,
            ..CaptureCounts::default()
        };
        assert!(counts.holds());
        assert_eq!(counts.lost(), 1);
        let wrong = CaptureCounts {
            copy: Count { packets: 0, bytes: 1 },
            ..counts
        };
        assert!(!wrong.holds());
    }
}
