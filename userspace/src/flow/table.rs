//! The flow table: shares merged, flows ended by FIN, RST, time-out, eviction or the end of the run.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, Hasher as _, RandomState},
};

use airlens_common::{
    Count,
    ethernet::protocol::TCP,
    flow::{FlowKey, FlowValue, tcp_flags},
};
use foldhash::{SharedSeed, fast::FoldHasher};
use hashbrown::HashTable;

use super::{
    ended::{EndReason, EndedFlow, Flow, Limits, Timeouts},
    wheel::{MOST, Wheel},
};

/// The flows that are active. Times are in ns of any one clock: `CLOCK_MONOTONIC` of the kernel program, or a capture's.
///
/// What it counts only grows, as long as it lives; a new run starts at 0, which Prometheus takes for a restart.
///
/// Memory: 128 octets a flow, and 10 to 21 of the index, while they are active; it is kept for those to come.
#[derive(Debug)]
pub struct FlowTable {
    /// Half of the hash of each flow, so that growth need not look at the flows, and where it is.
    index: HashTable<(u32, u32)>,
    seed: u64,
    shared_seed: SharedSeed,
    flows: Wheel,
    capacity: usize,
    limits: Limits,
    ended: BTreeMap<EndReason, u64>,
    total: Count,
}

impl FlowTable {
    /// An empty table of at most `capacity` flows.
    #[must_use]
    pub fn new(capacity: usize, timeouts: Timeouts) -> Self {
        // Two words of the system's randomness: whoever writes the packets must not know where flows collide.
        let random = || RandomState::new().build_hasher().finish();
        Self {
            index: HashTable::new(),
            seed: random(),
            shared_seed: SharedSeed::from_u64(random()),
            flows: Wheel::new(),
            capacity: capacity.clamp(1, MOST),
            limits: timeouts.limits(),
            ended: EndReason::ALL.map(|reason| (reason, 0)).into(),
            total: Count::default(),
        }
    }

    /// Adds a flow's share of the last interval, or a packet, and gives its flow. `ended` gets the flows that end by that:
    /// the same one where it was over before, a piece of it, or another that has to make room.
    #[inline]
    pub fn merge(&mut self, key: &FlowKey, share: &FlowValue, ended: &mut impl FnMut(EndedFlow)) -> &mut Flow {
        self.total.packets += share.packets[0] + share.packets[1];
        self.total.bytes += share.bytes[0] + share.bytes[1];
        let hash = hash(self.seed, &self.shared_seed, key);
        let is_it = |&(half, index): &(u32, u32)| half == hash && self.flows.flow(index).key == *key;
        let index = match self.index.find(spread(hash), is_it).copied() {
            Some((_, index)) => {
                self.make_ready(index, share, ended);
                index
            }
            None => {
                let index = self.insert(key, hash, share, ended);
                return self.flows.flow_mut(index);
            }
        };
        let was_closed = self.flows.flow(index).closed().is_some();
        let flow = self.flows.flow_mut(index);
        flow.add(share);
        // From here on it is over sooner.
        if !was_closed && flow.closed().is_some() {
            let deadline = self.limits.deadline(flow);
            self.flows.relink(index, deadline);
        }
        self.flows.flow_mut(index)
    }

    /// Ends what was over before a share came.
    #[inline]
    fn make_ready(&mut self, index: u32, share: &FlowValue, ended: &mut impl FnMut(EndedFlow)) {
        let flow = self.flows.flow(index);
        let over = self.limits.over(flow, share.first).or_else(|| {
            // Within the linger: the ports are used again. What another CPU saw of the same connection began before its end.
            let syn = (share.tcp_flags(0) | share.tcp_flags(1)) & tcp_flags::SYN != 0;
            let later = share.first >= flow.value.last && share.first > flow.value.first;
            if syn && later && flow.key.protocol == TCP {
                flow.closed()
            } else {
                None
            }
        });
        if let Some(reason) = over {
            let next = Flow::new(flow.key);
            let flow = std::mem::replace(self.flows.flow_mut(index), next);
            give(&mut self.ended, flow, reason, ended);
        } else if self.limits.is_piece_due(flow, share.first) {
            let piece = self.flows.flow_mut(index).take_piece();
            give(&mut self.ended, piece, EndReason::Active, ended);
        }
    }

    #[cold]
    fn insert(&mut self, key: &FlowKey, hash: u32, share: &FlowValue, ended: &mut impl FnMut(EndedFlow)) -> u32 {
        if self.flows.len() >= self.capacity {
            self.evict(ended);
        }
        let mut flow = Flow::new(*key);
        flow.add(share);
        let deadline = self.limits.deadline(&flow);
        let index = self.flows.insert(flow, deadline);
        self.index
            .insert_unique(spread(hash), (hash, index), |(half, _)| spread(*half));
        index
    }

    /// Ends the flows whose time is over at `now`, and gives out the pieces that are due.
    pub fn expire(&mut self, now: u64, ended: &mut impl FnMut(EndedFlow)) {
        for index in self.flows.advance(now) {
            if let Some(reason) = self.limits.over(self.flows.flow(index), now) {
                self.end(index, reason, ended);
                continue;
            }
            if self.limits.is_piece_due(self.flows.flow(index), now) {
                let piece = self.flows.flow_mut(index).take_piece();
                give(&mut self.ended, piece, EndReason::Active, ended);
            }
            let deadline = self.limits.deadline(self.flows.flow(index));
            self.flows.relink(index, deadline);
        }
    }

    /// Ends every flow: the run is over.
    pub fn finish(&mut self, ended: &mut impl FnMut(EndedFlow)) {
        let flows = std::mem::replace(&mut self.flows, Wheel::new());
        self.index.clear();
        for flow in flows.into_flows() {
            let reason = flow.closed().unwrap_or(EndReason::Completed);
            give(&mut self.ended, flow, reason, ended);
        }
    }

    /// Makes room by ending the flow that would be over first: one that TCP closed, else one silent for long.
    fn evict(&mut self, ended: &mut impl FnMut(EndedFlow)) {
        if let Some(index) = self.flows.first(|flow| self.limits.deadline(flow)) {
            let reason = self.flows.flow(index).closed().unwrap_or(EndReason::Evicted);
            self.end(index, reason, ended);
        }
    }

    fn end(&mut self, index: u32, reason: EndReason, ended: &mut impl FnMut(EndedFlow)) {
        let hash = hash(self.seed, &self.shared_seed, &self.flows.flow(index).key);
        if let Ok(entry) = self.index.find_entry(spread(hash), |&(_, other)| other == index) {
            entry.remove();
        }
        give(&mut self.ended, self.flows.remove(index), reason, ended);
    }

    /// Active flows. One of which a piece was just given out has no packets ([`Flow::is_silent`]).
    pub fn iter(&self) -> impl Iterator<Item = &Flow> {
        self.flows.iter()
    }

    /// How many flows are active.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// No flow is active.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flows.len() == 0
    }

    /// How many flows the table holds at the most.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Octets that flows and index take, features aside.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.flows.memory() + self.index.allocation_size()
    }

    /// Ended flows, and pieces, by reason, every reason present.
    #[must_use]
    pub fn ended(&self) -> &BTreeMap<EndReason, u64> {
        &self.ended
    }

    /// Packets and octets that ever came in.
    #[must_use]
    pub fn total(&self) -> Count {
        self.total
    }
}

/// Counts a flow that is over and gives it out. One that carried nothing since its last piece was given out already.
fn give(counts: &mut BTreeMap<EndReason, u64>, flow: Flow, reason: EndReason, ended: &mut impl FnMut(EndedFlow)) {
    if !flow.is_silent() {
        *counts.entry(reason).or_default() += 1;
        ended(EndedFlow { flow, reason });
    }
}

/// Of all octets of a key, read as words.
#[inline]
fn hash(seed: u64, shared: &SharedSeed, key: &FlowKey) -> u32 {
    let pair = |one: u32, other: u32| u64::from(one) | u64::from(other) << 32;
    let mut hasher = FoldHasher::with_seed(seed, shared);
    let ([a, b, c, d], [e, f, g, h]) = (key.address_a, key.address_b);
    hasher.write_u64(pair(a, e));
    hasher.write_u64(
        u64::from(key.port_a)
            | u64::from(key.port_b) << 16
            | u64::from(key.vlan) << 32
            | u64::from(key.protocol) << 48
            | u64::from(key.ip_version) << 56,
    );
    if key.ip_version != 4 {
        hasher.write_u64(pair(b, c));
        hasher.write_u64(pair(d, f));
        hasher.write_u64(pair(g, h));
    }
    hasher.write_u64(key.ifindex.into());
    let hash = hasher.finish();
    (hash ^ hash >> 32) as u32
}

/// As the index wants it: it looks at the lowest bits and at the highest.
#[inline]
fn spread(half: u32) -> u64 {
    u64::from(half) << 32 | u64::from(half)
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
