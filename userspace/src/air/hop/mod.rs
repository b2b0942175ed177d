//! Hopping: which channel is listened to when, and for how long. Nothing is sent: channels on which nobody may begin to send
//! are listened to like others.

mod drive;
mod joining;
mod list;
mod plan;

pub use drive::{Ear, Hopper, Radio, RadioError, Stop};
pub use joining::Joining;
pub use list::{Choice, HopError, HopList};
pub use plan::{Found, Next, Pace, Planner, Visit};

use serde::{Deserialize, Serialize};

/// How channels are visited, as the report tells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HopState {
    /// The channels in their order.
    pub channels: Vec<String>,
    /// The one that is listened to now.
    pub current: Option<String>,
    /// Those that the radio refused, which wait for their next try.
    pub aside: Vec<String>,
    /// The usual time on a channel in seconds.
    pub dwell_seconds: f64,
    /// No channel that the radio takes waits longer than this for its next visit, in seconds.
    pub bound_seconds: f64,
    /// Visits so far.
    pub visits: u64,
    /// Visits that the radio refused.
    pub failures: u64,
}
