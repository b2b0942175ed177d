//! Generated radiotap headers with many fields, against tshark's dissection of them. tshark 4.0 knows no HE-MU-other-user,
//! and of TLVs S1G and padding: it calls U-SIG, EHT and others malformed.

use std::fs;

use airlens::{
    capture::Reader,
    dot11::link::{
        LinkType,
        radiotap::{End, He, Mcs, Radiotap},
    },
};
use airlens_tests::support::tshark;
use anyhow::Result;

const PACKETS: usize = 400;
const FIELDS: [&str; 25] = [
    "_ws.malformed",
    "radiotap.length",
    "radiotap.mactime",
    "radiotap.flags",
    "radiotap.channel.freq",
    "radiotap.channel.flags",
    "radiotap.dbm_antsignal",
    "radiotap.dbm_antnoise",
    "radiotap.antenna",
    "radiotap.txpower",
    "radiotap.xchannel.freq",
    "radiotap.mcs.known",
    "radiotap.mcs.index",
    "radiotap.ampdu.reference",
    "radiotap.vht.bw",
    "radiotap.vht.mcs.0",
    "radiotap.vht.nss.0",
    "radiotap.vht.gid",
    "radiotap.timestamp.ts",
    "radiotap.he.data_1",
    "radiotap.he.data_3.data_mcs",
    "radiotap.he.data_6.nsts",
    "radiotap.he_mu.flags_1",
    "radiotap.0_len_psdu.type",
    "radiotap.l_sig.length",
];

/// Numbers without a pattern, the same in every run (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn octets(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256) as u8).collect()
    }
}

/// Fields that a header of the wild may have: bit, alignment, octets.
const LAYOUT: [(usize, usize, usize); 27] = [
    (0, 8, 8),
    (1, 1, 1),
    (2, 1, 1),
    (3, 2, 4),
    (4, 2, 2),
    (5, 1, 1),
    (6, 1, 1),
    (7, 2, 2),
    (8, 2, 2),
    (9, 2, 2),
    (10, 1, 1),
    (11, 1, 1),
    (12, 1, 1),
    (13, 1, 1),
    (14, 2, 2),
    (15, 2, 2),
    (16, 1, 1),
    (17, 1, 1),
    (18, 4, 8),
    (19, 1, 3),
    (20, 4, 8),
    (21, 2, 12),
    (22, 8, 12),
    (23, 2, 12),
    (24, 2, 12),
    (26, 1, 1),
    (27, 2, 4),
];

fn value(numbers: &mut Numbers, bit: usize, length: usize) -> Vec<u8> {
    let mut value = numbers.octets(length);
    match bit {
        // No FCS, and no WEP.
        1 => value[0] &= 0x02,
        // Of no band in particular; tshark shows what it is told.
        3 => value[..2].copy_from_slice(&(2412 + 5 * numbers.below(12) as u16).to_le_bytes()),
        // Signals as they are.
        5 | 6 => value[0] = 0x9c + numbers.below(80) as u8,
        19 => value[2] %= 32,
        // One user, MCS 0 to 9, of one to eight streams; 80 MHz.
        21 => {
            value[0] |= 0x40;
            value[3] = 4;
            value[4..8].copy_from_slice(&[(numbers.below(10) as u8) << 4 | (1 + numbers.below(8) as u8), 0, 0, 0]);
        }
        // A 64-bit time in µs.
        22 => (value[10], value[11]) = (1, 0),
        // HE_SU whose MCS is known.
        23 => value[0] = value[0] & !3 | 0x20,
        26 => value[0] &= 1,
        _ => {}
    }
    value
}

/// Every other header has fields of more antennas, each sixth a vendor's part, each fifth TLVs.
fn header(numbers: &mut Numbers, index: usize) -> Vec<u8> {
    let groups = 1 + (index % 2) * (1 + numbers.below(4));
    let (vendor, tlvs) = (index.is_multiple_of(6), index.is_multiple_of(5));
    let mut words = Vec::new();
    let mut fields: Vec<(usize, Vec<u8>)> = Vec::new();
    for group in 0..groups {
        let mut word = 0u32;
        for (bit, alignment, length) in LAYOUT {
            let wanted = match group {
                0 => numbers.below(2) == 0,
                _ => matches!(bit, 5 | 6 | 11),
            };
            if wanted {
                word |= 1 << bit;
                fields.push((alignment, value(numbers, bit, length)));
            }
        }
        let last = group + 1 == groups;
        if last && vendor {
            let length = numbers.below(9);
            let data = numbers.octets(length);
            fields.push((2, [&[0, 0x50, 0xc2, 1, length as u8, 0][..], &data].concat()));
            words.push(word | 1 << 31 | 1 << 30);
            // Its present word, and one of radiotap again.
            words.push(0x7f | 1 << 31 | 1 << 29);
            word = 1 << 5;
            fields.push((1, vec![0xb0]));
        }
        if last && tlvs {
            word |= 1 << 28;
            let mut list = Vec::new();
            for (kind, length) in [(28, 0), (32, 6)] {
                list.extend([kind, 0, length as u8, 0]);
                list.extend(numbers.octets(length));
                list.resize(list.len().next_multiple_of(4), 0);
            }
            fields.push((4, list));
        }
        words.push(if last { word } else { word | 1 << 31 | 1 << 29 });
    }
    let mut header = vec![0; 4];
    header.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    for (alignment, octets) in fields {
        header.resize(header.len().next_multiple_of(alignment), 0);
        header.extend(octets);
    }
    let length = header.len() as u16;
    header[2..4].copy_from_slice(&length.to_le_bytes());
    header
}

/// What tshark would say.
fn ours(radiotap: &Radiotap) -> Vec<(&'static str, String)> {
    fn text<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
        values
            .into_iter()
            .map(|value| value.to_string())
            .collect::<Vec<_>>()
            .join("|")
    }
    let antennas = &radiotap.antennas;
    let vht = radiotap.vht;
    let user = vht.and_then(|vht| vht.users().next());
    let he = radiotap.he;
    let hex = |value: Option<u16>| text(value.map(|value| format!("{value:#06x}")));
    vec![
        ("_ws.malformed", String::new()),
        ("radiotap.length", radiotap.length.to_string()),
        ("radiotap.mactime", text(radiotap.tsft)),
        (
            "radiotap.flags",
            text(radiotap.flags.map(|flags| format!("{flags:#04x}"))),
        ),
        (
            "radiotap.channel.freq",
            text(radiotap.channel.map(|channel| channel.frequency)),
        ),
        (
            "radiotap.channel.flags",
            hex(radiotap.channel.map(|channel| channel.flags)),
        ),
        (
            "radiotap.dbm_antsignal",
            text(antennas.iter().filter_map(|antenna| antenna.signal)),
        ),
        (
            "radiotap.dbm_antnoise",
            text(antennas.iter().filter_map(|antenna| antenna.noise)),
        ),
        (
            "radiotap.antenna",
            text(antennas.iter().filter_map(|antenna| antenna.number)),
        ),
        ("radiotap.txpower", text(radiotap.tx_power)),
        (
            "radiotap.xchannel.freq",
            text(radiotap.xchannel.map(|channel| channel.frequency)),
        ),
        (
            "radiotap.mcs.known",
            text(radiotap.mcs.map(|mcs| format!("{:#04x}", mcs.known))),
        ),
        ("radiotap.mcs.index", text(radiotap.mcs.and_then(Mcs::index))),
        (
            "radiotap.ampdu.reference",
            text(radiotap.ampdu.map(|ampdu| ampdu.reference)),
        ),
        ("radiotap.vht.bw", text(vht.map(|vht| vht.bandwidth))),
        ("radiotap.vht.mcs.0", text(user.map(|(mcs, _)| mcs))),
        ("radiotap.vht.nss.0", text(user.map(|(_, streams)| streams))),
        (
            "radiotap.vht.gid",
            text(vht.filter(|vht| vht.known & 0x80 != 0).map(|vht| vht.group)),
        ),
        ("radiotap.timestamp.ts", text(radiotap.timestamp.map(|time| time.value))),
        ("radiotap.he.data_1", hex(he.map(|he| he.0[0]))),
        (
            "radiotap.he.data_3.data_mcs",
            text(he.and_then(He::mcs).map(|mcs| format!("{mcs:#06x}"))),
        ),
        (
            "radiotap.he.data_6.nsts",
            text(he.map(|he| format!("{:#06x}", he.streams()))),
        ),
        (
            "radiotap.he_mu.flags_1",
            hex(radiotap.he_mu.map(|he_mu| he_mu.flags[0])),
        ),
        (
            "radiotap.0_len_psdu.type",
            text(radiotap.zero_length_psdu.map(|kind| format!("{kind:#04x}"))),
        ),
        ("radiotap.l_sig.length", text(radiotap.l_sig.map(|[_, data]| data >> 4))),
    ]
}

#[test]
fn tshark_reads_generated_headers_the_same() -> Result<()> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4u32, 4 << 16 | 2, 0, 0, 65_535, 127] {
        file.extend(word.to_le_bytes());
    }
    let mut numbers = Numbers(7);
    for index in 0..PACKETS {
        // An ACK: nothing behind the header that could be malformed.
        let packet = [&header(&mut numbers, index)[..], &[0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 1]].concat();
        for word in [1_700_000_000, 0, packet.len() as u32, packet.len() as u32] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("generated.pcap");
    fs::write(&path, &file)?;
    let theirs = tshark::fields(&path, "", &FIELDS)?;
    assert_eq!(theirs.len(), PACKETS);
    let mut reader = Reader::new(&file[..])?;
    let mut errors = Vec::new();
    while let Some(packet) = reader.next_packet()? {
        let radiotap = Radiotap::parse(packet.octets).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        assert_eq!(radiotap.end, End::Whole, "packet {}", packet.number);
        let link = LinkType::Radiotap.parse(packet.octets)?;
        assert_eq!(packet.octets.len() - link.frame_at, 10);
        let line = &theirs[usize::try_from(packet.number)? - 1];
        for (field, ours) in ours(&radiotap) {
            let theirs = FIELDS
                .iter()
                .position(|name| *name == field)
                .map(|column| &line[column]);
            if theirs != Some(&ours) {
                errors.push(format!(
                    "packet {}: {field}: {ours:?}, tshark {theirs:?}",
                    packet.number
                ));
            }
        }
    }
    assert!(
        errors.is_empty(),
        "{} differ:\n{}",
        errors.len(),
        errors[..errors.len().min(40)].join("\n")
    );
    Ok(())
}
