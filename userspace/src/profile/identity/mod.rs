//! What a client is: its maker by the IEEE registry.

mod registry;
mod registry_file;
mod short_name;

pub use registry::{Owner, Registry};
pub use registry_file::RegistryError;
