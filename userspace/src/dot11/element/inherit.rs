//! What a link of a multi-link client says: its own elements, and those of the frame that it inherits.

use std::borrow::Cow;

use super::{Element, ElementId, Elements, PerStationProfile};

/// Non-Inheritance (9.4.2.240): two lists, each behind its length, of element ids and of extension ids.
#[derive(Clone, Copy, Debug)]
struct NonInheritance<'a> {
    ids: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> NonInheritance<'a> {
    fn new(payload: &'a [u8]) -> Self {
        let (ids, rest) = Self::list(payload);
        let (extensions, _) = Self::list(rest);
        Self { ids, extensions }
    }

    /// A list, as far as it is there, and what follows.
    fn list(octets: &[u8]) -> (&[u8], &[u8]) {
        let (&length, rest) = octets.split_first().unwrap_or((&0, &[]));
        rest.split_at(rest.len().min(length.into()))
    }

    fn names(self, id: ElementId) -> bool {
        match id.id {
            255 => self.extensions.contains(&id.extension),
            other => self.ids.contains(&other),
        }
    }
}

impl Elements<'_> {
    /// The elements of another link: the profile's own, and, where it is a complete one, those of this frame whose kind it
    /// has none of, unless its Non-Inheritance element names them (IEEE Std 802.11be-2024 35.3.3.4). Multi-Link is about the
    /// device and no link's.
    pub fn of_link<'b>(&'b self, link: &'b PerStationProfile<'_>) -> Elements<'b> {
        let mut elements = Elements::parse(link.elements());
        if !link.complete {
            return elements;
        }
        let without = elements.first(ElementId::NON_INHERITANCE).unwrap_or_default();
        let without = NonInheritance::new(without);
        let inherited: Vec<_> = self
            .iter()
            .filter(|element| element.id != ElementId::MULTI_LINK)
            .filter(|element| !without.names(element.id) && elements.first(element.id).is_none())
            .map(|element| Element {
                id: element.id,
                payload: Cow::Borrowed(&*element.payload),
            })
            .collect();
        elements.list.extend(inherited);
        elements
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dot11::element::MultiLink;

    /// A Basic Multi-Link payload with one profile of link 1.
    fn multi_link(complete: bool, elements: &[u8]) -> Vec<u8> {
        let mut payload = vec![0, 0, 7, 2, 0, 0, 0, 0, 9];
        let control = if complete { 0x11 } else { 0x01 };
        payload.extend([0, elements.len() as u8 + 5, control, 0, 1, 0x31, 0x04]);
        payload.extend(elements);
        payload
    }

    /// Ids and payloads of the link's elements, in a frame with SSID, HT, vendor, HE 6 GHz and Multi-Link elements.
    fn of_link(complete: bool, own: &[u8]) -> Vec<(String, Vec<u8>)> {
        let frame = [0, 1, b'n', 45, 1, 7, 221, 1, 8, 255, 2, 59, 9, 255, 2, 107, 0];
        let payload = multi_link(complete, own);
        let (links, notes) = MultiLink::new(&payload).links();
        assert_eq!((links.len(), notes.len()), (1, 0));
        let frame = Elements::parse(&frame);
        let elements = frame.of_link(&links[0]);
        elements
            .iter()
            .map(|element| (element.id.to_string(), element.payload.to_vec()))
            .collect()
    }

    fn ids(elements: Vec<(String, Vec<u8>)>) -> Vec<String> {
        elements.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn inherits_what_it_does_not_say() {
        let elements = of_link(true, &[45, 1, 1]);
        assert_eq!(elements[0], ("45".to_owned(), vec![1]));
        assert_eq!(ids(elements), ["45", "0", "221", "255/59"]);
    }

    #[test]
    fn but_not_what_it_excludes() {
        let own = [127, 0, 255, 6, 56, 2, 45, 221, 1, 59];
        assert_eq!(ids(of_link(true, &own)), ["127", "255/56", "0"]);
        // 255 among the ids means nothing: extensions have their own list.
        assert_eq!(
            ids(of_link(true, &[255, 4, 56, 2, 255, 45]))[1..],
            ["0", "221", "255/59"]
        );
        // Lists that end too early hold what they hold.
        assert_eq!(ids(of_link(true, &[255, 3, 56, 9, 45]))[1..], ["0", "221", "255/59"]);
        assert_eq!(ids(of_link(true, &[255, 1, 56])).len(), 5);
    }

    #[test]
    fn a_partial_profile_inherits_nothing() {
        assert_eq!(ids(of_link(false, &[127, 0])), ["127"]);
    }

    proptest! {
        #[test]
        fn any_octets(frame: Vec<u8>, multi_link: Vec<u8>) {
            let elements = Elements::parse(&frame);
            for link in MultiLink::new(&multi_link).links().0 {
                let inherited = elements.of_link(&link);
                prop_assert!(inherited.iter().count() <= frame.len() + multi_link.len());
            }
        }
    }
}
