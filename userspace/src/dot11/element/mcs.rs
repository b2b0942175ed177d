//! Sets of modulation and coding schemes by number of spatial streams.

/// Two bits for each of eight streams (VHT: 9.4.2.157.3; HE: IEEE Std 802.11ax-2021 9.4.2.248.4); 3 is "not supported".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct McsMap(pub u16);

impl McsMap {
    /// The map at the start of `octets`.
    pub fn read(octets: &[u8]) -> Option<Self> {
        octets.first_chunk().copied().map(u16::from_le_bytes).map(Self)
    }

    /// The map of one code, 0 to 2, for each of 1 to 8 streams.
    #[must_use]
    pub fn up_to(streams: u8, code: u8) -> Self {
        Self((0..8).fold(0, |map, stream| {
            let code = if stream < streams { code & 3 } else { 3 };
            map | u16::from(code) << (2 * stream)
        }))
    }

    /// Codes (0, 1, 2) of the streams that are supported.
    pub fn codes(self) -> impl Iterator<Item = u8> {
        (0..8)
            .map(move |stream| (self.0 >> (2 * stream) & 3) as u8)
            .filter(|&code| code != 3)
    }

    /// The highest MCS with one stream, with two, and so on, where codes 0, 1 and 2 mean these; none behind the last stream
    /// that is supported.
    pub fn highest(self, names: [u8; 3]) -> Vec<Option<u8>> {
        let code = |stream: u8| names.get(usize::from(self.0 >> (2 * stream) & 3)).copied();
        let streams = (0..8)
            .rev()
            .find(|&stream| code(stream).is_some())
            .map_or(0, |last| last + 1);
        (0..streams).map(code).collect()
    }

    /// Spatial streams.
    pub fn streams(self) -> u8 {
        self.codes().map(|_| 1).sum()
    }

    /// The ranges in use, each once, by the names of codes 0, 1 and 2, as text in the order of the alphabet
    /// (wlanpi-profiler's): `0-11, 0-9`.
    pub fn ranges(self, names: [&'static str; 3]) -> String {
        let mut ranges: Vec<_> = self.codes().map(|code| names[usize::from(code)]).collect();
        ranges.sort_unstable();
        ranges.dedup();
        ranges.join(", ")
    }
}

/// Streams by range of MCS (IEEE Std 802.11be-2024 9.4.2.323.4): an octet a range, the low nibble for reception.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EhtMcsMap {
    /// Streams received with MCS 0 to 7 (told apart from 8 and 9 by 20 MHz-only stations alone).
    pub mcs_0_7: u8,
    /// Streams received with MCS 8 and 9.
    pub mcs_8_9: u8,
    /// Streams received with MCS 10 and 11.
    pub mcs_10_11: u8,
    /// Streams received with MCS 12 and 13.
    pub mcs_12_13: u8,
}

impl EhtMcsMap {
    /// The four octets of a station that is 20 MHz wide at the most.
    pub fn read_20_mhz_only(octets: &[u8]) -> Option<Self> {
        let [a, b, c, d] = octets.first_chunk()?.map(|octet| octet & 15);
        Some(Self {
            mcs_0_7: a,
            mcs_8_9: b,
            mcs_10_11: c,
            mcs_12_13: d,
        })
    }

    /// The three octets of one width, 80, 160 or 320 MHz.
    pub fn read(octets: &[u8]) -> Option<Self> {
        let [a, b, c] = octets.first_chunk()?.map(|octet| octet & 15);
        Some(Self {
            mcs_0_7: a,
            mcs_8_9: a,
            mcs_10_11: b,
            mcs_12_13: c,
        })
    }

    /// The highest of both, range by range.
    pub fn max(self, other: Self) -> Self {
        Self {
            mcs_0_7: self.mcs_0_7.max(other.mcs_0_7),
            mcs_8_9: self.mcs_8_9.max(other.mcs_8_9),
            mcs_10_11: self.mcs_10_11.max(other.mcs_10_11),
            mcs_12_13: self.mcs_12_13.max(other.mcs_12_13),
        }
    }

    /// The highest stream count of any range.
    pub fn streams(self) -> u8 {
        self.mcs_0_7.max(self.mcs_8_9).max(self.mcs_10_11).max(self.mcs_12_13)
    }

    /// The highest MCS with one stream, with two, and so on.
    pub fn highest(self) -> Vec<Option<u8>> {
        let ranges = [
            (13, self.mcs_12_13),
            (11, self.mcs_10_11),
            (9, self.mcs_8_9),
            (7, self.mcs_0_7),
        ];
        let with = |streams| {
            ranges
                .into_iter()
                .find(|&(_, most)| most >= streams)
                .map(|(mcs, _)| mcs)
        };
        (1..=self.streams()).map(with).collect()
    }

    /// The ranges with any stream: `0-9, 10-11, 12-13`; `0-7` where 8 and 9 have none.
    pub fn ranges(self) -> String {
        let lowest = if self.mcs_8_9 == 0 {
            (self.mcs_0_7, "0-7")
        } else {
            (self.mcs_8_9, "0-9")
        };
        [lowest, (self.mcs_10_11, "10-11"), (self.mcs_12_13, "12-13")]
            .into_iter()
            .filter_map(|(streams, range)| (streams > 0).then_some(range))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bits_a_stream() {
        assert_eq!((McsMap::up_to(4, 2), McsMap::up_to(8, 0)), (McsMap(0xffaa), McsMap(0)));
        let map = McsMap::read(&[0xfa, 0xff]).unwrap();
        assert_eq!((map.streams(), map.ranges(["0-7", "0-8", "0-9"])), (2, "0-9".into()));
        assert_eq!(McsMap(0xffff).streams(), 0);
        assert_eq!(McsMap(0xffff).ranges(["0-7", "0-9", "0-11"]), "");
        assert_eq!(McsMap(0xfff4).ranges(["0-7", "0-8", "0-9"]), "0-7, 0-8");
        assert_eq!(McsMap(0xfff4).highest([7, 8, 9]), [Some(7), Some(8)]);
        assert_eq!(McsMap(0xffdf).highest([7, 8, 9]), [None, None, Some(8)]);
        assert_eq!(McsMap(0xffff).highest([7, 8, 9]), []);
        assert_eq!(McsMap(0).highest([7, 8, 9]).len(), 8);
        assert_eq!(McsMap::read(&[0xfa]), None);
    }

    #[test]
    fn nibbles_by_range() {
        let map = EhtMcsMap::read(&[0x22, 0x21, 0x20]).unwrap();
        assert_eq!((map.streams(), map.ranges()), (2, "0-9, 10-11".into()));
        let narrow = EhtMcsMap::read_20_mhz_only(&[0x11, 0, 0, 0]).unwrap();
        assert_eq!((narrow.streams(), narrow.ranges()), (1, "0-7".into()));
        assert_eq!(map.highest(), [Some(11), Some(9)]);
        assert_eq!(narrow.highest(), [Some(7)]);
        assert_eq!(
            (EhtMcsMap::default().ranges(), EhtMcsMap::default().highest()),
            (String::new(), vec![])
        );
        assert_eq!(EhtMcsMap::read_20_mhz_only(&[0x22, 0x22, 0x22]), None);
    }
}
