//! Draining the kernel's flow table without a race: see `docs/design/2026-11-21-flow-table.md`.

use std::os::fd::{AsFd as _, AsRawFd as _};

use airlens_common::flow::{FlowKey, FlowRecord, FlowValue};
use aya::maps::{Array, Map, MapData, RingBuf};

use super::{KernelError, KernelPrograms, RingGauge, barrier::Barrier, mapping::Mapping};

/// Fewer would save nothing: both halves take 112 KiB.
const LEAST_SLOTS: u32 = 512;

/// The slots of a table that holds `capacity` flows: an eighth more, so that a free one is found within
/// [`airlens_common::flow::FLOW_PROBES`] steps.
pub(super) fn slots(capacity: u32) -> u32 {
    capacity.saturating_add(capacity / 8).max(LEAST_SLOTS)
}

/// As many of `capacity` flows as take a sixteenth of the machine's memory at the most.
pub(super) fn affordable(capacity: u32) -> u32 {
    // SAFETY: sysconf has no preconditions.
    let [pages, page] = [libc::_SC_PHYS_PAGES, libc::_SC_PAGESIZE].map(|name| unsafe { libc::sysconf(name) });
    let memory = u64::try_from(pages)
        .unwrap_or(0)
        .saturating_mul(u64::try_from(page).unwrap_or(0));
    // Two halves, with an eighth more slots than flows.
    let flow = 2 * size_of::<FlowRecord>() as u64 * 9 / 8;
    u32::try_from(memory / 16 / flow).map_or(capacity, |flows| capacity.min(flows))
}

/// Words with a bit for each slot of a half.
pub(super) fn words(slots: u32) -> u32 {
    slots.div_ceil(64)
}

/// The two halves of the flow table, of which one is in use, and the ring of packets that found no place.
pub struct FlowDrain {
    half: Array<MapData, u32>,
    in_use: u32,
    slots: u32,
    records: Mapping<FlowRecord>,
    used: Mapping<u64>,
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
        let slots = self.flow_slots;
        let drain = FlowDrain {
            half: Array::try_from(map).map_err(KernelError::map(NAME))?,
            in_use: 0,
            slots,
            records: self.mapping("FLOW_SLOTS", 2 * slots)?,
            used: self.mapping("FLOW_USED", 2 * words(slots))?,
            barrier: Barrier::new()?,
            ring,
        };
        Ok((drain, gauge))
    }

    fn mapping<T: aya::Pod>(&self, name: &'static str, count: u32) -> Result<Mapping<T>, KernelError> {
        let Map::Array(map) = self.map(name)? else {
            return Err(KernelError::Missing(name));
        };
        Mapping::new(map.fd().as_fd().as_raw_fd(), count as usize)
    }
}

impl FlowDrain {
    /// Slots for flows between two drains. A flow takes one on each CPU that sees it.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.slots
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
        self.empty(old, &mut each);
        while let Some(record) = self.ring.next() {
            if let Some(record) = read_record(&record) {
                each(&record.key, &record.value);
            }
        }
        Ok(())
    }

    /// Empties a half that no program uses.
    fn empty(&self, half: u32, each: &mut impl FnMut(&FlowKey, &FlowValue)) {
        let words = words(self.slots) as usize;
        for index in 0..words {
            let Some(word) = self.used.at(half as usize * words + index) else {
                return;
            };
            // SAFETY: within the mapping; nobody else uses this half.
            let mut bits = unsafe { word.read_volatile() };
            if bits == 0 {
                continue;
            }
            // SAFETY: as above.
            unsafe { word.write_volatile(0) };
            while bits != 0 {
                let position = index * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let Some(slot) = self.records.at(half as usize * self.slots as usize + position) else {
                    continue;
                };
                // SAFETY: as above.
                let record = unsafe { slot.read_volatile() };
                // SAFETY: as above. Free again; the rest is written when it is claimed.
                unsafe { (&raw mut (*slot.as_ptr()).claim).write_volatile(0) };
                each(&record.key, &record.value);
            }
        }
    }
}

fn read_record(record: &[u8]) -> Option<FlowRecord> {
    let octets = record.get(..size_of::<FlowRecord>())?;
    // SAFETY: the size of a FlowRecord, for which any bit pattern is valid; the read may be unaligned.
    Some(unsafe { octets.as_ptr().cast::<FlowRecord>().read_unaligned() })
}
