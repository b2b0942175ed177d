//! The programs' counters, summed over CPUs. Cumulative since the programs were loaded, never reset.

use std::{collections::BTreeMap, ops::AddAssign};

use airlens_common::{
    Count,
    data::{InterfaceCounts, Protocol, RECEIVE, TRANSMIT, UNLISTED},
    flow::FlowCounter,
    ieee80211::KINDS,
    monitor::{Counter, KindCount},
};
use aya::{Pod, maps::PerCpuArray};

use super::{Direction, KernelError, KernelPrograms};

/// Frames on the monitor interface: `seen = handed_over + filtered + lost`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Everything that reached the hook.
    pub seen: Count,
    /// On the ring.
    pub handed_over: Count,
    /// Left out on purpose, by cause.
    pub filtered: BTreeMap<&'static str, Count>,
    /// Not passed on against the configuration, by cause.
    pub lost: BTreeMap<&'static str, Count>,
}

/// Packets of flows: `seen = in_table + exported + lost`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowBalance {
    /// Every packet of a class that belongs to flows, as it was counted by class: apart from the other three.
    pub seen: Count,
    /// Counted in the table.
    pub in_table: Count,
    /// Handed over one by one.
    pub exported: Count,
    /// Neither.
    pub lost: Count,
}

/// One data counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataCount {
    /// Interface index.
    pub ifindex: u32,
    /// Direction.
    pub direction: Direction,
    /// Protocol class.
    pub protocol: Protocol,
    /// Packets and octets.
    pub count: Count,
}

/// A reading of every counter.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// By `type << 4 | subtype`.
    pub kinds: Vec<KindCount>,
    /// Frames by what became of them.
    pub frames: Balance,
    /// Packets of data interfaces; those of interfaces for which the table has no place by index 0, where there are any.
    pub data: Vec<DataCount>,
    /// Packets on an interface that was not announced, or for which the table has no place.
    pub unlisted: Count,
    /// Packets of flows by what became of them.
    pub flows: FlowBalance,
}

impl KernelPrograms {
    /// Reads every counter.
    ///
    /// Maps are read one after the other while the programs run: the identities hold exactly once traffic rests or the
    /// programs are detached.
    ///
    /// # Errors
    ///
    /// A map can't be read.
    pub fn counters(&self) -> Result<Counters, KernelError> {
        let frames = self.sums::<Count>("MONITOR_COUNTS", Counter::ALL.len() as u32)?;
        let others: InterfaceCounts = self.one("DATA_COUNTS", UNLISTED)?;
        let unlisted = sum(others.classes.iter().flatten());
        let mut interfaces = Vec::new();
        for place in &self.places {
            interfaces.push(self.one::<InterfaceCounts>("DATA_COUNTS", *place)?);
        }
        let flows = flow_balance(interfaces.iter().chain([&others]));
        if unlisted != Count::default() {
            interfaces.push(others);
        }
        Ok(Counters {
            kinds: self.sums("MONITOR_KINDS", KINDS)?,
            frames: balance(&frames),
            flows,
            data: data_counts(&interfaces),
            unlisted,
        })
    }

    pub(super) fn sums<T: Pod + Default + AddAssign>(
        &self,
        name: &'static str,
        entries: u32,
    ) -> Result<Vec<T>, KernelError> {
        (0..entries).map(|index| self.one(name, index)).collect()
    }

    /// One entry of a per-CPU array.
    pub(super) fn one<T: Pod + Default + AddAssign>(&self, name: &'static str, index: u32) -> Result<T, KernelError> {
        let map: PerCpuArray<_, T> = PerCpuArray::try_from(self.map(name)?).map_err(KernelError::map(name))?;
        Ok(sum(map.get(&index, 0).map_err(KernelError::map(name))?.iter()))
    }
}

fn data_counts(interfaces: &[InterfaceCounts]) -> Vec<DataCount> {
    let mut counts = Vec::new();
    for interface in interfaces {
        for direction in [Direction::Receive, Direction::Transmit] {
            let classes = &interface.classes[usize::from(direction.number())];
            counts.extend(Protocol::ALL.iter().zip(classes).map(|(protocol, count)| DataCount {
                ifindex: interface.ifindex,
                direction,
                protocol: *protocol,
                count: *count,
            }));
        }
    }
    counts.sort_by_key(|count| (count.ifindex, count.direction.number(), count.protocol as u8));
    counts
}

fn flow_balance<'a>(interfaces: impl Iterator<Item = &'a InterfaceCounts>) -> FlowBalance {
    let mut balance = FlowBalance::default();
    for interface in interfaces {
        for class in [RECEIVE, TRANSMIT].map(|direction| &interface.classes[usize::from(direction)]) {
            let flows = Protocol::ALL
                .iter()
                .zip(class)
                .filter(|(protocol, _)| protocol.belongs_to_flow());
            balance.seen += sum(flows.map(|(_, count)| count));
        }
        balance.in_table += interface.flows[FlowCounter::InTable as usize];
        balance.exported += interface.flows[FlowCounter::Exported as usize];
        balance.lost += interface.flows[FlowCounter::LostRingFull as usize];
    }
    balance
}

pub(super) fn sum<'a, T: Copy + Default + AddAssign + 'a>(values: impl Iterator<Item = &'a T>) -> T {
    values.fold(T::default(), |mut total, value| {
        total += *value;
        total
    })
}

fn balance(counts: &[Count]) -> Balance {
    let mut balance = Balance::default();
    for counter in Counter::ALL {
        let count = counts[counter as usize];
        match counter {
            Counter::Seen => balance.seen = count,
            Counter::HandedOver => balance.handed_over = count,
            Counter::FilteredBadFcs => drop(balance.filtered.insert("bad-fcs", count)),
            Counter::FilteredKind => drop(balance.filtered.insert("not-selected", count)),
            Counter::FilteredLimited => drop(balance.filtered.insert("limited", count)),
            Counter::LostRingFull => drop(balance.lost.insert("ring-full", count)),
            Counter::LostMalformed => drop(balance.lost.insert("malformed", count)),
            Counter::LostOversize => drop(balance.lost.insert("oversize", count)),
            Counter::LostCopy => drop(balance.lost.insert("copy", count)),
        }
    }
    balance
}

impl Balance {
    /// Frames left out on purpose.
    #[must_use]
    pub fn filtered_total(&self) -> u64 {
        self.filtered.values().map(|count| count.packets).sum()
    }

    /// Frames lost.
    #[must_use]
    pub fn lost_total(&self) -> u64 {
        self.lost.values().map(|count| count.packets).sum()
    }

    /// `seen = handed over + filtered + lost`.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.seen.packets == self.handed_over.packets + self.filtered_total() + self.lost_total()
    }
}

impl FlowBalance {
    /// `seen = in table + exported + lost`, packets and octets.
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut sum = self.in_table;
        sum += self.exported;
        sum += self.lost;
        self.seen == sum
    }
}
