//! Netlink attributes (Linux `include/uapi/linux/netlink.h`), read and written as octets: what an attribute of nl80211
//! holds comes from drivers and from the air, so nothing here fails or panics on it, and an attribute that is damaged or
//! unknown costs nothing but itself.

use crate::dot11::Address;

/// `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER` are no part of the number.
const NUMBER: u16 = 0x3fff;
const HEADER: usize = 4;

/// One attribute of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    pub(super) number: u16,
    pub(crate) octets: &'a [u8],
}

/// The attributes one after another, up to the end or to the first one that is longer than what is left.
pub(super) fn attributes(mut octets: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    std::iter::from_fn(move || {
        let &[a, b, c, d] = octets.first_chunk()?;
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let value = octets.get(HEADER..length)?;
        octets = octets.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Attribute {
            number: u16::from_ne_bytes([c, d]) & NUMBER,
            octets: value,
        })
    })
}

/// The first attribute of that number.
pub(crate) fn find(octets: &[u8], number: u16) -> Option<Attribute<'_>> {
    attributes(octets).find(|attribute| attribute.number == number)
}

impl<'a> Attribute<'a> {
    /// The attributes within.
    pub(super) fn nested(self) -> impl Iterator<Item = Attribute<'a>> {
        attributes(self.octets)
    }

    pub(super) fn u8(self) -> Option<u8> {
        self.octets.first().copied()
    }

    pub(super) fn i8(self) -> Option<i8> {
        self.u8().map(u8::cast_signed)
    }

    pub(super) fn u16(self) -> Option<u16> {
        self.octets.first_chunk().copied().map(u16::from_ne_bytes)
    }

    pub(super) fn u32(self) -> Option<u32> {
        self.octets.first_chunk().copied().map(u32::from_ne_bytes)
    }

    pub(super) fn u64(self) -> Option<u64> {
        self.octets.first_chunk().copied().map(u64::from_ne_bytes)
    }

    pub(super) fn address(self) -> Option<Address> {
        Address::read(self.octets)
    }

    /// The text up to the terminator; what is no UTF-8 is replaced.
    pub(super) fn text(self) -> String {
        let octets = self.octets.split(|octet| *octet == 0).next().unwrap_or_default();
        String::from_utf8_lossy(octets).into_owned()
    }
}

/// Attributes to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes(Vec<u8>);

impl Attributes {
    /// The length of an attribute has 16 bits.
    const LONGEST: usize = u16::MAX as usize - HEADER;

    pub(super) fn into_octets(self) -> Vec<u8> {
        self.0
    }

    /// Appends one. The kernel refuses any value that comes near to what an attribute can hold (2304 octets of a frame are
    /// the most), so one that is cut here is never taken for whole.
    pub(super) fn put(mut self, number: u16, value: &[u8]) -> Self {
        let value = &value[..value.len().min(Self::LONGEST)];
        let length = u16::try_from(value.len() + HEADER).unwrap_or(u16::MAX);
        self.0.extend(length.to_ne_bytes());
        self.0.extend(number.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    pub(super) fn flag(self, number: u16) -> Self {
        self.put(number, &[])
    }

    pub(super) fn flag_if(self, set: bool, number: u16) -> Self {
        if set { self.flag(number) } else { self }
    }

    pub(super) fn u16(self, number: u16, value: u16) -> Self {
        self.put(number, &value.to_ne_bytes())
    }

    pub(super) fn u32(self, number: u16, value: u32) -> Self {
        self.put(number, &value.to_ne_bytes())
    }

    /// A text with its terminator.
    pub(super) fn text(self, number: u16, text: &str) -> Self {
        self.put(number, &[text.as_bytes(), &[0]].concat())
    }

    pub(super) fn nest(self, number: u16, within: &Self) -> Self {
        const NESTED: u16 = 0x8000;
        self.put(number | NESTED, &within.0)
    }
}

#[cfg(test)]
impl Attributes {
    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn u8(self, number: u16, value: u8) -> Self {
        self.put(number, &[value])
    }

    /// Both lists as one.
    pub(super) fn append(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn written_as_read() {
        let within = Attributes::default().flag(6).u8(7, 200);
        let sent = Attributes::default()
            .u32(1, 7)
            .text(2, "phy0")
            .nest(3, &within)
            .u16(4, 0x40);
        let found: Vec<_> = attributes(sent.octets()).collect();
        assert_eq!(found.len(), 4);
        assert_eq!((found[0].u32(), found[1].text()), (Some(7), "phy0".to_owned()));
        let numbers: Vec<_> = found[2].nested().map(|attribute| attribute.number).collect();
        assert_eq!((found[2].number, numbers), (3, vec![6, 7]));
        assert_eq!(find(found[2].octets, 7).and_then(Attribute::i8), Some(-56));
        assert_eq!((found[3].u16(), found[3].u32()), (Some(0x40), None));
    }

    #[test]
    fn damage_ends_the_list() {
        assert_eq!(attributes(&[8, 0, 1, 0, 1, 2]).count(), 0);
        assert_eq!(attributes(&[3, 0, 1, 0]).count(), 0);
        // The last one's padding may be missing.
        assert_eq!(attributes(&[5, 0, 1, 0, 9]).count(), 1);
        let long = Attributes::default().put(1, &[0; 1 << 17]);
        assert_eq!(attributes(long.octets()).count(), 1);
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..64)) {
            for attribute in attributes(&octets) {
                let _ = (attribute.u8(), attribute.u64(), attribute.text(), attribute.nested().count());
            }
        }
    }
}
