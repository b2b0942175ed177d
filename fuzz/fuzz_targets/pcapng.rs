//! Capture files in pcapng.

#![no_main]

use airlens_fuzz::{check_capture, mutate_blocks};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate_blocks(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| check_capture(data));
