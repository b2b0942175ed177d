//! What staging needs of the machine.

use super::{Change, Subject, Tuned};
use crate::{
    dot11::{Address, Tuning},
    nl80211::{InterfaceKind, NewInterface},
    session::SessionError,
};

/// An interface as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) index: u32,
    pub(crate) address: Address,
    pub(crate) kind: InterfaceKind,
    pub(crate) up: bool,
    pub(crate) wiphy: u32,
    pub(crate) tuned: Option<Tuned>,
}

impl Seen {
    /// As the journal names it.
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            name: self.name.clone(),
            index: self.index,
            address: self.address,
        }
    }
}

/// The machine, or one that tests make up.
pub(crate) trait System {
    /// Every wireless interface.
    async fn interfaces(&mut self) -> Result<Vec<Seen>, SessionError>;
    /// Adds one, down, and gives its index.
    async fn add(
        &mut self,
        wiphy: u32,
        name: &str,
        kind: InterfaceKind,
        new: NewInterface,
    ) -> Result<u32, SessionError>;
    async fn remove(&mut self, index: u32) -> Result<(), SessionError>;
    async fn set_up(&mut self, index: u32, up: bool) -> Result<(), SessionError>;
    async fn set_kind(&mut self, index: u32, kind: InterfaceKind) -> Result<(), SessionError>;
    async fn set_address(&mut self, index: u32, address: Address) -> Result<(), SessionError>;
    async fn set_channel(&mut self, index: u32, tuning: Tuning) -> Result<(), SessionError>;
    /// The regulatory domain; empty where the kernel has no wireless.
    async fn country(&mut self) -> Result<String, SessionError>;
    /// Asks for the rules of a country and waits until they hold, for a while.
    async fn set_country(&mut self, country: &str) -> Result<(), SessionError>;
    /// Whether `NetworkManager` manages the interface; `None` where it does not run or does not know it.
    async fn managed(&mut self, name: &str) -> Result<Option<bool>, SessionError>;
    async fn set_managed(&mut self, name: &str, managed: bool) -> Result<(), SessionError>;
}

/// The interface of that index.
pub(crate) async fn seen(system: &mut impl System, index: u32) -> Result<Option<Seen>, SessionError> {
    let interfaces = system.interfaces().await?;
    Ok(interfaces.into_iter().find(|seen| seen.index == index))
}

/// Does a change that is written down. A creation gives the new interface.
pub(super) async fn apply(system: &mut impl System, change: &Change) -> Result<(), SessionError> {
    match change {
        // Made by the ledger, which writes down the index.
        Change::Created { .. } => Ok(()),
        Change::Kind { interface, after, .. } => system.set_kind(interface.index, *after).await,
        Change::Address { interface, after, .. } => system.set_address(interface.index, *after).await,
        Change::Up { interface, after, .. } => system.set_up(interface.index, *after).await,
        Change::Channel { interface, after, .. } => match after.tuning() {
            Some(tuning) => system.set_channel(interface.index, tuning).await,
            None => Ok(()),
        },
        Change::Country { after, .. } => system.set_country(after).await,
        Change::NetworkManager { interface, after, .. } => system.set_managed(&interface.name, *after).await,
    }
}
