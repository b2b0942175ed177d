//! The demonstration's last word: what was sent against what was counted.

use serde::Serialize;

use crate::publish::snapshot::{CauseCount, Snapshot};

/// Frames: `sent = seen = handed_over + filtered + lost`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FrameBalance {
    /// Written to the interface.
    pub sent: u64,
    /// Counted by the kernel program.
    pub seen: u64,
    /// Given to user space.
    pub handed_over: u64,
    /// Left out on purpose.
    pub filtered: u64,
    /// Neither.
    pub lost: u64,
}

/// Packets: `sent = seen`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PacketBalance {
    /// On the data interface, both directions, by the kernel's own count.
    pub sent: u64,
    /// Counted by the kernel programs.
    pub seen: u64,
}

/// The summary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Frames on the monitor interface.
    pub frames: FrameBalance,
    /// Packets on the data interface.
    pub packets: PacketBalance,
    /// Profiles published.
    pub profiles: u64,
    /// Different clients.
    pub clients: u64,
    /// Flows, ended and active.
    pub flows: u64,
}

impl Summary {
    /// Holds what was sent against the last counts of the run.
    #[must_use]
    pub fn new(frames_sent: u64, packets: PacketBalance, last: &Snapshot) -> Self {
        Self {
            frames: FrameBalance {
                sent: frames_sent,
                seen: last.balance.seen,
                handed_over: last.balance.handed_over,
                filtered: sum(&last.balance.filtered),
                lost: sum(&last.balance.lost),
            },
            packets,
            profiles: last.profiles.count,
            clients: last.profiles.clients,
            flows: last.flows.active + sum(&last.flows.ended),
        }
    }

    /// Everything that was sent is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let frames = &self.frames;
        frames.sent == frames.seen
            && frames.seen == frames.handed_over + frames.filtered + frames.lost
            && self.packets.sent == self.packets.seen
    }
}

fn sum(causes: &[CauseCount]) -> u64 {
    causes.iter().map(|cause| cause.count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_frame_missing_breaks_the_balance() {
        let mut summary = Summary {
            frames: FrameBalance {
                sent: 5,
                seen: 5,
                handed_over: 2,
                filtered: 2,
                lost: 1,
            },
            packets: PacketBalance { sent: 3, seen: 3 },
            ..Summary::default()
        };
        assert!(summary.balanced());
        summary.frames.lost = 0;
        assert!(!summary.balanced());
        summary.frames.lost = 1;
        summary.packets.seen = 4;
        assert!(!summary.balanced());
    }
}
