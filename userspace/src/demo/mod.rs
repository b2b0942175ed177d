//! A run of airlens that needs no Wi-Fi adapter: a private network, the project's own capture replayed into it, and traffic.
//!
//! Everything else is as in any run: the same programs, profiler, files and metrics.

mod error;
mod network;
mod replay;
mod summary;

pub use error::DemoError;
pub use network::Network;
pub use replay::{Amount, CAPTURE, Replay, frames};
pub use summary::{FrameBalance, PacketBalance, Summary};
