//! How busy channels are, as the radio measures.

use serde::Serialize;
use wl_nl80211::Nl80211Command;

use super::{Nl80211, Nl80211Error, attribute::Attributes, message::Message, number, wireless::named};

/// What the radio measured of a channel (`enum nl80211_survey_info`). Times are sums since the driver began to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// The channel's frequency in MHz.
    pub frequency: u32,
    /// The radio is on it.
    pub in_use: bool,
    /// The noise in dBm.
    pub noise: Option<i8>,
    /// Milliseconds on the channel.
    pub time_ms: Option<u64>,
    /// Milliseconds of them in which the primary channel was busy.
    pub busy_ms: Option<u64>,
    /// Milliseconds of them in which the secondary channel was busy.
    pub ext_busy_ms: Option<u64>,
    /// Milliseconds of them that frames were received in.
    pub rx_ms: Option<u64>,
    /// Milliseconds of them that frames were sent in.
    pub tx_ms: Option<u64>,
}

impl Nl80211 {
    /// What the radio of an interface measured of its channels; empty where the driver does not measure.
    ///
    /// # Errors
    ///
    /// There is no such interface.
    pub async fn survey(&self, index: u32) -> Result<Vec<Survey>, Nl80211Error> {
        let action = format!("read what {} measured of its channels", named(index));
        let attributes = Attributes::default().u32(number::IFINDEX, index);
        match self.dump(Nl80211Command::GetSurvey, attributes, &action).await {
            Ok(answers) => Ok(answers.iter().filter_map(Survey::read).collect()),
            Err(Nl80211Error::Unsupported { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

impl Survey {
    fn read(message: &Message) -> Option<Self> {
        let mut found = Self::default();
        for attribute in message.find(number::SURVEY_INFO)?.nested() {
            match attribute.number {
                1 => found.frequency = attribute.u32()?,
                2 => found.noise = attribute.i8(),
                3 => found.in_use = true,
                4 => found.time_ms = attribute.u64(),
                5 => found.busy_ms = attribute.u64(),
                6 => found.ext_busy_ms = attribute.u64(),
                7 => found.rx_ms = attribute.u64(),
                8 => found.tx_ms = attribute.u64(),
                _ => {}
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(info: &Attributes) -> Option<Survey> {
        let sent = Attributes::default().nest(number::SURVEY_INFO, info);
        Survey::read(&Message::new(Nl80211Command::NewSurveyResults, sent))
    }

    #[test]
    fn a_channel_in_use() {
        let info = Attributes::default()
            .u32(1, 5180)
            .u8(2, 0xa4)
            .flag(3)
            .put(4, &1000u64.to_ne_bytes())
            .put(5, &250u64.to_ne_bytes());
        let expected = Survey {
            frequency: 5180,
            in_use: true,
            noise: Some(-92),
            time_ms: Some(1000),
            busy_ms: Some(250),
            ..Survey::default()
        };
        assert_eq!(read(&info), Some(expected));
        assert_eq!(read(&Attributes::default().put(1, &[1])), None);
    }

    proptest! {
        #[test]
        fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..32), at in 0u16..12) {
            let _ = read(&Attributes::default().put(at, &octets));
        }
    }
}
