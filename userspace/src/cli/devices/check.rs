//! `airlens devices check`: whether a file of devices can be used.

use std::{io::Write, path::PathBuf};

use super::{Exit, identity::read_devices};
use crate::profile::Devices;

/// Check files of devices: say where one is wrong and what would be right
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files of devices
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<Exit> {
    for path in &args.files {
        let mut devices = Devices::default();
        let read = read_devices(&mut devices, path)?;
        let signatures: usize = devices.all().iter().map(|device| device.signatures.len()).sum();
        let path = path.display();
        writeln!(out, "{path}: {read} devices with {signatures} signatures")?;
    }
    Ok(Exit::Success)
}
