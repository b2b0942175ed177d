//! The Multi-Link element.

#![no_main]

use airlens::dot11::element::{Elements, MultiLink};
use airlens_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let element = MultiLink::new(payload);
    let (links, notes) = bounded(payload.len(), 64, 4096, || element.links());
    assert_eq!((&links, &notes), (&element.links().0, &element.links().1));
    assert!(links.len() <= 16, "link ids have four bits");
    let held: usize = links.iter().map(|link| link.elements().len()).sum();
    assert!(held <= payload.len(), "{held} octets held");
    for (at, link) in links.iter().enumerate() {
        assert!(
            links[..at].iter().all(|other| other.link != link.link),
            "each link once"
        );
        let elements = Elements::parse(link.elements());
        let none = Elements::default();
        let own = none.of_link(link);
        assert!(
            elements.iter().eq(own.iter()),
            "nothing to inherit, the link's own elements"
        );
    }
    if element.kind() != Some(MultiLink::BASIC) {
        assert!(links.is_empty() && element.address().is_none() && element.emlsr().is_none());
    }
    if let Some(address) = element.address() {
        assert_eq!(address.0, payload[3..9]);
    }
    assert!(element.emlsr_padding_delay().is_none_or(|delay| delay < 8));
    assert!(element.emlsr_transition_delay().is_none_or(|delay| delay < 8));
    assert!(element.simultaneous_links().is_none_or(|links| links < 16));
    assert!(element.t2lm_negotiation().is_none_or(|mode| mode < 4));
    assert_eq!(
        element.link_reconfiguration().is_some(),
        element.t2lm_negotiation().is_some()
    );
});
