//! What a run changes on the machine, written down before it is changed, so that it can be undone: at the end of the run,
//! when it fails, and by the next start after it was killed.
//!
//! The journal itself is a value. [`System`] does what it says; a [`Ledger`] ties the two to a file.

mod change;
mod ledger;
mod live;
mod store;
mod system;
mod undo;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

pub use change::{Change, Entry, Journal, Subject, Tuned};
pub(crate) use ledger::Ledger;
pub(crate) use live::Live;
pub use store::{JournalError, Journals, Recovered, State};
pub(crate) use store::{JournalFile, Store};
pub(crate) use system::{Seen, System};
pub use undo::{Outcome, Undone};
