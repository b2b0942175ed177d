//! Where flows are kept, each in one list of a timing wheel: none is looked at before it may be over.
//!
//! A packet does not move its flow: one whose list's time has come, and that is not over, is put where it will be. So a
//! flow is looked at once in an idle time-out, however many packets it has, and the lists cost nothing while it is busy.

use super::ended::Flow;

/// ns of a list, as a shift: 0.27 s.
const TICK: u32 = 28;
/// Lists; flows that are over later than in 9 minutes are looked at then.
const SLOTS: usize = 2048;
/// Flows allocated together, so that growth copies nothing.
const CHUNK: usize = 4096;

const NONE: u32 = u32::MAX;
/// In [`Entry::prev`]: the first of a list, of which the number is in the other bits.
const HEAD: u32 = 1 << 31;

/// A flow's place, two cache lines.
#[derive(Debug)]
#[repr(align(64))]
struct Entry {
    flow: Flow,
    /// The one before in its list, [`HEAD`], or [`NONE`] where the place is free.
    prev: u32,
    next: u32,
}

const _: () = assert!(size_of::<Entry>() == 128);

/// The flows and their lists.
#[derive(Debug)]
pub(super) struct Wheel {
    chunks: Vec<Vec<Entry>>,
    /// Free places, linked by `next`.
    free: u32,
    /// First of each list.
    heads: Box<[u32]>,
    /// No list before this time, in ticks, holds a flow.
    tick: u64,
    /// Nor one before this.
    earliest: u64,
    len: usize,
}

/// The most flows that there is a number for.
pub(super) const MOST: usize = HEAD as usize - 1;

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            chunks: Vec::new(),
            free: NONE,
            heads: vec![NONE; SLOTS].into(),
            tick: 0,
            earliest: 0,
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Octets.
    pub(super) fn memory(&self) -> usize {
        self.chunks.len() * CHUNK * size_of::<Entry>() + size_of_val(&*self.heads)
    }

    #[inline]
    fn entry(&self, index: u32) -> &Entry {
        &self.chunks[index as usize / CHUNK][index as usize % CHUNK]
    }

    #[inline]
    fn entry_mut(&mut self, index: u32) -> &mut Entry {
        &mut self.chunks[index as usize / CHUNK][index as usize % CHUNK]
    }

    #[inline]
    pub(super) fn flow(&self, index: u32) -> &Flow {
        &self.entry(index).flow
    }

    #[inline]
    pub(super) fn flow_mut(&mut self, index: u32) -> &mut Flow {
        &mut self.entry_mut(index).flow
    }

    /// Every flow.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Flow> {
        let taken = |entry: &&Entry| entry.prev != NONE;
        self.chunks.iter().flatten().filter(taken).map(|entry| &entry.flow)
    }

    /// Every flow, given up.
    pub(super) fn into_flows(self) -> impl Iterator<Item = Flow> {
        let taken = |entry: &Entry| entry.prev != NONE;
        self.chunks.into_iter().flatten().filter(taken).map(|entry| entry.flow)
    }

    /// Keeps a flow, to be looked at at `deadline`.
    pub(super) fn insert(&mut self, flow: Flow, deadline: u64) -> u32 {
        let index = if self.free == NONE {
            if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
                self.chunks.push(Vec::with_capacity(CHUNK));
            }
            let before = (self.chunks.len() - 1) * CHUNK;
            let chunk = &mut self.chunks[before / CHUNK];
            chunk.push(Entry {
                flow,
                prev: NONE,
                next: NONE,
            });
            (before + chunk.len() - 1) as u32
        } else {
            let index = self.free;
            let entry = self.entry_mut(index);
            let next = entry.next;
            entry.flow = flow;
            self.free = next;
            index
        };
        self.len += 1;
        self.link(index, self.place(deadline));
        index
    }

    /// Gives a flow up.
    pub(super) fn remove(&mut self, index: u32) -> Flow {
        self.unlink(index);
        let free = std::mem::replace(&mut self.free, index);
        self.len -= 1;
        let entry = self.entry_mut(index);
        (entry.prev, entry.next) = (NONE, free);
        let key = entry.flow.key;
        std::mem::replace(&mut entry.flow, Flow::new(key))
    }

    /// Has a flow looked at at `deadline`.
    pub(super) fn relink(&mut self, index: u32, deadline: u64) {
        self.unlink(index);
        self.link(index, self.place(deadline));
    }

    /// The tick of a time, among those that there are lists for.
    fn place(&self, deadline: u64) -> u64 {
        (deadline >> TICK).clamp(self.tick, self.tick + SLOTS as u64 - 1)
    }

    fn link(&mut self, index: u32, tick: u64) {
        self.earliest = self.earliest.min(tick);
        let slot = tick as usize % SLOTS;
        let next = std::mem::replace(&mut self.heads[slot], index);
        if next != NONE {
            self.entry_mut(next).prev = index;
        }
        let entry = self.entry_mut(index);
        (entry.prev, entry.next) = (HEAD | slot as u32, next);
    }

    fn unlink(&mut self, index: u32) {
        let Entry { prev, next, .. } = *self.entry(index);
        if prev & HEAD != 0 {
            self.heads[(prev & !HEAD) as usize] = next;
        } else {
            self.entry_mut(prev).next = next;
        }
        if next != NONE {
            self.entry_mut(next).prev = prev;
        }
    }

    /// Sets the time, and gives the flows that may be over by then.
    pub(super) fn advance(&mut self, now: u64) -> Vec<u32> {
        let target = (now >> TICK).max(self.tick);
        let slots = (target - self.tick).min(SLOTS as u64 - 1);
        let mut due = Vec::new();
        for tick in target - slots..=target {
            let mut index = self.heads[tick as usize % SLOTS];
            while index != NONE {
                due.push(index);
                index = self.entry(index).next;
            }
        }
        self.tick = target;
        self.earliest = target;
        due
    }

    /// The flow that is over first, to the resolution of the lists.
    pub(super) fn first(&mut self, deadline: impl Fn(&Flow) -> u64) -> Option<u32> {
        for tick in self.earliest..self.tick + SLOTS as u64 {
            let mut index = self.heads[tick as usize % SLOTS];
            while index != NONE {
                let place = self.place(deadline(self.flow(index)));
                if place <= tick {
                    self.earliest = tick;
                    return Some(index);
                }
                let next = self.entry(index).next;
                self.unlink(index);
                self.link(index, place);
                index = next;
            }
        }
        None
    }
}
