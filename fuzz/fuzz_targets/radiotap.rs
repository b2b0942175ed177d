//! The radiotap reader that kernel and user space share.

#![no_main]

use airlens_common::{monitor::Verdict, radiotap::Radiotap};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let header = bounded(data.len(), 0, 0, || Radiotap::parse(data));
    assert_eq!(header, Radiotap::parse(data), "the same octets, the same header");
    let Ok(header) = header else { return };
    let length = usize::from(header.length);
    assert!(
        (8..=data.len()).contains(&length),
        "a header of {length} octets of {}",
        data.len()
    );
    assert!(header.has_signal || header.signal == 0);
    assert_eq!(
        Radiotap::parse(&data[..length]),
        Ok(header),
        "nothing behind the header is read"
    );
    if let Some(verdict) = Verdict::of(data, u16::MAX) {
        assert_eq!(verdict.radiotap, header);
    }
});
