//! What happens each second: two snapshots, and the time between them as the run measured it, however late they came.

use std::collections::{BTreeMap, VecDeque};

use crate::publish::snapshot::{Direction, FrameKind, Snapshot};

/// Looks that are remembered for graphs.
const REMEMBERED: usize = 240;

/// Each second.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rates {
    /// 802.11 frames.
    pub(super) frames: f64,
    /// Bits into the machine.
    pub(super) received: f64,
    /// Bits out of the machine.
    pub(super) sent: f64,
    /// Packets both ways.
    pub(super) packets: f64,
    /// Frames by kind.
    pub(super) kinds: BTreeMap<FrameKind, f64>,
    /// Losses of all causes.
    pub(super) lost: f64,
    /// Share of a CPU.
    pub(super) cpu: Option<f64>,
}

impl Rates {
    /// Between two snapshots of one run; `None` where a count went back, or no time passed.
    pub(super) fn between(before: &Snapshot, after: &Snapshot) -> Option<Self> {
        let seconds = after.uptime_seconds - before.uptime_seconds;
        if before.started_at != after.started_at || seconds <= 0.0 {
            return None;
        }
        let each = |before: u64, after: u64| after.checked_sub(before).map(|count| count as f64 / seconds);
        let processes = before.process.zip(after.process);
        let octets = |snapshot, way| data(snapshot, Some(way)).1;
        let (old, new) = (kinds(before), kinds(after));
        let kinds = new
            .iter()
            .filter_map(|(kind, count)| Some((*kind, each(old.get(kind).copied().unwrap_or(0), *count)?)))
            .collect();
        Some(Self {
            frames: each(before.balance.seen, after.balance.seen)?,
            received: each(octets(before, Direction::Rx), octets(after, Direction::Rx))? * 8.0,
            sent: each(octets(before, Direction::Tx), octets(after, Direction::Tx))? * 8.0,
            packets: each(data(before, None).0, data(after, None).0)?,
            kinds,
            lost: each(lost(before).total(), lost(after).total())?,
            cpu: processes.map(|(before, after)| (after.cpu_seconds - before.cpu_seconds) / seconds),
        })
    }
}

/// Frames by kind, of all interfaces.
pub(super) fn kinds(snapshot: &Snapshot) -> BTreeMap<FrameKind, u64> {
    let mut kinds = BTreeMap::new();
    for count in &snapshot.frames {
        *kinds.entry(count.kind).or_default() += count.frames;
    }
    kinds
}

/// Packets and octets of data interfaces, of one way or both.
pub(super) fn data(snapshot: &Snapshot, way: Option<Direction>) -> (u64, u64) {
    let counts = snapshot.data.iter();
    counts
        .filter(|count| way.is_none_or(|way| count.direction == way))
        .fold((0, 0), |(packets, octets), count| {
            (packets + count.packets, octets + count.bytes)
        })
}

/// What is lost since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct Lost {
    /// 802.11 frames that were not handed over.
    pub(super) frames: u64,
    /// Packets that no flow counts.
    pub(super) flow_packets: u64,
    /// Ended flows and profiles that exporters have lost.
    pub(super) exports: u64,
    /// Frames that the run's own access point did not read.
    pub(super) access_point: u64,
}

impl Lost {
    pub(super) fn total(self) -> u64 {
        self.frames + self.flow_packets + self.exports + self.access_point
    }
}

pub(super) fn lost(snapshot: &Snapshot) -> Lost {
    let sum = |counts: &[crate::publish::snapshot::CauseCount]| counts.iter().map(|cause| cause.count).sum::<u64>();
    Lost {
        frames: sum(&snapshot.balance.lost),
        flow_packets: sum(&snapshot.flows.packets.lost),
        exports: snapshot.exports.iter().map(|export| sum(&export.lost)).sum(),
        access_point: snapshot.access_point.as_ref().map_or(0, |own| sum(&own.lost)),
    }
}

/// The last looks, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) frames: VecDeque<f64>,
    pub(super) bits: VecDeque<f64>,
}

impl History {
    pub(super) fn add(&mut self, rates: &Rates) {
        for (line, value) in [
            (&mut self.frames, rates.frames),
            (&mut self.bits, rates.received + rates.sent),
        ] {
            if line.len() == REMEMBERED {
                line.pop_front();
            }
            line.push_back(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::snapshot::{Balance, CauseCount, DataCount, FrameCount};

    fn snapshot(times: u64) -> Snapshot {
        let data = |direction, bytes| DataCount {
            interface: "eth0".to_owned(),
            direction,
            protocol: "tcp".to_owned(),
            packets: 10 * times,
            bytes: bytes * times,
        };
        Snapshot {
            started_at: 1.0,
            uptime_seconds: times as f64,
            frames: vec![FrameCount {
                interface: "mon0".to_owned(),
                kind: FrameKind::new(0, 8),
                frames: 100 * times,
                bytes: 0,
                retries: 0,
                bad_fcs: 0,
            }],
            balance: Balance {
                seen: 100 * times,
                lost: vec![CauseCount::new("ring-full", 2 * times)],
                ..Balance::default()
            },
            data: vec![data(Direction::Rx, 1000), data(Direction::Tx, 500)],
            ..Snapshot::default()
        }
    }

    #[test]
    fn differences_by_time() {
        let rates = Rates::between(&snapshot(1), &snapshot(3)).unwrap();
        assert_eq!((rates.frames, rates.received, rates.sent), (100.0, 8000.0, 4000.0));
        assert_eq!((rates.packets, rates.lost), (20.0, 2.0));
        assert_eq!(rates.kinds[&FrameKind::new(0, 8)], 100.0);
        assert_eq!(lost(&snapshot(3)).frames, 6);
    }

    #[test]
    fn another_run_has_no_rates_yet() {
        assert_eq!(Rates::between(&snapshot(3), &snapshot(1)), None);
        let other = Snapshot {
            started_at: 2.0,
            ..snapshot(9)
        };
        assert_eq!(Rates::between(&snapshot(1), &other), None);
        assert_eq!(Rates::between(&snapshot(1), &snapshot(1)), None);
    }

    #[test]
    fn graphs_are_bounded() {
        let mut history = History::default();
        for _ in 0..1000 {
            history.add(&Rates::default());
        }
        assert_eq!((history.frames.len(), history.bits.len()), (REMEMBERED, REMEMBERED));
    }
}
