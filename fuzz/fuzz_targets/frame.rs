//! Management frames: the header, and every body.

#![no_main]

use airlens::dot11::{
    element::Elements,
    frame::{Action, AssociationRequest, Frame, Management},
};
use airlens_fuzz::{bounded, inside, mutate_elements};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_elements(data, size, max_size, seed, 24)
});

fn check_header(header: Management<'_>, data: &[u8]) {
    assert_eq!(
        header.body().len() + if data[1] & 0x80 == 0 { 24 } else { 28 },
        data.len()
    );
    assert!(inside(data, header.body()));
    assert_eq!(header.destination().0, data[4..10]);
    assert_eq!(header.source().0, data[10..16]);
    assert_eq!(header.bssid().0, data[16..22]);
    assert!(header.sequence() < 4096);
}

/// What its category makes of an action frame lies in it.
fn check_action(action: Action<'_>) {
    assert!(inside(action.header.body(), action.content));
    assert!(action.category < 128);
    assert!(inside(action.content, action.details().elements()));
}

fuzz_target!(|data: &[u8]| {
    let Ok(frame) = bounded(data.len(), 32, 1024, || Frame::new(data)) else {
        let request = Management::new(data).and_then(AssociationRequest::new);
        return assert!(request.is_err(), "who can't be read as a frame is no request");
    };
    let header = frame.header();
    check_header(header, data);
    assert!(inside(header.body(), frame.elements()));
    match frame {
        Frame::AssociationRequest(_) => assert!(AssociationRequest::new(header).is_ok()),
        Frame::Action(action) | Frame::ActionNoAck(action) => check_action(action),
        Frame::Protected(_) => assert!(frame.elements().is_empty()),
        _ => {}
    }
    let elements = bounded(data.len(), 128, 1024, || Elements::parse(frame.elements()));
    let held: usize = elements.iter().map(|element| element.payload.len()).sum();
    assert!(held <= data.len());
    // What is printed of it for a log.
    assert!(!format!("{frame:?}").is_empty());
});
