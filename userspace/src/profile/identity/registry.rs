//! The IEEE registry: who owns an address or an OUI.
//!
//! The registry as of the build is in the program, as tables that `build.rs` makes; a newer one can be laid over it.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::{lookups::Lookups, short_name::short_name};
use crate::dot11::Address;

include!(concat!(env!("OUT_DIR"), "/registry.rs"));

/// Lengths in bits of the prefixes that the registry assigns (MA-S, MA-M, MA-L), the longest first.
const LENGTHS: [u32; 3] = [36, 28, 24];

/// Who an address range is assigned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// As registered: `Hewlett Packard Enterprise`.
    pub name: Cow<'static, str>,
    /// In the short form of Wireshark's `manuf` file: `HewlettPacka`. Empty where nothing is left of the name.
    pub short: Cow<'static, str>,
}

/// The registry, and what was laid over it.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// By length in bits and prefix; none of them for the embedded registry alone.
    newer: HashMap<(u32, u64), (String, String)>,
    lookups: Arc<Lookups>,
}

impl Registry {
    /// Lays an entry over those that there are: `prefix` is `bits` long, 24, 28 or 36; others are never found.
    pub(super) fn insert(&mut self, bits: u32, prefix: u64, name: &str) {
        self.newer.insert((bits, prefix), (name.to_owned(), short_name(name)));
    }

    /// How often makers of clients were looked up.
    #[must_use]
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// Assignments that are known: the embedded ones and those laid over them.
    #[must_use]
    pub fn assignments(&self) -> usize {
        PREFIXES_24.len() + PREFIXES_28.len() + PREFIXES_36.len() + self.newer.len()
    }

    /// Entries laid over the embedded ones.
    #[must_use]
    pub fn newer(&self) -> usize {
        self.newer.len()
    }

    /// The owner of an address by its longest prefix in the registry.
    #[must_use]
    pub fn owner(&self, address: Address) -> Option<Owner> {
        let [a, b, c, d, e, f] = address.0;
        let address = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        LENGTHS
            .into_iter()
            .find_map(|bits| self.find(bits, address >> (48 - bits)))
    }

    /// The owner of an OUI or a CID.
    #[must_use]
    pub fn owner_of_oui(&self, [a, b, c]: [u8; 3]) -> Option<Owner> {
        self.find(24, u32::from_be_bytes([0, a, b, c]).into())
    }

    /// The owner of an address in short form, where there is one.
    #[must_use]
    pub fn short_name(&self, address: Address) -> Option<Cow<'static, str>> {
        self.owner(address)
            .map(|owner| owner.short)
            .filter(|short| !short.is_empty())
    }

    fn find(&self, bits: u32, prefix: u64) -> Option<Owner> {
        if !self.newer.is_empty()
            && let Some((name, short)) = self.newer.get(&(bits, prefix))
        {
            return Some(Owner {
                name: Cow::Owned(name.clone()),
                short: Cow::Owned(short.clone()),
            });
        }
        embedded(bits, prefix)
    }
}

fn embedded(bits: u32, prefix: u64) -> Option<Owner> {
    let of_32 = |prefixes: &[u32]| prefixes.binary_search(&u32::try_from(prefix).ok()?).ok();
    let number = match bits {
        24 => OWNERS_24.get(of_32(&PREFIXES_24)?),
        28 => OWNERS_28.get(of_32(&PREFIXES_28)?),
        _ => OWNERS_36.get(PREFIXES_36.binary_search(&prefix).ok()?),
    }?;
    let first = usize::from(*number) * 2;
    let name = |at: usize| NAMES.get(*STARTS.get(at)? as usize..*STARTS.get(at + 1)? as usize);
    Some(Owner {
        name: Cow::Borrowed(name(first)?),
        short: Cow::Borrowed(name(first + 1)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_counts() {
        let registry = Registry::default();
        let name = |address| registry.owner(Address(address)).map(|owner| owner.name);
        assert_eq!(
            name([0x30, 0xbb, 0x7d, 0, 0, 0]).as_deref(),
            Some("OnePlus Technology (Shenzhen) Co., Ltd")
        );
        assert_eq!(
            name([0xc8, 0x5c, 0xe2, 0x70, 0, 0]).as_deref(),
            Some("SYNERGY SYSTEMS AND SOLUTIONS")
        );
        assert_eq!(
            name([0x8c, 0x1f, 0x64, 0xaf, 0xa0, 0]).as_deref(),
            Some("DATA ELECTRONIC DEVICES, INC")
        );
        assert_eq!(name([2, 0, 0, 0, 0, 0]), None);
        let microsoft = registry.owner_of_oui([0x00, 0x50, 0xf2]).unwrap();
        assert_eq!((&*microsoft.name, &*microsoft.short), ("MICROSOFT CORP.", "Microsoft"));
        assert_eq!(
            registry.short_name(Address([0x30, 0xbb, 0x7d, 1, 2, 3])).as_deref(),
            Some("OnePlusTechn")
        );
    }

    #[test]
    fn an_entry_laid_over() {
        let mut registry = Registry::default();
        registry.insert(24, 0x0030_bb7d, "Example Radio Ltd");
        registry.insert(36, 0x3_0bb7_d123, "Small Example");
        let name = |registry: &Registry, last: u8| registry.short_name(Address([0x30, 0xbb, 0x7d, 0x12, last, 0]));
        assert_eq!(name(&registry, 0x30).as_deref(), Some("SmallExample"));
        assert_eq!(name(&registry, 0x40).as_deref(), Some("ExampleRadio"));
        assert_eq!(registry.newer(), 2);
    }

    #[test]
    fn every_owner_has_its_name() {
        assert!(PREFIXES_24.is_sorted() && PREFIXES_28.is_sorted() && PREFIXES_36.is_sorted());
        assert!(PREFIXES_24.len() > 30_000 && PREFIXES_28.len() > 5_000 && PREFIXES_36.len() > 5_000);
        for &prefix in &PREFIXES_24 {
            let owner = embedded(24, prefix.into()).unwrap();
            assert_eq!(owner.short, short_name(&owner.name), "{prefix:06x}");
        }
    }
}
