//! The wire: link-layer headers of captures, 802.11 management frames and their elements.
//!
//! Views borrow the packet, check what they need when they are made and never panic. Values that the standard doesn't
//! define (yet) stay numbers. Clauses are those of IEEE Std 802.11-2020 unless another document is named.

mod address;
mod band;
mod bits;
mod cursor;
pub mod element;
pub mod emit;
pub mod frame;
pub mod link;
mod tuning;

pub use address::Address;
pub use band::{Band, channel_of};
pub use bits::Bits;
pub use tuning::{Channel, ChannelError, ChannelWidth, Tuning};
