//! Files that are damaged at every kind of place.

use proptest::{collection::vec, prelude::*};

use super::*;

/// A file's records: where each starts, and what it holds.
struct File {
    octets: Vec<u8>,
    records: Vec<(usize, Vec<u8>)>,
}

/// Packets of which no two are the same, of several makes: words as headers have them, zeros, noise.
fn packet(number: usize, length: usize) -> Vec<u8> {
    let mut state = number as u64 + 1;
    let mut packet: Vec<u8> = (number as u32).to_le_bytes().into();
    while packet.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        match number % 3 {
            0 => packet.extend((state >> 32).to_le_bytes()),
            1 => packet.extend((state >> 62).to_le_bytes()),
            _ => packet.extend([0; 8]),
        }
    }
    packet.truncate(length);
    packet
}

fn pcap(lengths: &[usize], big_endian: bool) -> File {
    let word = |value: u32| {
        if big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let mut octets = Vec::new();
    for value in [
        0xa1b2_c3d4,
        if big_endian { 2 << 16 | 4 } else { 4 << 16 | 2 },
        0,
        0,
        65_535,
        127,
    ] {
        octets.extend(word(value));
    }
    let mut records = Vec::new();
    for (number, &length) in lengths.iter().enumerate() {
        let packet = packet(number, length);
        records.push((octets.len(), packet.clone()));
        for value in [1_700_000_000 + number as u32, 7, length as u32, length as u32] {
            octets.extend(word(value));
        }
        octets.extend(packet);
    }
    File { octets, records }
}

fn pcapng(lengths: &[usize]) -> File {
    let mut octets = vec![10, 13, 13, 10, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0];
    octets.extend([0xff; 8]);
    octets.extend([
        28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 127, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
    ]);
    let mut records = Vec::new();
    for (number, &length) in lengths.iter().enumerate() {
        let packet = packet(number, length);
        records.push((octets.len(), packet.clone()));
        let whole = 32 + length.next_multiple_of(4) as u32;
        for value in [6, whole, 0, 0, number as u32, length as u32, length as u32] {
            octets.extend(value.to_le_bytes());
        }
        octets.extend(packet);
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets.extend(whole.to_le_bytes());
    }
    File { octets, records }
}

/// What is read of a damaged file: the packets, the octets left out, and whether it ended as a file that is cut off.
fn read(octets: &[u8], live: bool) -> (Vec<Vec<u8>>, u64, bool) {
    let mut reader = if live {
        Reader::live(octets)
    } else {
        Reader::new(octets)
    }
    .unwrap();
    let (mut packets, mut skipped, mut cut) = (Vec::new(), 0, false);
    loop {
        match reader.next_packet() {
            Ok(Some(packet)) => packets.push(packet.octets.to_vec()),
            Ok(None) => return (packets, skipped, cut),
            Err(error) => match error.skipped() {
                Some(more) => {
                    assert!(more > 0, "{error}");
                    skipped += more;
                }
                None => cut = true,
            },
        }
    }
}

/// Loses the touched records and one more at the most, and shows nothing that was not there but in place of those.
fn check(file: &File, octets: &[u8], at: usize, length: usize) -> Result<(), TestCaseError> {
    let (packets, skipped, _) = read(octets, false);
    prop_assert!(skipped <= octets.len() as u64);
    let ends = file
        .records
        .iter()
        .skip(1)
        .map(|record| record.0)
        .chain([file.octets.len()]);
    let is_touched = |start: usize, end: usize| start < at + length && at < end;
    let touched: Vec<_> = file
        .records
        .iter()
        .zip(ends)
        .map(|((start, _), end)| is_touched(*start, end))
        .collect();
    let number = touched.iter().filter(|touched| **touched).count();
    let mut rest = &packets[..];
    let mut foreign = 0;
    let mut lost = 0;
    for ((_, record), touched) in file.records.iter().zip(touched) {
        match rest.iter().position(|packet| packet == record) {
            Some(before) => {
                foreign += before;
                rest = &rest[before + 1..];
            }
            None => lost += usize::from(!touched),
        }
    }
    foreign += rest.len();
    prop_assert!(lost <= 1, "{lost} records lost that nothing touched");
    prop_assert!(foreign <= number, "{foreign} packets in place of {number} records");
    // From a pipe, whatever follows: no panic, and an end.
    read(octets, true);
    Ok(())
}

/// The same of a file in which `octets` stand at `at`.
fn overwritten(file: &File, at: usize, octets: &[u8]) -> Result<(), TestCaseError> {
    let mut damaged = file.octets.clone();
    damaged[at..at + octets.len()].copy_from_slice(octets);
    check(file, &damaged, at, octets.len())
}

/// Whether the record in which octets went or came seems to be whole all the same, for by accident it ends where another
/// one does, or where a packet holds its length. That nothing can tell.
fn is_whole_by_accident(file: &File, octets: &[u8], ng: bool, at: usize, lost: usize, added: usize) -> bool {
    let word = |at: usize| Some(u32::from_le_bytes(*octets.get(at..)?.first_chunk()?) as usize);
    let number = file.records.partition_point(|record| record.0 <= at) - 1;
    let start = file.records[number].0;
    let mut ends = file.records[number + 1..]
        .iter()
        .map(|record| record.0)
        .chain([file.octets.len()])
        .map(|end| (end >= at + lost).then(|| end + added - lost));
    let own = ends.next().flatten();
    let end = if ng {
        word(start + 4)
            .map(|length| (start + length, length))
            .filter(|&(end, length)| length > 3 && word(end - 4) == Some(length))
            .map(|(end, _)| end)
    } else {
        word(start + 8)
            .map(|length| start + 16 + length)
            .filter(|end| ends.any(|other| other == Some(*end)))
    };
    end.is_some() && end != own
}

/// What stands in the place of `length` octets.
fn damage(kind: u8, noise: &[u8], length: usize) -> Vec<u8> {
    match kind {
        0 => vec![0; length],
        1 => vec![0xff; length],
        _ => noise.iter().copied().cycle().take(length).collect(),
    }
}

/// What is left of a shortened record looks like the header of an empty one.
#[test]
fn the_rest_of_a_shortened_record_is_no_record() -> Result<(), TestCaseError> {
    let mut lengths = vec![4; 31];
    lengths.push(133);
    let file = pcap(&lengths, false);
    overwritten(&file, file.records[31].0 + 8, &[109])
}

/// A lengthened record ends where a later one starts.
#[test]
fn a_length_that_is_wrong_by_whole_records_takes_none() -> Result<(), TestCaseError> {
    let file = pcap(&[4, 4, 4, 4, 4, 4, 4, 43, 49, 24, 4], false);
    overwritten(&file, file.records[5].0 + 8, &[148])
}

/// One octet further, numbers of seconds and lengths make a chain too.
#[test]
fn a_wrong_time_of_the_first_record_costs_none() -> Result<(), TestCaseError> {
    let file = pcap(&[4, 6, 38, 185, 192, 98, 19, 174, 290, 246, 144, 4], false);
    overwritten(&file, file.records[0].0 + 2, &[123])
}

/// A packet's number, its length and the length of its block look like a block of 12 octets, and what follows like one
/// that is longer than the file.
#[test]
fn words_of_a_damaged_block_are_no_block() -> Result<(), TestCaseError> {
    let file = pcapng(&[50, 50, 50, 50, 50, 50, 50, 50, 50, 12, 80, 80, 80, 80, 80]);
    overwritten(&file, file.records[9].0 + 33, &[0xff; 8])
}

/// The same within a block whose length is damaged, so that it seems to be one of those that have no limit.
#[test]
fn packets_in_a_block_that_seems_endless() -> Result<(), TestCaseError> {
    let file = pcapng(&[80; 20]);
    overwritten(&file, file.records[7].0, &[10, 0, 0, 0, 112, 0xff, 0xff, 0xff])
}

proptest! {
    #[test]
    fn damage_to_pcap(
        lengths in vec(4..300usize, 3..40),
        big_endian: bool,
        at: prop::sample::Index,
        length in 1..600usize,
        kind in 0..4u8,
        noise in vec(any::<u8>(), 600),
    ) {
        let file = pcap(&lengths, big_endian);
        let at = 24 + at.index(file.octets.len() - 24);
        let length = length.min(file.octets.len() - at);
        overwritten(&file, at, &damage(kind, &noise, length))?;
    }

    #[test]
    fn single_words_of_pcap_headers(
        lengths in vec(4..300usize, 3..40),
        record: prop::sample::Index,
        word in 0..4usize,
        octet in 0..4usize,
        value: u8,
    ) {
        let file = pcap(&lengths, false);
        let at = file.records[record.index(file.records.len())].0 + 4 * word + octet;
        overwritten(&file, at, &[value])?;
    }

    #[test]
    fn damage_to_pcapng(
        lengths in vec(4..300usize, 3..40),
        at: prop::sample::Index,
        length in 1..600usize,
        kind in 0..4u8,
        noise in vec(any::<u8>(), 600),
    ) {
        let file = pcapng(&lengths);
        let at = 48 + at.index(file.octets.len() - 48);
        let length = length.min(file.octets.len() - at);
        overwritten(&file, at, &damage(kind, &noise, length))?;
    }

    /// Octets that are missing, or too many.
    #[test]
    fn octets_lost_or_added(
        lengths in vec(4..300usize, 3..40),
        ng: bool,
        at: prop::sample::Index,
        length in 1..300usize,
        noise in vec(any::<u8>(), 0..300),
    ) {
        let file = if ng { pcapng(&lengths) } else { pcap(&lengths, false) };
        let start = file.records[0].0;
        let at = start + at.index(file.octets.len() - start);
        let length = length.min(file.octets.len() - at);
        let mut octets = file.octets.clone();
        let added = noise.len();
        octets.splice(at..at + length, noise);
        prop_assume!(!is_whole_by_accident(&file, &octets, ng, at, length, added));
        check(&file, &octets, at, length)?;
    }
}

#[test]
fn headers_of_the_file_that_are_damaged() {
    let file = pcapng(&[100; 5]);
    let (start, interface) = (0, 28);
    // Section: its length, at both ends. Interface: type, both lengths, and a link type that is another's.
    for at in [start + 4, start + 24, interface + 4, interface + 16] {
        let mut octets = file.octets.clone();
        octets[at] ^= 0x55;
        let (packets, skipped, cut) = read(&octets, false);
        assert_eq!((packets.len(), cut), (5, false), "{at}");
        assert!(skipped > 0);
    }
    let mut octets = file.octets.clone();
    octets[interface] = 0x66;
    let (packets, skipped, _) = read(&octets, false);
    assert_eq!(
        (packets.len(), skipped),
        (0, 5 * 132),
        "no packet can be understood without its interface"
    );
}

#[test]
fn an_odd_writers_file_is_read_as_it_is() {
    // Lengths on the wire are 0, times jump by years, and the limit that the file names is not kept.
    let mut file = pcap(&[50; 40], false);
    file.octets[16..20].copy_from_slice(&20u32.to_le_bytes());
    for (number, (at, _)) in file.records.iter().enumerate() {
        file.octets[*at..at + 4].copy_from_slice(&(900_000_000 + number as u32 * 80_000_000).to_le_bytes());
        file.octets[at + 12..at + 16].fill(0);
    }
    let (packets, skipped, cut) = read(&file.octets, false);
    assert_eq!((packets.len(), skipped, cut), (40, 0, false));
}

#[test]
fn a_hostile_file_costs_its_length() {
    // Records of one octet, each a doubt: none is followed by a plausible one.
    let mut octets = pcap(&[], false).octets;
    for number in 0..200_000u32 {
        for word in [number.wrapping_mul(0x9e37_79b9), 0, 1, 0] {
            octets.extend(word.to_le_bytes());
        }
        octets.push(0);
    }
    let start = std::time::Instant::now();
    read(&octets, false);
    // And one without a sound record.
    octets.truncate(24);
    octets.resize(4 << 20, 0xfe);
    let (packets, skipped, _) = read(&octets, false);
    assert_eq!((packets.len(), skipped), (0, (4 << 20) - 24));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
