//! The classic format (draft-ietf-opsawg-pcap; libpcap `savefile.c`, `sf-pcap.c`).

use std::io::Read;

use super::{CaptureError, MAX_PACKET, Record, Source};

/// What the file's header says.
#[derive(Debug)]
pub(super) struct Header {
    big_endian: bool,
    /// ns of one unit of a record's fraction of a second.
    unit: u64,
    /// Octets of a record's header behind the four words that all variants have.
    extra: usize,
    link_type: u32,
}

impl Header {
    pub(super) fn read(magic: [u8; 4], source: &mut Source<impl Read>) -> Result<Self, CaptureError> {
        let (unit, extra, big_endian) = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => (1000, 0, false),
            [0xa1, 0xb2, 0xc3, 0xd4] => (1000, 0, true),
            [0x4d, 0x3c, 0xb2, 0xa1] => (1, 0, false),
            [0xa1, 0xb2, 0x3c, 0x4d] => (1, 0, true),
            // Alexey Kuznetzov's: interface, protocol and packet type in every record.
            [0x34, 0xcd, 0xb2, 0xa1] => (1000, 8, false),
            [0xa1, 0xb2, 0xcd, 0x34] => (1000, 8, true),
            _ => return Err(CaptureError::NotACapture),
        };
        // Version 4, time zone 4, accuracy 4, snapshot length 4, link type 4.
        let [.., a, b, c, d] = source.array::<20>()?;
        let mut header = Self {
            big_endian,
            unit,
            extra,
            link_type: 0,
        };
        // The upper bits tell the length of an FCS.
        header.link_type = header.word([a, b, c, d]) & 0x03ff_ffff;
        Ok(header)
    }

    fn word(&self, octets: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(octets)
        } else {
            u32::from_le_bytes(octets)
        }
    }

    pub(super) fn link_type(&self) -> u32 {
        self.link_type
    }

    pub(super) fn next_record(&self, source: &mut Source<impl Read>) -> Result<Option<Record>, CaptureError> {
        let Some(header) = source.record::<16>()? else {
            return Ok(None);
        };
        let (words, _) = header.as_chunks();
        let [seconds, fraction, length, original_length] = [0, 1, 2, 3].map(|i| self.word(words[i]));
        let octets = usize::try_from(length).unwrap_or(usize::MAX);
        if octets > MAX_PACKET {
            return Err(CaptureError::TooLong {
                offset: source.record_at(),
                length,
            });
        }
        source.skip(self.extra as u64)?;
        source.fill(octets)?;
        let time = u64::from(seconds) * 1_000_000_000 + u64::from(fraction) * self.unit;
        Ok(Some(Record {
            link_type: self.link_type,
            time: Some(time),
            original_length,
            octets: 0..octets,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::read, *};

    /// A file of two packets, of 3 octets and of 2 of 9.
    fn file(magic: u32, big_endian: bool) -> Vec<u8> {
        let word = |value: u32| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let extra = if magic == 0xa1b2_cd34 { 8 } else { 0 };
        let mut file = word(magic).to_vec();
        for value in [0, 0, 0, 65535, 127] {
            file.extend(word(value));
        }
        for (octets, original) in [(&[1, 2, 3][..], 3), (&[4, 5], 9)] {
            for value in [1_600_000_000, 5, octets.len() as u32, original] {
                file.extend(word(value));
            }
            file.extend(vec![0; extra]);
            file.extend(octets);
        }
        file
    }

    #[test]
    fn every_magic_and_byte_order() {
        for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1), (0xa1b2_cd34, 1000)] {
            for big_endian in [false, true] {
                let (packets, error) = read(&file(magic, big_endian));
                assert!(error.is_none());
                let time = Some(1_600_000_000_000_000_000 + 5 * unit);
                assert_eq!(
                    packets,
                    [(1, 127, time, 3, vec![1, 2, 3]), (2, 127, time, 9, vec![4, 5])]
                );
            }
        }
    }

    #[test]
    fn a_truncated_record_is_told_by_its_offset() {
        let file = file(0xa1b2_c3d4, false);
        for length in 43..file.len() {
            let (packets, error) = read(&file[..length]);
            assert_eq!(packets.len(), 1, "{length}");
            match error {
                None => assert_eq!(length, 43),
                Some(error) => assert!(
                    matches!(error, CaptureError::Truncated { offset: 43 }),
                    "{length}: {error}"
                ),
            }
        }
        assert!(matches!(
            read(&file[..20]).1,
            Some(CaptureError::Truncated { offset: 0 })
        ));
    }

    #[test]
    fn a_length_beyond_reason_is_refused() {
        let mut file = file(0xa1b2_c3d4, false);
        file[43 + 8..43 + 12].copy_from_slice(&[0xff; 4]);
        let (packets, error) = read(&file);
        assert_eq!(packets.len(), 1);
        assert!(matches!(
            error,
            Some(CaptureError::TooLong {
                offset: 43,
                length: u32::MAX
            })
        ));
    }
}
