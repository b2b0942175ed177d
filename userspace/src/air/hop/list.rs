//! Which channels are to be visited.

use std::{fmt, str::FromStr};

use crate::dot11::{Band, Channel, ChannelError};

/// Channels by name, or whole bands.
///
/// As text: `2`, `5` or `6` alone for a band, `all` for every band, else channels with commas between: `1,6,11,36,6g5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HopList {
    /// Every channel that the radio has.
    All,
    /// Every channel of this band that the radio has.
    Band(Band),
    /// These channels, in this order.
    Channels(Vec<Channel>),
}

/// Why there is nothing to hop on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HopError {
    /// No list of channels.
    #[error("{0}; or give 2, 5, 6 or all for whole bands")]
    Channel(#[from] ChannelError),
    /// The radio has none of them.
    #[error(
        "the radio may be tuned to none of these channels ({}): `airlens interfaces` lists those that it has, and a regulatory domain may allow more (`iw reg set`)",
        names(.0)
    )]
    None(Vec<Channel>),
}

/// What is left of a list on a certain radio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// To be visited.
    pub channels: Vec<Channel>,
    /// Disabled by regulation.
    pub disabled: Vec<Channel>,
    /// Unknown to the radio.
    pub missing: Vec<Channel>,
}

impl HopList {
    /// Holds the list against the channels that a radio has, each with whether regulation disables it.
    ///
    /// # Errors
    ///
    /// [`HopError::None`].
    pub fn choose(&self, radio: &[(Channel, bool)]) -> Result<Choice, HopError> {
        let all = radio.iter().map(|(channel, _)| *channel);
        let wanted: Vec<Channel> = match self {
            Self::Channels(channels) => channels.clone(),
            Self::All => all.collect(),
            Self::Band(band) => all.filter(|channel| channel.band() == *band).collect(),
        };
        let mut choice = Choice::default();
        for channel in wanted {
            let list = match radio.iter().find(|(there, _)| *there == channel) {
                Some((_, false)) => &mut choice.channels,
                Some((_, true)) => &mut choice.disabled,
                None => &mut choice.missing,
            };
            if !list.contains(&channel) {
                list.push(channel);
            }
        }
        if choice.channels.is_empty() {
            let all = choice.disabled.into_iter().chain(choice.missing);
            return Err(HopError::None(all.collect()));
        }
        Ok(choice)
    }
}

impl FromStr for HopList {
    type Err = HopError;

    fn from_str(text: &str) -> Result<Self, HopError> {
        let band = match text.trim() {
            "all" => return Ok(Self::All),
            digit @ ("2" | "5" | "6") => Band::of_digit(digit),
            list => {
                let channels = list.split(',').map(|name| name.trim().parse::<Channel>());
                return Ok(Self::Channels(channels.collect::<Result<_, _>>()?));
            }
        };
        Ok(Self::Band(band))
    }
}

/// As [`HopList::from_str`] reads it.
impl fmt::Display for HopList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Band(band) => f.write_str(band.digit()),
            Self::All => f.write_str("all"),
            // Alone, these numbers are bands.
            Self::Channels(channels) if matches!(channels[..], [one] if [2, 5, 6].contains(&one.number())) => {
                write!(f, "{}g{}", channels[0].band().digit(), channels[0].number())
            }
            Self::Channels(channels) => {
                let names: Vec<_> = channels.iter().map(Channel::to_string).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

fn names(channels: &[Channel]) -> String {
    let names: Vec<_> = channels.iter().take(12).map(Channel::to_string).collect();
    let more = if channels.len() > names.len() { ", …" } else { "" };
    if names.is_empty() {
        return "it has no channel there".to_owned();
    }
    names.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(text: &str) -> Vec<Channel> {
        text.split(',').map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn bands_and_lists() {
        assert_eq!("6".parse(), Ok(HopList::Band(Band::Ghz6)));
        assert_eq!("all".parse(), Ok(HopList::All));
        assert_eq!("1, 6,36".parse(), Ok(HopList::Channels(channels("1,6,36"))));
        assert_eq!("2g6".parse(), Ok(HopList::Channels(channels("6"))));
        for text in ["2", "all", "2g6", "1,6,36,6g5", "36"] {
            assert_eq!(text.parse::<HopList>().unwrap().to_string(), text);
        }
        for wrong in ["", "1,", "35", "any", "1;6"] {
            let error = wrong.parse::<HopList>().unwrap_err();
            assert!(error.to_string().contains("or give 2, 5, 6 or all"), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_the_radio_has() {
        let radio: Vec<_> = channels("1,6,36,52,6g5")
            .into_iter()
            .map(|channel| (channel, channel.number() == 52))
            .collect();
        let choice = "5".parse::<HopList>().unwrap().choose(&radio).unwrap();
        assert_eq!((choice.channels, choice.disabled), (channels("36"), channels("52")));
        let choice = "36,1,36,52,149".parse::<HopList>().unwrap().choose(&radio).unwrap();
        assert_eq!(choice.channels, channels("36,1"));
        assert_eq!((choice.disabled, choice.missing), (channels("52"), channels("149")));
        let error = "52".parse::<HopList>().unwrap().choose(&radio).unwrap_err();
        assert!(error.to_string().contains("none of these channels (52)"), "{error}");
    }
}
