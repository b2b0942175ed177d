//! What the integration tests and the benches share.

pub mod support;
