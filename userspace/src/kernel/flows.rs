//! Draining the kernel's flow table without a race: see `docs/design/2026-11-22-flow-slots.md`.

use std::os::fd::{AsFd as _, AsRawFd as _};

use airlens_common::flow::{
    FLOW_BUCKET, FLOW_RUN, FlowBucket, FlowCursor, FlowIndex, FlowKey, FlowRecord, FlowValue, flow_hash,
};
use aya::{
    EbpfLoader,
    maps::{Array, Map, MapData, RingBuf},
    util::nr_cpus,
};

use super::{KernelError, KernelPrograms, RingGauge, barrier::Barrier, mapping::Mapping};

/// Fewer would save nothing: both halves take 120 KiB.
const LEAST_SLOTS: u32 = 512;
/// More, and entries of the index would hardly tell flows apart.
const MOST_SLOTS: u32 = 1 << 28;

/// Sizes of the flow table.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlowSizes {
    /// Slots of a half.
    slots: u32,
    index: FlowIndex,
    cpus: u32,
    /// Of the hash, so that nobody can choose flows of one bucket.
    seed: u64,
}

impl FlowSizes {
    /// For `capacity` flows.
    pub(super) fn of(capacity: u32, seed: u64) -> Result<Self, KernelError> {
        let cpus = nr_cpus().map_err(|(_, source)| KernelError::System {
            call: "read the number of CPUs",
            source,
        })?;
        let cpus = u32::try_from(cpus).unwrap_or(u32::MAX);
        // What is left of a CPU's last run is not given to another.
        let slots = capacity.saturating_add(cpus.saturating_mul(FLOW_RUN));
        let slots = slots.clamp(LEAST_SLOTS, MOST_SLOTS).next_multiple_of(FLOW_RUN);
        Ok(Self {
            slots,
            index: FlowIndex::of(slots),
            cpus,
            seed,
        })
    }

    /// Tells the loader of them.
    pub(super) fn tell<'a>(&'a self, loader: &mut EbpfLoader<'a>) {
        loader
            .map_max_entries("FLOW_SLOTS", 2 * self.slots)
            .map_max_entries("FLOW_INDEX", 2 * self.index.buckets)
            .map_max_entries("FLOW_CURSORS", 2 * self.cpus)
            .override_global("FLOW_SLOT_COUNT", &self.slots, true)
            .override_global("FLOW_BUCKETS", &self.index.buckets, true)
            .override_global("FLOW_MASK", &self.index.mask, true)
            .override_global("FLOW_CPUS", &self.cpus, true)
            .override_global("FLOW_SEED", &self.seed, true);
    }
}

/// As many of `capacity` flows as take a sixteenth of the machine's memory at the most.
pub(super) fn affordable(capacity: u32) -> u32 {
    // SAFETY: sysconf has no preconditions.
    let [pages, page] = [libc::_SC_PHYS_PAGES, libc::_SC_PAGESIZE].map(|name| unsafe { libc::sysconf(name) });
    let memory = u64::try_from(pages)
        .unwrap_or(0)
        .saturating_mul(u64::try_from(page).unwrap_or(0));
    // Two halves, each with two entries of the index for a slot.
    let flow = 2 * (size_of::<FlowRecord>() + 2 * size_of::<u32>()) as u64;
    u32::try_from(memory / 16 / flow).map_or(capacity, |flows| capacity.min(flows))
}

/// The two halves of the flow table, of which one is in use, and the ring of packets that found no place.
pub struct FlowDrain {
    half: Array<MapData, u32>,
    in_use: u32,
    sizes: FlowSizes,
    records: Mapping<FlowRecord>,
    index: Mapping<FlowBucket>,
    cursors: Mapping<FlowCursor>,
    runs: Mapping<u64>,
    barrier: Barrier,
    ring: RingBuf<MapData>,
}

impl KernelPrograms {
    /// Takes over the draining of the flow table; once.
    ///
    /// # Errors
    ///
    /// Too little address space, or taken already.
    pub fn flow_drain(&mut self) -> Result<(FlowDrain, RingGauge), KernelError> {
        const NAME: &str = "FLOW_HALF";
        let (ring, gauge) = self.flow_ring()?;
        let map = self.ebpf.take_map(NAME).ok_or(KernelError::Missing(NAME))?;
        let sizes = self.flow_sizes.ok_or(KernelError::Missing("FLOW_SLOTS"))?;
        let drain = FlowDrain {
            half: Array::try_from(map).map_err(KernelError::map(NAME))?,
            in_use: 0,
            sizes,
            records: self.mapping("FLOW_SLOTS", sizes.slots)?,
            index: self.mapping("FLOW_INDEX", sizes.index.buckets)?,
            cursors: self.mapping("FLOW_CURSORS", sizes.cpus)?,
            runs: self.mapping("FLOW_RUNS", 1)?,
            barrier: Barrier::new()?,
            ring,
        };
        Ok((drain, gauge))
    }

    /// Both halves, of `count` values each.
    fn mapping<T: aya::Pod>(&self, name: &'static str, count: u32) -> Result<Mapping<T>, KernelError> {
        let Map::Array(map) = self.map(name)? else {
            return Err(KernelError::Missing(name));
        };
        Mapping::new(map.fd().as_fd().as_raw_fd(), 2 * count as usize)
    }
}

impl FlowDrain {
    /// Slots for flows between two drains. A flow takes one on each CPU that sees it.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.sizes.slots
    }

    /// Octets of kernel memory that both halves take; mapped, they count as resident memory of this process too.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.records.bytes() + self.index.bytes() + self.cursors.bytes() + self.runs.bytes()
    }

    /// Takes everything counted since the last drain; `each` gets every flow's share, of each CPU that saw it. No packet is missed
    /// or given twice, whatever the programs do meanwhile.
    ///
    /// # Errors
    ///
    /// The kernel refuses a map operation; what was not yet given stays for a later call.
    pub fn drain(&mut self, mut each: impl FnMut(&FlowKey, &FlowValue)) -> Result<(), KernelError> {
        let old = self.in_use;
        self.half.set(0, old ^ 1, 0).map_err(KernelError::map("FLOW_HALF"))?;
        self.in_use = old ^ 1;
        // Behind it no program uses the old half any more.
        self.barrier.wait()?;
        self.empty(old as usize, &mut each);
        while let Some(record) = self.ring.next() {
            if let Some(record) = read_record(&record) {
                each(&record.key, &record.value);
            }
        }
        Ok(())
    }

    /// Empties a half that no program uses.
    fn empty(&self, half: usize, each: &mut impl FnMut(&FlowKey, &FlowValue)) {
        let (slots, buckets) = (self.sizes.slots as usize, self.sizes.index.buckets as usize);
        let run = FLOW_RUN as usize;
        // CPUs that found none left have counted on.
        let runs = self.runs.read(half).unwrap_or(0).min((slots / run) as u64) as usize;
        // Entry by entry where that is less than to clear them all, one behind the other.
        let few = runs * run < buckets / 8;
        for run in (0..runs).map(|number| number * run..(number + 1) * run) {
            for number in run {
                let Some(record) = self.take(half * slots + number) else {
                    // So far its CPU has come with it.
                    break;
                };
                if few {
                    self.free(half, &record, number);
                }
                each(&record.key, &record.value);
            }
        }
        if !few {
            self.index.clear(half * buckets..(half + 1) * buckets);
        }
        let cpus = self.sizes.cpus as usize;
        self.cursors.clear(half * cpus..(half + 1) * cpus);
        self.runs.write(half, 0);
    }

    /// What is in a slot, which is free then: the rest of it is written when a CPU takes it again.
    fn take(&self, slot: usize) -> Option<FlowRecord> {
        let slot = self.records.at(slot)?;
        // SAFETY: within the mapping; nobody else uses this half.
        unsafe {
            let record = slot.read_volatile();
            (&raw mut (*slot.as_ptr()).owner).write_volatile(0);
            (record.owner != 0).then_some(record)
        }
    }

    /// Frees a slot's entry of the index.
    fn free(&self, half: usize, record: &FlowRecord, number: usize) {
        let FlowSizes { index, seed, .. } = self.sizes;
        let hash = flow_hash(&record.key, seed ^ u64::from(record.owner - 1));
        let place = half * index.buckets as usize + index.bucket(hash) as usize;
        let Some(mut bucket) = self.index.read(place) else {
            return;
        };
        let entry = index.entry(hash, number as u32);
        for step in 0..FLOW_BUCKET {
            let found = &mut bucket.entries[FlowIndex::place(hash, step)];
            if *found == entry {
                *found = 0;
                self.index.write(place, bucket);
                return;
            }
        }
    }
}

fn read_record(record: &[u8]) -> Option<FlowRecord> {
    let octets = record.get(..size_of::<FlowRecord>())?;
    // SAFETY: the size of a FlowRecord, for which any bit pattern is valid; the read may be unaligned.
    Some(unsafe { octets.as_ptr().cast::<FlowRecord>().read_unaligned() })
}
