//! Lists of elements: fragments, duplicates, what is cut off.

#![no_main]

use std::borrow::Cow;

use airlens::dot11::element::{Element, ElementNote, Elements};
use airlens_fuzz::{bounded, inside, mutate_elements};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_elements(data, size, max_size, seed, 0)
});

/// The element as it stands on the wire; `None` where it was joined.
fn emit(element: &Element<'_>, octets: &mut Vec<u8>) -> Option<()> {
    let Cow::Borrowed(payload) = element.payload else {
        return None;
    };
    let id = element.id.to_string();
    let mut ids = id.split('/').map(|id| id.parse::<u8>().expect("ids are octets"));
    octets.push(ids.next()?);
    let extension = ids.next();
    octets.push((payload.len() + usize::from(extension.is_some())).try_into().ok()?);
    octets.extend(extension);
    octets.extend(payload);
    Some(())
}

fuzz_target!(|data: &[u8]| {
    let elements = bounded(data.len(), 128, 1024, || Elements::parse(data));
    let again = Elements::parse(data);
    assert!(elements.iter().eq(again.iter()) && elements.notes() == again.notes());
    let held: usize = elements.iter().map(|element| element.payload.len()).sum();
    assert!(held <= data.len(), "{held} octets held");
    for element in elements.iter() {
        if let Cow::Borrowed(payload) = element.payload {
            assert!(inside(data, payload));
        }
        assert!(elements.first(element.id).is_some());
    }
    // A list of whole elements is what it was made of.
    if elements
        .notes()
        .iter()
        .all(|note| matches!(note, ElementNote::Duplicate(_)))
    {
        let mut octets = Vec::new();
        elements
            .iter()
            .try_for_each(|element| emit(element, &mut octets))
            .expect("no fragments");
        assert_eq!(octets, data);
    }
    for note in elements.notes() {
        assert!(!note.to_string().is_empty());
        if let ElementNote::Truncated { length, left, .. } = note {
            assert!(*left <= usize::from(*length));
        }
    }
});
