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
            length: u32::MAX,
            skipped: 18
        })
    ));
}
