//! HT, VHT, HE and EHT Capabilities, each read from the same octets; the HE element that tells EHT's widths is their end.

#![no_main]

use airlens::dot11::element::{EhtCapabilities, HeCapabilities, HtCapabilities, McsMap, VhtCapabilities};
use airlens_fuzz::{bounded, unchanged};
use libfuzzer_sys::fuzz_target;

fn ht(payload: &[u8]) -> Vec<Option<bool>> {
    let ht = HtCapabilities::new(payload);
    assert!(ht.streams() <= 4);
    assert!(ht.mcs().all(|mcs| mcs < 77) && ht.mcs().is_sorted());
    (0..17).map(|bit| ht.information().get(bit)).collect()
}

fn vht(payload: &[u8]) -> Vec<Option<bool>> {
    let vht = VhtCapabilities::new(payload);
    for map in [vht.rx_mcs(), vht.tx_mcs()].into_iter().flatten() {
        check(map, VhtCapabilities::HIGHEST, VhtCapabilities::MCS);
    }
    assert!(vht.beamformee_sts().is_none_or(|streams| streams < 8));
    let read = [vht.su_beamformee(), vht.mu_beamformee()];
    (0..33).map(|bit| vht.information().get(bit)).chain(read).collect()
}

fn he(payload: &[u8]) -> Vec<Option<bool>> {
    let he = HeCapabilities::new(payload);
    for (width, rx, tx) in he.maps() {
        assert!(["80", "160", "80+80"].contains(&width));
        check(rx, HeCapabilities::HIGHEST, HeCapabilities::MCS);
        check(tx, HeCapabilities::HIGHEST, HeCapabilities::MCS);
    }
    assert!(he.maps().next().is_none_or(|(_, rx, _)| Some(rx) == he.rx_mcs_80_mhz()));
    vec![
        he.twt_requester(),
        he.bsr(),
        he.uora(),
        he.width_160_mhz(),
        he.punctured_preamble(),
        he.su_beamformee(),
        he.beamformee_sts().map(|streams| streams > 3),
        he.er_su_ppdu_4x_ltf(),
    ]
}

fn eht(payload: &[u8]) -> Vec<Option<bool>> {
    let eht = EhtCapabilities::new(payload);
    let he = HeCapabilities::new(&payload[payload.len() / 2..]);
    for he in [None, Some(he)] {
        let joined = eht.rx_mcs(he);
        let mut widths = 0;
        for (_, rx, tx) in eht.maps(he) {
            widths += 1;
            for map in [rx, tx] {
                assert!(map.streams() <= 15);
                assert_eq!(map.highest().len(), usize::from(map.streams()));
                assert_eq!(map.ranges().is_empty(), map.streams() == 0);
            }
            assert_eq!(joined.max(rx), joined);
        }
        assert!(widths <= 3);
    }
    vec![
        eht.epcs(),
        eht.om_control(),
        eht.restricted_twt(),
        eht.scs_traffic_description(),
        eht.width_320_mhz(),
        eht.su_beamformee(),
        eht.mcs_15().map(|streams| streams > 7),
        eht.mcs_14(),
    ]
}

fn check(map: McsMap, highest: [u8; 3], names: [&'static str; 3]) {
    assert!(map.streams() <= 8);
    let list = map.highest(highest);
    assert_eq!(list.iter().flatten().count(), usize::from(map.streams()));
    assert!(list.last().is_none_or(Option::is_some));
    assert_eq!(map.ranges(names).is_empty(), map.streams() == 0);
}

fuzz_target!(|payload: &[u8]| {
    for read in [ht, vht, he, eht] {
        let long = bounded(payload.len(), 4, 4096, || read(payload));
        assert!(unchanged(&read(&payload[..payload.len() / 2]), &long));
        assert!(unchanged(&read(&payload[..payload.len().saturating_sub(1)]), &long));
    }
});
