use proptest::prelude::*;

use super::*;
use crate::{capture::Reader, dot11::element::ElementNote};

/// Radiotap (flags 0, 5180 MHz, −50 dBm) and an association request of 02:00:00:00:00:02 with these elements.
pub(crate) fn packet(elements: &[u8]) -> Vec<u8> {
    let mut packet = vec![0, 0, 15, 0, 0x2a, 0, 0, 0, 0, 0, 0x3c, 0x14, 0, 0, 0xce];
    packet.extend([
        0, 0, 0x3c, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x50, 0,
    ]);
    packet.extend([0x31, 0x04, 10, 0]);
    packet.extend(elements);
    packet
}

pub(crate) fn profile(elements: &[u8]) -> Profile {
    let capture = Capture {
        time: Some(1_600_000_000_123_456_789),
        ..Capture::default()
    };
    Profile::from_packet(LinkType::Radiotap, &packet(elements), capture)
        .unwrap()
        .unwrap()
}

#[test]
fn tells_who_where_and_when() {
    let profile = profile(&[0, 3, b'n', b'e', b't', 54, 1, 1, 54, 1, 1]);
    assert_eq!(
        (profile.mac, profile.bssid),
        (Address([2, 0, 0, 0, 0, 2]), Address([2, 0, 0, 0, 0, 1]))
    );
    assert_eq!(
        (profile.band, profile.channel, profile.signal),
        (Band::Ghz5, 36, Some(-50))
    );
    assert_eq!((profile.ssid.to_string().as_str(), profile.ssid.hex()), ("net", None));
    assert_eq!(
        profile.notes,
        [Note::Element(ElementNote::Duplicate(ElementId::MOBILITY_DOMAIN))]
    );
    assert_eq!(profile.features.dot11r, 1);
}

#[test]
fn an_ssid_that_is_not_utf8_is_kept() {
    let profile = profile(&[0, 3, 0xff, b'a', 0]);
    assert_eq!(profile.ssid.to_string(), "\u{fffd}a\0");
    assert_eq!(profile.ssid.hex().as_deref(), Some("ff6100"));
}

#[test]
fn other_and_unusable_packets() {
    let from = |packet: &[u8]| Profile::from_packet(LinkType::Radiotap, packet, Capture::default());
    let mut beacon = packet(&[]);
    beacon[15] = 0x80;
    assert_eq!(from(&beacon), Ok(None));
    let mut bad = packet(&[]);
    bad[8] = 0x40;
    assert_eq!(from(&bad), Err(ProfileError::BadFcs));
    for sender in [[3, 0, 0, 0, 0, 2], [0xff; 6], [0; 6]] {
        let mut nobody = packet(&[]);
        nobody[15 + 10..][..6].copy_from_slice(&sender);
        assert_eq!(from(&nobody), Err(ProfileError::Sender(Address(sender))));
    }
    let short = packet(&[]);
    assert!(matches!(
        from(&short[..40]),
        Err(ProfileError::Frame(FrameError::TooShort { .. }))
    ));
    assert!(matches!(from(&short[..3]), Err(ProfileError::Link(_))));
}

#[test]
fn a_cut_packet_gives_what_is_there() {
    let whole = packet(&[0, 1, b'a', 45, 26, 0, 0]);
    let capture = Capture {
        original_length: Some(900),
        ..Capture::default()
    };
    let profile = Profile::from_packet(LinkType::Radiotap, &whole, capture)
        .unwrap()
        .unwrap();
    assert_eq!(profile.ssid.to_string(), "a");
    assert_eq!(
        profile.notes.last(),
        Some(&Note::Cut {
            captured: whole.len(),
            original: 900
        })
    );
    assert_eq!(profile.notes.len(), 2);
}

/// Elements of kinds that are read, most of them well formed.
fn known_elements() -> impl Strategy<Value = Vec<u8>> {
    let ids = prop::sample::select(vec![
        0u8, 1, 33, 36, 45, 48, 50, 54, 59, 70, 127, 191, 221, 242, 244, 255,
    ]);
    let extensions = prop::sample::select(vec![35u8, 59, 107, 108]);
    let element = (
        ids,
        extensions,
        prop::collection::vec(any::<u8>(), 0..255),
        prop::bool::weighted(0.3),
    );
    prop::collection::vec(element, 0..12).prop_map(|list| {
        let mut octets = Vec::new();
        for (id, extension, mut payload, full) in list {
            if id == 255 {
                payload.insert(0, extension);
            }
            if full {
                payload.resize(255, extension);
            }
            octets.extend([id, payload.len() as u8]);
            octets.extend(payload);
        }
        octets
    })
}

proptest! {
    #[test]
    fn any_elements(elements in prop_oneof![any::<Vec<u8>>(), known_elements()]) {
        let profile = profile(&elements);
        let _ = (client_json(&profile), client_text(&profile), client_pcapng(&profile), serde_json::to_vec(&record("", 1, &profile)).unwrap());
    }
}

/// HE and EHT Capabilities, and a Multi-Link element with one more link, of a client that associates in 6 GHz.
fn multi_link_elements() -> Vec<u8> {
    let mut elements = vec![0, 1, b'm', 244, 1, 0x20, 255, 22, 35];
    let mut he = [0; 21];
    he[0] = 1 << 1;
    he[6] = 0b0000_1100;
    he[10] = 1 | 3 << 2;
    he[17..19].copy_from_slice(&[0xfa, 0xff]);
    elements.extend(he);
    elements.extend([255, 3, 59, 0xbf, 0x06]);
    elements.extend([255, 1 + 11 + 6, 108, 0x03, 0x00, 0x42, 0, 0, 0, 0, 0, 0, 0, 0]);
    elements.extend([0x22, 0x22, 0x22, 0x11, 0x11, 0x11]);
    elements.extend([
        255,
        1 + 2 + 11 + 15,
        107,
        0x80,
        0x01,
        11,
        2,
        0,
        0,
        0,
        0,
        0x0a,
        0x83,
        0x00,
        0x21,
        0x20,
    ]);
    elements.extend([0, 13, 0x31, 0x00, 7, 2, 0, 0, 0, 0, 0x0b, 0x31, 0x04, 70, 0]);
    elements
}

#[test]
fn a_multi_link_client() {
    let mut octets = packet(&multi_link_elements());
    octets[10..12].copy_from_slice(&6775u16.to_le_bytes());
    let profile = Profile::from_packet(LinkType::Radiotap, &octets, Capture::default())
        .unwrap()
        .unwrap();
    assert_eq!(profile.notes, []);
    assert_eq!((profile.band, profile.channel), (Band::Ghz6, 165));
    assert_eq!(profile.mld, Some(Address([2, 0, 0, 0, 0, 0x0a])));
    let link = &profile.links[0];
    assert_eq!((profile.links.len(), link.id), (1, 1));
    assert_eq!(
        (link.mac, link.band),
        (Some(Address([2, 0, 0, 0, 0, 0x0b])), Band::Ghz6)
    );
    // Its own element, one that it inherits, and the device's.
    assert_eq!(
        (
            link.features.dot11k,
            link.features.dot11be_320_mhz,
            link.features.dot11be_mle
        ),
        (1, 1, -1)
    );
    let features = &profile.features;
    assert_eq!(
        (features.dot11ax, features.dot11ax_nss, &features.dot11ax_mcs[..]),
        (1, 2, "0-11")
    );
    assert_eq!(
        (features.dot11ax_twt, features.dot11ax_160_mhz, features.dot11ax_six_ghz),
        (1, 1, 1)
    );
    assert_eq!(
        (features.dot11ax_he_su_beamformee, features.dot11ax_he_beamformee_sts),
        (1, 3)
    );
    assert_eq!((features.dot11be, features.dot11be_nss), (1, 2));
    assert_eq!(features.dot11be_mcs, "0-9, 10-11, 12-13");
    assert_eq!(
        (
            features.dot11be_320_mhz,
            features.dot11be_epcs_support,
            features.dot11be_rtwt_support
        ),
        (1, 1, 0)
    );
    assert_eq!(
        (
            features.dot11be_mle,
            features.dot11be_mle_mlc_type,
            features.dot11be_mle_emlsr_support
        ),
        (1, 0, 1)
    );
    assert_eq!(
        (
            features.dot11be_mle_emlsr_padding_delay,
            features.dot11be_mle_emlmr_support
        ),
        (1, 1)
    );
    assert_eq!(features.dot11be_mle_max_simultaneous_links, 1);
    assert_eq!(
        (
            features.dot11be_mle_t2lm_negotiation_support,
            features.dot11be_mle_link_reconfig_support
        ),
        (1, 1)
    );
    // Elements of the other link are not the frame's own.
    assert_eq!(features.dot11k, -1);
}

#[test]
fn every_link_type_leads_to_the_same_profile() {
    let elements = multi_link_elements();
    let frame = &packet(&elements)[15..];
    let mut avs = vec![0; 64];
    avs[..8].copy_from_slice(&[0x80, 0x21, 0x10, 0x01, 0, 0, 0, 64]);
    let mut prism = vec![0x44, 0, 0, 0, 24, 0, 0, 0];
    prism.resize(24, 0);
    let ppi = vec![0, 0, 8, 0, 105, 0, 0, 0];
    let expected = profile(&elements).features;
    for (link_type, header) in [
        (LinkType::Ieee80211, vec![]),
        (LinkType::Avs, avs.clone()),
        (LinkType::Prism, prism),
        (LinkType::Prism, avs),
        (LinkType::Ppi, ppi),
    ] {
        let octets = [&header[..], frame].concat();
        let profile = Profile::from_packet(link_type, &octets, Capture::default())
            .unwrap()
            .unwrap();
        assert_eq!(profile.features, expected, "{link_type}");
        assert_eq!(profile.notes, [Note::BandFromElements], "{link_type}");
        assert_eq!(profile.band, Band::Ghz6);
    }
}

#[test]
fn written_captures_are_read_back() {
    let whole = packet(&multi_link_elements());
    let capture = Capture {
        time: Some(1_600_000_000_123_456_789),
        original_length: Some(whole.len() + 3),
        ..Capture::default()
    };
    let profile = Profile::from_packet(LinkType::Radiotap, &whole, capture)
        .unwrap()
        .unwrap();
    for file in [client_pcap(&profile), client_pcapng(&profile)] {
        let mut reader = Reader::new(&file[..]).unwrap();
        let packet = reader.next_packet().unwrap().unwrap();
        let capture = Capture {
            time: packet.time,
            original_length: Some(packet.original_length),
            ..Capture::default()
        };
        assert_eq!(packet.link_type, 127);
        let again = Profile::from_packet(LinkType::Radiotap, packet.octets, capture)
            .unwrap()
            .unwrap();
        assert_eq!(again, profile);
        assert!(reader.next_packet().unwrap().is_none());
    }
}
