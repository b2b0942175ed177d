//! Elements (9.4.2.1): the list of a frame's body, then one module a family.

mod capabilities;
mod capability_names;
mod eht;
mod he;
mod ht;
mod inherit;
mod mcs;
mod multi_link;
mod rsn;
mod six_ghz;
pub mod vendor;
mod vht;

use std::{borrow::Cow, fmt};

pub use capabilities::{expand_channels, has_operating_class};
pub use capability_names::CapabilityField;
pub use eht::EhtCapabilities;
pub use he::HeCapabilities;
pub use ht::HtCapabilities;
pub use mcs::{EhtMcsMap, McsMap};
pub use multi_link::{MultiLink, PerStationProfile};
pub use rsn::{RsnElement, Suite, akm_name, cipher_name};
pub use six_ghz::{RegulatoryConnectivity, SixGhzCapabilities};
pub use vendor::VendorElement;
pub use vht::VhtCapabilities;

/// What kind of element: its id, and the extension id where the id is 255 (Table 9-92).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElementId {
    id: u8,
    extension: u8,
}

/// Ids of the elements that airlens reads.
impl ElementId {
    /// SSID (9.4.2.2).
    pub const SSID: Self = Self::new(0);
    /// Supported Rates and BSS Membership Selectors (9.4.2.3).
    pub const SUPPORTED_RATES: Self = Self::new(1);
    /// Power Capability (9.4.2.14).
    pub const POWER_CAPABILITY: Self = Self::new(33);
    /// Supported Channels (9.4.2.17).
    pub const SUPPORTED_CHANNELS: Self = Self::new(36);
    /// QoS Capability (9.4.2.34).
    pub const QOS_CAPABILITY: Self = Self::new(46);
    /// HT Capabilities (9.4.2.55).
    pub const HT_CAPABILITIES: Self = Self::new(45);
    /// RSN (9.4.2.24).
    pub const RSN: Self = Self::new(48);
    /// Extended Supported Rates and BSS Membership Selectors (9.4.2.12).
    pub const EXTENDED_RATES: Self = Self::new(50);
    /// Mobility Domain (9.4.2.46).
    pub const MOBILITY_DOMAIN: Self = Self::new(54);
    /// Supported Operating Classes (9.4.2.53).
    pub const OPERATING_CLASSES: Self = Self::new(59);
    /// RM Enabled Capabilities (9.4.2.44).
    pub const RM_CAPABILITIES: Self = Self::new(70);
    /// Extended Capabilities (9.4.2.26).
    pub const EXTENDED_CAPABILITIES: Self = Self::new(127);
    /// VHT Capabilities (9.4.2.157).
    pub const VHT_CAPABILITIES: Self = Self::new(191);
    /// Vendor Specific (9.4.2.25).
    pub const VENDOR: Self = Self::new(221);
    /// Fragment (9.4.2.188).
    pub const FRAGMENT: Self = Self::new(242);
    /// RSN Extension (9.4.2.241).
    pub const RSNX: Self = Self::new(244);
    /// HE Capabilities (IEEE Std 802.11ax-2021 9.4.2.248).
    pub const HE_CAPABILITIES: Self = Self::extension(35);
    /// Non-Inheritance (9.4.2.240).
    pub const NON_INHERITANCE: Self = Self::extension(56);
    /// HE 6 GHz Band Capabilities (IEEE Std 802.11ax-2021 9.4.2.263).
    pub const HE_6_GHZ: Self = Self::extension(59);
    /// Multi-Link (IEEE Std 802.11be-2024 9.4.2.321).
    pub const MULTI_LINK: Self = Self::extension(107);
    /// EHT Capabilities (IEEE Std 802.11be-2024 9.4.2.322).
    pub const EHT_CAPABILITIES: Self = Self::extension(108);
    /// Non-AP STA Regulatory Connectivity (IEEE Std 802.11-2024 E.2.7).
    pub const REGULATORY_CONNECTIVITY: Self = Self::extension(137);

    /// An element without extension id.
    pub const fn new(id: u8) -> Self {
        Self { id, extension: 0 }
    }

    /// An element of id 255 and this extension id.
    pub const fn extension(extension: u8) -> Self {
        Self { id: 255, extension }
    }

    /// Several in one frame are several statements: no duplicates. Multi-Link elements differ by type.
    fn may_repeat(self) -> bool {
        self == Self::VENDOR || self == Self::MULTI_LINK
    }
}

impl fmt::Display for ElementId {
    /// `45`, or `255/35` with an extension.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            255 => write!(f, "255/{}", self.extension),
            id => write!(f, "{id}"),
        }
    }
}

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
    list: Vec<Element<'a>>,
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

/// Id, length, information: elements and Multi-Link subelements alike, as they stand on the wire.
pub(crate) struct Parts<'a> {
    octets: &'a [u8],
    /// The id that continues the part before: 242 among elements, 254 among subelements of Multi-Link.
    fragment: u8,
}

impl<'a> Parts<'a> {
    pub(crate) fn of_elements(octets: &'a [u8]) -> Self {
        Self { octets, fragment: 242 }
    }

    pub(crate) fn of_subelements(octets: &'a [u8]) -> Self {
        Self { octets, fragment: 254 }
    }

    pub(crate) fn next(&mut self) -> Option<Result<(u8, &'a [u8]), ElementNote>> {
        let (&id, rest) = self.octets.split_first()?;
        let Some((&length, rest)) = rest.split_first() else {
            self.octets = &[];
            return Some(Err(ElementNote::Truncated { id, length: 0, left: 0 }));
        };
        let Some((information, rest)) = rest.split_at_checked(usize::from(length)) else {
            self.octets = &[];
            let left = rest.len();
            return Some(Err(ElementNote::Truncated { id, length, left }));
        };
        self.octets = rest;
        Some(Ok((id, information)))
    }

    /// Appends the fragments that follow a part of full length (10.28.12). Gives the number of parts, and a note where a
    /// fragment is cut off.
    pub(crate) fn join(&mut self, first: &'a [u8]) -> (Cow<'a, [u8]>, usize, Option<ElementNote>) {
        let mut joined = Cow::Borrowed(first);
        let (mut count, mut last) = (1, first.len());
        while last == 255 && self.octets.first() == Some(&self.fragment) {
            match self.next() {
                Some(Ok((_, part))) => {
                    joined.to_mut().extend_from_slice(part);
                    count += 1;
                    last = part.len();
                }
                Some(Err(note)) => return (joined, count, Some(note)),
                None => break,
            }
        }
        (joined, count, None)
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
