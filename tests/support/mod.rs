//! Crafted frames, captures of others, and running programs without an interface.

pub mod corpus;
pub mod ethernet;
pub mod program;
pub mod radiotap;

use airlens::kernel::LoadOptions;

/// Every management subtype, woken for none: tests read the ring themselves.
pub const EVERYTHING: LoadOptions = LoadOptions {
    ring_bytes: 1 << 20,
    subtypes: u16::MAX,
    urgent: 0,
    log: false,
};

/// A frame with a name for the assertion that it breaks.
pub type Named = (String, Vec<u8>);
