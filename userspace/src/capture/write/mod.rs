//! pcapng (draft-ietf-opsawg-pcapng) as octets: little-endian, times in ns.

mod file;
mod option;
mod recent;
mod ring;

pub use file::CaptureFile;
use option::Options;
pub use recent::{Choice, Excerpt, Recent};
pub use ring::FileRing;

/// Block types.
mod kind {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const STATISTICS: u32 = 5;
    pub(super) const PACKET: u32 = 6;
}

/// What a file says about where it was written; what is not known is left out.
#[derive(Clone, Copy, Debug)]
pub struct WrittenBy<'a> {
    /// What there is to say of it.
    pub comment: Option<&'a str>,
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
            comment: None,
            application: concat!("airlens ", env!("CARGO_PKG_VERSION")),
            hardware: None,
            system: None,
        }
    }
}

/// An interface description.
#[derive(Clone, Copy, Debug)]
pub struct InterfaceBlock<'a> {
    /// <https://www.tcpdump.org/linktypes.html>
    pub link_type: u16,
    /// Octets that are captured of a packet at the most.
    pub snap_length: u32,
    /// Its name.
    pub name: Option<&'a str>,
    /// The filter, in tcpdump's language.
    pub filter: Option<&'a str>,
    /// The operating system of the machine with that interface.
    pub system: Option<&'a str>,
}

/// The direction of a packet (`epb_flags`, bits 0 and 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketDirection {
    /// Received.
    Inbound,
    /// Sent.
    Outbound,
}

/// An enhanced packet.
#[derive(Clone, Copy, Debug)]
pub struct PacketBlock<'a> {
    /// Its interface, by the order of their descriptions.
    pub interface: u32,
    /// ns since 1970-01-01 UTC.
    pub time: u64,
    /// Octets that it had.
    pub length: u32,
    /// What was captured of it.
    pub octets: &'a [u8],
    /// Received or sent.
    pub direction: Option<PacketDirection>,
    /// Packets of the interface that were lost between its packet before and this one; 0 is left out.
    pub dropped: u64,
    /// A comment.
    pub comment: Option<&'a str>,
}

/// An interface's statistics, counted from the capture's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatisticsBlock {
    /// The interface, by the order of their descriptions.
    pub interface: u32,
    /// When these were read, ns since 1970-01-01 UTC.
    pub time: u64,
    /// When the capture began.
    pub start: u64,
    /// When it ended; 0 is left out.
    pub end: u64,
    /// Packets that reached the hook.
    pub received: u64,
    /// Packets that were lost.
    pub dropped: u64,
    /// Packets that the filter took.
    pub accepted: u64,
    /// Packets that were written.
    pub delivered: u64,
}

/// Appends a section header.
pub fn section(to: &mut Vec<u8>, origin: &WrittenBy<'_>) {
    block(to, kind::SECTION, |to| {
        // Byte-order magic, version 1.0, unknown section length.
        to.extend(0x1a2b_3c4du32.to_le_bytes());
        to.extend([1, 0, 0, 0]);
        to.extend(u64::MAX.to_le_bytes());
        let mut options = Options::of(to);
        options.text(option::COMMENT, origin.comment);
        options.text(option::HARDWARE, origin.hardware);
        options.text(option::SYSTEM, origin.system);
        options.text(option::APPLICATION, Some(origin.application));
    });
}

/// Appends an interface description.
pub fn interface(to: &mut Vec<u8>, interface: &InterfaceBlock<'_>) {
    block(to, kind::INTERFACE, |to| {
        to.extend(u32::from(interface.link_type).to_le_bytes());
        to.extend(interface.snap_length.to_le_bytes());
        let mut options = Options::of(to);
        options.text(option::INTERFACE_NAME, interface.name);
        // 10^-9 s.
        options.put(option::TIME_RESOLUTION, &[9]);
        if let Some(filter) = interface.filter {
            // In the language of libpcap.
            options.put(option::FILTER, &[&[0], filter.as_bytes()].concat());
        }
        options.text(option::INTERFACE_SYSTEM, interface.system);
    });
}

/// Appends a packet.
pub fn packet(to: &mut Vec<u8>, packet: &PacketBlock<'_>) {
    block(to, kind::PACKET, |to| {
        let captured = u32::try_from(packet.octets.len()).unwrap_or(u32::MAX);
        for word in [
            packet.interface,
            (packet.time >> 32) as u32,
            packet.time as u32,
            captured,
            packet.length,
        ] {
            to.extend(word.to_le_bytes());
        }
        to.extend_from_slice(packet.octets);
        to.resize(to.len().next_multiple_of(4), 0);
        let mut options = Options::of(to);
        options.text(option::COMMENT, packet.comment);
        if let Some(direction) = packet.direction {
            let bits: u32 = match direction {
                PacketDirection::Inbound => 1,
                PacketDirection::Outbound => 2,
            };
            options.put(option::FLAGS, &bits.to_le_bytes());
        }
        if packet.dropped > 0 {
            options.put(option::DROPPED, &packet.dropped.to_le_bytes());
        }
    });
}

/// Appends an interface's statistics.
///
/// What is lost is told twice, as loss in the operating system, which it is, and as that of the interface, where Wireshark
/// and its tools look for it, and dumpcap writes it.
pub fn statistics(to: &mut Vec<u8>, statistics: &StatisticsBlock) {
    // High word first.
    let time = |time: u64| [((time >> 32) as u32).to_le_bytes(), (time as u32).to_le_bytes()].concat();
    block(to, kind::STATISTICS, |to| {
        to.extend(statistics.interface.to_le_bytes());
        to.extend(time(statistics.time));
        let mut options = Options::of(to);
        options.put(option::START, &time(statistics.start));
        if statistics.end > 0 {
            options.put(option::END_TIME, &time(statistics.end));
        }
        for (code, count) in [
            (option::RECEIVED, statistics.received),
            (option::INTERFACE_DROPPED, statistics.dropped),
            (option::ACCEPTED, statistics.accepted),
            (option::SYSTEM_DROPPED, statistics.dropped),
            (option::DELIVERED, statistics.delivered),
        ] {
            options.put(code, &count.to_le_bytes());
        }
    });
}

/// A packet block at the beginning of some octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenPacket<'a> {
    /// The whole block.
    pub block: &'a [u8],
    /// The interface, by the order of their descriptions.
    pub interface: u32,
    /// ns since 1970-01-01 UTC.
    pub time: u64,
    /// Octets that the packet had.
    pub length: u32,
    /// What was captured of it.
    pub octets: &'a [u8],
}

impl<'a> WrittenPacket<'a> {
    /// The packet block that `octets`, written by [`packet`], begin with; `None` if they begin with none.
    #[must_use]
    pub fn first(octets: &'a [u8]) -> Option<Self> {
        const PACKET: usize = 28;
        let word = |at: usize| Some(u32::from_le_bytes(octets.get(at..at + 4)?.try_into().ok()?));
        if word(0)? != kind::PACKET {
            return None;
        }
        let block = octets.get(..word(4)? as usize)?;
        Some(Self {
            block,
            interface: word(8)?,
            time: u64::from(word(12)?) << 32 | u64::from(word(16)?),
            length: word(24)?,
            octets: block.get(PACKET..)?.get(..word(20)? as usize)?,
        })
    }
}

/// Appends a block: type, length, body, length.
fn block(to: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = to.len();
    to.extend(kind.to_le_bytes());
    to.extend([0; 4]);
    body(to);
    let length = u32::try_from(to.len() - start + 4).unwrap_or(u32::MAX).to_le_bytes();
    to[start + 4..start + 8].copy_from_slice(&length);
    to.extend(length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Reader;

    #[test]
    fn what_is_written_is_read() {
        let mut file = Vec::new();
        section(&mut file, &WrittenBy::default());
        for link_type in [1, 127] {
            interface(
                &mut file,
                &InterfaceBlock {
                    link_type,
                    snap_length: 4096,
                    name: Some("eth0"),
                    filter: Some("tcp port 80"),
                    system: Some("Linux"),
                },
            );
        }
        let start = file.len();
        for length in 0..9u8 {
            let octets: Vec<u8> = (0..length).collect();
            packet(
                &mut file,
                &PacketBlock {
                    interface: u32::from(length & 1),
                    time: u64::from(length) << 31,
                    length: 100,
                    octets: &octets,
                    direction: Some(PacketDirection::Outbound),
                    dropped: u64::from(length),
                    comment: (length == 3).then_some("a comment"),
                },
            );
        }
        statistics(&mut file, &StatisticsBlock::default());
        let mut reader = Reader::new(&file[..]).unwrap();
        let mut rest = &file[start..];
        for length in 0..9u8 {
            let read = reader.next_packet().unwrap().unwrap();
            assert_eq!(read.octets, (0..length).collect::<Vec<_>>());
            assert_eq!(read.time, Some(u64::from(length) << 31));
            assert_eq!(
                (read.link_type, read.original_length),
                ([1, 127][usize::from(length & 1)], 100)
            );
            let written = WrittenPacket::first(rest).unwrap();
            assert_eq!((Some(written.time), written.octets), (read.time, read.octets));
            assert_eq!((written.interface, written.length), (u32::from(length & 1), 100));
            rest = &rest[written.block.len()..];
        }
        assert!(reader.next_packet().unwrap().is_none());
        assert_eq!(WrittenPacket::first(rest), None);
    }
}
