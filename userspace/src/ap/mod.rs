//! The AP that clients try to join. Nothing here has a socket or a clock.

pub mod sae;
