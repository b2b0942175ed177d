//! What tshark reads from a capture file.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

/// A capture file of packets of this link type (tcpdump.org/linktypes.html), at no time.
///
/// # Errors
///
/// A packet is longer than a file can tell.
pub fn capture(link_type: u32, packets: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4u32, 4 << 16 | 2, 0, 0, 262_144, link_type] {
        file.extend(word.to_le_bytes());
    }
    for packet in packets {
        let length = u32::try_from(packet.len())?;
        for word in [0, 0, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    Ok(file)
}

/// What it prints with these arguments.
///
/// # Errors
///
/// It is not installed, fails, or prints no UTF-8.
pub fn output(file: &Path, arguments: &[&str]) -> Result<String> {
    let mut tshark = Command::new("tshark");
    let output = tshark.arg("-r").arg(file).args(arguments).output();
    let output = output.context("tshark can't be run: apt-get install tshark")?;
    ensure!(
        output.status.success(),
        "tshark: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The values of these fields in each packet that its display filter lets through (all with an empty one), in the order
/// of the fields; those of a field that comes several times have `|` in between.
///
/// # Errors
///
/// As [`output`].
pub fn fields<F: AsRef<str>>(file: &Path, filter: &str, fields: &[F]) -> Result<Vec<Vec<String>>> {
    let mut arguments = vec!["-Y", filter, "-T", "fields"];
    for how in ["separator=/t", "occurrence=a", "aggregator=|"] {
        arguments.extend(["-E", how]);
    }
    for field in fields {
        arguments.extend(["-e", field.as_ref()]);
    }
    let values = |line: &str| line.split('\t').map(str::to_owned).collect();
    Ok(output(file, &arguments)?.lines().map(values).collect())
}
