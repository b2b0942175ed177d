//! Payloads that nobody meant to send, and what a view says of them.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::dot11::{Address, Bits};

proptest! {
    #[test]
    fn lists_and_bitmaps(payload in vec(any::<u8>(), 0..10_000)) {
        if let Some(tim) = Tim::read(&payload) {
            prop_assert!(tim.aids().all(|aid| aid < 2008));
        }
        if let Some(element) = MultipleBssid::read(&payload) {
            let transmitted = Address([2, 0, 0, 0, 0, 0xfe]);
            let bssid = element.bssid(transmitted, payload[0]);
            prop_assert_eq!(&bssid.0[..5], &transmitted.0[..5]);
        }
        if let Some(report) = NeighborReport::read(&payload) {
            let _ = report.preference();
        }
        if let Some(report) = ReducedNeighborReport::read(&payload) {
            let aps: usize = report.channels.iter().map(|channel| channel.neighbors().count()).sum();
            prop_assert!(aps <= payload.len());
        }
        if let Some(transition) = FastBssTransition::read(&payload) {
            let _ = (transition.r0kh_id(), transition.r1kh_id());
        }
        prop_assert_eq!(Rate::all(&payload).count(), payload.len());
    }

    #[test]
    fn operations(payload in vec(any::<u8>(), 0..40)) {
        if let Some(ht) = HtOperation::read(&payload) {
            let _ = (ht.secondary(), ht.any_width(), ht.protection(), ht.segment_2());
        }
        if let Some(vht) = VhtOperation::read(&payload) {
            let _ = vht.channel.width();
        }
        if let Some(he) = HeOperation::read(&payload) {
            let widths = [20, 40, 80, 160];
            prop_assert!(he.six_ghz.is_none_or(|channel| widths.contains(&channel.width_mhz())));
            let _ = (he.bss_color(), he.twt_required(), he.six_ghz.map(SixGhzOperation::regulatory_name));
        }
        if let Some(eht) = EhtOperation::read(&payload) {
            let _ = eht.channel.map(EhtChannel::width_mhz);
        }
    }

    #[test]
    fn devices(payload in vec(any::<u8>(), 0..400)) {
        let rsn = RsnElement::new(&payload);
        let listed = 4 * (rsn.pairwise().count() + rsn.akms().count()) + 16 * rsn.pmkids().len();
        prop_assert!(listed <= payload.len());
        let multi_link = MultiLink::new(&payload);
        let _ = (multi_link.link(), multi_link.change_count(), multi_link.medium_synchronization());
        for link in multi_link.links().0 {
            prop_assert!(link.elements().len() <= payload.len());
            let _ = (link.capability(), link.answer());
        }
        let named = (0..2000).filter(|&n| Bits(&payload).get(n) == Some(true));
        prop_assert!(named.filter_map(extended_capability_name).count() < 100);
    }
}
