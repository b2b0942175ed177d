//! Frequency bands and channel numbers (Annex E).

use super::element::{ElementId, Elements};

/// A frequency band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Band {
    /// Neither the capture nor the frame tells.
    #[default]
    Unknown,
    /// 2.4 GHz.
    Ghz2,
    /// 5 GHz, 4.9 GHz included.
    Ghz5,
    /// 6 GHz.
    Ghz6,
}

impl Band {
    /// The band of a channel's frequency in MHz.
    pub fn of_frequency(frequency: u16) -> Self {
        match frequency {
            2401..=2495 => Self::Ghz2,
            4900..=5924 => Self::Ghz5,
            5925..=7125 => Self::Ghz6,
            _ => Self::Unknown,
        }
    }

    /// What a request's elements tell: DSSS rates are of 2.4 GHz alone, HE 6 GHz Band Capabilities of 6 GHz, and who names
    /// only OFDM rates is not in 2.4 GHz.
    pub fn of_elements(elements: &Elements<'_>) -> Self {
        let rates = || {
            [ElementId::SUPPORTED_RATES, ElementId::EXTENDED_RATES]
                .into_iter()
                .filter_map(|id| elements.first(id))
                .flatten()
                .map(|rate| rate & 0x7f)
        };
        // 1, 2, 5.5 and 11 Mb/s, in units of 500 kb/s.
        if rates().any(|rate| matches!(rate, 2 | 4 | 11 | 22)) {
            Self::Ghz2
        } else if elements.first(ElementId::HE_6_GHZ).is_some() {
            Self::Ghz6
        } else if elements.first(ElementId::VHT_CAPABILITIES).is_some() || rates().next().is_some() {
            Self::Ghz5
        } else {
            Self::Unknown
        }
    }

    /// `2`, `5`, `6`, or `0` where unknown: the form of client JSON.
    pub fn digit(self) -> &'static str {
        match self {
            Self::Unknown => "0",
            Self::Ghz2 => "2",
            Self::Ghz5 => "5",
            Self::Ghz6 => "6",
        }
    }

    /// The band of a [`Self::digit`].
    pub fn of_digit(digit: &str) -> Self {
        let bands = [Self::Ghz2, Self::Ghz5, Self::Ghz6];
        bands.into_iter().find(|band| band.digit() == digit).unwrap_or_default()
    }

    /// `2.4 GHz`, `5 GHz` or `6 GHz`, for people; `None` where unknown.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Ghz2 => Some("2.4 GHz"),
            Self::Ghz5 => Some("5 GHz"),
            Self::Ghz6 => Some("6 GHz"),
        }
    }

    /// `2.4GHz`, `5GHz` or `6GHz`, as file names have it; `None` where unknown.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Ghz2 => Some("2.4GHz"),
            Self::Ghz5 => Some("5GHz"),
            Self::Ghz6 => Some("6GHz"),
        }
    }
}

/// The number of the channel at a frequency in MHz (Annex E: starting frequency + 5 MHz × number); 0 where there is none.
pub fn channel_of(frequency: u16) -> u8 {
    let start = match frequency {
        2412..=2472 => 2407,
        2484 => return 14,
        // Channel 2 of operating class 136 has a starting frequency of its own, 5925 MHz.
        5935 => return 2,
        4910..=4980 => 4000,
        5005..=5895 => 5000,
        5955..=7115 => 5950,
        _ => return 0,
    };
    match (frequency - start) % 5 {
        0 => u8::try_from((frequency - start) / 5).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_of_all_bands() {
        for (frequency, channel, band) in [
            (2412, 1, Band::Ghz2),
            (2484, 14, Band::Ghz2),
            (4920, 184, Band::Ghz5),
            (5180, 36, Band::Ghz5),
            (5885, 177, Band::Ghz5),
            (5935, 2, Band::Ghz6),
            (5955, 1, Band::Ghz6),
            (7115, 233, Band::Ghz6),
            (5181, 0, Band::Ghz5),
            (0, 0, Band::Unknown),
            (u16::MAX, 0, Band::Unknown),
        ] {
            assert_eq!(
                (channel_of(frequency), Band::of_frequency(frequency)),
                (channel, band),
                "{frequency}"
            );
        }
    }

    #[test]
    fn digits_are_read_back() {
        for band in [Band::Unknown, Band::Ghz2, Band::Ghz5, Band::Ghz6] {
            assert_eq!(Band::of_digit(band.digit()), band);
            assert_eq!(band.words().map(|words| words.replace(' ', "")).as_deref(), band.name());
        }
        assert_eq!(Band::of_digit("2.4"), Band::Unknown);
    }

    #[test]
    fn elements_tell_the_band() {
        for (octets, band) in [
            (&[1, 2, 0x82, 0x0c][..], Band::Ghz2),
            (&[1, 2, 0x8c, 0x12], Band::Ghz5),
            (&[1, 1, 0x8c, 255, 1, 59], Band::Ghz6),
            (&[50, 1, 0x16, 191, 0], Band::Ghz2),
            (&[0, 0], Band::Unknown),
        ] {
            assert_eq!(Band::of_elements(&Elements::parse(octets)), band, "{octets:?}");
        }
    }
}
