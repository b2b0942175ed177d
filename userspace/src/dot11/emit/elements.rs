//! Elements one after the other.

use super::Payload;
use crate::dot11::element::{ElementId, Rate};

/// Id that continues an element (10.28.11).
const FRAGMENT: u8 = 242;

/// Elements in the order of their writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementWriter(Vec<u8>);

impl ElementWriter {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An element of these octets behind its extension id, in fragments where it is longer than 255 octets (10.28.11); which
    /// elements may be is said in Table 9-92.
    pub fn raw(&mut self, id: ElementId, payload: &[u8]) -> &mut Self {
        let content: Vec<u8> = id.extension_id().into_iter().chain(payload.iter().copied()).collect();
        fragmented(&mut self.0, id.id(), FRAGMENT, &content);
        self
    }

    /// An element of this value.
    pub fn put<P: Payload>(&mut self, value: &P) -> &mut Self {
        let mut payload = Vec::new();
        value.write(&mut payload);
        self.raw(P::ID, &payload)
    }

    /// Supported Rates And BSS Membership Selectors, and what is over eight in the extended element behind it (9.4.2.3,
    /// 9.4.2.12): both only together where other elements don't have to stand between them by their order in the frame.
    pub fn rates(&mut self, rates: &[Rate]) -> &mut Self {
        let octets: Vec<u8> = rates.iter().map(|rate| rate.octet()).collect();
        let (first, more) = octets.split_at(octets.len().min(8));
        self.raw(ElementId::SUPPORTED_RATES, first);
        if !more.is_empty() {
            self.raw(ElementId::EXTENDED_RATES, more);
        }
        self
    }

    /// The octets.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// Id, length and content, which goes on behind `fragment` where it is longer than a length can say.
pub(super) fn fragmented(out: &mut Vec<u8>, id: u8, fragment: u8, content: &[u8]) {
    let mut parts = content.chunks(255);
    let mut part = |id: u8, part: &[u8]| {
        out.extend([id, part.len() as u8]);
        out.extend(part);
    };
    part(id, parts.next().unwrap_or_default());
    parts.for_each(|more| part(fragment, more));
}
