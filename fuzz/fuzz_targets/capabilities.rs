//! Supported Channels and Supported Operating Classes.

#![no_main]

use airlens::dot11::element::{expand_channels, has_operating_class};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let channels = bounded(payload.len(), 0, 512, || expand_channels(payload));
    assert!(
        channels
            .iter()
            .enumerate()
            .all(|(at, channel)| !channels[..at].contains(channel)),
        "each once"
    );
    for &[first, count] in payload.as_chunks().0 {
        let step = if first.saturating_add(count.saturating_sub(1)) <= 14 {
            1
        } else {
            4
        };
        let set = (0..u16::from(count))
            .map(|i| u16::from(first) + step * i)
            .take_while(|channel| *channel <= 255);
        assert!(
            set.map(|channel| channel as u8)
                .all(|channel| channels.contains(&channel))
        );
    }
    let six = has_operating_class(payload, 131..=137);
    assert_eq!(six, payload.iter().any(|class| (131..=137).contains(class)));
    assert!(has_operating_class(payload, 0..=255) != payload.is_empty());
});
