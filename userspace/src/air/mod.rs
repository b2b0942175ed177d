//! The air around a radio: its channels, the networks that announce themselves, the stations that send.
//!
//! [`Air`] is a value: frames, counts and surveys go in, a [`Report`] comes out. Where they come from (kernel programs, a
//! capture file, nl80211) and what time it is, is told from outside. Everything in it is bounded: addresses are free to
//! whoever sends; what finds no room is counted.

mod bounded;
mod channels;
mod hop;
mod network;
mod operation;
mod report;
mod table;
#[cfg(test)]
mod tests;

pub use channels::SurveyReading;
pub use hop::{
    Choice, Ear, Found, HopError, HopList, HopState, Hopper, Joining, Next, Pace, Planner, Radio, RadioError, Stop,
    Visit,
};
pub use network::Network;
pub use operation::Operation;
pub use report::{ChannelEntry, LeftOut, Load, NetworkEntry, Report, SCHEMA_VERSION, StationEntry};
pub use table::{Air, Count, Heard, Limits};
