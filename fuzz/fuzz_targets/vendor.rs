//! Vendor Specific elements.

#![no_main]

use airlens::dot11::element::{Elements, VendorElement};
use airlens_fuzz::{bounded, inside, mutate_elements};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_elements(data, size, max_size, seed, 0)
});

fuzz_target!(|data: &[u8]| {
    let elements = bounded(data.len(), 128, 1024, || Elements::parse(data));
    let mut count = 0;
    for vendor in elements.vendors() {
        count += 1;
        assert_eq!(vendor.kind(), vendor.content.first().copied());
        assert!(!vendor.is_wmm() || vendor.oui == [0x00, 0x50, 0xf2]);
    }
    assert!(5 * count <= data.len());
    let vendor = VendorElement::new(data);
    assert_eq!(vendor.is_some(), data.len() >= 3);
    if let Some(vendor) = vendor {
        assert!(inside(data, vendor.content));
        assert_eq!([&vendor.oui[..], vendor.content].concat(), data);
    }
});
