//! Draining the kernel's flow table without a race: see `ebpf/src/flow.rs`.

use std::{
    ffi::CStr,
    os::fd::{AsFd as _, AsRawFd as _, RawFd},
};

use airlens_common::flow::{FlowKey, FlowRecord, FlowValue};
use aya::maps::{ArrayOfMaps, Map, MapData, RingBuf};
use aya_obj::generated::{bpf_attr, bpf_cmd};

use super::{KernelError, KernelPrograms, RingGauge, flow_table, load::FlowMap};

/// Flows that a batch call returns at the most; more than the longest hash chain, else the kernel says ENOSPC.
const BATCH: usize = 4096;

type TableMap = FlowMap<FlowKey, FlowValue>;

/// A flow table, and the descriptor that `map` owns but does not show.
struct Table {
    map: TableMap,
    descriptor: RawFd,
}

/// Two flow tables of which one is in use, and the ring of packets that found no place.
pub struct FlowDrain {
    outer: ArrayOfMaps<MapData, TableMap>,
    in_use: Table,
    spare: Table,
    ring: RingBuf<MapData>,
    capacity: u32,
    keys: Vec<FlowKey>,
    values: Vec<FlowValue>,
}

impl KernelPrograms {
    /// Puts a table of `capacity` flows in use and takes over its draining; once. Do it before data programs are attached.
    ///
    /// # Errors
    ///
    /// Too little memory for two tables of that size, or taken already.
    pub fn flow_drain(&mut self, capacity: u32) -> Result<(FlowDrain, RingGauge), KernelError> {
        const NAME: &str = "FLOW_TABLE";
        let (ring, gauge) = self.flow_ring()?;
        let map = self.ebpf.take_map(NAME).ok_or(KernelError::Missing(NAME))?;
        let mut drain = FlowDrain {
            outer: ArrayOfMaps::try_from(map).map_err(KernelError::map(NAME))?,
            in_use: table(c"FLOW_TABLE_0", capacity)?,
            spare: table(c"FLOW_TABLE_1", capacity)?,
            ring,
            capacity,
            keys: vec![FlowKey::default(); BATCH],
            values: vec![FlowValue::default(); BATCH],
        };
        drain.publish()?;
        Ok((drain, gauge))
    }
}

impl FlowDrain {
    /// Flows that fit between two drains.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Takes everything counted since the last drain; `each` gets every flow's share. No packet is missed or given twice,
    /// whatever the programs do meanwhile.
    ///
    /// # Errors
    ///
    /// The kernel refuses a map operation; what was not yet given stays for the next call.
    pub fn drain(&mut self, mut each: impl FnMut(&FlowKey, &FlowValue)) -> Result<(), KernelError> {
        std::mem::swap(&mut self.in_use, &mut self.spare);
        // Returns once no program uses the old table any more.
        self.publish()?;
        self.empty_spare(&mut each)?;
        while let Some(record) = self.ring.next() {
            if let Some(record) = read_record(&record) {
                each(&record.key, &record.value);
            }
        }
        Ok(())
    }

    fn publish(&mut self) -> Result<(), KernelError> {
        self.outer
            .set(0, &self.in_use.map, 0)
            .map_err(KernelError::map("FLOW_TABLE"))
    }

    /// Empties the table that no program uses.
    fn empty_spare(&mut self, each: &mut impl FnMut(&FlowKey, &FlowValue)) -> Result<(), KernelError> {
        let mut position = 0u32;
        let mut first = true;
        loop {
            let (count, end) = self.next_batch(&mut position, first)?;
            for (key, value) in self.keys[..count].iter().zip(&self.values[..count]) {
                each(key, value);
            }
            if end {
                return Ok(());
            }
            first = false;
        }
    }

    /// One `BPF_MAP_LOOKUP_AND_DELETE_BATCH` (Linux `kernel/bpf/hashtab.c`, `__htab_map_lookup_and_delete_batch`): how many
    /// flows came, and whether they were the last.
    fn next_batch(&mut self, position: &mut u32, first: bool) -> Result<(usize, bool), KernelError> {
        let mut next = 0u32;
        // SAFETY: all-zero is a valid bpf_attr.
        let mut attributes: bpf_attr = unsafe { std::mem::zeroed() };
        // SAFETY: the batch member is the one that this command reads.
        let batch = unsafe { &mut attributes.batch };
        batch.in_batch = if first { 0 } else { &raw mut *position as u64 };
        batch.out_batch = &raw mut next as u64;
        batch.keys = self.keys.as_mut_ptr() as u64;
        batch.values = self.values.as_mut_ptr() as u64;
        batch.count = BATCH as u32;
        batch.map_fd = self.spare.descriptor.unsigned_abs();
        // SAFETY: every address stays valid for the call, with room for BATCH keys and values.
        let result = unsafe {
            libc::syscall(
                libc::SYS_bpf,
                bpf_cmd::BPF_MAP_LOOKUP_AND_DELETE_BATCH,
                &raw mut attributes,
                size_of::<bpf_attr>(),
            )
        };
        // SAFETY: as above; the kernel wrote how many it returned.
        let count = unsafe { attributes.batch.count } as usize;
        *position = next;
        if result == 0 {
            return Ok((count, false));
        }
        match KernelError::system("BPF_MAP_LOOKUP_AND_DELETE_BATCH") {
            KernelError::System { source, .. } if source.raw_os_error() == Some(libc::ENOENT) => Ok((count, true)),
            error => Err(error),
        }
    }
}

fn table(name: &'static CStr, capacity: u32) -> Result<Table, KernelError> {
    let data = MapData::from_fd(flow_table::create(name, capacity)?).map_err(KernelError::map("FLOW_TABLE"))?;
    let descriptor = data.fd().as_fd().as_raw_fd();
    let map = Map::HashMap(data).try_into().map_err(KernelError::map("FLOW_TABLE"))?;
    Ok(Table { map, descriptor })
}

fn read_record(record: &[u8]) -> Option<FlowRecord> {
    let octets = record.get(..size_of::<FlowRecord>())?;
    // SAFETY: the size of a FlowRecord, for which any bit pattern is valid; the read may be unaligned.
    Some(unsafe { octets.as_ptr().cast::<FlowRecord>().read_unaligned() })
}
