//! What the fuzz targets share: a bound on memory, and mutators that know elements and packets.

mod csv;
mod files;
mod meter;
#[path = "../../tests/support/mutate.rs"]
mod mutate;
mod mutator;
mod within;

pub use csv::fields;
pub use files::check_capture;
pub use meter::bounded;
pub use mutator::{mutate_blocks, mutate_elements, mutate_packet};
pub use within::{inside, unchanged};
