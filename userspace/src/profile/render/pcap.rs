//! Captures of profiles' packets: one packet as pcap or pcapng, or many as one pcapng file, each with its profile as a comment.

use super::comment::comment;
use crate::{dot11::link::LinkType, profile::Profile};

const NS: u64 = 1_000_000_000;
/// No packet is longer (`capture::MAX_PACKET`).
const SNAPSHOT_LENGTH: u32 = 256 * 1024;

/// Options of pcapng blocks.
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const COMMENT: u16 = 1;
    /// Of a section header.
    pub(super) const HARDWARE: u16 = 2;
    pub(super) const SYSTEM: u16 = 3;
    pub(super) const APPLICATION: u16 = 4;
    /// Of an interface.
    pub(super) const TIME_RESOLUTION: u16 = 9;
}

/// What a pcapng file says about where it was written; what is not known is left out.
#[derive(Clone, Copy, Debug)]
pub struct WrittenBy<'a> {
    /// The program and its version.
    pub application: &'a str,
    /// The machine.
    pub hardware: Option<&'a str>,
    /// The operating system.
    pub system: Option<&'a str>,
}

impl Default for WrittenBy<'_> {
    fn default() -> Self {
        Self {
            application: concat!("airlens ", env!("CARGO_PKG_VERSION")),
            hardware: None,
            system: None,
        }
    }
}

/// A classic pcap file (libpcap `savefile.c`): little-endian, times in ns.
pub fn client_pcap(profile: &Profile) -> Vec<u8> {
    let (length, original) = lengths(profile);
    let time = profile.time.unwrap_or(0);
    let mut file = Vec::with_capacity(40 + profile.packet.len());
    for word in [
        0xa1b2_3c4d,
        4 << 16 | 2,
        0,
        0,
        u32::from(u16::MAX),
        u32::from(profile.link_type.number()),
    ] {
        file.extend(u32::to_le_bytes(word));
    }
    for word in [(time / NS) as u32, (time % NS) as u32, length, original] {
        file.extend(word.to_le_bytes());
    }
    file.extend(&profile.packet);
    file
}

/// A pcapng file of the one packet, with the profile as its comment.
pub fn client_pcapng(profile: &Profile) -> Vec<u8> {
    let (mut format, mut file) = Pcapng::start(&WrittenBy::default());
    file.extend(format.packet(profile));
    file
}

/// A pcapng file (draft-ietf-opsawg-pcapng) under construction, piece by piece: little-endian, times in ns, an interface for
/// each link type.
#[derive(Debug)]
pub struct Pcapng {
    interfaces: Vec<LinkType>,
}

impl Pcapng {
    /// The file's start.
    pub fn start(origin: &WrittenBy<'_>) -> (Self, Vec<u8>) {
        // Byte-order magic, version 1.0, unknown section length.
        let mut section = Vec::new();
        section.extend(0x1a2b_3c4du32.to_le_bytes());
        section.extend([1, 0, 0, 0]);
        section.extend(u64::MAX.to_le_bytes());
        let options = [
            (option::HARDWARE, origin.hardware),
            (option::SYSTEM, origin.system),
            (option::APPLICATION, Some(origin.application)),
        ];
        for (code, text) in options {
            if let Some(text) = text {
                put(&mut section, code, text.as_bytes());
            }
        }
        put(&mut section, option::END, &[]);
        let mut file = Vec::new();
        block(&mut file, 0x0a0d_0d0a, &section);
        (Self { interfaces: Vec::new() }, file)
    }

    /// What a profile's packet adds to the file.
    pub fn packet(&mut self, profile: &Profile) -> Vec<u8> {
        let mut blocks = Vec::with_capacity(256 + profile.packet.len());
        let known = self.interfaces.iter().position(|link| *link == profile.link_type);
        let interface = known.unwrap_or_else(|| {
            self.interfaces.push(profile.link_type);
            // Link type, snapshot length; 10^-9 s.
            let mut interface = Vec::new();
            interface.extend(u32::from(profile.link_type.number()).to_le_bytes());
            interface.extend(SNAPSHOT_LENGTH.to_le_bytes());
            put(&mut interface, option::TIME_RESOLUTION, &[9]);
            put(&mut interface, option::END, &[]);
            block(&mut blocks, 1, &interface);
            self.interfaces.len() - 1
        });
        let (length, original) = lengths(profile);
        let time = profile.time.unwrap_or(0);
        let mut packet = Vec::with_capacity(128 + profile.packet.len());
        for word in [interface as u32, (time >> 32) as u32, time as u32, length, original] {
            packet.extend(word.to_le_bytes());
        }
        packet.extend(&profile.packet);
        packet.resize(packet.len().next_multiple_of(4), 0);
        put(&mut packet, option::COMMENT, comment(profile).as_bytes());
        put(&mut packet, option::END, &[]);
        block(&mut blocks, 6, &packet);
        blocks
    }
}

/// Code, length, value, padding.
fn put(block: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    block.extend(code.to_le_bytes());
    block.extend(length.to_le_bytes());
    block.extend(&value[..length.into()]);
    block.resize(block.len().next_multiple_of(4), 0);
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = u32::try_from(body.len() + 12).unwrap_or(u32::MAX).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(length);
    file.extend(body);
    file.extend(length);
}

/// Octets captured and octets sent.
fn lengths(profile: &Profile) -> (u32, u32) {
    let captured = profile.packet.len();
    let original = profile.original_length().unwrap_or(captured);
    (
        u32::try_from(captured).unwrap_or(u32::MAX),
        u32::try_from(original).unwrap_or(u32::MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capture::Reader, profile::tests::profile};

    #[test]
    fn lengths_and_link_type() {
        let profile = profile(&[0, 1, b'a']);
        let pcap = client_pcap(&profile);
        assert_eq!(pcap.len(), 40 + profile.packet.len());
        assert_eq!(pcap[20..24], [127, 0, 0, 0]);
        let pcapng = client_pcapng(&profile);
        let text = comment(&profile);
        assert!(pcapng.windows(text.len()).any(|octets| octets == text.as_bytes()));
    }

    #[test]
    fn an_interface_for_each_link_type() {
        let origin = WrittenBy {
            hardware: Some("a board"),
            system: Some("Linux"),
            ..WrittenBy::default()
        };
        let (mut format, mut file) = Pcapng::start(&origin);
        let mut other = profile(&[0, 1, b'b']);
        other.link_type = LinkType::Ieee80211;
        let profiles = [profile(&[0, 1, b'a']), other, profile(&[])];
        for profile in &profiles {
            file.extend(format.packet(profile));
        }
        let mut reader = Reader::new(&file[..]).unwrap();
        for profile in &profiles {
            let packet = reader.next_packet().unwrap().unwrap();
            assert_eq!(packet.octets, profile.packet);
            assert_eq!(packet.link_type, u32::from(profile.link_type.number()));
            assert_eq!(packet.time, profile.time);
        }
        assert!(reader.next_packet().unwrap().is_none());
        assert_eq!(reader.link_types(), [127, 105]);
    }
}
