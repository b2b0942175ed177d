//! Writes what [`super::frame`] and [`super::element`] read: the header and body of a frame, and its elements.
//!
//! What is written is as long as it needs to be: a value that its field can't hold is cut to the field's bits.

mod body;
mod capabilities;
mod eht;
mod elements;
mod field;
mod he;
mod ht;
mod multi_link;
mod networks;
mod rsn;
#[cfg(test)]
mod tests;
mod vht;

pub use body::{Body, Header, Network};
pub use capabilities::{ExtendedCapabilities, RadioMeasurement, RsnExtension};
pub use eht::Eht;
pub use elements::ElementWriter;
pub use field::{Field, Fields};
pub use he::{He, HeSixGhz};
pub use ht::Ht;
pub use multi_link::{BasicMultiLink, LinkProfile};
pub use rsn::Rsn;
pub use vht::Vht;

use super::element::ElementId;

/// A value that is an element's payload.
pub trait Payload {
    /// Which element it is.
    const ID: ElementId;

    /// Appends the payload, behind the extension id where there is one.
    fn write(&self, out: &mut Vec<u8>);
}
