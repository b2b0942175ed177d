//! Capture files of the classic format.

#![no_main]

use airlens_fuzz::check_capture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| check_capture(data));
