use proptest::prelude::*;

use super::*;

/// Number, link type, time, original length, octets.
type Read = (u64, u32, Option<u64>, usize, Vec<u8>);

/// Every packet of a file, and the first error.
pub(super) fn read(file: &[u8]) -> (Vec<Read>, Option<CaptureError>) {
    let (mut packets, mut first) = (Vec::new(), None);
    let mut reader = match Reader::new(file) {
        Ok(reader) => reader,
        Err(error) => return (packets, Some(error)),
    };
    loop {
        match reader.next_packet() {
            Ok(Some(p)) => packets.push((p.number, p.link_type, p.time, p.original_length, p.octets.to_vec())),
            Ok(None) => return (packets, first),
            Err(error) => {
                if error.skipped().is_none() {
                    assert!(reader.next_packet().unwrap().is_none(), "nothing follows such an error");
                }
                first.get_or_insert(error);
            }
        }
    }
}

#[test]
fn files_of_other_kinds() {
    for file in [
        &b""[..],
        b"\x1f\x8b",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        b"hello, world",
    ] {
        assert!(matches!(Reader::new(file), Err(CaptureError::NotACapture)), "{file:?}");
    }
}

proptest! {
    #[test]
    fn any_octets(mut octets: Vec<u8>, start in 0..5usize) {
        let starts: [&[u8]; 5] = [
            &[],
            &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 127, 0, 0, 0],
            &[0xa1, 0xb2, 0x3c, 0x4d],
            &[10, 13, 13, 10, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255,
              255, 28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 127, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0],
            &[10, 13, 13, 10],
        ];
        octets.splice(0..0, starts[start].iter().copied());
        let (packets, _) = read(&octets);
        prop_assert!(packets.iter().map(|packet| packet.4.len()).sum::<usize>() <= octets.len());
    }
}
