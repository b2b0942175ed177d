//! The radiotap readers: the short one that kernel and user space share, and the full one, which must agree.

#![no_main]

use airlens::dot11::link::radiotap::Radiotap as Full;
use airlens_common::{Octets, monitor::Verdict, radiotap::Radiotap};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

/// What the short reader says of the fields that the first present word announces, the full one says too.
fn check(first: u32, short: Radiotap, full: &Full) {
    let has = |bit: u32| first >> bit & 1 == 1;
    assert!(!has(0) || full.tsft == Some(short.tsft));
    assert!(!has(1) || full.flags == Some(short.flags));
    assert!(!has(3) || full.channel.map(|channel| channel.frequency) == Some(short.frequency));
    assert_eq!(has(5), short.has_signal);
    assert!(!has(5) || full.antennas.first().and_then(|antenna| antenna.signal) == Some(short.signal));
    assert_eq!(has(15), short.transmitted);
}

fuzz_target!(|data: &[u8]| {
    let short = bounded(data.len(), 0, 0, || Radiotap::parse(data));
    assert_eq!(short, Radiotap::parse(data), "the same octets, the same header");
    let full = bounded(data.len(), 16, 4096, || Full::parse(data));
    assert_eq!(full, Full::parse(data), "the same octets, the same header");
    let Ok(short) = short else {
        return assert_eq!(short.err(), full.err(), "both readers find the same fault");
    };
    let length = usize::from(short.length);
    assert!(
        (8..=data.len()).contains(&length),
        "a header of {length} octets of {}",
        data.len()
    );
    assert!(short.has_signal || short.signal == 0);
    assert_eq!(
        Radiotap::parse(&data[..length]),
        Ok(short),
        "nothing behind the header is read"
    );
    if let Some(verdict) = Verdict::of(data, u16::MAX) {
        assert_eq!(verdict.radiotap, short);
    }
    let full = full.expect("the short reader took it");
    assert_eq!(full.length, short.length);
    assert!(full.antennas.len() <= 32 && full.vendors.len() <= 32);
    assert!(full.vendors.iter().all(|vendor| usize::from(vendor.length) <= length));
    assert_eq!(
        Full::parse(&data[..length]).as_ref(),
        Ok(&full),
        "nothing behind the header is read"
    );
    check(data.u32_le(4).unwrap_or_default(), short, &full);
});
