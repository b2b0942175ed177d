//! Questions about active flows: the foremost of those that a filter lets pass.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BinaryHeap},
    str::FromStr,
};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    files::unix,
    filter::{Filter, Surroundings},
};
use crate::{
    flow::{Flow, Row},
    kernel::Clock,
};

/// Flows that an answer has at most.
pub const MAX_LIMIT: usize = 1000;

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FlowSort {
    /// The most octets
    #[default]
    Bytes,
    /// The most packets
    Packets,
    /// The newest
    New,
}

/// No order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no order: choose from bytes, packets, new")]
pub struct FlowSortError(String);

impl FromStr for FlowSort {
    type Err = FlowSortError;

    fn from_str(text: &str) -> Result<Self, FlowSortError> {
        match text {
            "bytes" => Ok(Self::Bytes),
            "packets" => Ok(Self::Packets),
            "new" => Ok(Self::New),
            _ => Err(FlowSortError(text.to_owned())),
        }
    }
}

impl FlowSort {
    /// As in a question.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Packets => "packets",
            Self::New => "new",
        }
    }

    fn rank(self, flow: &Flow) -> u64 {
        match self {
            Self::Bytes => flow.value.bytes.iter().sum(),
            Self::Packets => flow.value.packets.iter().sum(),
            Self::New => flow.value.first,
        }
    }
}

/// A question.
#[derive(Clone, Debug, Default)]
pub struct FlowQuestion {
    /// What comes first.
    pub sort: FlowSort,
    /// How many flows, at most [`MAX_LIMIT`].
    pub limit: usize,
    /// Which flows.
    pub filter: Option<Filter>,
}

/// Flows and what they carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Matched {
    /// How many.
    pub flows: u64,
    /// Their packets.
    pub packets: u64,
    /// Their octets.
    pub bytes: u64,
}

/// The body of `/api/flows`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FlowList {
    /// When it was asked, Unix seconds.
    pub time: f64,
    /// Active flows.
    pub active: u64,
    /// Flows that may be active.
    pub capacity: u64,
    /// All that the filter lets pass.
    pub matched: Matched,
    /// What comes first.
    pub sort: FlowSort,
    /// The foremost of them.
    pub flows: Vec<Row>,
}

/// A flow and its place; equal ranks stand in the order of their keys, so that they do not jump.
struct Placed<'a> {
    rank: u64,
    flow: &'a Flow,
}

impl Placed<'_> {
    fn order(&self) -> impl Ord + use<> {
        let key = &self.flow.key;
        let ends = (key.address_a, key.address_b, key.port_a, key.port_b);
        (self.rank, Reverse((ends, key.protocol, key.vlan, key.ifindex)))
    }
}

impl Ord for Placed<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank
            .cmp(&other.rank)
            .then_with(|| self.order().cmp(&other.order()))
    }
}

impl PartialOrd for Placed<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Placed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Placed<'_> {}

/// The foremost flows, in order, and what all that pass carried. One pass, and no more memory than the answer takes.
#[must_use]
pub fn foremost<'a>(
    flows: impl Iterator<Item = &'a Flow>,
    question: &FlowQuestion,
    around: Surroundings<'_>,
) -> (Vec<Flow>, Matched) {
    let limit = question.limit.min(MAX_LIMIT);
    let mut heap = BinaryHeap::with_capacity(limit + 1);
    let mut matched = Matched::default();
    for flow in flows {
        let passes = |filter: &Filter| filter.holds(&flow.key, &flow.value, around);
        if flow.is_silent() || !question.filter.as_ref().is_none_or(passes) {
            continue;
        }
        matched.flows += 1;
        matched.packets += flow.value.packets.iter().sum::<u64>();
        matched.bytes += flow.value.bytes.iter().sum::<u64>();
        let placed = Placed {
            rank: question.sort.rank(flow),
            flow,
        };
        if heap.len() < limit {
            heap.push(Reverse(placed));
        } else if let Some(mut last) = heap.peek_mut()
            && placed > last.0
        {
            *last = Reverse(placed);
        }
    }
    // Ascending by the reverse: the foremost first.
    let flows = heap.into_sorted_vec().into_iter().map(|placed| placed.0.flow.clone());
    (flows.collect(), matched)
}

/// Flows as the API shows them.
#[must_use]
pub fn rows(flows: &[Flow], clock: Clock, names: &BTreeMap<u32, String>) -> Vec<Row> {
    let row = |flow: &Flow| {
        let mut row = Row::new(flow, None, &|time| unix(clock, time));
        row.interface = names.get(&flow.key.ifindex).cloned();
        row
    };
    flows.iter().map(row).collect()
}

/// Unix seconds.
pub(crate) fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use airlens_common::{
        Count,
        flow::{FlowKey, FlowValue},
    };

    use super::*;
    use crate::flow::{FlowTable, Timeouts};

    fn table() -> FlowTable {
        let mut table = FlowTable::new(1000, Timeouts::default());
        for port in 0..100u16 {
            let key = FlowKey {
                port_a: port,
                port_b: 1000,
                protocol: if port.is_multiple_of(2) { 6 } else { 17 },
                ip_version: 4,
                ..FlowKey::default()
            };
            let size = Count {
                packets: 1,
                // Ten flows each have the same.
                bytes: u64::from(port / 10) * 100,
            };
            let value = FlowValue::of_packet(0, size, 0, 0, 100, u64::from(port));
            table.merge(&key, &value, &mut |_| {});
        }
        table
    }

    fn ports(question: &FlowQuestion) -> (Vec<u16>, Matched) {
        let names = BTreeMap::new();
        let around = Surroundings {
            now: 100,
            names: &names,
        };
        let (flows, matched) = foremost(table().iter(), question, around);
        (flows.iter().map(|flow| flow.key.port_a).collect(), matched)
    }

    #[test]
    fn the_foremost_in_a_stable_order() {
        let question = FlowQuestion {
            limit: 12,
            ..FlowQuestion::default()
        };
        let (found, matched) = ports(&question);
        assert_eq!(found, (90..100).chain(80..82).collect::<Vec<_>>());
        assert_eq!((matched.flows, matched.packets, matched.bytes), (100, 100, 45_000));
        let newest = FlowQuestion {
            sort: FlowSort::New,
            limit: 3,
            filter: Some("udp".parse().unwrap()),
        };
        let (found, matched) = ports(&newest);
        assert_eq!((found, matched.flows), (vec![99, 97, 95], 50));
    }

    #[test]
    fn an_answer_is_bounded() {
        let question = |limit| FlowQuestion {
            limit,
            ..FlowQuestion::default()
        };
        assert_eq!(ports(&question(usize::MAX)).0.len(), 100);
        assert!(ports(&question(0)).0.is_empty());
    }
}
