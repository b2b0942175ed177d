//! Where a radio is tuned to: channel, width and centre (Annex E).

use std::{fmt, str::FromStr};

use super::{Band, channel_of};

#[cfg(test)]
mod tests;

/// A channel of 20 MHz by its band and number.
///
/// As text: `36`, or with the band's GHz before it: `2g6`, `5g36`, `6g5`. A number alone is of 2.4 GHz up to 14, else of
/// 5 GHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Channel {
    band: Band,
    number: u8,
}

/// What names no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// No channel's name.
    #[error(
        "{0:?} is no channel: 1 to 14 are in 2.4 GHz, 36 to 177 in 5 GHz; write 6g1 to 6g233 for 6 GHz, or give the frequency in MHz"
    )]
    Name(String),
    /// No channel's centre.
    #[error("{0} MHz is no channel's frequency: channel 1 is at 2412, 36 at 5180, 6g5 at 5975")]
    Frequency(u32),
}

impl Channel {
    /// Channel 36: without radar, and allowed almost everywhere.
    pub const DEFAULT: Self = Self {
        band: Band::Ghz5,
        number: 36,
    };

    /// The channel of that number; `None` where the band has none.
    #[must_use]
    pub fn new(band: Band, number: u8) -> Option<Self> {
        let there = match band {
            Band::Unknown => false,
            Band::Ghz2 => matches!(number, 1..=14),
            Band::Ghz5 => {
                matches!(number, 32..=68 | 96..=144) && number.is_multiple_of(4)
                    || matches!(number, 149..=177) && number % 4 == 1
            }
            Band::Ghz6 => number == 2 || matches!(number, 1..=233) && number % 4 == 1,
        };
        there.then_some(Self { band, number })
    }

    /// The channel whose centre is at `frequency` in MHz.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Frequency`].
    pub fn at(frequency: u32) -> Result<Self, ChannelError> {
        let channel = u16::try_from(frequency)
            .ok()
            .and_then(|frequency| Self::new(Band::of_frequency(frequency), channel_of(frequency)));
        channel.ok_or(ChannelError::Frequency(frequency))
    }

    /// Its band.
    #[must_use]
    pub fn band(self) -> Band {
        self.band
    }

    /// Its number within the band.
    #[must_use]
    pub fn number(self) -> u8 {
        self.number
    }

    /// Its centre in MHz.
    #[must_use]
    pub fn frequency(self) -> u16 {
        let steps = 5 * u16::from(self.number);
        match (self.band, self.number) {
            (Band::Ghz2, 14) => 2484,
            (Band::Ghz2 | Band::Unknown, _) => 2407 + steps,
            (Band::Ghz5, _) => 5000 + steps,
            (Band::Ghz6, 2) => 5935,
            (Band::Ghz6, _) => 5950 + steps,
        }
    }

    /// Every channel of a band, in order.
    pub fn all(band: Band) -> impl Iterator<Item = Self> {
        (1..=233).filter_map(move |number| Self::new(band, number))
    }
}

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        let wrong = || ChannelError::Name(text.to_owned());
        let (band, number) = match text.split_once(['g', 'G']) {
            Some(("2", number)) => (Band::Ghz2, number),
            Some(("5", number)) => (Band::Ghz5, number),
            Some(("6", number)) => (Band::Ghz6, number),
            Some(_) => return Err(wrong()),
            None => (Band::Unknown, text),
        };
        // Not `+6`, which a number's own parser takes.
        let digits = number.bytes().all(|octet| octet.is_ascii_digit());
        let number: u8 = number.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        let band = match band {
            Band::Unknown if number <= 14 => Band::Ghz2,
            Band::Unknown => Band::Ghz5,
            band => band,
        };
        Self::new(band, number).ok_or_else(wrong)
    }
}

/// As [`Channel::from_str`] reads it: the band is named where the number alone would be another.
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.band {
            Band::Ghz6 => write!(f, "6g{}", self.number),
            _ => write!(f, "{}", self.number),
        }
    }
}

/// How much of the band around a channel is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelWidth {
    /// 20 MHz.
    #[default]
    Mhz20,
    /// 40 MHz.
    Mhz40,
    /// 80 MHz.
    Mhz80,
    /// 160 MHz, in one piece.
    Mhz160,
    /// 320 MHz, of 6 GHz.
    Mhz320,
}

impl ChannelWidth {
    /// From the widest to the narrowest.
    pub const DOWN: [Self; 5] = [Self::Mhz320, Self::Mhz160, Self::Mhz80, Self::Mhz40, Self::Mhz20];

    /// In MHz.
    #[must_use]
    pub fn mhz(self) -> u16 {
        match self {
            Self::Mhz20 => 20,
            Self::Mhz40 => 40,
            Self::Mhz80 => 80,
            Self::Mhz160 => 160,
            Self::Mhz320 => 320,
        }
    }
}

/// A primary channel with the width around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuning {
    channel: Channel,
    width: ChannelWidth,
    /// The centre of the whole width, in MHz.
    center: u16,
}

impl Tuning {
    /// The 20 MHz of a channel.
    #[must_use]
    pub fn narrow(channel: Channel) -> Self {
        Self {
            channel,
            width: ChannelWidth::Mhz20,
            center: channel.frequency(),
        }
    }

    /// A channel with a width around it, as Annex E places it; `None` where there is no such channel. In 2.4 GHz the
    /// secondary channel is above the primary up to channel 7 and below it from 8 on. 320 MHz are those of 320-1, beyond
    /// its last ones those of 320-2.
    #[must_use]
    pub fn new(channel: Channel, width: ChannelWidth) -> Option<Self> {
        if width == ChannelWidth::Mhz20 {
            return Some(Self::narrow(channel));
        }
        let number = channel.number;
        // Channels of 20 MHz are 4 numbers apart; the first of a block, and where blocks start.
        let (first, last): (u8, u8) = match (channel.band, number) {
            (Band::Ghz2, 1..=13) if width == ChannelWidth::Mhz40 => {
                let offset = if number <= 7 { 10 } else { -10 };
                let center = channel.frequency().checked_add_signed(offset)?;
                return Some(Self { channel, width, center });
            }
            (Band::Ghz5, 36..=64) => (36, 64),
            (Band::Ghz5, 100..=144) => (100, 144),
            (Band::Ghz5, 149..=177) => (149, 177),
            (Band::Ghz6, 193..=221) if width == ChannelWidth::Mhz320 => (33, 233),
            (Band::Ghz6, 1..) if number != 2 => (1, 233),
            _ => return None,
        };
        if width == ChannelWidth::Mhz320 && channel.band != Band::Ghz6 {
            return None;
        }
        let span = u8::try_from(width.mhz() / 5).ok()?;
        let start = first + (number - first) / span * span;
        // The last channel of the block must be one of the range.
        if u16::from(start) + u16::from(span) - 4 > u16::from(last) {
            return None;
        }
        let center = Self::narrow(Channel {
            number: start,
            ..channel
        })
        .center
            - 10
            + width.mhz() / 2;
        Some(Self { channel, width, center })
    }

    /// The primary channel.
    #[must_use]
    pub fn channel(self) -> Channel {
        self.channel
    }

    /// The width.
    #[must_use]
    pub fn width(self) -> ChannelWidth {
        self.width
    }

    /// The centre of the whole width, in MHz (`NL80211_ATTR_CENTER_FREQ1`).
    #[must_use]
    pub fn center(self) -> u16 {
        self.center
    }

    /// The number of the centre: "channel center frequency segment" of the operation elements.
    #[must_use]
    pub fn center_number(self) -> u8 {
        // Those of channels 14 and 6g2 are beside the others' raster.
        if self.width == ChannelWidth::Mhz20 {
            return self.channel.number;
        }
        let start = match self.channel.band {
            Band::Ghz2 | Band::Unknown => 2407,
            Band::Ghz5 => 5000,
            Band::Ghz6 => 5950,
        };
        u8::try_from((self.center - start) / 5).unwrap_or(0)
    }

    /// The same channel with the narrower width around it; 20 MHz at the least.
    #[must_use]
    pub fn within(self, width: ChannelWidth) -> Self {
        if width >= self.width {
            return self;
        }
        Self::new(self.channel, width).unwrap_or_else(|| Self::narrow(self.channel))
    }

    /// The lowest and the highest frequency in MHz that it covers.
    #[must_use]
    pub fn edges(self) -> (u16, u16) {
        (self.center - self.width.mhz() / 2, self.center + self.width.mhz() / 2)
    }

    /// The secondary channel of 40 MHz: 1 above, -1 below the primary, 0 none.
    #[must_use]
    pub fn secondary(self) -> i8 {
        let forty = self.within(ChannelWidth::Mhz40);
        match forty.center.cmp(&forty.channel.frequency()) {
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Less => -1,
            std::cmp::Ordering::Equal => 0,
        }
    }

    /// The global operating class (Table E-4).
    #[must_use]
    pub fn operating_class(self) -> u8 {
        let above = self.secondary() >= 0;
        let number = self.channel.number;
        match (self.channel.band, self.width) {
            (Band::Ghz2 | Band::Unknown, ChannelWidth::Mhz20) => {
                if number == 14 {
                    82
                } else {
                    81
                }
            }
            (Band::Ghz2 | Band::Unknown, _) => {
                if above {
                    83
                } else {
                    84
                }
            }
            (Band::Ghz5, ChannelWidth::Mhz20) => match number {
                ..=48 => 115,
                49..=64 => 118,
                65..=144 => 121,
                145..=161 => 124,
                162.. => 125,
            },
            (Band::Ghz5, ChannelWidth::Mhz40) => {
                let class = match number {
                    ..=48 => 116,
                    49..=64 => 119,
                    65..=144 => 122,
                    145.. => 126,
                };
                class + u8::from(!above)
            }
            (Band::Ghz5, ChannelWidth::Mhz80) => 128,
            (Band::Ghz5, _) => 129,
            (Band::Ghz6, ChannelWidth::Mhz20) if number == 2 => 136,
            (Band::Ghz6, ChannelWidth::Mhz20) => 131,
            (Band::Ghz6, ChannelWidth::Mhz40) => 132,
            (Band::Ghz6, ChannelWidth::Mhz80) => 133,
            (Band::Ghz6, ChannelWidth::Mhz160) => 134,
            (Band::Ghz6, ChannelWidth::Mhz320) => 137,
        }
    }
}

/// `channel 36 (5180 MHz), 80 MHz`.
impl fmt::Display for Tuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (channel, width) = (self.channel, self.width.mhz());
        write!(f, "channel {channel} ({} MHz), {width} MHz", channel.frequency())
    }
}
