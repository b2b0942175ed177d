//! Frames that `dot11::emit` writes, and frames that others recorded, against tshark's dissection of them. tshark 4.0 knows
//! nothing of EHT and Multi-Link but their ids.

#[path = "tshark_frames/emitted.rs"]
mod emitted;
#[path = "tshark_frames/names.rs"]
mod names;
#[path = "tshark_frames/recorded.rs"]
mod recorded;
#[path = "tshark_frames/rewritten.rs"]
mod rewritten;

use std::{collections::HashMap, fs};

use airlens_tests::support::tshark;
use anyhow::{Result, ensure};

/// What tshark says of one packet: the values of each field.
struct Dissection(HashMap<&'static str, String>);

impl Dissection {
    /// All values of a field.
    fn all(&self, field: &str) -> Vec<&str> {
        self.0[field].split('|').filter(|value| !value.is_empty()).collect()
    }

    fn numbers(&self, field: &str) -> Vec<u64> {
        self.all(field).into_iter().map(number).collect()
    }

    fn number(&self, field: &str) -> Option<u64> {
        self.numbers(field).first().copied()
    }

    /// Element ids in order, `255/35` with an extension.
    fn ids(&self) -> Vec<String> {
        let mut extensions = self.all("wlan.ext_tag.number").into_iter();
        let id = |id: &str| match id {
            "255" => format!("255/{}", extensions.next().unwrap_or_default()),
            id => id.to_owned(),
        };
        self.all("wlan.tag.number").into_iter().map(id).collect()
    }
}

/// A number as tshark prints it; one that it prints in another way is none of a frame's.
fn number(text: &str) -> u64 {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.unwrap_or(u64::MAX)
}

/// tshark's fields of packets of this link type (tcpdump.org/linktypes.html).
fn dissect(link_type: u32, packets: &[Vec<u8>], fields: &[&'static str]) -> Result<Vec<Dissection>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("frames.pcap");
    fs::write(&path, tshark::capture(link_type, packets)?)?;
    let dissections: Vec<_> = tshark::fields(&path, "", fields)?
        .into_iter()
        .map(|values| Dissection(fields.iter().copied().zip(values).collect()))
        .collect();
    ensure!(
        dissections.len() == packets.len(),
        "tshark read {} packets",
        dissections.len()
    );
    Ok(dissections)
}
