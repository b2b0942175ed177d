//! Where the slot of a flow is: an index of the table, and the hash that leads into it.

use super::FlowKey;

/// Slots that a CPU takes at once, to give them out one behind the other.
pub const FLOW_RUN: u32 = 64;

/// Entries of a bucket of the index, which is two cache lines. A flow has one bucket; where that is full it has no place.
pub const FLOW_BUCKET: u32 = 32;

/// A bucket of the index, which says where the slots of flows are: see [`FlowIndex`]. 0 is free.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowBucket {
    /// What the entries say.
    pub entries: [u32; FLOW_BUCKET as usize],
}

/// Where a CPU's next slot is. A cache line each.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowCursor {
    /// Number of the slot within its half.
    pub next: u32,
    /// How many are left of the CPU's run.
    pub left: u32,
    /// Always 0.
    pub reserved: [u32; 14],
}

/// How the index of a half is read: a piece of a flow's hash says in which bucket, another one where its search begins there, a third
/// stands in the entry above the slot's number, so that most others are told apart at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowIndex {
    /// Buckets of a half.
    pub buckets: u32,
    /// The bits of an entry that are the slot's number and 1.
    pub mask: u32,
}

impl FlowIndex {
    /// For halves of so many slots: twice as many entries, so that hardly ever a bucket is full before the slots are given out.
    #[must_use]
    pub fn of(slots: u32) -> Self {
        Self {
            buckets: slots.div_ceil(FLOW_BUCKET / 2),
            mask: u32::MAX >> slots.leading_zeros(),
        }
    }

    /// The bucket for a hash.
    #[inline(always)]
    #[must_use]
    pub fn bucket(self, hash: u64) -> u32 {
        (((hash >> 32) * u64::from(self.buckets)) >> 32) as u32
    }

    /// The entry of the bucket that is looked at in this step, of [`FLOW_BUCKET`]. The first half of them is in one cache line.
    #[inline(always)]
    #[must_use]
    pub fn place(hash: u64, step: u32) -> usize {
        ((hash as u32 ^ step) & (FLOW_BUCKET - 1)) as usize
    }

    /// An entry for a slot of that hash.
    #[inline(always)]
    #[must_use]
    pub fn entry(self, hash: u64, slot: u32) -> u32 {
        hash as u32 & !self.mask | (slot + 1)
    }

    /// The slot of an entry, if it may be one of that hash.
    #[inline(always)]
    #[must_use]
    pub fn slot(self, entry: u32, hash: u64) -> Option<u32> {
        ((entry ^ hash as u32) & !self.mask == 0).then(|| (entry & self.mask).wrapping_sub(1))
    }
}

/// A hash of a packet's flow, seeded so that nobody can choose addresses that collide. 5 to 10 ns; the kernel's `jhash` of its hash
/// tables takes twice as long for so long a key.
#[inline(always)]
pub fn flow_hash(key: &FlowKey, seed: u64) -> u64 {
    // Odd, half of the bits set (SplitMix64 and MurmurHash3 use them).
    const ONE: u64 = 0xbf58_476d_1ce4_e5b9;
    const TWO: u64 = 0x94d0_49bb_1331_11eb;
    let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let mix = |hash: u64, word: u64, factor: u64| {
        let mixed = (hash ^ word).wrapping_mul(factor);
        mixed ^ mixed >> 32
    };
    let ports = u64::from(key.port_a) | u64::from(key.port_b) << 16;
    let rest = u64::from(key.vlan) | u64::from(key.protocol) << 16 | u64::from(key.ip_version) << 24;
    let mut hash = mix(seed, pair(key.address_a[0], key.address_b[0]), ONE);
    if key.ip_version == 6 {
        hash = mix(hash, pair(key.address_a[1], key.address_b[1]), TWO);
        hash = mix(hash, pair(key.address_a[2], key.address_b[2]), ONE);
        hash = mix(hash, pair(key.address_a[3], key.address_b[3]), ONE);
    }
    mix(hash, (ports | rest << 32) ^ u64::from(key.ifindex) << 20, TWO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_lead_back_to_their_slots() {
        for slots in [512, 513, 1023, 1024, 1 << 20, (1 << 20) + 128, 1 << 28] {
            let index = FlowIndex::of(slots);
            assert!(index.buckets * FLOW_BUCKET >= 2 * slots);
            for hash in [0, u64::MAX, 0x9e37_79b9_7f4a_7c15] {
                assert!(index.bucket(hash) < index.buckets);
                for slot in [0, slots / 2, slots - 1] {
                    let entry = index.entry(hash, slot);
                    assert_ne!(entry, 0);
                    assert_eq!(index.slot(entry, hash), Some(slot));
                    // Another tag.
                    assert_eq!(index.slot(entry, hash ^ 1 << 31), None);
                }
            }
        }
        let mut places: [usize; FLOW_BUCKET as usize] = core::array::from_fn(|step| FlowIndex::place(77, step as u32));
        places.sort_unstable();
        assert_eq!(places, core::array::from_fn(|place| place));
    }
}
