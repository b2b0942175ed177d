//! Captures of profiles' packets: one packet as pcap or pcapng, or many as one pcapng file, each with its profile as a comment.

use super::comment::comment;
use crate::{
    capture::write::{self, InterfaceBlock, PacketBlock, WrittenBy},
    dot11::link::LinkType,
    profile::Profile,
};

const NS: u64 = 1_000_000_000;
/// No packet is longer (`capture::MAX_PACKET`).
const SNAPSHOT_LENGTH: u32 = 256 * 1024;

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
        let mut file = Vec::new();
        write::section(&mut file, origin);
        (Self { interfaces: Vec::new() }, file)
    }

    /// What a profile's packet adds to the file.
    pub fn packet(&mut self, profile: &Profile) -> Vec<u8> {
        let mut blocks = Vec::with_capacity(256 + profile.packet.len());
        let known = self.interfaces.iter().position(|link| *link == profile.link_type);
        let interface = known.unwrap_or_else(|| {
            self.interfaces.push(profile.link_type);
            let description = InterfaceBlock {
                link_type: profile.link_type.number(),
                snap_length: SNAPSHOT_LENGTH,
                name: None,
                filter: None,
                system: None,
            };
            write::interface(&mut blocks, &description);
            self.interfaces.len() - 1
        });
        let packet = PacketBlock {
            interface: interface as u32,
            time: profile.time.unwrap_or(0),
            length: lengths(profile).1,
            octets: &profile.packet,
            direction: None,
            dropped: 0,
            comment: Some(&comment(profile)),
        };
        write::packet(&mut blocks, &packet);
        blocks
    }
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
