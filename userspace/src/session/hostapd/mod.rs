//! An access point by the system's hostapd: its configuration, its process, its control socket.

mod config;
mod control;
mod error;
mod knows;
mod process;
mod supervisor;
mod talk;
#[cfg(test)]
mod tests;

pub use config::{Hardware, HostapdOptions, configuration};
pub use error::HostapdError;
pub use supervisor::{Hostapd, HostapdEvent};
