//! The elements of a frame's body (9.4.2.1), and what is odd about them.

use std::{borrow::Cow, fmt};

use super::{ElementId, MultiLink, Parts, VendorElement};

/// One element: its payload is borrowed, or owned where it was joined from fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// What it is.
    pub id: ElementId,
    /// Its information field, behind the extension id where there is one.
    pub payload: Cow<'a, [u8]>,
}

/// What was odd about a frame's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementNote {
    /// A second element of a kind that comes once; the first counts.
    Duplicate(ElementId),
    /// The last element announces more octets than are left; it is left out.
    Truncated {
        /// The element's id, its extension unread.
        id: u8,
        /// Octets that it announces, 0 where even the length is missing.
        length: u8,
        /// Octets that are left for it.
        left: usize,
    },
    /// An element joined from this many parts (10.28.12).
    Joined(ElementId, usize),
    /// A Fragment element behind no element that it could continue; it is left out.
    StrayFragment,
    /// A second profile of the same link in a Multi-Link element; the first counts.
    RepeatedLink(u8),
    /// An element of id 255 without an extension id; it is left out.
    NoExtension,
}

impl fmt::Display for ElementNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(id) => write!(f, "element {id} is there again, the first counts"),
            Self::Truncated { id, length, left } => {
                write!(f, "element {id} is cut off: {left} of {length} octets are there")
            }
            Self::Joined(id, parts) => write!(f, "element {id} is joined from {parts} fragments"),
            Self::StrayFragment => f.write_str("a fragment element continues nothing"),
            Self::RepeatedLink(link) => write!(f, "link {link} is there again, the first counts"),
            Self::NoExtension => f.write_str("element 255 has no extension id"),
        }
    }
}

/// The elements of a frame's body, in order, fragments joined.
#[derive(Clone, Debug, Default)]
pub struct Elements<'a> {
    pub(super) list: Vec<Element<'a>>,
    notes: Vec<ElementNote>,
    /// A bit for each id and, from 256 on, for each extension id that the frame has: a long frame takes no longer than it
    /// has octets.
    seen: [u64; 8],
}

impl<'a> Elements<'a> {
    /// Reads elements until the octets end; never fails, [`Elements::notes`] tells what was odd.
    pub fn parse(octets: &'a [u8]) -> Self {
        let mut elements = Self::default();
        let mut parts = Parts::of_elements(octets);
        while let Some(part) = parts.next() {
            let (id, first) = match part {
                Ok(part) => part,
                Err(note) => {
                    elements.notes.push(note);
                    break;
                }
            };
            let (payload, count, note) = parts.join(first);
            elements.push(id, payload, count);
            elements.notes.extend(note);
        }
        elements
    }

    fn push(&mut self, id: u8, payload: Cow<'a, [u8]>, parts: usize) {
        let (id, payload) = match (id, payload) {
            (242, _) => return self.notes.push(ElementNote::StrayFragment),
            (255, payload) => {
                let Some(&extension) = payload.first() else {
                    return self.notes.push(ElementNote::NoExtension);
                };
                (ElementId::extension(extension), skip_first(payload))
            }
            (id, payload) => (ElementId::new(id), payload),
        };
        if parts > 1 {
            self.notes.push(ElementNote::Joined(id, parts));
        }
        if self.see(id) && !id.may_repeat() {
            self.notes.push(ElementNote::Duplicate(id));
        }
        self.list.push(Element { id, payload });
    }

    /// Takes note of a kind of element; whether there was one before.
    fn see(&mut self, id: ElementId) -> bool {
        let bit = if id.id == 255 {
            256 + usize::from(id.extension)
        } else {
            usize::from(id.id)
        };
        let (word, bit) = (&mut self.seen[bit / 64], 1 << (bit % 64));
        let before = *word & bit != 0;
        *word |= bit;
        before
    }

    /// The payload of the first element of a kind.
    pub fn first(&self, id: ElementId) -> Option<&[u8]> {
        self.all(id).next()
    }

    /// The payloads of all elements of a kind, in order.
    pub fn all(&self, id: ElementId) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |element| element.id == id)
            .map(|element| &*element.payload)
    }

    /// Every element in order, duplicates too.
    pub fn iter(&self) -> impl Iterator<Item = &Element<'a>> {
        self.list.iter()
    }

    /// The vendor specific elements that have an OUI.
    pub fn vendors(&self) -> impl Iterator<Item = VendorElement<'_>> {
        self.all(ElementId::VENDOR).filter_map(VendorElement::new)
    }

    /// The Multi-Link element that counts: the first Basic one, else the first.
    pub fn multi_link(&self) -> Option<MultiLink<'_>> {
        let mut all = self.all(ElementId::MULTI_LINK).map(MultiLink::new);
        let first = all.next()?;
        if first.kind() == Some(MultiLink::BASIC) {
            return Some(first);
        }
        Some(
            all.find(|other| other.kind() == Some(MultiLink::BASIC))
                .unwrap_or(first),
        )
    }

    /// What was odd, in the order of the frame.
    pub fn notes(&self) -> &[ElementNote] {
        &self.notes
    }
}

fn skip_first(payload: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match payload {
        Cow::Borrowed(octets) => Cow::Borrowed(octets.get(1..).unwrap_or_default()),
        Cow::Owned(mut octets) => {
            octets.remove(0);
            Cow::Owned(octets)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_what_is_before_the_cut() {
        let octets = [0, 2, b'h', b'i', 221, 0, 45, 26, 1, 2];
        let elements = Elements::parse(&octets);
        assert_eq!(elements.first(ElementId::SSID), Some(&b"hi"[..]));
        assert_eq!(elements.first(ElementId::VENDOR), Some(&[][..]));
        assert_eq!(elements.first(ElementId::HT_CAPABILITIES), None);
        assert_eq!(
            elements.notes(),
            [ElementNote::Truncated {
                id: 45,
                length: 26,
                left: 2
            }]
        );
        assert_eq!(
            Elements::parse(&[1]).notes(),
            [ElementNote::Truncated {
                id: 1,
                length: 0,
                left: 0
            }]
        );
    }

    #[test]
    fn the_first_of_duplicates_counts() {
        let octets = [
            59, 0, 54, 1, 7, 54, 1, 8, 255, 2, 59, 1, 255, 2, 35, 9, 255, 2, 59, 2, 255, 0,
        ];
        let elements = Elements::parse(&octets);
        assert_eq!(elements.first(ElementId::MOBILITY_DOMAIN), Some(&[7][..]));
        assert_eq!(elements.first(ElementId::HE_6_GHZ), Some(&[1][..]));
        assert_eq!(elements.first(ElementId::HE_CAPABILITIES), Some(&[9][..]));
        assert_eq!(
            elements.notes(),
            [
                ElementNote::Duplicate(ElementId::MOBILITY_DOMAIN),
                ElementNote::Duplicate(ElementId::HE_6_GHZ),
                ElementNote::NoExtension
            ]
        );
    }

    #[test]
    fn joins_fragments_behind_a_full_part() {
        let mut octets = vec![255, 255, 107];
        octets.extend([1; 254]);
        octets.extend([242, 255]);
        octets.extend([2; 255]);
        octets.extend([242, 2, 3, 4, 242, 1, 5, 70, 1, 6]);
        let elements = Elements::parse(&octets);
        let joined = elements.first(ElementId::MULTI_LINK).unwrap();
        assert_eq!(joined.len(), 254 + 255 + 2);
        assert_eq!(joined[507..], [2, 2, 3, 4]);
        assert_eq!(elements.first(ElementId::RM_CAPABILITIES), Some(&[6][..]));
        assert_eq!(
            elements.notes(),
            [
                ElementNote::Joined(ElementId::MULTI_LINK, 3),
                ElementNote::StrayFragment
            ]
        );

        octets.truncate(300);
        let cut = Elements::parse(&octets);
        assert_eq!(cut.first(ElementId::MULTI_LINK).unwrap().len(), 254);
        assert_eq!(cut.notes().len(), 1);
    }

    proptest! {
        #[test]
        fn any_octets(octets: Vec<u8>) {
            let elements = Elements::parse(&octets);
            let held: usize = elements.iter().map(|element| element.payload.len() + 2).sum();
            prop_assert!(held <= octets.len());
        }
    }
}
