//! Classic capture files of radiotap frames, read and written here on purpose without airlens's own decoder: what
//! judges it must not share its mistakes.
use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};

/// LINKTYPE_IEEE802_11_RADIOTAP.
const RADIOTAP: u32 = 127;
const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
const TYPES: [&str; 4] = ["management", "control", "data", "extension"];

/// One captured frame.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Microseconds since 1970.
    pub(super) time: u64,
    /// Radiotap header and 802.11 frame.
    pub(super) octets: Vec<u8>,
}

impl Frame {
    /// The 802.11 frame behind the radiotap header; empty when the header is cut off.
    pub(super) fn mpdu(&self) -> &[u8] {
        let length = match self.octets.get(2..4) {
            Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
            _ => usize::MAX,
        };
        self.octets.get(length..).unwrap_or_default()
    }

    /// Type and subtype (IEEE Std 802.11-2020 9.2.4.1.3).
    pub(super) fn kind(&self) -> Option<(u8, u8)> {
        self.mpdu().first().map(|control| (control >> 2 & 3, control >> 4))
    }

    /// Address 2, the transmitter.
    pub(super) fn transmitter(&self) -> Option<[u8; 6]> {
        self.mpdu().get(10..16)?.try_into().ok()
    }
}

/// The frames of a little-endian file with microseconds, as tcpdump writes it on this architecture.
pub(super) fn read(file: &Path) -> Result<Vec<Frame>> {
    let octets = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    parse(&octets).with_context(|| file.display().to_string())
}

fn parse(octets: &[u8]) -> Result<Vec<Frame>> {
    let word = |at: usize| -> Option<u32> { Some(u32::from_le_bytes(octets.get(at..at + 4)?.try_into().ok()?)) };
    ensure!(
        word(0) == Some(MAGIC_MICROSECONDS),
        "not a little-endian pcap file with microseconds"
    );
    ensure!(word(20) == Some(RADIOTAP), "not of the link type {RADIOTAP} (radiotap)");
    let (mut frames, mut at) = (Vec::new(), 24);
    while let (Some(seconds), Some(micros), Some(length)) = (word(at), word(at + 4), word(at + 8)) {
        let body = at + 16;
        let Some(frame) = octets.get(body..body + length as usize) else {
            bail!("cut off at octet {at}")
        };
        let time = u64::from(seconds) * 1_000_000 + u64::from(micros);
        frames.push(Frame {
            time,
            octets: frame.to_vec(),
        });
        at = body + length as usize;
    }
    Ok(frames)
}

/// The same frames as a file.
pub(super) fn format(frames: &[Frame]) -> Vec<u8> {
    let mut octets = Vec::new();
    for word in [MAGIC_MICROSECONDS, 4 << 16 | 2, 0, 0, 262_144, RADIOTAP] {
        octets.extend(word.to_le_bytes());
    }
    for frame in frames {
        let (seconds, micros) = (frame.time / 1_000_000, frame.time % 1_000_000);
        let length = frame.octets.len() as u64;
        for word in [seconds, micros, length, length] {
            octets.extend(u32::try_from(word).unwrap_or(u32::MAX).to_le_bytes());
        }
        octets.extend(&frame.octets);
    }
    octets
}

/// Frames by type and subtype, numbers both.
pub(super) fn counts(frames: &[Frame]) -> BTreeMap<(u8, u8), u64> {
    let mut counts = BTreeMap::new();
    for kind in frames.iter().filter_map(Frame::kind) {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

/// Type and subtype by name (IEEE Std 802.11-2020 Table 9-1), as far as the VM's radios send them.
pub(super) fn names((kind, subtype): (u8, u8)) -> (String, String) {
    let name = match (kind, subtype) {
        (0, 0) => "association-request",
        (0, 1) => "association-response",
        (0, 2) => "reassociation-request",
        (0, 3) => "reassociation-response",
        (0, 4) => "probe-request",
        (0, 5) => "probe-response",
        (0, 8) => "beacon",
        (0, 10) => "disassociation",
        (0, 11) => "authentication",
        (0, 12) => "deauthentication",
        (0, 13) => "action",
        (1, 8) => "block-ack-request",
        (1, 9) => "block-ack",
        (1, 13) => "ack",
        (2, 0) => "data",
        (2, 4) => "null",
        (2, 8) => "qos-data",
        (2, 12) => "qos-null",
        _ => "",
    };
    let name = if name.is_empty() {
        subtype.to_string()
    } else {
        name.to_owned()
    };
    (TYPES[usize::from(kind & 3)].to_owned(), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let frame = |time, control| Frame {
            time,
            octets: [vec![0, 0, 8, 0, 0, 0, 0, 0, control], vec![0; 23]].concat(),
        };
        let frames = vec![
            frame(1_700_000_000_000_001, 0x80),
            frame(1_700_000_000_999_999, 0xd4),
            frame(2, 0x80),
        ];
        let octets = format(&frames);
        assert!(parse(&octets).unwrap() == frames);
        assert_eq!(Vec::from_iter(counts(&frames)), [((0, 8), 2), ((1, 13), 1)]);
        assert!(parse(&octets[..octets.len() - 1]).is_err());
        assert!(parse(b"not a capture, this").is_err());
    }

    #[test]
    fn a_cut_radiotap_header_leaves_no_frame() {
        let frame = Frame {
            time: 0,
            octets: vec![0, 0, 20, 0],
        };
        assert_eq!((frame.kind(), frame.transmitter()), (None, None));
    }
}
