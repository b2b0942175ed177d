//! A machine that can be stopped at any point: what a killed process has done stays, what it had yet to do is not done.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use super::{Journal, Seen, System, Tuned, store::Store};
use crate::{
    dot11::{Address, Tuning},
    nl80211::{InterfaceKind, NewInterface, Nl80211Error},
    session::SessionError,
};

/// The machine's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct World {
    pub(super) interfaces: BTreeMap<u32, Seen>,
    pub(super) country: String,
    /// By interface; none where `NetworkManager` does not run.
    pub(super) managed: BTreeMap<String, bool>,
}

/// The machine and its disk, as one process sees them.
#[derive(Clone, Debug, Default)]
pub(super) struct Fake {
    pub(super) world: Rc<RefCell<World>>,
    pub(super) disk: Rc<RefCell<Option<String>>>,
    /// What the process may still do before it is killed.
    pub(super) budget: Rc<Cell<u32>>,
    /// Another process holds interfaces: their kind can't be changed.
    pub(super) held: bool,
}

impl Fake {
    fn spend(&self) -> Result<(), SessionError> {
        let left = self.budget.get().checked_sub(1).ok_or(SessionError::WriterGone)?;
        self.budget.set(left);
        Ok(())
    }

    pub(super) fn is_dead(&self) -> bool {
        self.budget.get() == 0
    }

    fn with(&self, index: u32, change: impl FnOnce(&mut Seen) -> bool) -> Result<(), SessionError> {
        self.spend()?;
        let action = "change it".to_owned();
        match self.world.borrow_mut().interfaces.get_mut(&index).map(change) {
            Some(true) => Ok(()),
            Some(false) => Err(Nl80211Error::Busy {
                action,
                holders: String::new(),
            }
            .into()),
            None => Err(Nl80211Error::Gone { action }.into()),
        }
    }
}

impl System for Fake {
    async fn interfaces(&mut self) -> Result<Vec<Seen>, SessionError> {
        Ok(self.world.borrow().interfaces.values().cloned().collect())
    }

    async fn add(
        &mut self,
        wiphy: u32,
        name: &str,
        kind: InterfaceKind,
        new: NewInterface,
    ) -> Result<u32, SessionError> {
        self.spend()?;
        let mut world = self.world.borrow_mut();
        assert!(
            world.interfaces.values().all(|seen| seen.name != name),
            "{name} is there"
        );
        // The kernel does not give an index again soon.
        let index = 1000 + self.budget.get() % 1_000_000;
        let seen = Seen {
            name: name.to_owned(),
            index,
            address: new.address.unwrap_or(Address([2, 0, 0, 0, 0, 9])),
            kind,
            up: false,
            wiphy,
            tuned: None,
        };
        world.interfaces.insert(index, seen);
        Ok(index)
    }

    async fn remove(&mut self, index: u32) -> Result<(), SessionError> {
        self.with(index, |_| true)?;
        self.world.borrow_mut().interfaces.remove(&index);
        Ok(())
    }

    async fn set_up(&mut self, index: u32, up: bool) -> Result<(), SessionError> {
        self.with(index, |seen| {
            seen.up = up;
            true
        })
    }

    async fn set_kind(&mut self, index: u32, kind: InterfaceKind) -> Result<(), SessionError> {
        let held = self.held;
        self.with(index, |seen| {
            let free = !seen.up && !held;
            seen.kind = if free { kind } else { seen.kind };
            free
        })
    }

    async fn set_address(&mut self, index: u32, address: Address) -> Result<(), SessionError> {
        self.with(index, |seen| {
            seen.address = if seen.up { seen.address } else { address };
            !seen.up
        })
    }

    async fn set_channel(&mut self, index: u32, tuning: Tuning) -> Result<(), SessionError> {
        self.with(index, |seen| {
            seen.tuned = if seen.up { Some(Tuned::from(tuning)) } else { seen.tuned };
            seen.up
        })
    }

    async fn country(&mut self) -> Result<String, SessionError> {
        Ok(self.world.borrow().country.clone())
    }

    async fn set_country(&mut self, country: &str) -> Result<(), SessionError> {
        self.spend()?;
        country.clone_into(&mut self.world.borrow_mut().country);
        Ok(())
    }

    async fn managed(&mut self, name: &str) -> Result<Option<bool>, SessionError> {
        Ok(self.world.borrow().managed.get(name).copied())
    }

    async fn set_managed(&mut self, name: &str, managed: bool) -> Result<(), SessionError> {
        self.spend()?;
        self.world.borrow_mut().managed.insert(name.to_owned(), managed);
        Ok(())
    }
}

impl Store for Fake {
    fn write(&mut self, journal: &Journal) -> Result<(), SessionError> {
        self.spend()?;
        let text = serde_json::to_string(journal).unwrap();
        *self.disk.borrow_mut() = (!journal.entries.is_empty()).then_some(text);
        Ok(())
    }
}
