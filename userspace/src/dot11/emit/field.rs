//! Fields of bits that the standard numbers from the least significant of the first octet (9.2.2).

/// A bit, or a number of several, by its first bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    first: usize,
    width: usize,
}

impl Field {
    /// One bit.
    #[must_use]
    pub const fn bit(first: usize) -> Self {
        Self { first, width: 1 }
    }

    /// A number of `width` bits.
    #[must_use]
    pub const fn number(first: usize, width: usize) -> Self {
        Self { first, width }
    }
}

/// `N` octets of fields, those that are not set are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields<const N: usize>(pub [u8; N]);

impl<const N: usize> Default for Fields<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Fields<N> {
    /// Those with these values.
    #[must_use]
    pub fn of(values: &[(Field, u32)]) -> Self {
        values
            .iter()
            .fold(Self::default(), |fields, &(field, value)| fields.with(field, value))
    }

    /// These bits.
    #[must_use]
    pub fn bits(fields: &[Field]) -> Self {
        fields.iter().fold(Self::default(), |all, &field| all.with(field, 1))
    }

    /// With a field at this value; bits that it can't hold, or that are beyond the octets, are left out.
    #[must_use]
    pub fn with(mut self, field: Field, value: u32) -> Self {
        for bit in 0..field.width {
            let (n, set) = (field.first + bit, value >> bit & 1 == 1);
            if let Some(octet) = self.0.get_mut(n / 8) {
                let mask = 1 << (n % 8);
                *octet = if set { *octet | mask } else { *octet & !mask };
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dot11::Bits;

    #[test]
    fn fields_cross_octets_and_stay_within() {
        let number = Field::number(6, 4);
        let fields = Fields::<2>::of(&[(number, 0x1f), (Field::bit(15), 1), (Field::bit(16), 1)]);
        assert_eq!(fields.0, [0xc0, 0x83]);
        assert_eq!(Bits(&fields.0).field(6, 4), Some(15));
        assert_eq!(fields.with(number, 1).0, [0x40, 0x80]);
        assert_eq!(Fields::bits(&[Field::bit(0), Field::bit(9)]), Fields([1, 2]));
    }
}
