//! Which interfaces a device takes at the same time.

use std::fmt;

use serde::Serialize;

use super::kinds;
use crate::nl80211::{InterfaceKind, attribute::Attribute};

/// Interfaces that go together (`enum nl80211_if_combination_attrs`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Combination {
    /// At most so many of each of these.
    pub limits: Vec<Limit>,
    /// At most so many in all.
    pub max_interfaces: u32,
    /// On so many channels.
    pub channels: u32,
}

/// A limit within a combination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// At most so many …
    pub max: u32,
    /// … of these kinds.
    pub kinds: Vec<InterfaceKind>,
}

impl Combination {
    pub(super) fn read(combination: Attribute<'_>) -> Self {
        let mut found = Self::default();
        for attribute in combination.nested() {
            match attribute.number {
                1 => found.limits = attribute.nested().map(Limit::read).collect(),
                2 => found.max_interfaces = attribute.u32().unwrap_or_default(),
                4 => found.channels = attribute.u32().unwrap_or_default(),
                _ => {}
            }
        }
        found
    }
}

impl Limit {
    fn read(limit: Attribute<'_>) -> Self {
        let mut found = Self::default();
        for attribute in limit.nested() {
            match attribute.number {
                1 => found.max = attribute.u32().unwrap_or_default(),
                2 => found.kinds = kinds(attribute),
                _ => {}
            }
        }
        found
    }
}

/// `up to 1 managed, up to 4 ap mesh-point: 4 in all, on 1 channel`.
impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, limit) in self.limits.iter().enumerate() {
            let kinds: Vec<_> = limit.kinds.iter().map(ToString::to_string).collect();
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}up to {} {}", limit.max, kinds.join(" "))?;
        }
        let s = if self.channels == 1 { "" } else { "s" };
        write!(f, ": {} in all, on {} channel{s}", self.max_interfaces, self.channels)
    }
}
