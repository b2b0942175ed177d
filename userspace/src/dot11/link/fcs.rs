//! The frame check sequence (9.2.4.8).

/// Whether a frame's last four octets are the FCS of those before: the header of some link types can't say.
pub(super) fn is_at_end(frame: &[u8]) -> bool {
    frame
        .split_last_chunk()
        .is_some_and(|(frame, fcs)| !frame.is_empty() && crc32(frame) == u32::from_le_bytes(*fcs))
}

/// CRC-32 of ITU-T V.42, bit by bit: this is called for single frames.
pub(crate) fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |crc, &octet| {
        (0..8).fold(crc ^ u32::from(octet), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert!(is_at_end(b"123456789\x26\x39\xf4\xcb"));
        assert!(!is_at_end(b"123456780\x26\x39\xf4\xcb"));
        assert!(!is_at_end(b"\0\0\0\0"));
    }
}
