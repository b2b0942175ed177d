//! Numbers in a section's byte order.

use airlens_common::Octets;

pub(super) fn word_of(big_endian: bool, octets: [u8; 4]) -> u32 {
    if big_endian {
        u32::from_be_bytes(octets)
    } else {
        u32::from_le_bytes(octets)
    }
}

pub(super) fn half(big_endian: bool, octets: &[u8], at: usize) -> Option<u16> {
    if big_endian {
        octets.u16_be(at)
    } else {
        octets.u16_le(at)
    }
}

/// Whether a section header's magic is that of a big-endian machine.
pub(super) fn byte_order(octets: &[u8]) -> Option<bool> {
    match octets.first_chunk()? {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(true),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(false),
        _ => None,
    }
}

/// Units in a second: a power of ten, or of two where the upper bit is set.
pub(super) fn resolution_of(option: u8) -> Option<u64> {
    let exponent = u32::from(option & 0x7f);
    if option & 0x80 == 0 {
        10u64.checked_pow(exponent)
    } else {
        1u64.checked_shl(exponent)
    }
}
