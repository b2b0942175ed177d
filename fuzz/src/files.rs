//! What holds of any capture file.

use std::io::Read;

use airlens::capture::{CaptureError, MAX_PACKET, Reader};

use crate::bounded;

/// Memory for one record of the greatest length and for reading ahead.
const CONSTANT: usize = 2 * MAX_PACKET + 256 * 1024;

/// A packet of a file: number, link type, time, original length, octets.
type Read1 = (u64, u32, Option<u64>, usize, Vec<u8>);

/// A file that comes an octet at a time, as through a slow pipe.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let end = to.len().min(1);
        self.0.read(&mut to[..end])
    }
}

fn read(file: impl Read) -> (Vec<Read1>, Vec<String>) {
    let (mut packets, mut errors) = (Vec::new(), Vec::new());
    let mut reader = match Reader::new(file) {
        Ok(reader) => reader,
        Err(error) => return (packets, vec![error.to_string()]),
    };
    loop {
        match reader.next_packet() {
            Ok(Some(packet)) => packets.push((
                packet.number,
                packet.link_type,
                packet.time,
                packet.original_length,
                packet.octets.to_vec(),
            )),
            Ok(None) => return (packets, errors),
            Err(error) => {
                errors.push(error.to_string());
                if error.skipped().is_none() {
                    assert!(
                        matches!(reader.next_packet(), Ok(None)),
                        "nothing comes after such an error"
                    );
                    return (packets, errors);
                }
            }
        }
    }
}

/// Reads a file, whole and by the octet, and checks what it gives.
pub fn check_capture(data: &[u8]) {
    // Packets of no octets are the most memory for the least input.
    let (packets, errors) = bounded(data.len(), 96, CONSTANT, || read(data));
    assert_eq!(
        (&packets, &errors),
        (&read(Drops(data)).0, &read(Drops(data)).1),
        "a pipe gives the same"
    );
    let mut held = 0;
    for (at, (number, _, _, original, octets)) in packets.iter().enumerate() {
        assert_eq!(*number, at as u64 + 1);
        assert!(*original >= octets.len() && octets.len() <= MAX_PACKET);
        assert!(octets.is_empty() || data.windows(octets.len()).any(|window| window == octets));
        held += octets.len();
    }
    assert!(held <= data.len(), "{held} octets held");
    let mut reader = match Reader::new(data) {
        Ok(reader) => reader,
        Err(error) => return check_error(&error, data),
    };
    loop {
        match reader.next_packet() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => check_error(&error, data),
        }
    }
    assert_eq!(reader.packets(), packets.len() as u64);
    let link_types = reader.link_types();
    assert!(packets.iter().all(|(_, link_type, ..)| link_types.contains(link_type)));
}

/// Offsets lie in the file, and there is a message without line breaks.
fn check_error(error: &CaptureError, data: &[u8]) {
    assert!(!error.to_string().contains('\n'));
    match error {
        CaptureError::Truncated { offset }
        | CaptureError::TooLong { offset, .. }
        | CaptureError::Corrupt { offset, .. } => {
            assert!(*offset <= data.len() as u64, "{error}");
        }
        CaptureError::NotACapture => {}
        CaptureError::Io(_) => panic!("a slice can be read: {error}"),
    }
}
