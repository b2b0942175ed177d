//! What a view may hold.

/// Whether a part that was borrowed lies inside of the whole.
pub fn inside(whole: &[u8], part: &[u8]) -> bool {
    let (whole, part) = (whole.as_ptr_range(), part.as_ptr_range());
    part.is_empty() || whole.start <= part.start && part.end <= whole.end
}

/// Values read from the first octets of an input, then from more of them: what was there stays as it was.
pub fn unchanged<T: PartialEq>(short: &[Option<T>], long: &[Option<T>]) -> bool {
    short.len() == long.len()
        && short
            .iter()
            .zip(long)
            .all(|(short, long)| short.is_none() || short == long)
}
