//! Id, length and information, before they mean anything.

use std::borrow::Cow;

use super::ElementNote;

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
