//! The packets of the last seconds, in memory.

use std::{collections::VecDeque, time::Duration};

use super::first_packet;

/// Octets of a part: memory is taken and given back in these.
const PART: usize = 1 << 20;

/// Packet blocks of the last seconds, as far as there is room for them.
#[derive(Debug)]
pub struct Recent {
    span: u64,
    most: usize,
    parts: VecDeque<Part>,
    octets: usize,
    /// When the newest packet came that had no room any more, though it was young enough.
    forgotten: Option<u64>,
}

#[derive(Debug)]
struct Part {
    /// Of its newest packet.
    last: u64,
    blocks: Vec<u8>,
}

impl Recent {
    /// Keeps packets of the last `span`, in at the most `most` octets.
    #[must_use]
    pub fn new(span: Duration, most: usize) -> Self {
        Self {
            span: u64::try_from(span.as_nanos()).unwrap_or(u64::MAX),
            most: most.max(2 * PART),
            parts: VecDeque::new(),
            octets: 0,
            forgotten: None,
        }
    }

    /// Adds packet blocks, the newest of which is of this time.
    pub fn add(&mut self, blocks: &[u8], last: u64) {
        let fits = |part: &Part| part.blocks.len() + blocks.len() <= part.blocks.capacity();
        match self.parts.back_mut().filter(|part| fits(part)) {
            Some(part) => {
                part.blocks.extend_from_slice(blocks);
                part.last = part.last.max(last);
            }
            None => {
                let mut part = Vec::with_capacity(PART.max(blocks.len()));
                part.extend_from_slice(blocks);
                self.octets += part.capacity();
                self.parts.push_back(Part { last, blocks: part });
            }
        }
        let oldest = last.saturating_sub(self.span);
        while let Some(first) = self.parts.front() {
            let young = first.last >= oldest;
            if young && (self.octets <= self.most || self.parts.len() == 1) {
                break;
            }
            if young {
                self.forgotten = Some(first.last);
            }
            self.octets -= first.blocks.capacity();
            self.parts.pop_front();
        }
    }

    /// The blocks of packets that came within the span before `now`, in their order, in parts.
    pub fn blocks(&self, now: u64) -> impl Iterator<Item = &[u8]> {
        let oldest = now.saturating_sub(self.span);
        self.parts
            .iter()
            .filter(move |part| part.last >= oldest)
            .flat_map(move |part| young(&part.blocks, oldest))
    }

    /// Packets within the span before `now` had no room.
    #[must_use]
    pub fn is_incomplete(&self, now: u64) -> bool {
        self.forgotten.is_some_and(|time| time >= now.saturating_sub(self.span))
    }

    /// Octets of memory.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.octets
    }
}

/// Runs of blocks that are not older. Packets of several CPUs are almost, not quite in the order of time.
fn young(blocks: &[u8], oldest: u64) -> impl Iterator<Item = &[u8]> {
    let mut rest = blocks;
    std::iter::from_fn(move || {
        // Step over the old ones, then take all up to the next old one.
        while let Some((length, time)) = first_packet(rest)
            && time < oldest
        {
            rest = rest.get(length..).unwrap_or_default();
        }
        let mut taken = 0;
        while let Some((length, time)) = first_packet(&rest[taken..])
            && time >= oldest
        {
            taken = (taken + length).min(rest.len());
        }
        let run;
        (run, rest) = rest.split_at(taken);
        (!run.is_empty()).then_some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{PacketBlock, packet};
    use super::*;

    fn block(time: u64, length: usize) -> Vec<u8> {
        let mut blocks = Vec::new();
        packet(
            &mut blocks,
            &PacketBlock {
                interface: 0,
                time,
                length: length as u32,
                octets: &vec![0x77; length],
                direction: None,
                dropped: 0,
                comment: None,
            },
        );
        blocks
    }

    fn times(recent: &Recent, now: u64) -> Vec<u64> {
        let all: Vec<u8> = recent.blocks(now).flatten().copied().collect();
        let (mut rest, mut times) = (&all[..], Vec::new());
        while let Some((length, time)) = first_packet(rest) {
            times.push(time);
            rest = &rest[length..];
        }
        times
    }

    #[test]
    fn packets_of_the_span_are_kept_whatever_their_order() {
        let mut recent = Recent::new(Duration::from_nanos(10), 1 << 30);
        for time in [1, 5, 3, 12, 9, 14, 11, 20] {
            recent.add(&block(time, 60), time);
        }
        assert_eq!(times(&recent, 20), [12, 14, 11, 20]);
        assert!(times(&recent, 40).is_empty());
        assert!(!recent.is_incomplete(20));
    }

    #[test]
    fn memory_is_bounded_and_what_is_missing_told() {
        let mut recent = Recent::new(Duration::from_nanos(1000), 4 * PART);
        for time in 0..500 {
            recent.add(&block(time, 60_000), time);
            assert!(recent.octets() <= 4 * PART);
        }
        assert!(recent.is_incomplete(500));
        let kept = times(&recent, 500);
        assert!(
            kept.len() > 30 && kept.last() == Some(&499) && kept.is_sorted(),
            "{kept:?}"
        );
        assert!(!recent.is_incomplete(5000));
    }

    #[test]
    fn old_packets_give_their_memory_back() {
        let mut recent = Recent::new(Duration::from_nanos(10), 1 << 30);
        for time in 0..500 {
            recent.add(&block(time, 60_000), time);
        }
        assert!(recent.octets() <= 3 * PART, "{}", recent.octets());
        assert!(!recent.is_incomplete(500));
    }
}
