//! A private network: namespaces, a TAP that is a monitor interface, a veth pair, and traffic over it.
//!
//! For the demonstration, the tests and the benches. Interfaces go away with what made them: a TAP with its descriptor, a
//! veth pair with either of its namespaces.

mod error;
mod link;
mod namespace;
mod statistics;
mod tap;
mod traffic;
mod veth;

pub use error::LabError;
pub use namespace::Namespace;
pub use statistics::Statistics;
pub use tap::{LinkType, Tap};
pub use traffic::{Plan, Sent, exchange};
pub use veth::{End, VethPair};
