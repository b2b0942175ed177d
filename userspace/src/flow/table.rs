//! The flow table: shares merged, flows ended by FIN, RST, time-out, eviction or the end of the run.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use airlens_common::{
    Count,
    flow::{FlowKey, FlowValue, tcp_flags},
};

/// Why a flow ended; the `reason` label of the flow counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// The run ended while the flow was active.
    Completed,
    /// No packet for the idle time-out.
    Timeout,
    /// TCP RST.
    Rst,
    /// TCP FIN from both ends.
    Fin,
    /// The table was full.
    Evicted,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Completed, Self::Timeout, Self::Rst, Self::Fin, Self::Evicted];

    /// The label's value.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Timeout => "timeout",
            Self::Rst => "rst",
            Self::Fin => "fin",
            Self::Evicted => "evicted",
        }
    }
}

/// When a silent flow ends.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Without a packet.
    pub idle: Duration,
    /// After FIN from both ends or RST: the closing acknowledgements must not open a second flow.
    pub linger: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(60),
            linger: Duration::from_secs(5),
        }
    }
}

/// A flow and what it carried so far.
pub type Flow = (FlowKey, FlowValue);

/// The flows that are active. Times are `CLOCK_MONOTONIC` in ns, as the kernel program writes them.
#[derive(Debug)]
pub struct FlowTable {
    flows: HashMap<FlowKey, FlowValue>,
    capacity: usize,
    timeouts: Timeouts,
    ended: BTreeMap<EndReason, u64>,
    total: Count,
}

impl FlowTable {
    /// An empty table of at most `capacity` flows.
    #[must_use]
    pub fn new(capacity: usize, timeouts: Timeouts) -> Self {
        Self {
            flows: HashMap::new(),
            capacity: capacity.max(1),
            timeouts,
            ended: EndReason::ALL.map(|reason| (reason, 0)).into(),
            total: Count::default(),
        }
    }

    /// Adds a flow's share of the last interval.
    pub fn merge(&mut self, key: &FlowKey, share: &FlowValue) {
        self.total += Count {
            packets: share.packets.iter().sum(),
            bytes: share.bytes.iter().sum(),
        };
        if let Some(flow) = self.flows.get_mut(key) {
            flow.merge(share);
            return;
        }
        if self.flows.len() >= self.capacity {
            self.evict();
        }
        self.flows.insert(*key, *share);
    }

    /// Ends the flows whose time is over at `now`.
    pub fn expire(&mut self, now: u64) {
        let timeouts = self.timeouts;
        let ended = &mut self.ended;
        self.flows.retain(|_, flow| match end(flow, now, timeouts) {
            Some(reason) => {
                count(ended, reason, 1);
                false
            }
            None => true,
        });
    }

    /// Ends every flow: the run is over.
    pub fn finish(&mut self) {
        for flow in self.flows.values() {
            count(&mut self.ended, closed(flow).unwrap_or(EndReason::Completed), 1);
        }
        self.flows.clear();
    }

    /// Makes room by ending an eighth of the flows, those silent longest: one pass for many insertions.
    fn evict(&mut self) {
        let mut times: Vec<u64> = self.flows.values().map(|flow| flow.last).collect();
        let victims = (times.len() / 8).max(1);
        let (_, youngest, _) = times.select_nth_unstable(victims - 1);
        let youngest = *youngest;
        let mut left = victims;
        let ended = &mut self.ended;
        self.flows.retain(|_, flow| {
            if left == 0 || flow.last > youngest {
                return true;
            }
            left -= 1;
            count(ended, closed(flow).unwrap_or(EndReason::Evicted), 1);
            false
        });
    }

    /// Active flows.
    pub fn iter(&self) -> impl Iterator<Item = (&FlowKey, &FlowValue)> {
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
        self.flows.is_empty()
    }

    /// How many flows the table holds at the most.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Ended flows by reason, every reason present.
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

fn count(ended: &mut BTreeMap<EndReason, u64>, reason: EndReason, flows: u64) {
    *ended.entry(reason).or_default() += flows;
}

/// How TCP closed the flow, if it did.
fn closed(flow: &FlowValue) -> Option<EndReason> {
    let [there, back] = [0, 1].map(|way| flow.tcp_flags(way));
    if (there | back) & tcp_flags::RST != 0 {
        Some(EndReason::Rst)
    } else if there & back & tcp_flags::FIN != 0 {
        Some(EndReason::Fin)
    } else {
        None
    }
}

fn end(flow: &FlowValue, now: u64, timeouts: Timeouts) -> Option<EndReason> {
    let silent = Duration::from_nanos(now.saturating_sub(flow.last));
    match closed(flow) {
        Some(reason) => (silent >= timeouts.linger).then_some(reason),
        None => (silent >= timeouts.idle).then_some(EndReason::Timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn key(port: u16) -> FlowKey {
        FlowKey {
            port_a: port,
            ..FlowKey::default()
        }
    }

    fn share(last: u64, flags: [u8; 2]) -> FlowValue {
        FlowValue {
            packets: [1, 2],
            bytes: [60, 120],
            first: last,
            last,
            marks: flags.map(u32::from),
            ..FlowValue::default()
        }
    }

    #[test]
    fn shares_add_up_and_close_after_the_linger() {
        let mut table = FlowTable::new(8, Timeouts::default());
        table.merge(
            &key(1),
            &share(SECOND, [tcp_flags::SYN | tcp_flags::FIN, tcp_flags::SYN]),
        );
        table.merge(&key(1), &share(2 * SECOND, [0, tcp_flags::FIN]));
        let (_, flow) = table.iter().next().unwrap();
        assert_eq!((flow.packets, flow.first, flow.last), ([2, 4], SECOND, 2 * SECOND));
        table.expire(6 * SECOND);
        assert_eq!(table.len(), 1);
        table.expire(7 * SECOND);
        assert!(table.is_empty());
        assert_eq!(table.ended()[&EndReason::Fin], 1);
        assert_eq!(table.total(), Count { packets: 6, bytes: 360 });
    }

    #[test]
    fn reasons() {
        let mut table = FlowTable::new(8, Timeouts::default());
        table.merge(&key(1), &share(0, [tcp_flags::RST, 0]));
        table.merge(&key(2), &share(0, [0, 0]));
        table.merge(&key(3), &share(100 * SECOND, [0, 0]));
        table.expire(100 * SECOND);
        table.finish();
        let counts: Vec<_> = table
            .ended()
            .iter()
            .map(|(reason, flows)| (reason.label(), *flows))
            .collect();
        assert_eq!(
            counts,
            [("completed", 1), ("timeout", 1), ("rst", 1), ("fin", 0), ("evicted", 0)]
        );
    }

    #[test]
    fn a_full_table_gives_up_the_oldest() {
        let mut table = FlowTable::new(16, Timeouts::default());
        for port in 0..17 {
            table.merge(&key(port), &share(u64::from(port), [0, 0]));
        }
        assert_eq!(table.len(), 15);
        assert_eq!(table.ended()[&EndReason::Evicted], 2);
        assert!(table.iter().all(|(key, _)| key.port_a >= 2));
    }
}
