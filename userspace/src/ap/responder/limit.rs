//! How much is answered: to one address, and to all of them.

use std::time::Duration;

use crate::dot11::Address;

/// Addresses share this many places: what a flood from made-up addresses costs in memory.
const PLACES: usize = 512;

/// A steady rate and how much may come at once.
#[derive(Clone, Copy, Debug)]
struct Rate {
    interval: Duration,
    burst: u32,
}

impl Rate {
    const fn per_second(rate: u32, burst: u32) -> Self {
        Self {
            interval: Duration::from_nanos(1_000_000_000 / rate as u64),
            burst,
        }
    }

    /// Whether one more is within the rate (the generic cell rate algorithm): `due` is when the next would come, did all
    /// come at the steady rate.
    fn allows(self, due: &mut Duration, now: Duration) -> bool {
        let allowed = due.saturating_sub(self.interval * self.burst.saturating_sub(1)) <= now;
        if allowed {
            *due = (*due).max(now) + self.interval;
        }
        allowed
    }
}

/// One kind of answer.
#[derive(Debug)]
struct Limit {
    each: Rate,
    all: Rate,
    due: Box<[Duration; PLACES]>,
    all_due: Duration,
}

impl Limit {
    fn new(each: Rate, all: Rate) -> Self {
        Self {
            each,
            all,
            due: Box::new([Duration::ZERO; PLACES]),
            all_due: Duration::ZERO,
        }
    }

    fn allows(&mut self, place: usize, now: Duration) -> bool {
        self.each.allows(&mut self.due[place], now) && self.all.allows(&mut self.all_due, now)
    }
}

/// Every kind of answer.
#[derive(Debug)]
pub(super) struct Limits {
    key: u64,
    probes: Limit,
    answers: Limit,
    commits: Limit,
    deauthentications: Limit,
}

impl Limits {
    /// `key`: nobody should be able to tell which addresses share a place.
    pub(super) fn new(key: [u8; 8]) -> Self {
        let rate = Rate::per_second;
        Self {
            key: u64::from_le_bytes(key),
            // A scan asks each channel two to four times.
            probes: Limit::new(rate(20, 20), rate(1000, 500)),
            answers: Limit::new(rate(10, 20), rate(500, 250)),
            // 0.7 to 1 ms each on a virtual machine (`cargo xtask bench sae`): a tenth of a core there, half of a small one's.
            commits: Limit::new(rate(1, 4), rate(100, 50)),
            deauthentications: Limit::new(rate(1, 2), rate(50, 50)),
        }
    }

    pub(super) fn probe(&mut self, to: Address, now: Duration) -> bool {
        self.probes.allows(self.place(to), now)
    }

    pub(super) fn answer(&mut self, to: Address, now: Duration) -> bool {
        self.answers.allows(self.place(to), now)
    }

    pub(super) fn commit(&mut self, to: Address, now: Duration) -> bool {
        self.commits.allows(self.place(to), now)
    }

    pub(super) fn deauthentication(&mut self, to: Address, now: Duration) -> bool {
        self.deauthentications.allows(self.place(to), now)
    }

    fn place(&self, address: Address) -> usize {
        let [a, b, c, d, e, f] = address.0;
        let mut hash = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]) ^ self.key;
        // The finalizer of SplitMix64.
        hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (hash ^ hash >> 31) as usize % PLACES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let (rate, mut due) = (Rate::per_second(10, 3), Duration::ZERO);
        let mut at = |millis| rate.allows(&mut due, Duration::from_millis(millis));
        assert_eq!(
            [0, 0, 0, 0, 50, 100, 150, 200].map(&mut at),
            [true, true, true, false, false, true, false, true]
        );
        assert_eq!([1000, 1000, 1000, 1000].map(&mut at), [true, true, true, false]);
    }

    #[test]
    fn one_station_does_not_use_up_what_others_get() {
        let mut limits = Limits::new([9; 8]);
        let now = Duration::from_secs(1);
        let [loud, quiet] = [1, 2].map(|last| Address([2, 0, 0, 0, 0, last]));
        let allowed = (0..1000).filter(|_| limits.commit(loud, now)).count();
        assert_eq!(allowed, 4);
        assert!(limits.commit(quiet, now));
        let from_all = (0..=u16::MAX).filter(|&n| {
            let [high, low] = n.to_be_bytes();
            limits.commit(Address([6, 0, 0, 0, high, low]), now)
        });
        assert_eq!(from_all.count(), 45);
    }
}
