//! What is beside the project: captures of others in `../shared/corpus`, and documents.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

/// A capture's link type (tcpdump.org/linktypes.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum LinkType {
    /// Ethernet.
    Ethernet = 1,
    /// Radiotap header and 802.11 frame.
    Radiotap = 127,
}

/// What is at a path of `../shared`, where it is there.
#[must_use]
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    path.exists().then_some(path)
}

/// The folder of captures, where it is there.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    shared("corpus").filter(|folder| folder.is_dir())
}

/// Every capture below `folder`, in the order of their paths.
///
/// # Errors
///
/// A folder can't be read.
pub fn captures(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(captures(&path)?);
        } else if matches!(path.extension().and_then(|name| name.to_str()), Some("pcap" | "pcapng")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The packets of a capture. A second reader beside the library's own, on purpose.
///
/// # Errors
///
/// Not a capture, or of another link type.
pub fn packets(path: &Path, expected: LinkType) -> Result<Vec<Vec<u8>>> {
    let mut reader = create_reader(1 << 17, File::open(path)?).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                let link_type = match &block {
                    PcapBlockOwned::LegacyHeader(header) => Some(header.network),
                    PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => Some(interface.linktype),
                    PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                        packets.push(packet.data[..packet.caplen as usize].to_vec());
                        None
                    }
                    PcapBlockOwned::Legacy(packet) => {
                        packets.push(packet.data.to_vec());
                        None
                    }
                    PcapBlockOwned::NG(_) => None,
                };
                if let Some(other) = link_type.filter(|found| *found != Linktype(expected as i32)) {
                    bail!("{}: link type {other}", path.display());
                }
                reader.consume(offset);
            }
            // A capture that ends within a packet: those before it are whole.
            Err(PcapError::Eof | PcapError::UnexpectedEof) => return Ok(packets),
            Err(PcapError::Incomplete(_)) => reader.refill().map_err(|error| anyhow::anyhow!("{error:?}"))?,
            Err(error) => bail!("{}: {error:?}", path.display()),
        }
    }
}
