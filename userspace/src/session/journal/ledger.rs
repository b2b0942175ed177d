//! A run's journal at work: each change is written down, then done.

use super::{
    Change, Entry, Journal, Seen, Subject, System, Tuned, Undone,
    store::Store,
    system::{apply, seen},
    undo::undo,
};
use crate::{
    dot11::{Address, Tuning},
    logging::AUDIT,
    nl80211::{InterfaceKind, NewInterface, Nl80211Error},
    session::SessionError,
};

/// A journal, its file and the machine.
#[derive(Debug)]
pub(crate) struct Ledger<S, W> {
    journal: Journal,
    system: S,
    store: W,
}

impl<S: System, W: Store> Ledger<S, W> {
    pub(crate) fn new(journal: Journal, system: S, store: W) -> Self {
        Self { journal, system, store }
    }

    /// Goes on by another connection.
    pub(crate) fn reconnect(&mut self, system: S) {
        self.system = system;
    }

    pub(crate) fn system(&mut self) -> &mut S {
        &mut self.system
    }

    async fn change(&mut self, change: Change) -> Result<(), SessionError> {
        self.journal.entries.push(change.clone().into());
        self.store.write(&self.journal)?;
        apply(&mut self.system, &change).await?;
        tracing::info!(target: AUDIT, %change, "changed on this machine");
        Ok(())
    }

    /// The interface as it is.
    pub(crate) async fn now(&mut self, index: u32) -> Result<Seen, SessionError> {
        let gone = || Nl80211Error::Gone {
            action: "prepare the interface".to_owned(),
        };
        Ok(seen(&mut self.system, index).await?.ok_or_else(gone)?)
    }

    /// Makes an interface, down; its index.
    pub(crate) async fn create(
        &mut self,
        wiphy: u32,
        name: &str,
        kind: InterfaceKind,
        new: NewInterface,
    ) -> Result<u32, SessionError> {
        let interface = Subject {
            name: name.to_owned(),
            index: 0,
            address: Address::default(),
        };
        self.change(Change::Created { interface }).await?;
        let index = self.system.add(wiphy, name, kind, new).await?;
        let made = self.now(index).await?.subject();
        if let Some(entry) = self.journal.entries.last_mut() {
            entry.change = Change::Created { interface: made };
        }
        self.store.write(&self.journal)?;
        Ok(index)
    }

    pub(crate) async fn set_kind(&mut self, index: u32, after: InterfaceKind) -> Result<(), SessionError> {
        let now = self.now(index).await?;
        let (interface, before) = (now.subject(), now.kind);
        if before == after {
            return Ok(());
        }
        let change = Change::Kind {
            interface,
            before,
            after,
        };
        self.change(change).await
    }

    /// Brings it up or down. It is written down also where it is so already: others bring it up and down later.
    pub(crate) async fn set_up(&mut self, index: u32, after: bool) -> Result<(), SessionError> {
        let now = self.now(index).await?;
        let (interface, before) = (now.subject(), now.up);
        let change = Change::Up {
            interface,
            before,
            after,
        };
        self.change(change).await
    }

    pub(crate) async fn set_channel(&mut self, index: u32, after: Tuning) -> Result<(), SessionError> {
        let made = |entry: &Entry| matches!(&entry.change, Change::Created { interface } if interface.index == index);
        if self.journal.entries.iter().any(made) {
            // It goes with the interface.
            return self.system.set_channel(index, after).await;
        }
        let now = self.now(index).await?;
        let (interface, before) = (now.subject(), now.tuned);
        let after = Tuned::from(after);
        if before == Some(after) {
            return Ok(());
        }
        let change = Change::Channel {
            interface,
            before,
            after,
        };
        self.change(change).await
    }

    /// Sets the regulatory domain; whether it was another.
    pub(crate) async fn set_country(&mut self, after: &str) -> Result<bool, SessionError> {
        let before = self.system.country().await?;
        if before == after {
            return Ok(false);
        }
        let after = after.to_owned();
        self.change(Change::Country { before, after }).await?;
        Ok(true)
    }

    /// Has `NetworkManager` let go of it, if it holds it.
    pub(crate) async fn release(&mut self, index: u32) -> Result<(), SessionError> {
        let now = self.now(index).await?;
        if self.system.managed(&now.name).await? != Some(true) {
            return Ok(());
        }
        let change = Change::NetworkManager {
            interface: now.subject(),
            before: true,
            after: false,
        };
        self.change(change).await
    }

    /// Undoes everything, from the end.
    pub(crate) async fn undo(&mut self) -> Result<Vec<Undone>, SessionError> {
        let store = &mut self.store;
        undo(&mut self.journal, &mut self.system, |journal| store.write(journal)).await
    }
}
