//! What a client is: its maker by the IEEE registry, the device by its signature, and the kind of device across addresses.

mod alike;
mod device_file;
mod devices;
mod kind;
mod lookups;
mod pattern;
mod registry;
mod registry_file;
mod short_name;

#[cfg(test)]
mod tests;

pub use alike::Alike;
pub use device_file::{DeviceFileError, entry};
pub use devices::{Device, Devices, How, KnownSignature, Recognised};
pub use kind::{DeviceKind, ParseKindError};
pub(in crate::profile) use lookups::LookupResult;
pub use lookups::{LookupCounts, Lookups};
pub use pattern::{Pattern, PatternError};
pub use registry::{Owner, Registry};
pub use registry_file::RegistryError;

/// What clients are told by.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Owners of addresses.
    pub registry: Registry,
    /// Devices that are known.
    pub devices: Devices,
}

impl Identity {
    /// The registry and the devices that come with the program.
    ///
    /// # Errors
    ///
    /// As [`Devices::shipped`].
    pub fn shipped() -> Result<Self, DeviceFileError> {
        Ok(Self {
            registry: Registry::default(),
            devices: Devices::shipped()?,
        })
    }
}
