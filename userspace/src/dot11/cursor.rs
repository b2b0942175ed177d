//! Fields one after the other.

use super::Address;

/// Takes fields off the front; little endian, as 802.11 has it (9.2.2). `None` where too few octets are left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (&array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(array)
    }

    pub(crate) fn take(&mut self, octets: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(octets)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[octet]| octet)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn address(&mut self) -> Option<Address> {
        self.array().map(Address)
    }

    /// `count` octets as a number, 4 at the most.
    pub(crate) fn number(&mut self, count: usize) -> Option<u32> {
        let octets = self.take(count)?;
        Some(
            octets
                .iter()
                .rev()
                .fold(0, |number, &octet| number << 8 | u32::from(octet)),
        )
    }

    /// What is behind a length of one octet.
    pub(crate) fn behind_length(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(length.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_fields_until_they_end() {
        let mut cursor = Cursor(&[1, 2, 3, 4, 5, 6, 2, 8, 9, 10]);
        assert_eq!((cursor.u8(), cursor.u16()), (Some(1), Some(0x0302)));
        assert_eq!(cursor.number(3), Some(0x06_05_04));
        assert_eq!(cursor.behind_length(), Some(&[8, 9][..]));
        assert_eq!((cursor.u16(), cursor.u8(), cursor.u8()), (None, Some(10), None));
    }
}
