//! What clients are told by: the registry and the devices that come with the program, and the user's own files.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::profile::{
    Identity, RegistryError,
    identity::{DeviceFileError, Devices},
};

/// The IEEE's largest file has some 6 MB.
const MAX_FILE: u64 = 64 << 20;

/// Files that tell more than the program knows by itself.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct IdentityArgs {
    /// A newer registry of makers: the IEEE's oui.csv, mam.csv, oui36.csv or oui.txt, or Wireshark's manuf; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) oui_file: Vec<PathBuf>,
    /// Devices to recognise by their signatures (`airlens devices learn` prints entries); may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) devices: Vec<PathBuf>,
}

impl IdentityArgs {
    pub(super) fn load(&self) -> Result<Identity, IdentityError> {
        load(&self.oui_file, &self.devices)
    }
}

/// A file that can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error("can't read {path}: {source}", path = .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}, {error}", path = .path.display())]
    Registry { path: PathBuf, error: RegistryError },
    #[error("{path}, {error}", path = .path.display())]
    Devices { path: PathBuf, error: DeviceFileError },
    #[error("the devices of this program: {0}")]
    Shipped(#[from] DeviceFileError),
}

/// The program's own, with these files laid over it in their order.
pub(super) fn load(registries: &[PathBuf], devices: &[PathBuf]) -> Result<Identity, IdentityError> {
    let mut identity = Identity::shipped()?;
    for path in registries {
        let read = identity.registry.read(&text(path)?);
        let entries = read.map_err(|error| IdentityError::Registry {
            path: path.clone(),
            error,
        })?;
        tracing::info!(file = %path.display(), entries, "registry read");
    }
    for path in devices {
        let entries = read_devices(&mut identity.devices, path)?;
        tracing::info!(file = %path.display(), entries, "devices read");
    }
    Ok(identity)
}

/// Adds a file's devices. Gives their number.
pub(super) fn read_devices(devices: &mut Devices, path: &Path) -> Result<usize, IdentityError> {
    devices.read(&text(path)?).map_err(|error| IdentityError::Devices {
        path: path.to_owned(),
        error,
    })
}

fn text(path: &Path) -> Result<String, IdentityError> {
    let read = || {
        let mut octets = Vec::new();
        File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut octets)?;
        if octets.len() as u64 > MAX_FILE {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 64 MiB"));
        }
        // Some names in the registry are in other encodings: a mark in one of them harms nothing.
        Ok(String::from_utf8_lossy(&octets).into_owned())
    };
    read().map_err(|source| IdentityError::Read {
        path: path.to_owned(),
        source,
    })
}
