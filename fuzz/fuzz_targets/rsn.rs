//! The RSN element.

#![no_main]

use airlens::dot11::element::{RsnElement, Suite, akm_name, cipher_name};
use airlens_fuzz::{bounded, unchanged};
use libfuzzer_sys::fuzz_target;

fn bits(rsn: RsnElement<'_>) -> [Option<bool>; 2] {
    [rsn.protection_capable(), rsn.protection_required()]
}

fuzz_target!(|payload: &[u8]| {
    bounded(payload.len(), 0, 0, || {
        let rsn = RsnElement::new(payload);
        let suites = usize::from(rsn.group().is_some()) + rsn.pairwise().count() + rsn.akms().count();
        assert!(
            4 * suites <= payload.len(),
            "{suites} suites of {} octets",
            payload.len()
        );
        for Suite(suite) in rsn.group().into_iter().chain(rsn.pairwise()).chain(rsn.akms()) {
            assert!(payload.windows(4).any(|window| window == suite));
            let kind = Suite(suite).ieee();
            assert_eq!(kind.is_some(), suite.starts_with(&[0x00, 0x0f, 0xac]));
            let names = kind.map(|kind| (cipher_name(kind), akm_name(kind)));
            assert!(names != Some((Some(""), Some(""))));
        }
        // What the first octets say stays so, whatever follows.
        let short = RsnElement::new(&payload[..payload.len() / 2]);
        assert!(unchanged(&[short.group()], &[rsn.group()]));
        assert!(short.pairwise().zip(rsn.pairwise()).all(|(short, long)| short == long));
        assert!(unchanged(&bits(short), &bits(rsn)));
    });
});
