//! A table of addresses that anybody may invent.

use std::collections::HashMap;

use crate::dot11::Address;

/// Something with the time of its last sign of life, in ns.
pub(super) trait Seen {
    fn last_seen(&self) -> Option<u64>;
}

/// A map that forgets those not seen for the longest time when it is full: a quarter at once, so that a flood of addresses
/// costs little.
#[derive(Clone, Debug)]
pub(super) struct Bounded<T> {
    entries: HashMap<Address, T>,
    most: usize,
    /// How many were forgotten.
    pub(super) left_out: u64,
}

impl<T: Seen> Bounded<T> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            entries: HashMap::new(),
            most: most.max(4),
            left_out: 0,
        }
    }

    /// The entry of an address, made if it is not there.
    pub(super) fn entry(&mut self, address: Address, make: impl FnOnce() -> T) -> &mut T {
        if self.entries.len() >= self.most && !self.entries.contains_key(&address) {
            self.forget();
        }
        self.entries.entry(address).or_insert_with(make)
    }

    fn forget(&mut self) {
        let mut seen: Vec<_> = self.entries.values().map(Seen::last_seen).collect();
        let quarter = self.most / 4;
        let (_, &mut limit, _) = seen.select_nth_unstable(quarter - 1);
        let before = self.entries.len();
        // Those of the limit itself only until the quarter is full: they may be all.
        let mut goes = quarter;
        self.entries.retain(|_, entry| {
            let go = goes > 0 && entry.last_seen() <= limit;
            goes -= usize::from(go);
            !go
        });
        self.left_out += (before - self.entries.len()) as u64;
    }

    pub(super) fn get(&self, address: &Address) -> Option<&T> {
        self.entries.get(address)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Address, &T)> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Seen for u64 {
        fn last_seen(&self) -> Option<u64> {
            Some(*self)
        }
    }

    fn address(number: u16) -> Address {
        let [a, b] = number.to_be_bytes();
        Address([2, 0, 0, 0, a, b])
    }

    #[test]
    fn the_oldest_go_first() {
        let mut table = Bounded::new(8);
        for time in 0..9 {
            table.entry(address(time), || u64::from(time));
        }
        assert_eq!((table.entries.len(), table.left_out), (7, 2));
        assert!(table.get(&address(1)).is_none() && table.get(&address(2)).is_some());
    }

    proptest! {
        #[test]
        fn never_more_than_its_size(times: Vec<(u16, u64)>, most in 0usize..20) {
            let mut table = Bounded::new(most);
            let mut made = 0;
            for (number, time) in times {
                table.entry(address(number), || { made += 1; time });
                prop_assert!(table.get(&address(number)).is_some());
                prop_assert!(table.entries.len() <= most.max(4));
            }
            prop_assert_eq!(made, table.entries.len() as u64 + table.left_out);
        }
    }
}
