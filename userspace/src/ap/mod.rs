//! What airlens says as an access point: its beacon and its answers, as octets.
//!
//! Pure: no socket, no clock, no entropy of its own. Time stamps and sequence numbers are the caller's, frames are those of
//! 802.11 without radiotap and FCS.

mod announcement;
mod capabilities;
pub(crate) mod elements;
mod operation;
mod options;
mod replies;
mod responder;
pub mod sae;

pub use announcement::Announcement;
pub use options::{ApError, ApOptions, SecurityMode};
pub use replies::{AssociationReply, AuthenticationReply};
pub use responder::{FrameOutcome, Reply, Responder, ResponderCounts, ResponderEvent, ResponderSettings};

#[cfg(test)]
mod tests;
