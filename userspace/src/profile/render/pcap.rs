//! A capture file of the profile's one packet.

use crate::profile::Profile;

const NS: u64 = 1_000_000_000;

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

/// A pcapng file (draft-ietf-opsawg-pcapng): section header, interface description with times in ns, one packet.
pub fn client_pcapng(profile: &Profile) -> Vec<u8> {
    let (length, original) = lengths(profile);
    let mut file = Vec::with_capacity(104 + profile.packet.len());
    // Byte-order magic, version 1.0, unknown section length.
    let mut section = Vec::new();
    section.extend(0x1a2b_3c4du32.to_le_bytes());
    section.extend([1, 0, 0, 0]);
    section.extend(u64::MAX.to_le_bytes());
    block(&mut file, 0x0a0d_0d0a, &section);
    // Link type, snapshot length, option if_tsresol (9): 10^-9 s, end of options.
    let mut interface = Vec::new();
    interface.extend(u32::from(profile.link_type.number()).to_le_bytes());
    interface.extend(u32::from(u16::MAX).to_le_bytes());
    interface.extend([9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    block(&mut file, 1, &interface);
    // Interface 0, time, lengths.
    let time = profile.time.unwrap_or(0);
    let mut packet = Vec::new();
    for word in [0, (time >> 32) as u32, time as u32, length, original] {
        packet.extend(word.to_le_bytes());
    }
    packet.extend(&profile.packet);
    packet.resize(packet.len().next_multiple_of(4), 0);
    block(&mut file, 6, &packet);
    file
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
    use crate::profile::tests::profile;

    #[test]
    fn lengths_and_link_type() {
        let profile = profile(&[0, 1, b'a']);
        let pcap = client_pcap(&profile);
        assert_eq!(pcap.len(), 40 + profile.packet.len());
        assert_eq!(pcap[20..24], [127, 0, 0, 0]);
        let pcapng = client_pcapng(&profile);
        assert_eq!(pcapng.len() % 4, 0);
        assert_eq!(pcapng.len(), 28 + 32 + 32 + profile.packet.len().next_multiple_of(4));
    }
}
