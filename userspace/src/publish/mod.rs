//! What airlens shows the world: files, metrics and the HTTP API.
//!
//! Nothing here knows the kernel: counts arrive as a plain [`snapshot::Snapshot`], profiles as bytes to write.

pub mod alerts;
pub mod atomic;
pub mod client_page;
pub mod dashboard;
pub mod documents;
pub mod failures;
pub mod history;
pub mod http;
pub mod lifecycle;
pub mod metrics;
pub mod qr;
pub mod query;
pub mod recall;
pub mod report;
mod room;
pub mod schema;
pub mod snapshot;
pub mod tree;
