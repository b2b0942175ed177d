use airlens_common::radiotap::flags;
use proptest::{collection::vec, prelude::*};

use super::*;

/// A header of these present words, with these octets behind them.
fn header(words: &[u32], fields: &[u8]) -> Vec<u8> {
    let mut header = vec![0, 0, 0, 0];
    header.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    header.extend(fields);
    let length = u16::try_from(header.len()).unwrap();
    header[2..4].copy_from_slice(&length.to_le_bytes());
    header
}

const MORE: u32 = 1 << 31;
const RADIOTAP: u32 = 1 << 29;
const VENDOR: u32 = 1 << 30;

#[test]
fn signal_of_each_antenna() {
    // As mac80211 writes it: flags, channel and signal of all, then signal and number of each.
    let antenna = 1 << 5 | 1 << 11;
    let words = [
        MORE | RADIOTAP | 1 << 1 | 1 << 3 | 1 << 5,
        MORE | RADIOTAP | antenna,
        antenna | 1 << 6,
    ];
    let fields = [0x10, 0, 0x3c, 0x14, 0x40, 1, 0xc4, 0xc4, 0, 0xba, 0xa1, 1];
    let radiotap = Radiotap::parse(&header(&words, &fields)).unwrap();
    let antenna = |number, signal, noise| Antenna {
        number,
        signal: Some(signal),
        noise,
    };
    assert_eq!(
        radiotap.antennas,
        [
            antenna(None, -60, None),
            antenna(Some(0), -60, None),
            antenna(Some(1), -70, Some(-95))
        ]
    );
    assert_eq!((radiotap.end, radiotap.frequency()), (End::Whole, Some(5180)));
}

#[test]
fn a_vendors_part_is_stepped_over() {
    // Vendor namespace of three octets, whose present word means nothing to us, then signal and the 16-bit RX flags.
    let words = [MORE | VENDOR | 1 << 1, MORE | RADIOTAP | 0x1fff, 1 << 5 | 1 << 14];
    let fields = [0x10, 0, 0, 0x50, 0xc2, 7, 3, 0, 9, 9, 9, 0xce, 2, 0];
    let octets = header(&words, &fields);
    let radiotap = Radiotap::parse(&octets).unwrap();
    let vendor = Vendor {
        oui: [0, 0x50, 0xc2],
        sub_namespace: 7,
        length: 3,
    };
    assert_eq!(
        (radiotap.vendors.as_slice(), radiotap.best_signal(), radiotap.rx_flags),
        (&[vendor][..], Some(-50), Some(2))
    );
    let mut longer = octets;
    longer[22] = 4;
    let radiotap = Radiotap::parse(&longer).unwrap();
    assert_eq!(radiotap.rx_flags, None, "the header is an octet too short now");
    assert_eq!(radiotap.end, End::Short { field: 14 });
}

#[test]
fn an_unknown_field_ends_the_walk() {
    let radiotap = Radiotap::parse(&header(&[MORE | 1 << 1, 1], &[0x50, 0, 0, 0])).unwrap();
    assert_eq!(
        (radiotap.flags, radiotap.end),
        (Some(flags::FCS_AT_END | flags::BAD_FCS), End::Unknown { field: 32 })
    );
}

#[test]
fn fields_above_the_antenna_are_aligned() {
    // TX flags at 10, XChannel at 16, MCS, A-MPDU at 28, VHT, timestamp at 48, HE, HE-MU, other user, zero length, L-SIG.
    let present = (15..28).fold(1 << 11, |present, bit| present | 1 << bit);
    let mut fields = vec![1, 0, 8, 0, 3, 4, 0, 0];
    fields.extend([0x40, 1, 2, 0, 0x3c, 0x14, 36, 40]);
    fields.extend([0x7f, 1, 15, 0]);
    fields.extend([1, 0, 0, 0, 0x0c, 0, 0, 0]);
    fields.extend([0x45, 0, 4, 4, 0x92, 0, 0, 0, 1, 2, 3, 0]);
    fields.extend([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
    fields.extend([0x20, 0x40, 0, 0, 0, 0x0b, 0, 0, 2, 0, 2, 0]);
    fields.extend([1, 0, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10]);
    fields.extend([0; 6]);
    fields.extend([1, 0, 3, 0, 0x5b, 1]);
    let radiotap = Radiotap::parse(&header(&[present], &fields)).unwrap();
    assert_eq!(radiotap.end, End::Whole, "{radiotap:?}");
    assert_eq!(
        (radiotap.tx_flags, radiotap.rts_retries, radiotap.data_retries),
        (Some(8), Some(3), Some(4))
    );
    assert_eq!(radiotap.frequency(), Some(5180));
    assert_eq!(
        radiotap.mcs.map(|mcs| (mcs.index(), mcs.bandwidth())),
        Some((Some(15), Some(40)))
    );
    assert_eq!(
        radiotap.ampdu.map(|ampdu| (ampdu.reference, ampdu.flags)),
        Some((1, 12))
    );
    let vht = radiotap.vht.unwrap();
    assert_eq!((vht.users().collect::<Vec<_>>(), vht.partial_aid), (vec![(9, 2)], 3));
    assert_eq!(
        radiotap.timestamp.map(|time| (time.value, time.accuracy)),
        Some((0x0807_0605_0403_0201, 9))
    );
    let he = radiotap.he.unwrap();
    assert_eq!((he.mcs(), he.bandwidth(), he.streams()), (Some(11), Some(2), 2));
    assert_eq!(radiotap.he_mu.map(|he_mu| he_mu.units[1]), Some([7, 8, 9, 10]));
    assert_eq!(
        (radiotap.zero_length_psdu, radiotap.l_sig, radiotap.others),
        (Some(1), Some([3, 0x15b]), 1)
    );
}

#[test]
fn tlvs_in_any_length() {
    let mut fields = vec![0xc4, 0, 0, 0];
    let mut tlv = |kind: u16, value: &[u8]| {
        fields.extend(kind.to_le_bytes());
        fields.extend((value.len() as u16).to_le_bytes());
        fields.extend(value);
        fields.resize(fields.len().next_multiple_of(4), 0);
    };
    tlv(32, &[1, 2, 3, 4, 5]);
    tlv(28, &[]);
    tlv(33, &[3, 0x80, 1, 0, 7]);
    tlv(30, &[0, 0x50, 0xc2, 1, 0, 0, 0, 0, 5, 5, 5]);
    let mut eht = vec![0; 40];
    eht.extend([0x92, 0, 0xd0, 1]);
    tlv(34, &eht);
    tlv(5, &[0xba]);
    let radiotap = Radiotap::parse(&header(&[1 << 5 | 1 << 28], &fields)).unwrap();
    assert_eq!(radiotap.end, End::Whole);
    let u_sig = radiotap.u_sig.unwrap();
    assert_eq!((u_sig.version(), u_sig.bandwidth(), u_sig.value), (Some(0), Some(3), 7));
    let rates: Vec<_> = radiotap.eht.as_ref().unwrap().rates().collect();
    assert_eq!(rates, [(Some(13), Some(2))]);
    assert_eq!(
        (radiotap.vendors[0].length, radiotap.others, radiotap.best_signal()),
        (3, 1, Some(-60))
    );
    assert_eq!(radiotap.antennas.len(), 2);

    let cut = header(&[1 << 5 | 1 << 28], &fields[..fields.len() - 4]);
    assert_eq!(Radiotap::parse(&cut).unwrap().end, End::Short { field: 5 });
}

/// A header with present words that say much, and any octets behind them.
fn any_header() -> impl Strategy<Value = Vec<u8>> {
    let word = (any::<u32>(), any::<u32>(), 0..4u32).prop_map(|(a, b, namespace)| {
        let namespace = [0, RADIOTAP, VENDOR, RADIOTAP][namespace as usize];
        a & b & 0x0fff_ffff | namespace
    });
    (vec(word, 1..5), vec(any::<u8>(), 0..120), 0..40u16).prop_map(|(mut words, fields, cut)| {
        let last = words.len() - 1;
        for word in &mut words[..last] {
            *word |= MORE;
        }
        let mut header = header(&words, &fields);
        // Now and then, a length that doesn't hold.
        let length = u16::from_le_bytes([header[2], header[3]]);
        header[2..4].copy_from_slice(&length.saturating_sub(cut.saturating_sub(30)).to_le_bytes());
        header
    })
}

/// The kernel program and user space read the same, and [`crate::dot11::link`] finds what both found.
fn agrees(packet: &[u8]) {
    match (Short::parse(packet), Radiotap::parse(packet)) {
        (Ok(short), Ok(full)) => {
            assert_eq!(short.length, full.length);
            // The short form reads the first present word alone, where drivers put what concerns the whole frame.
            let first = u32::from_le_bytes(packet[4..8].try_into().unwrap());
            let same = |bit: u32, same: bool, absent: bool| assert!(if first >> bit & 1 != 0 { same } else { absent });
            same(0, Some(short.tsft) == full.tsft, short.tsft == 0);
            same(1, Some(short.flags) == full.flags, short.flags == 0);
            let channel = full.channel.map(|channel| channel.frequency);
            same(3, Some(short.frequency) == channel, short.frequency == 0);
            let signal = full.antennas.first().and_then(|antenna| antenna.signal);
            same(5, short.has_signal && Some(short.signal) == signal, !short.has_signal);
            // It is enough for it that TX flags are announced, be the header too short for them or not.
            same(15, short.transmitted, !short.transmitted);
            let link = super::super::LinkType::Radiotap.parse(packet).unwrap();
            assert_eq!(link.frame_at, usize::from(full.length));
            assert_eq!(link.bad_fcs, short.flags & flags::BAD_FCS != 0);
            assert_eq!(link.frequency, full.frequency());
            let signal = if short.has_signal {
                Some(short.signal)
            } else {
                full.best_signal()
            };
            assert_eq!(link.signal, signal);
        }
        (short, full) => assert_eq!(short.err(), full.err()),
    }
}

proptest! {
    #[test]
    fn the_short_form_agrees(header in any_header()) {
        agrees(&header);
    }

    #[test]
    fn the_short_form_agrees_on_any_octets(mut octets: Vec<u8>) {
        agrees(&octets);
        if let [version, _, low, high, ..] = &mut octets[..] {
            (*version, *low, *high) = (0, *low & 0x3f, 0);
        }
        agrees(&octets);
    }
}
