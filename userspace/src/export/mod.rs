//! Ended flows leave: to files, IPFIX collectors, Kafka brokers; and questions about active ones are answered. Profiles leave
//! to Kafka too.
//!
//! Each exporter has a thread and a bounded queue: a slow one never holds up who gives, it loses flows or profiles, which are
//! counted with their cause. `given + recovered = sent + spooled + lost` holds for each of them at rest.

mod exports;
pub mod files;
pub mod filter;
pub mod ipfix;
pub mod kafka;
mod line;
mod queue;
mod tally;
pub mod top;

pub use exports::{ExportError, ExportOptions, Exports, InterfaceNames, ProfileExports};
pub use tally::{LossCause, Outcome, Tally};

/// `HOST:PORT` or `[ADDRESS]:PORT`, with a port that is not 0.
#[must_use]
pub(crate) fn is_host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_fits = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains([':', '/', '[', ']']) && !host.contains(char::is_whitespace),
    };
    host_fits && port.parse::<u16>().is_ok_and(|port| port != 0)
}
