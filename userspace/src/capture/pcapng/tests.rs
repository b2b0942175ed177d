use super::{super::tests::read, *};

struct File {
    big_endian: bool,
    octets: Vec<u8>,
}

impl File {
    fn new(big_endian: bool) -> Self {
        let mut file = Self {
            big_endian,
            octets: Vec::new(),
        };
        file.section();
        file
    }

    fn word(&self, value: u32) -> [u8; 4] {
        if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    fn half(&self, value: u16) -> [u8; 2] {
        if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = self.word(body.len() as u32 + 12);
        self.octets.extend(self.word(kind));
        self.octets.extend(length);
        self.octets.extend(body);
        self.octets.extend(length);
    }

    fn section(&mut self) {
        let mut body = self.word(0x1a2b_3c4d).to_vec();
        body.extend(self.half(1));
        body.extend([0, 0]);
        body.extend([0xff; 8]);
        self.block(u32::from_be_bytes(SECTION_HEADER), &body);
    }

    fn interface(&mut self, link_type: u16, resolution: u8, offset: i64) {
        let mut body = self.half(link_type).to_vec();
        body.extend([0; 6]);
        body.extend(self.half(option::TIME_RESOLUTION));
        body.extend(self.half(1));
        body.extend([resolution, 0, 0, 0]);
        body.extend(self.half(option::TIME_OFFSET));
        body.extend(self.half(8));
        body.extend(if self.big_endian {
            offset.to_be_bytes()
        } else {
            offset.to_le_bytes()
        });
        body.extend([0; 4]);
        self.block(kind::INTERFACE, &body);
    }

    fn packet(&mut self, interface: u32, time: u64, octets: &[u8], original: u32) {
        let mut body = Vec::new();
        for value in [
            interface,
            (time >> 32) as u32,
            time as u32,
            octets.len() as u32,
            original,
        ] {
            body.extend(self.word(value));
        }
        body.extend(octets);
        body.resize(body.len().next_multiple_of(4), 0);
        self.block(kind::ENHANCED_PACKET, &body);
    }
}

#[test]
fn times_by_interface_in_both_byte_orders() {
    for big_endian in [false, true] {
        let mut file = File::new(big_endian);
        file.interface(127, 9, 0);
        file.interface(105, 0x80 | 10, -100);
        file.block(0x0bad, &[0; 8]);
        file.packet(0, 1_600_000_000_000_000_007, &[1, 2, 3], 3);
        file.packet(1, 200 << 10 | 512, &[4], 7);
        let (packets, error) = read(&file.octets);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(
            packets,
            [
                (1, 127, Some(1_600_000_000_000_000_007), 3, vec![1, 2, 3]),
                (2, 105, Some(100_500_000_000), 7, vec![4])
            ]
        );
    }
}

#[test]
fn sections_of_different_byte_order_and_old_blocks() {
    let mut file = File::new(false);
    file.interface(127, 6, 0);
    file.block(kind::SIMPLE_PACKET, &[5, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0]);
    file.big_endian = true;
    file.section();
    file.interface(119, 6, 0);
    let mut old = vec![0, 0, 0, 9];
    old.extend([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 8, 9, 0, 0]);
    file.block(kind::OLD_PACKET, &old);
    let (packets, error) = read(&file.octets);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(
        packets,
        [
            (1, 127, None, 5, vec![1, 2, 3, 4, 5]),
            (2, 119, Some(1000), 2, vec![8, 9])
        ]
    );
}

#[test]
fn corrupt_blocks_are_told_by_their_offset() {
    let mut file = File::new(false);
    file.interface(127, 6, 0);
    file.packet(0, 1, &[1], 1);
    let at = file.octets.len() as u64;
    let whole = file.octets.clone();
    file.packet(0, 2, &[2, 2], 2);
    let end = file.octets.len();
    for length in whole.len() + 1..end {
        let (packets, error) = read(&file.octets[..length]);
        assert_eq!(packets.len(), 1);
        assert!(
            matches!(error, Some(CaptureError::Truncated { offset }) if offset == at),
            "{length}"
        );
    }
    let corrupt = |position: usize, value: u8| {
        let mut octets = file.octets.clone();
        octets[position] = value;
        read(&octets)
    };
    for (position, value, words) in [
        (end - 4, 9, "two different lengths"),
        (whole.len() + 8, 1, "not described"),
        (whole.len() + 20, 200, "longer than itself"),
        (whole.len() + 4, 3, "wrong length"),
    ] {
        let (packets, error) = corrupt(position, value);
        assert_eq!(packets.len(), 1, "{words}");
        let error = error.unwrap();
        assert!(
            matches!(error, CaptureError::Corrupt { offset, .. } if offset == at),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{error}");
    }
    let (_, error) = corrupt(whole.len() + 7, 0x7f);
    assert!(matches!(error, Some(CaptureError::TooLong { .. })));
}

/// A pipe that nothing more comes through for now.
struct Quiet<'a>(&'a [u8]);

impl Read for Quiet<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        assert!(!self.0.is_empty(), "waits for more than there is");
        self.0.read(buffer)
    }
}

#[test]
fn a_packet_behind_a_block_beyond_what_is_read_is_not_waited_for() {
    let mut file = File::new(false);
    file.interface(105, 6, 0);
    file.block(4, &vec![0; MAX_BLOCK]);
    file.packet(0, 7, b"packet", 6);
    let mut reader = super::super::Reader::live(Quiet(&file.octets)).unwrap();
    assert_eq!(reader.next_packet().unwrap().unwrap().octets, b"packet");
}
