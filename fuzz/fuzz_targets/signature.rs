//! The signature of a request's elements.

#![no_main]

use airlens::profile::signature_of;
use airlens_fuzz::{bounded, mutate_elements};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_elements(data, size, max_size, seed, 0)
});

fuzz_target!(|data: &[u8]| {
    let signature = bounded(data.len(), 32, 4096, || signature_of(data));
    assert_eq!(signature, signature_of(data));
    assert!(signature.len() <= 4095);
    let may_be = |letter: char| letter.is_ascii_alphanumeric() || ",:()_".contains(letter);
    assert!(signature.chars().all(may_be), "{signature}");
    let ids = signature.split(',').take_while(|part| !part.contains(':'));
    assert!(ids.filter(|id| id.parse::<u8>().is_ok()).count() <= data.len());
});
