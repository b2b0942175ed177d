//! Bit fields that may end before the bit that is asked for.

/// Bits counted from the least significant of the first octet (9.2.2), in a field whose length the sender chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bits<'a>(pub &'a [u8]);

impl Bits<'_> {
    /// Bit `n`; `None` where the field is too short for it.
    pub fn get(self, n: usize) -> Option<bool> {
        self.0.get(n / 8).map(|octet| octet >> (n % 8) & 1 == 1)
    }

    /// `width` bits (32 at the most) from bit `n` on as a number; `None` where the field ends before the last of them.
    pub fn field(self, n: usize, width: usize) -> Option<u32> {
        debug_assert!(width <= 32);
        (0..width).try_fold(0, |value, i| Some(value | u32::from(self.get(n + i)?) << i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_cross_octets_and_end_with_the_field() {
        let bits = Bits(&[0b1000_0001, 0b0000_0011]);
        assert_eq!(bits.get(0), Some(true));
        assert_eq!(bits.get(1), Some(false));
        assert_eq!(bits.get(16), None);
        assert_eq!(bits.field(7, 3), Some(0b111));
        assert_eq!(bits.field(14, 3), None);
    }
}
