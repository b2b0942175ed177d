//! A second reader of pcapng beside the library's own, on purpose: blocks of one little-endian section, with their options.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, Result, ensure};

/// Options by their codes.
pub type Options = HashMap<u16, Vec<u8>>;

/// An interface description.
#[derive(Debug)]
pub struct Interface {
    /// Link type.
    pub link_type: u16,
    /// Snapshot length.
    pub snap_length: u32,
    /// Its options.
    pub options: Options,
}

/// An enhanced packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Position of its interface.
    pub interface: u32,
    /// In the interface's units.
    pub time: u64,
    /// Octets that it had.
    pub length: u32,
    /// What was captured of it.
    pub octets: Vec<u8>,
    /// Its flags.
    pub flags: u32,
    /// Packets lost before it.
    pub dropped: u64,
}

/// A whole file.
#[derive(Debug, Default)]
pub struct File {
    /// Options of the section.
    pub section: Options,
    /// Interfaces in their order.
    pub interfaces: Vec<Interface>,
    /// Packets in their order.
    pub packets: Vec<Packet>,
    /// Options of the statistics, by the position of the interface.
    pub statistics: Vec<(u32, Options)>,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A block is not whole, or of another kind than these.
    pub fn read(path: &Path) -> Result<Self> {
        let octets = fs::read(path).with_context(|| path.display().to_string())?;
        Self::of(&octets).with_context(|| path.display().to_string())
    }

    /// Reads the octets of a file.
    ///
    /// # Errors
    ///
    /// As [`File::read`].
    pub fn of(octets: &[u8]) -> Result<Self> {
        let mut file = Self::default();
        let mut rest = octets;
        while !rest.is_empty() {
            let (kind, length) = (word(rest, 0)?, word(rest, 4)? as usize);
            ensure!(length >= 12 && length.is_multiple_of(4), "a block of {length} octets");
            let block = rest.get(..length).context("a block that is not whole")?;
            ensure!(word(block, length - 4)? as usize == length, "two lengths");
            file.block(kind, &block[8..length - 4])?;
            rest = &rest[length..];
        }
        Ok(file)
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> Result<()> {
        match kind {
            0x0a0d_0d0a => {
                ensure!(word(body, 0)? == 0x1a2b_3c4d, "byte order");
                self.section = options(&body[16..])?;
            }
            1 => self.interfaces.push(Interface {
                link_type: word(body, 0)? as u16,
                snap_length: word(body, 4)?,
                options: options(&body[8..])?,
            }),
            6 => {
                let captured = word(body, 12)? as usize;
                let rest = body
                    .get(20 + captured.next_multiple_of(4)..)
                    .context("a packet beyond its block")?;
                let options = options(rest)?;
                self.packets.push(Packet {
                    interface: word(body, 0)?,
                    time: u64::from(word(body, 4)?) << 32 | u64::from(word(body, 8)?),
                    length: word(body, 16)?,
                    octets: body[20..20 + captured].to_vec(),
                    flags: options.get(&2).map_or(Ok(0), |flags| word(flags, 0))?,
                    dropped: number(&options, 4),
                });
            }
            5 => self.statistics.push((word(body, 0)?, options(&body[12..])?)),
            other => anyhow::bail!("a block of type {other}"),
        }
        Ok(())
    }
}

/// The number in an option of 8 octets; 0 where there is none.
#[must_use]
pub fn number(options: &Options, code: u16) -> u64 {
    let octets = options.get(&code).and_then(|value| value.first_chunk());
    octets.map_or(0, |octets| u64::from_le_bytes(*octets))
}

fn word(octets: &[u8], at: usize) -> Result<u32> {
    let octets = octets.get(at..at + 4).context("a block is cut")?;
    Ok(u32::from_le_bytes(octets.try_into()?))
}

fn options(octets: &[u8]) -> Result<Options> {
    let mut options = Options::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let head = word(rest, 0)?;
        let (code, length) = (head as u16, (head >> 16) as usize);
        if code == 0 {
            ensure!(rest.len() == 4, "something behind the options' end");
            return Ok(options);
        }
        let value = rest.get(4..4 + length).context("an option beyond its block")?;
        options.insert(code, value.to_vec());
        rest = rest.get(4 + length.next_multiple_of(4)..).context("padding")?;
    }
    ensure!(options.is_empty(), "options without an end");
    Ok(options)
}
