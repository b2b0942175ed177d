//! Where a network is: its primary channel, its width and centre, by the newest element that tells.

use crate::dot11::{
    Band, Channel,
    element::{
        DsssParameterSet, EhtOperation, ElementId, Elements, HeOperation, HtOperation, SixGhzOperation, VhtChannel,
        VhtOperation,
    },
};

/// Channel, width and centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    /// The primary channel of 20 MHz.
    pub primary: Option<Channel>,
    /// In MHz; both segments of 80+80 together.
    pub width_mhz: Option<u16>,
    /// The centre of the whole width in MHz, of 80+80 that of the segment with the primary channel.
    pub center_mhz: Option<u16>,
    /// The centre of the second segment of 80+80 in MHz.
    pub second_center_mhz: Option<u16>,
}

impl Operation {
    /// Reads a beacon's or a probe response's elements. `heard` is the frequency in MHz on which it was heard, which need not
    /// be the network's own: neighbours in 2.4 GHz are heard too.
    #[must_use]
    pub fn of(elements: &Elements<'_>, heard: Option<u16>) -> Self {
        let he = elements.first(ElementId::HE_OPERATION).and_then(HeOperation::read);
        let six = he.and_then(|he| he.six_ghz);
        let ht = elements.first(ElementId::HT_OPERATION).and_then(HtOperation::read);
        let dsss = elements
            .first(ElementId::DSSS_PARAMETER_SET)
            .and_then(DsssParameterSet::read);
        let number = six
            .map(|six| six.primary)
            .or(ht.map(|ht| ht.primary))
            .or(dsss.map(|dsss| dsss.channel));
        let band = match heard.map(Band::of_frequency) {
            None | Some(Band::Unknown) => band(six, number),
            Some(band) => band,
        };
        let primary = match number {
            Some(number) => Channel::new(band, number),
            None => heard.and_then(|heard| Channel::at(heard.into()).ok()),
        };
        let Some(primary) = primary else {
            return Self::default();
        };
        let vht = elements.first(ElementId::VHT_OPERATION).and_then(VhtOperation::read);
        let vht = vht.map(|vht| vht.channel).or(he.and_then(|he| he.vht));
        let eht = elements.first(ElementId::EHT_OPERATION).and_then(EhtOperation::read);
        let newest = eht.and_then(|eht| eht.channel).and_then(|channel| {
            let [first, second] = channel.segments;
            let width = channel.width_mhz()?;
            Some((width, if width >= 160 { second } else { first }))
        });
        let mut operation = Self {
            primary: Some(primary),
            ..Self::default()
        };
        if let Some((width, segment)) = newest {
            operation.wide(width, [segment, 0], false);
        } else if let Some(six) = six {
            operation.wide(six.width_mhz(), six.segments, true);
        } else if let Some((width, segments)) = vht.and_then(|vht| wide(vht, ht)) {
            operation.wide(width, segments, width == 160);
        } else {
            operation.narrow(ht);
        }
        operation
    }

    /// 20 or 40 MHz as HT Operation says; a network of 2.4 or 5 GHz without it has 20 MHz.
    fn narrow(&mut self, ht: Option<HtOperation>) {
        let Some(primary) = self.primary else { return };
        if ht.is_none() && primary.band() == Band::Ghz6 {
            return;
        }
        let secondary = ht.filter(|ht| ht.any_width()).map_or(0, HtOperation::secondary);
        self.width_mhz = Some(if secondary == 0 { 20 } else { 40 });
        self.center_mhz = primary.frequency().checked_add_signed(i16::from(secondary) * 10);
    }

    /// The centre by number; 160 MHz in two segments where `split` allows it and they are more than 8 numbers apart.
    fn wide(&mut self, width: u16, [first, second]: [u8; 2], split: bool) {
        let Some(primary) = self.primary else { return };
        self.width_mhz = Some(width);
        let start = match primary.band() {
            Band::Ghz6 => 5950,
            Band::Ghz5 => 5000,
            Band::Ghz2 | Band::Unknown => 2407,
        };
        let center = |number: u8| (number != 0).then(|| start + 5 * u16::from(number));
        if !split || width < 160 || second == 0 {
            self.center_mhz = center(first);
        } else if first.abs_diff(second) == 8 {
            self.center_mhz = center(second);
        } else {
            (self.center_mhz, self.second_center_mhz) = (center(first), center(second));
        }
    }
}

/// The band of a number where the capture names no frequency: 6 GHz has an element of its own, and 2.4 GHz the numbers up to 14.
fn band(six: Option<SixGhzOperation>, number: Option<u8>) -> Band {
    match (six, number) {
        (Some(_), _) => Band::Ghz6,
        (None, Some(1..=14)) => Band::Ghz2,
        (None, Some(_)) => Band::Ghz5,
        (None, None) => Band::Unknown,
    }
}

/// 80 MHz and more of VHT Operation Information, the second segment from HT Operation where it has none (Table 9-274).
fn wide(vht: VhtChannel, ht: Option<HtOperation>) -> Option<(u16, [u8; 2])> {
    let VhtChannel([code, first, mut second]) = vht;
    if code == 1 && second == 0 {
        second = ht.map_or(0, HtOperation::segment_2);
    }
    match VhtChannel([code, first, second]).width()? {
        "80" => Some((80, [first, 0])),
        // The width's own code, out of use, has the centre in the first segment.
        "160" if code == 2 => Some((160, [first, 0])),
        "160" | "80+80" => Some((160, [first, second])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements of id and payload.
    fn read(elements: &[(u8, &[u8])], heard: Option<u16>) -> Operation {
        let mut octets = Vec::new();
        for (id, payload) in elements {
            octets.extend([*id, payload.len() as u8]);
            octets.extend(*payload);
        }
        Operation::of(&Elements::parse(&octets), heard)
    }

    fn ht(primary: u8, information: u8) -> [u8; 22] {
        let mut payload = [0; 22];
        (payload[0], payload[1]) = (primary, information);
        payload
    }

    fn summary(operation: Operation) -> (Option<String>, Option<u16>, Option<u16>) {
        let primary = operation.primary.map(|channel| channel.to_string());
        (primary, operation.width_mhz, operation.center_mhz)
    }

    fn expected(primary: &str, width: u16, center: u16) -> (Option<String>, Option<u16>, Option<u16>) {
        (Some(primary.to_owned()), Some(width), Some(center))
    }

    #[test]
    fn by_the_newest_element_that_tells() {
        assert_eq!(summary(read(&[(3, &[6])], Some(2432))), expected("6", 20, 2437));
        assert_eq!(summary(read(&[(61, &ht(1, 5))], None)), expected("1", 40, 2422));
        assert_eq!(summary(read(&[(61, &ht(11, 7))], None)), expected("11", 40, 2452));
        // The secondary channel is named, but not to be used.
        assert_eq!(summary(read(&[(61, &ht(11, 3))], None)), expected("11", 20, 2462));
        let five = |vht: [u8; 3]| {
            let vht = [vht[0], vht[1], vht[2], 0, 0];
            read(&[(61, &ht(36, 5)), (192, &vht)], Some(5180))
        };
        assert_eq!(summary(five([0, 0, 0])), expected("36", 40, 5190));
        assert_eq!(summary(five([1, 42, 0])), expected("36", 80, 5210));
        assert_eq!(summary(five([1, 42, 50])), expected("36", 160, 5250));
        assert_eq!(summary(five([2, 50, 0])), expected("36", 160, 5250));
        let split = five([1, 42, 155]);
        assert_eq!(summary(split), expected("36", 160, 5210));
        assert_eq!(split.second_center_mhz, Some(5775));
    }

    #[test]
    fn in_6_ghz() {
        // HE Operation with 6 GHz Operation Information: channel 37, 160 MHz.
        let he = [36, 0, 0, 2, 0, 0xfc, 0xff, 37, 3, 39, 47, 6];
        assert_eq!(summary(read(&[(255, &he)], None)), expected("6g37", 160, 6185));
        // EHT Operation Information: 320 MHz.
        let eht = [106, 1, 0x44, 0x44, 0x44, 0x44, 4, 47, 31];
        let operation = read(&[(255, &he), (255, &eht)], Some(6135));
        assert_eq!(summary(operation), expected("6g37", 320, 6105));
        assert_eq!(read(&[], Some(6135)).width_mhz, None, "nothing tells");
    }

    #[test]
    fn what_is_no_channel_is_none() {
        assert_eq!(read(&[(3, &[200])], Some(2412)), Operation::default());
        assert_eq!(read(&[], None), Operation::default());
        assert_eq!(read(&[(61, &ht(255, 5))], None), Operation::default());
    }
}
