//! Id, length, value: what the Wi-Fi Alliance's elements are made of, in four forms.

/// How wide id and length are, and in which order their octets come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head {
    /// One octet each: MBO and OCE, Multi-AP, the Alliance's extension of WPS.
    Short,
    /// One octet and two, the lower first: P2P.
    Direct,
    /// One octet and two, the higher first: Wi-Fi Display.
    Display,
    /// Two octets each, the higher first: WPS.
    Wps,
}

/// Attributes in order, until one is cut off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a> {
    octets: &'a [u8],
    head: Head,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(octets: &'a [u8], head: Head) -> Self {
        Self { octets, head }
    }

    /// The value of the first attribute with this id.
    pub(super) fn first(mut self, wanted: u16) -> Option<&'a [u8]> {
        self.find(|&(id, _)| id == wanted).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (id, length, rest) = match (self.head, self.octets) {
            (Head::Short, &[id, length, ref rest @ ..]) => (id.into(), length.into(), rest),
            (Head::Direct, &[id, l0, l1, ref rest @ ..]) => (id.into(), u16::from_le_bytes([l0, l1]), rest),
            (Head::Display, &[id, l0, l1, ref rest @ ..]) => (id.into(), u16::from_be_bytes([l0, l1]), rest),
            (Head::Wps, &[i0, i1, l0, l1, ref rest @ ..]) => {
                (u16::from_be_bytes([i0, i1]), u16::from_be_bytes([l0, l1]), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length.into())?;
        self.octets = rest;
        Some((id, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_forms_of_the_same() {
        for (head, octets) in [
            (Head::Short, &[2, 1, 9, 3, 0, 4, 2, 0][..]),
            (Head::Direct, &[2, 1, 0, 9, 3, 0, 0, 4, 2, 0, 1]),
            (Head::Display, &[2, 0, 1, 9, 3, 0, 0, 4, 0]),
            (Head::Wps, &[0, 2, 0, 1, 9, 0, 3, 0, 0, 0, 4, 0, 1]),
        ] {
            let attributes = Attributes::new(octets, head);
            assert_eq!(attributes.collect::<Vec<_>>(), [(2, &[9][..]), (3, &[])], "{head:?}");
            assert_eq!(attributes.first(3), Some(&[][..]));
            assert_eq!(attributes.first(4), None);
        }
    }
}
