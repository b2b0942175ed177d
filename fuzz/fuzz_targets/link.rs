//! Every header that may stand in front of a frame: radiotap, none, Prism, AVS, PPI. The first octet is how much the capture
//! cut off.

#![no_main]

use airlens::dot11::link::LinkType;
use airlens_fuzz::{bounded, inside};
use libfuzzer_sys::fuzz_target;

const LINKS: [LinkType; 5] = [
    LinkType::Radiotap,
    LinkType::Ieee80211,
    LinkType::Prism,
    LinkType::Avs,
    LinkType::Ppi,
];

fuzz_target!(|data: &[u8]| {
    let Some((&cut, packet)) = data.split_first() else {
        return;
    };
    for link_type in LINKS {
        let link = bounded(packet.len(), 4, 1024, || link_type.parse(packet));
        assert_eq!(link, link_type.parse(packet), "the same octets, the same header");
        let Ok(link) = link else { continue };
        assert!(link.frame_at <= packet.len(), "{link_type}: {link:?}");
        let frame = link.frame(packet, packet.len() + usize::from(cut));
        assert!(inside(packet, frame), "{link_type}: {link:?}");
        let behind = packet.len() - link.frame_at;
        assert!(behind - frame.len() <= 4, "{link_type}: no more than an FCS is cut off");
        if cut >= 4 {
            assert_eq!(frame.len(), behind, "{link_type}: the FCS was not captured");
        }
    }
});
