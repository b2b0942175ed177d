//! A map that forgets what it learned first.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// As many values as fit; the key that was first there gives way.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    values: HashMap<K, V>,
    /// The keys by when they came.
    order: VecDeque<K>,
    most: usize,
    forgotten: u64,
}

impl<K: Copy + Eq + Hash, V> Recent<K, V> {
    /// Room for `most` keys.
    pub(super) fn new(most: usize) -> Self {
        Self {
            values: HashMap::new(),
            order: VecDeque::new(),
            most,
            forgotten: 0,
        }
    }

    /// Puts a value in the place of the key's last one.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.most == 0 || self.values.insert(key, value).is_some() {
            return;
        }
        if self.order.len() == self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
            self.forgotten += 1;
        }
        self.order.push_back(key);
    }

    /// Keys that gave way.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.values.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.values.get_mut(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gives_way() {
        let mut recent = Recent::new(2);
        for (key, value) in [(1, 'a'), (2, 'b'), (1, 'c'), (3, 'd')] {
            recent.insert(key, value);
        }
        assert_eq!(
            [1, 2, 3].map(|key| recent.get(key).copied()),
            [None, Some('b'), Some('d')]
        );
        assert_eq!((recent.values.len(), recent.order.len(), recent.forgotten()), (2, 2, 1));
        let mut none = Recent::new(0);
        none.insert(1, 'a');
        assert_eq!(none.get(1), None);
    }
}
