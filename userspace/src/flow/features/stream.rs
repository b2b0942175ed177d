//! The first octets of what a TCP end says, put in order.

/// Octets that are kept at the most: hellos with post-quantum keys have some 2 KB.
const MOST: usize = 16 * 1024;
/// Gaps that are waited for at a time.
const MOST_PARTS: usize = 8;

/// The beginning of a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// Sequence number of its first octet.
    base: Option<u32>,
    octets: Vec<u8>,
    /// Which of them came, in order, none touching another.
    parts: Vec<(usize, usize)>,
}

impl Stream {
    /// It begins behind the SYN with this sequence number.
    pub(super) fn begin(&mut self, syn: u32) {
        self.base.get_or_insert(syn.wrapping_add(1));
    }

    /// Takes a segment; without a SYN the first one is the beginning.
    pub(super) fn add(&mut self, sequence: u32, payload: &[u8]) {
        let base = *self.base.get_or_insert(sequence);
        let start = sequence.wrapping_sub(base) as usize;
        let end = start.saturating_add(payload.len()).min(MOST);
        if start >= end || self.parts.len() == MOST_PARTS {
            return;
        }
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        self.octets[start..end].copy_from_slice(&payload[..end - start]);
        self.parts.push((start, end));
        self.parts.sort_unstable();
        self.parts.dedup_by(|later, earlier| {
            let touches = later.0 <= earlier.1;
            if touches {
                earlier.1 = earlier.1.max(later.1);
            }
            touches
        });
    }

    /// What came without a gap.
    pub(super) fn read(&self) -> &[u8] {
        match self.parts.first() {
            Some(&(0, end)) => &self.octets[..end],
            _ => &[],
        }
    }

    /// Octets on the heap.
    pub(super) fn memory(&self) -> usize {
        self.octets.capacity() + self.parts.capacity() * size_of::<(usize, usize)>()
    }

    /// Nothing more is kept.
    pub(super) fn is_full(&self) -> bool {
        self.read().len() == MOST || self.parts.len() == MOST_PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_any_order_and_bounded() {
        let mut stream = Stream::default();
        stream.begin(u32::MAX);
        stream.add(6, b"ghi");
        assert_eq!(stream.read(), b"");
        stream.add(0, b"abc");
        stream.add(1, b"bcdefg");
        assert_eq!(stream.read(), b"abcdefghi");
        stream.add(u32::MAX, b"before");
        for part in 0..100 {
            stream.add(100 + 10 * part, b"x");
        }
        assert!(stream.is_full() && stream.parts.len() <= MOST_PARTS);
        let mut stream = Stream::default();
        for part in 0..1000 {
            stream.add(part * 1000, &[7; 1000]);
        }
        assert_eq!(
            (stream.read().len(), stream.octets.len(), stream.is_full()),
            (MOST, MOST, true)
        );
    }
}
