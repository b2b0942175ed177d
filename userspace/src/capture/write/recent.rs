//! The packets of the last seconds, in memory.

use std::{collections::VecDeque, fmt, time::Duration};

use bytes::Bytes;

use super::WrittenPacket;

/// Octets of a part: memory is taken and given back in these.
const PART: usize = 1 << 20;

/// Packet blocks of the last seconds, as far as there is room for them.
#[derive(Debug)]
pub struct Recent {
    span: u64,
    most: usize,
    /// Full parts, the oldest first, which excerpts share.
    parts: VecDeque<Part<Bytes>>,
    /// The one that grows.
    newest: Part<Vec<u8>>,
    /// Octets of memory.
    octets: usize,
    /// When the newest packet came that had no room any more, though it was young enough.
    forgotten: Option<u64>,
}

#[derive(Debug, Default)]
struct Part<B> {
    /// Of its newest packet.
    last: u64,
    /// Octets of memory.
    octets: usize,
    blocks: B,
}

/// Which packets an excerpt has.
pub type Choice = Box<dyn Fn(&WrittenPacket<'_>) -> bool + Send>;

impl Recent {
    /// Keeps packets of the last `span`, in at the most `most` octets.
    #[must_use]
    pub fn new(span: Duration, most: usize) -> Self {
        Self {
            span: nanoseconds(span),
            most: most.max(2 * PART),
            parts: VecDeque::new(),
            newest: Part::default(),
            octets: 0,
            forgotten: None,
        }
    }

    /// Adds packet blocks, the newest of which is of this time.
    pub fn add(&mut self, blocks: &[u8], last: u64) {
        if self.newest.blocks.len() + blocks.len() > self.newest.octets {
            self.begin(PART.max(blocks.len()));
        }
        self.newest.blocks.extend_from_slice(blocks);
        self.newest.last = self.newest.last.max(last);
        let oldest = last.saturating_sub(self.span);
        while let Some(first) = self.parts.front() {
            let young = first.last >= oldest;
            if young && self.octets <= self.most {
                break;
            }
            if young {
                self.forgotten = Some(first.last);
            }
            self.octets -= first.octets;
            self.parts.pop_front();
        }
    }

    /// Begins a part with room for so many octets.
    fn begin(&mut self, octets: usize) {
        let full = std::mem::replace(
            &mut self.newest,
            Part {
                last: 0,
                octets,
                blocks: Vec::with_capacity(octets),
            },
        );
        self.octets += octets;
        if full.octets > 0 {
            self.parts.push_back(Part {
                last: full.last,
                octets: full.octets,
                blocks: full.blocks.into(),
            });
        }
    }

    /// The packets that came within `span` (at most that which is kept, and all of that without) before `now`. It is read at
    /// leisure: it shares this memory, which is given back when the last one that needs it is gone.
    #[must_use]
    pub fn excerpt(&self, now: u64, span: Option<Duration>) -> Excerpt {
        let span = span.map_or(self.span, |span| nanoseconds(span).min(self.span));
        let oldest = now.saturating_sub(span);
        let full = self.parts.iter().filter(|part| part.last >= oldest);
        let mut parts: VecDeque<_> = full.map(|part| part.blocks.clone()).collect();
        if self.newest.last >= oldest {
            parts.push_back(Bytes::copy_from_slice(&self.newest.blocks));
        }
        Excerpt {
            parts,
            oldest,
            choice: None,
        }
    }

    /// Packets within `span` before `now` had no room.
    #[must_use]
    pub fn is_incomplete(&self, now: u64, span: Option<Duration>) -> bool {
        let span = span.map_or(self.span, nanoseconds);
        self.forgotten.is_some_and(|time| time >= now.saturating_sub(span))
    }

    /// Octets of memory.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.octets
    }
}

/// Packet blocks in their order, in parts.
pub struct Excerpt {
    parts: VecDeque<Bytes>,
    oldest: u64,
    choice: Option<Choice>,
}

impl Excerpt {
    /// Of these packets, those of a choice.
    #[must_use]
    pub fn chosen(self, choice: Choice) -> Self {
        Self {
            choice: Some(choice),
            ..self
        }
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Excerpt")
            .field("parts", &self.parts.len())
            .field("oldest", &self.oldest)
            .finish_non_exhaustive()
    }
}

impl Iterator for Excerpt {
    type Item = Bytes;

    /// The next part, which may be empty. Packets of several CPUs are almost, not quite in the order of time.
    fn next(&mut self) -> Option<Bytes> {
        let part = self.parts.pop_front()?;
        let mut rest = &part[..];
        let mut chosen = Vec::with_capacity(part.len());
        while let Some(packet) = WrittenPacket::first(rest) {
            if packet.time >= self.oldest && self.choice.as_ref().is_none_or(|choice| choice(&packet)) {
                chosen.extend_from_slice(packet.block);
            }
            rest = &rest[packet.block.len()..];
        }
        Some(chosen.into())
    }
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
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

    fn times_of(excerpt: Excerpt) -> Vec<u64> {
        let all: Vec<u8> = excerpt.flatten().collect();
        let (mut rest, mut times) = (&all[..], Vec::new());
        while let Some(packet) = WrittenPacket::first(rest) {
            times.push(packet.time);
            rest = &rest[packet.block.len()..];
        }
        times
    }

    fn times(recent: &Recent, now: u64) -> Vec<u64> {
        times_of(recent.excerpt(now, None))
    }

    #[test]
    fn packets_of_the_span_are_kept_whatever_their_order() {
        let mut recent = Recent::new(Duration::from_nanos(10), 1 << 30);
        for time in [1, 5, 3, 12, 9, 14, 11, 20] {
            recent.add(&block(time, 60), time);
        }
        assert_eq!(times(&recent, 20), [12, 14, 11, 20]);
        let span = Some(Duration::from_nanos(6));
        assert_eq!(times_of(recent.excerpt(20, span)), [14, 20]);
        let odd = recent.excerpt(20, None).chosen(Box::new(|packet| packet.time % 2 == 1));
        assert_eq!(times_of(odd), [11]);
        assert!(times(&recent, 40).is_empty());
        assert!(!recent.is_incomplete(20, None));
    }

    #[test]
    fn memory_is_bounded_and_what_is_missing_told() {
        let mut recent = Recent::new(Duration::from_nanos(1000), 4 * PART);
        for time in 0..500 {
            recent.add(&block(time, 60_000), time);
            assert!(recent.octets() <= 4 * PART);
        }
        assert!(recent.is_incomplete(500, None));
        let kept = times(&recent, 500);
        assert!(
            kept.len() > 30 && kept.last() == Some(&499) && kept.is_sorted(),
            "{kept:?}"
        );
        assert!(!recent.is_incomplete(5000, None));
        assert!(!recent.is_incomplete(500, Some(Duration::from_nanos(5))));
    }

    #[test]
    fn old_packets_give_their_memory_back() {
        let mut recent = Recent::new(Duration::from_nanos(10), 1 << 30);
        for time in 0..500 {
            recent.add(&block(time, 60_000), time);
        }
        let excerpt = recent.excerpt(499, None);
        for time in 500..600 {
            recent.add(&block(time, 60_000), time);
        }
        // What it shares stays as it was.
        assert_eq!(times_of(excerpt), (489..500).collect::<Vec<_>>());
        assert!(recent.octets() <= 3 * PART, "{}", recent.octets());
        assert!(!recent.is_incomplete(600, None));
    }
}
